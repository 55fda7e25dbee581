"""A head in profile as a double exposure: inside its outline lies a landscape."""

import random
from collections.abc import Callable, Sequence

from PIL import Image, ImageChops, ImageDraw

from generation.simulator.pictures import city, forest, ridges, sea
from generation.simulator.pictures.brush import (
    Point,
    Size,
    both,
    cover,
    curve,
    ease,
    fade,
    fractal,
    halo,
    lit,
    mix,
    shape,
    soft,
    times,
    vertical,
)
from generation.simulator.pictures.curves import smoothed
from generation.simulator.pictures.palette import Palette

FITTING = ("rose", "teal", "amber", "violet", "alpine", "mint", "graphite", "sakura")
INSIDE: tuple[Callable[[Size, random.Random, Palette], Image.Image], ...] = (
    ridges.paint,
    forest.paint,
    sea.paint,
    city.paint,
)
# The outline from the back of the shoulder over the crown to the chest, facing right;
# the head is 1 high, from crown to chin.
OUTLINE: tuple[Point, ...] = (
    (-0.98, 2.2), (-0.93, 1.72), (-0.78, 1.46), (-0.5, 1.3), (-0.27, 1.19), (-0.175, 1.06),
    (-0.175, 0.93), (-0.22, 0.8), (-0.31, 0.62), (-0.34, 0.42), (-0.27, 0.18), (-0.09, 0.03),
    (0.13, 0.0), (0.33, 0.06), (0.455, 0.19), (0.5, 0.32), (0.505, 0.4), (0.49, 0.455),
    (0.525, 0.53), (0.59, 0.622), (0.578, 0.652), (0.515, 0.672), (0.522, 0.706), (0.545, 0.732),
    (0.522, 0.76), (0.536, 0.786), (0.505, 0.822), (0.508, 0.868), (0.48, 0.925), (0.4, 0.95),
    (0.3, 0.935), (0.235, 0.98), (0.21, 1.07), (0.245, 1.18), (0.4, 1.29), (0.6, 1.42),
    (0.76, 1.68), (0.82, 2.2),
)  # fmt: skip
HAIR: dict[str, tuple[tuple[Point, ...], ...]] = {
    "short": (),
    "bun": (
        ((-0.3, 0.1), (-0.5, -0.06), (-0.62, 0.1), (-0.54, 0.3), (-0.34, 0.34), (-0.2, 0.2)),
    ),
    "long": (
        (
            (0.36, 0.08), (0.1, -0.06), (-0.2, 0.0), (-0.42, 0.28), (-0.45, 0.7), (-0.5, 1.15),
            (-0.62, 1.6), (-0.3, 1.66), (-0.1, 1.4), (0.0, 1.0), (0.1, 0.5),
        ),
    ),
    "tail": (
        (
            (-0.24, 0.14), (-0.46, 0.1), (-0.66, 0.34), (-0.7, 0.75), (-0.6, 1.15), (-0.56, 0.8),
            (-0.46, 0.5), (-0.3, 0.4),
        ),
    ),
    "curls": (
        (
            (0.46, 0.2), (0.475, 0.09), (0.4, 0.04), (0.36, -0.06), (0.25, -0.08), (0.15, -0.16),
            (0.03, -0.13), (-0.09, -0.18), (-0.19, -0.1), (-0.32, -0.08), (-0.38, 0.03),
            (-0.49, 0.1), (-0.48, 0.23), (-0.56, 0.34), (-0.51, 0.47), (-0.55, 0.6), (-0.45, 0.68),
            (-0.43, 0.8), (-0.31, 0.81), (-0.2, 0.86), (0.0, 0.5),
        ),
    ),
}  # fmt: skip


def paint(size: Size, rng: random.Random, colours: Palette) -> Image.Image:
    width, height = size
    unit = min(size)
    head = min(height * rng.uniform(0.56, 0.64), width * 0.6)
    place = (width * rng.uniform(0.4, 0.5), height * 0.55 - head * 0.5)
    facing = rng.choice((-1, 1))
    mask = figure(size, rng, place, head, facing)
    image = backdrop(size, rng, colours, place, head, facing)
    inner = inside(size, rng, colours)
    sunk = fade(size, lambda y: 1 - ease((y - 0.78) / 0.26))
    cover(image, inner, both(mask, sunk))
    return edged(image, mask, colours, unit, facing)


def figure(size: Size, rng: random.Random, place: Point, head: float, facing: int) -> Image.Image:
    def put(points: Sequence[Point]) -> list[Point]:
        return [
            (place[0] + (x - 0.1) * head * facing, place[1] + y * head) for x, y in smoothed(points)
        ]

    mask = shape(size, put(OUTLINE))
    for lock in HAIR[rng.choice(tuple(HAIR))]:
        mask = ImageChops.lighter(mask, shape(size, put((*lock, lock[0]))))
    return mask


def backdrop(
    size: Size, rng: random.Random, colours: Palette, place: Point, head: float, facing: int
) -> Image.Image:
    """Pale paper with a large disc of light behind the head, and dust in the air."""
    unit = min(size)
    paper = mix(colours.pale, colours.light, 0.25)
    image = vertical(size, [(0, mix(paper, colours.light, 0.35)), (0.6, paper), (1, colours.pale)])
    cloth = fractal(rng, (size[0] // 8, size[1] // 8), (3, 3), 5, 0.6).resize(size)
    cover(image, mix(paper, colours.mid, 0.5), times(cloth, 0.22))
    centre = (place[0] + facing * head * 0.12, place[1] + head * 0.42)
    sun = Image.new("L", size)
    radius = head * rng.uniform(0.72, 0.86)
    ImageDraw.Draw(sun).ellipse(
        (centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius), fill=255
    )
    disc = vertical(
        size, [(0, colours.accent), (0.75, mix(colours.accent, paper, 0.85)), (1, paper)]
    )
    cover(image, disc, times(soft(sun, unit / 400 + 1), 0.85))
    return lit(image, colours.pale, times(halo(size, centre, unit * 0.9, 2), 0.3))


def inside(size: Size, rng: random.Random, colours: Palette) -> Image.Image:
    """The landscape, in darker tones so that the outline reads against the paper."""
    image = rng.choice(INSIDE)(size, rng, colours)
    darker = image.point(curve(lambda value: 0.8 * value**1.5) * 3)
    shade = vertical(
        size, [(0, colours.dark), (0.55, mix(colours.mid, colours.dark, 0.3)), (1, colours.mid)]
    )
    return Image.blend(darker, ImageChops.multiply(darker, shade), 0.6)


def edged(
    image: Image.Image, mask: Image.Image, colours: Palette, unit: int, facing: int
) -> Image.Image:
    """Light on the side of the face, a little dark along the back."""
    step = max(2, unit // 160)
    front = ImageChops.subtract(mask, ImageChops.offset(mask, -facing * step, 0))
    back = ImageChops.subtract(mask, ImageChops.offset(mask, facing * step * 3, 0))
    image = lit(image, colours.accent, times(soft(both(front, mask), unit / 300 + 1), 0.75))
    dark = both(soft(back, unit / 90 + 1), mask)
    cover(image, colours.deep, times(dark, 0.4))
    return image
