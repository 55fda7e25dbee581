"""What lies over the moving still: drifting light, motes in front of it, and the fixed mark."""

import math
from functools import lru_cache

from PIL import Image, ImageChops

from generation.simulator.films.moves import Pose
from generation.simulator.films.stills import Planes
from generation.simulator.pictures.brush import (
    BLACK,
    SMOOTH,
    WHITE,
    curve,
    dice,
    ease,
    noise,
    times,
)
from generation.simulator.pictures.mark import marked

MOTES = 14
SMALL = 16  # light is soft: it is painted this much smaller


class Light:
    """A soft light that comes in from the side as the camera moves."""

    def __init__(self, size: tuple[int, int], seed: str) -> None:
        rng = dice(f"light {seed}")
        wide, high = (max(2, side // SMALL) for side in size)
        clouds = noise(rng, (wide, high), (4, 3)).point(curve(lambda v: 0.05 + 0.15 * v))
        ramp = Image.new("L", (wide, 1))
        ramp.putdata([round(255 * ease(x / wide * 1.6)) for x in range(wide)])
        small = Image.new("L", (wide * 2, high))
        small.paste(ImageChops.multiply(clouds, ramp.resize((wide, high))), (wide, 0))
        self.size = size
        self.cloth = small.resize((size[0] * 2, size[1]), SMOOTH)
        if rng.random() < 0.5:
            self.cloth = self.cloth.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            self.start, self.way = size[0], -1
        else:
            self.start, self.way = 0, 1

    def over(self, luma: Image.Image, pose: Pose) -> Image.Image:
        if pose.light <= 0:
            return luma
        left = self.start + self.way * round(pose.light * self.size[0] * 0.85)
        part = self.cloth.crop((left, 0, left + self.size[0], self.size[1]))
        return ImageChops.screen(luma, part)


class Motes:
    """Dust in the light: nearer than the still, so it moves faster than it."""

    def __init__(self, size: tuple[int, int], seed: str) -> None:
        rng = dice(f"motes {seed}")
        self.size = size
        self.motes = []
        for _ in range(MOTES):
            near = rng.random() ** 2
            side = max(4, round(min(size) * (0.008 + 0.034 * near)))
            centre = (rng.uniform(0, size[0]), rng.uniform(0.1, 0.95) * size[1])
            reach = min(size) * (0.06 + 0.22 * near)
            sprite = times(mote(side), 0.34 - 0.2 * near)
            self.motes.append((sprite, centre, reach, rng.random()))

    def over(self, luma: Image.Image, pose: Pose) -> Image.Image:
        """Painted into the image itself."""
        if pose.veil <= 0:
            return luma
        for sprite, centre, reach, start in self.motes:
            turn = math.tau * (pose.drift + start)
            left = round(centre[0] + reach * math.cos(turn) - sprite.width / 2)
            top = round(centre[1] + reach * 0.6 * math.sin(turn) - sprite.height / 2)
            box = (left, top, left + sprite.width, top + sprite.height)
            twinkle = pose.veil * (0.65 + 0.35 * math.sin(turn))
            lit = ImageChops.screen(luma.crop(box), sprite.point([v * twinkle for v in range(256)]))
            luma.paste(lit, box)
        return luma


def mote(side: int) -> Image.Image:
    glow = Image.radial_gradient("L").point(curve(lambda v: ease(1.1 - v * 1.1)))
    return glow.resize((side, side), SMOOTH)


class Mark:
    """The word "Demo", as what it leaves of each plane and what it adds."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.corner, self.layers = mark_of(min(size))

    def over(self, planes: Planes) -> Planes:
        """Painted into the planes themselves."""
        for plane, (leaves, adds) in zip(planes, self.layers, strict=True):
            box = (
                plane.width - leaves.width,
                plane.height - leaves.height,
                plane.width,
                plane.height,
            )
            plane.paste(ImageChops.add(ImageChops.multiply(plane.crop(box), leaves), adds), box)
        return planes


@lru_cache(maxsize=4)
def mark_of(unit: int) -> tuple[tuple[int, int], list[tuple[Image.Image, Image.Image]]]:
    """Found by marking black and white: the mark's place depends on the shorter side alone."""
    grounds = (Image.new("RGB", (unit, unit), colour) for colour in (BLACK, WHITE))
    black, white = (marked(ground).getchannel(0) for ground in grounds)
    left, top, _, _ = ImageChops.invert(white).getbbox() or (0, 0, unit, unit)
    box = (left // 2 * 2, top // 2 * 2, unit, unit)
    bright, white = black.crop(box), white.crop(box)
    leaves = ImageChops.subtract(white, bright)
    # Luma runs from 16 to 235, and a colour plane is 128 where there is no colour.
    adds = ImageChops.add(
        bright.point([round(v * 219 / 255) for v in range(256)]),
        leaves.point([round(16 * (255 - v) / 255) for v in range(256)]),
    )
    half = leaves.reduce(2)
    grey = half.point([round(128 * (255 - v) / 255) for v in range(256)])
    return leaves.size, [(leaves, adds), (half, grey), (half, grey)]
