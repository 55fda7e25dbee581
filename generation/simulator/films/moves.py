"""Where the camera is and what it sees, frame by frame."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from generation.simulator.films.film import Film
from generation.simulator.pictures.brush import dice, ease

DEEPEST = 0.15  # how much of the picture the camera leaves out at its closest
LOOP = 8.0  # seconds after which a long film repeats itself
WORK = 400_000_000  # pixels that are drawn anew for one film


@dataclass(frozen=True)
class Pose:
    """One frame: which still (`blend` of the way to the next), how close, where, in what light."""

    still: int = 0
    blend: float = 0.0
    close: float = 0.0  # 0 is the whole picture
    across: float = 0.5  # where the closer view lies, from 0 to 1
    down: float = 0.5
    light: float = 0.0  # how far the light has drifted in
    drift: float = 0.0  # where the motes are on their round, in turns
    veil: float = 0.0  # how bright they are


def drawn(film: Film) -> int:
    """How many different frames the work allows: larger pictures, fewer of them."""
    return max(film.fps, WORK // film.pixels)


def takes(film: Film) -> int:
    """Frames until a film of one still repeats: all of them when it is short."""
    most = min(round(LOOP * film.fps), drawn(film))
    return film.length if film.length <= most else most


def take(film: Film) -> Iterator[Pose]:
    """Over one still: a slow move, or a round that ends where it began if it must repeat."""
    rng = dice(f"camera {film.seed} {film.prompt}")
    across, down = rng.choice((0.15, 0.35, 0.65, 0.85)), rng.uniform(0.25, 0.7)
    count = takes(film)
    reach = DEEPEST * min(1.0, 0.4 + 0.6 * count / film.fps / 6)
    for index in range(count):
        if count < film.length:
            part = index / count
            yield around(part, reach, across, down)
        else:
            part = index / max(count - 1, 1)
            yield along(part, reach, across, down)


def along(part: float, reach: float, across: float, down: float) -> Pose:
    way = 0.4 * part + 0.6 * ease(part)
    veil = ease(part * 4)
    return Pose(0, 0.0, reach * way, across, down, way, part * 0.4, veil)


def around(part: float, reach: float, across: float, down: float) -> Pose:
    way = (1 - math.cos(math.tau * part)) / 2
    sway = 0.15 * math.sin(math.tau * part)
    return Pose(0, 0.0, reach * way, across + sway, down - sway, way, part, ease(way * 2))


def story(film: Film, stills: int) -> Iterator[Pose]:
    """From still to still; each is seen whole and clear at its time.

    When there is not work enough for every frame, the camera rests at the stills.
    """
    share = min(1.0, drawn(film) / film.length)
    for index in range(film.length):
        place = index / max(film.length - 1, 1) * (stills - 1)
        still = min(int(place), stills - 2)
        part = min(max((place - still - (1 - share) / 2) / share, 0.0), 1.0)
        yield passing(still, part)


def passing(still: int, part: float) -> Pose:
    swing = math.sin(math.pi * part) ** 2
    blend = ease((part - 0.2) / 0.6)
    across = 0.35 + 0.3 * (still % 2)
    if part in (0.0, 1.0):
        return Pose(still + round(part))
    return Pose(still, blend, DEEPEST * 0.7 * swing, across, 0.45, swing * 0.8, part, swing)
