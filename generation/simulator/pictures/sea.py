"""A low sun over the sea, with its path of light on the waves."""

import random

from PIL import Image

from generation.simulator.pictures.brush import (
    SMOOTH,
    Point,
    Size,
    below,
    both,
    cover,
    curve,
    ease,
    fade,
    fractal,
    halo,
    lit,
    mix,
    noise,
    oval,
    rough_line,
    shape,
    soft,
    times,
    vertical,
)
from generation.simulator.pictures.palette import Palette
from generation.simulator.pictures.ridges import clouds

BLEND, FULL = (lambda y: ease(y * 2.2)), (lambda _: 1.0)
FITTING = ("rose", "ember", "teal", "cobalt", "amber", "violet", "alpine")


def paint(size: Size, rng: random.Random, colours: Palette) -> Image.Image:
    width, height = size
    unit = min(size)
    horizon = round(height * rng.uniform(0.46, 0.58))
    sun = (width * rng.uniform(0.3, 0.7), horizon - unit * rng.uniform(0.03, 0.13))
    image = heaven(size, rng, colours, horizon, sun)
    sea = water(image, rng, colours, horizon, sun)
    image.paste(sea, (0, horizon))
    image = haze(image, colours, horizon)
    if rng.random() < 0.75:
        image = headland(image, rng, colours, horizon, rng.choice((-1, 1)))
    return lit(image, colours.accent, times(halo(size, sun, unit * 0.9, 2.6), 0.3))


def heaven(
    size: Size, rng: random.Random, colours: Palette, horizon: float, sun: Point
) -> Image.Image:
    unit, at = min(size), horizon / size[1]
    stops = [
        (0.0, mix(colours.dark, colours.deep, 0.2)),
        (at * 0.5, colours.mid),
        (at * 0.82, colours.light),
        (at, mix(colours.pale, colours.accent, 0.55)),
        (1.0, colours.pale),
    ]
    image = clouds(vertical(size, stops), rng, colours, at)
    image = lit(image, colours.accent, times(halo(size, sun, unit * 1.2, 2.2), 0.6))
    radius = unit * rng.uniform(0.05, 0.085)
    disc = oval(size, (sun[0] - radius, sun[1] - radius, sun[0] + radius, sun[1] + radius))
    cover(image, mix(colours.accent, (255, 255, 255), 0.6), soft(disc, unit / 800 + 0.5))
    return image


def water(
    image: Image.Image, rng: random.Random, colours: Palette, horizon: int, sun: Point
) -> Image.Image:
    """The sky upside down and darker, broken up by waves that grow towards the eye."""
    width, height = image.size[0], image.size[1] - horizon
    size = (width, height)
    mirrored = image.crop((0, max(0, horizon - height), width, horizon))
    mirrored = mirrored.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize(size, SMOOTH)
    deepened = vertical(
        size,
        [
            (0, mix(colours.light, colours.pale, 0.3)),
            (0.25, colours.mid),
            (0.7, colours.dark),
            (1, mix(colours.deep, colours.dark, 0.4)),
        ],
    )
    sea = Image.blend(mirrored, deepened, 0.62)
    swell = waves(size, rng)
    cover(
        sea,
        mix(colours.deep, colours.dark, 0.4),
        times(swell.point(curve(lambda v: ease((0.52 - v) * 4))), 0.6),
    )
    cover(
        sea,
        mix(colours.light, colours.mid, 0.3),
        times(swell.point(curve(lambda v: ease((v - 0.55) * 4))), 0.32),
    )
    return glitter(sea, rng, colours, sun[0])


def waves(size: Size, rng: random.Random) -> Image.Image:
    """Noise laid flat: fine at the horizon, coarse below."""
    flat = Image.new("L", size, 128)
    bands = 5
    edges = [round(size[1] * (index / bands) ** 1.7) for index in range(bands + 1)]
    for index in range(bands):
        top, bottom = edges[index], edges[min(index + 2, bands)]
        if bottom - top < 2:
            continue
        tall = min(size) * (0.004 + 0.034 * (index / bands) ** 1.3)
        across, down = round(size[0] / tall / 9), round((bottom - top) / tall)
        across, down = max(across, 3), max(down, 2)
        strip = fractal(rng, (size[0] // 2, bottom - top), (across, down), 3, 0.65)
        strip = strip.resize((size[0], bottom - top), SMOOTH)
        mask = fade((size[0], bottom - top), BLEND if index else FULL)
        flat.paste(strip, (0, top), mask)
    return flat


def glitter(sea: Image.Image, rng: random.Random, colours: Palette, x: float) -> Image.Image:
    """The sun's path: bright flecks, dense in the middle and at the horizon."""
    size, unit = sea.size, min(sea.size)
    flecks = waves(size, rng)
    fine = noise(rng, size, (size[0] // 14 or 1, size[1] // 3 or 1))
    flecks = both(
        flecks.point(curve(lambda v: ease((v - 0.42) * 5))),
        fine.point(curve(lambda v: ease((v - 0.35) * 3))),
    )
    path = halo((size[0], size[1] * 2), (x, size[1] * 0.2), size[0] * 0.42 + unit * 0.2, 2.4)
    cone = path.crop((0, round(size[1] * 0.2), size[0], round(size[1] * 1.2))).resize(size)
    narrow = column(size, x, unit)
    sea = lit(sea, colours.accent, times(both(soft(narrow, unit / 14), cone), 0.55))
    light = mix(colours.accent, (255, 255, 255), 0.55)
    return lit(sea, light, both(flecks, soft(narrow, unit / 30)))


def column(size: Size, x: float, unit: int) -> Image.Image:
    top, bottom = unit * 0.09, unit * 0.34
    return shape(size, [(x - top, 0), (x + top, 0), (x + bottom, size[1]), (x - bottom, size[1])])


def haze(image: Image.Image, colours: Palette, horizon: int) -> Image.Image:
    """Where water and sky meet, both are lost in light."""
    at = horizon / image.size[1]
    mask = fade(image.size, lambda y: 0.55 * max(0.0, 1 - abs(y - at) / 0.05) ** 2)
    cover(image, mix(colours.pale, colours.accent, 0.5), mask)
    return image


def headland(
    image: Image.Image, rng: random.Random, colours: Palette, horizon: int, side: int
) -> Image.Image:
    """One or two dark tongues of land from the side."""
    size, unit = image.size, min(image.size)
    for depth in (0.35, 1.0):
        line = rough_line(rng, 256, 0.5)
        reach = rng.uniform(0.25, 0.5) * (0.7 + 0.3 * (1 - depth))
        tapered = []
        for index, value in enumerate(line):
            part = index / 256 if side > 0 else 1 - index / 256
            tapered.append(ease((part - 1 + reach) / reach) * (0.7 + 0.5 * value))
        base = horizon + unit * 0.012 * depth
        outline = [
            (x, min(y, base))
            for x, y in below(size, tapered, base, unit * 0.16 * (0.6 + 0.5 * depth))
        ]
        outline[-2:] = [(size[0], base), (0, base)]
        stone = mix(
            mix(colours.mid, colours.light, 0.4), mix(colours.deep, colours.dark, 0.35), depth
        )
        mask = shape(size, outline)
        mirrored = mask.crop((0, round(base) - unit // 3, size[0], round(base)))
        mirrored = mirrored.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        reflection = Image.new("L", size)
        reflection.paste(mirrored, (0, round(base)))
        cover(image, mix(stone, colours.dark, 0.4), times(soft(reflection, unit / 180), 0.5))
        cover(image, stone, mask)
    return image
