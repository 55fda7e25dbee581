"""Draws the frames: a view of a still, light and motes over it, and the mark."""

from collections.abc import Iterable, Iterator
from functools import partial

from PIL import Image

from generation.simulator import pictures
from generation.simulator.films import moves
from generation.simulator.films.film import Film
from generation.simulator.films.layers import Light, Mark, Motes
from generation.simulator.films.moves import Pose
from generation.simulator.films.stills import Planes, planes, stills

FAST = Image.Resampling.BILINEAR


class Camera:
    def __init__(self, film: Film) -> None:
        seed = f"{film.seed} {film.prompt}"
        self.size = film.size
        self.stills = stills(film)
        self.light, self.motes = Light(film.size, seed), Motes(film.size, seed)
        self.mark = Mark(film.size)
        self.poses = partial(moves.take, film)
        if len(self.stills) > 1:
            self.poses = partial(moves.story, film, len(self.stills))

    def frames(self) -> Iterator[Planes]:
        return self.shot(self.poses())

    def shot(self, poses: Iterable[Pose]) -> Iterator[Planes]:
        """A pose that lasts is drawn once."""
        last: Pose | None = None
        seen: Planes = ()
        for pose in poses:
            if pose != last:
                last, seen = pose, self.seen(pose)
            yield seen

    def seen(self, pose: Pose) -> Planes:
        luma, *colours = self.view(pose.still, pose)
        if pose.blend > 0:
            following = self.view(pose.still + 1, pose)
            luma, *colours = (
                Image.blend(one, other, pose.blend)
                for one, other in zip((luma, *colours), following, strict=True)
            )
        luma = self.motes.over(self.light.over(luma, pose), pose)
        return self.mark.over((luma, *colours))

    def view(self, still: int, pose: Pose) -> Planes:
        """The part of a still the camera sees, at the film's size."""
        wide, high = self.size
        sizes = ((wide, high), (wide // 2, high // 2), (wide // 2, high // 2))
        part = 1 - pose.close
        return tuple(
            plane.resize(size, FAST, box=box(plane.size, part, pose.across, pose.down))
            for plane, size in zip(self.stills[still], sizes, strict=True)
        )


def box(
    size: tuple[int, int], part: float, across: float, down: float
) -> tuple[float, float, float, float]:
    wide, high = size[0] * part, size[1] * part
    left, top = (size[0] - wide) * across, (size[1] - high) * down
    return left, top, min(left + wide, size[0]), min(top + high, size[1])


def plain(film: Film, count: int) -> Iterator[Planes]:
    """Two colours and the mark, and nothing moves: quick, for tests."""
    frame = planes(pictures.plain(pictures.Order(film.prompt, film.seed, film.size)))
    return iter([frame] * count)
