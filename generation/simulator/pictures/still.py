"""A studio still life: plain solids and one bottle on plinths, in soft light from the left."""

import random

from PIL import Image, ImageDraw

from generation.simulator.pictures.brush import (
    SMOOTH,
    WHITE,
    Size,
    cover,
    fractal,
    halo,
    lit,
    mix,
    soft,
    times,
    vertical,
)
from generation.simulator.pictures.palette import Palette
from generation.simulator.pictures.solids import arch, ball, cylinder
from generation.simulator.pictures.vessels import bottle, vase

FITTING = ("pearl", "sakura", "mint", "amber", "alpine", "rose", "teal")


def paint(size: Size, rng: random.Random, colours: Palette) -> Image.Image:
    width, height = size
    unit = min(size)
    ground = height * rng.uniform(0.7, 0.75)
    image = studio(size, rng, colours, ground)
    middle = width * rng.uniform(0.46, 0.54)
    scale = unit * (1.22 if width > height * 1.2 else 1.04)
    return arranged(image, rng, colours, (middle, ground), scale)


def studio(size: Size, rng: random.Random, colours: Palette, ground: float) -> Image.Image:
    """A wall that turns into the floor without an edge, lit by a large window."""
    unit, at = min(size), ground / size[1]
    wall, floor = mix(colours.light, colours.pale, 0.45), mix(colours.pale, colours.light, 0.35)
    stops = [
        (0.0, mix(wall, colours.mid, 0.35)),
        (at * 0.85, wall),
        (at * 1.04, mix(floor, WHITE, 0.12)),
        (1.0, mix(floor, colours.mid, 0.3)),
    ]
    image = vertical(size, stops)
    plaster = fractal(rng, (size[0] // 4, size[1] // 4), (9, 7), 5, 0.7).resize(size, SMOOTH)
    cover(image, mix(wall, colours.mid, 0.6), times(plaster, 0.1))
    light = (size[0] * 0.3, size[1] * 0.28)
    image = lit(
        image, mix(colours.accent, WHITE, 0.35), times(halo(size, light, unit * 1.2, 1.7), 0.42)
    )
    return window(image, rng, colours)


def window(image: Image.Image, rng: random.Random, colours: Palette) -> Image.Image:
    """The pale shape of a window on the wall, slanted, with bars."""
    size, unit = image.size, min(image.size)
    panes = Image.new("L", size)
    draw = ImageDraw.Draw(panes)
    left, top = size[0] * rng.uniform(0.5, 0.62), size[1] * rng.uniform(0.02, 0.12)
    wide, high, slant = unit * 0.15, unit * 0.2, unit * 0.07
    for column in range(2):
        for line in range(3):
            x = left + column * wide * 1.1 - line * slant
            y = top + line * high * 1.06 + column * unit * 0.03
            draw.polygon(
                [
                    (x, y),
                    (x + wide, y + unit * 0.028),
                    (x + wide - slant, y + high + unit * 0.028),
                    (x - slant, y + high),
                ],
                fill=255,
            )
    return lit(image, mix(colours.accent, WHITE, 0.3), times(soft(panes, unit / 60), 0.3))


def arranged(
    image: Image.Image, rng: random.Random, colours: Palette, foot: tuple[float, float], unit: float
) -> Image.Image:
    x, ground = foot
    side = rng.choice((-1, 1))
    tones = [
        colours.mid,
        mix(colours.mid, colours.light, 0.6),
        mix(colours.light, colours.pale, 0.4),
        colours.accent,
    ]
    rng.shuffle(tones)
    hero_tone = rng.choice((colours.mid, colours.accent, mix(colours.mid, colours.dark, 0.45)))
    image = arch(
        image,
        (x + side * unit * 0.16, ground - unit * 0.01),
        unit * rng.uniform(0.42, 0.5),
        tones[0],
    )
    image = cylinder(
        image,
        (x - side * unit * 0.3, ground + unit * 0.05),
        unit * 0.2,
        unit * rng.uniform(0.16, 0.3),
        tones[1],
    )
    stand = unit * rng.uniform(0.06, 0.12)
    plinth = mix(colours.pale, WHITE, 0.25)
    image = cylinder(image, (x, ground + unit * 0.12), unit * 0.42, stand, plinth)
    hero = (x, ground + unit * 0.12 - stand)
    image = (bottle if rng.random() < 0.6 else vase)(image, rng, hero, unit * 0.36, hero_tone)
    image = ball(
        image,
        (x + side * unit * 0.34, ground + unit * 0.17),
        unit * rng.uniform(0.06, 0.09),
        tones[2],
    )
    return ball(
        image,
        (x - side * unit * 0.16, ground + unit * 0.2),
        unit * rng.uniform(0.03, 0.045),
        tones[0],
    )
