"""Dunes: long crests, one side in the sun and one in its own shadow."""

import math
import random
from functools import cache

from PIL import Image, ImageChops

from generation.simulator.pictures.brush import (
    SMOOTH,
    Point,
    Size,
    both,
    cover,
    ease,
    fade,
    fractal,
    halo,
    level,
    lit,
    mix,
    oval,
    plus,
    shape,
    smooth_line,
    soft,
    strip,
    times,
    vertical,
)
from generation.simulator.pictures.palette import Palette

FITTING = ("amber", "ember", "pearl", "sakura", "rose", "mint")


def paint(size: Size, rng: random.Random, colours: Palette) -> Image.Image:
    width, height = size
    unit = min(size)
    horizon = height * rng.uniform(0.36, 0.46)
    side = rng.choice((-1, 1))  # where the light comes from
    sun = (width * (0.5 + side * rng.uniform(0.12, 0.34)), horizon - unit * rng.uniform(0.12, 0.3))
    image = heaven(size, rng, colours, horizon, sun)
    for layer in range(5):
        image = dune(image, rng, colours, horizon, layer / 4, side)
    return lit(image, colours.accent, times(halo(size, sun, unit * 1.3, 2.4), 0.22))


def heaven(
    size: Size, rng: random.Random, colours: Palette, horizon: float, sun: Point
) -> Image.Image:
    unit, at = min(size), horizon / size[1]
    cool = mix(colours.mid, (86, 120, 165), rng.uniform(0.35, 0.75))
    stops = [
        (0.0, mix(cool, colours.dark, 0.35)),
        (at * 0.6, mix(cool, colours.light, 0.6)),
        (at * 1.02, mix(colours.pale, colours.light, 0.25)),
        (1.0, colours.pale),
    ]
    image = vertical(size, stops)
    image = lit(image, colours.accent, times(halo(size, sun, unit * 1.2, 2.2), 0.5))
    radius = unit * rng.uniform(0.03, 0.055)
    disc = oval(size, (sun[0] - radius, sun[1] - radius, sun[0] + radius, sun[1] + radius))
    cover(image, mix(colours.accent, (255, 255, 255), 0.8), soft(disc, unit / 900))
    return image


def dune(
    image: Image.Image,
    rng: random.Random,
    colours: Palette,
    horizon: float,
    depth: float,
    side: int,
) -> Image.Image:
    """One dune: a long body, and a crest that winds down from its top between light and shade."""
    size, unit = image.size, min(image.size)
    base = horizon + (size[1] - horizon) * (0.04 + 0.72 * depth**1.1)
    waves = [(rng.uniform(0.35, 0.75), 1.0), (rng.uniform(0.9, 1.5), 0.32)]
    line = smooth_line(rng, 160, waves)
    rise = unit * (0.05 + 0.1 * depth) * rng.uniform(0.8, 1.2)
    step = size[0] / 160
    top = [(index * step, base - value * rise) for index, value in enumerate(line)]
    body = shape(size, [*top, (size[0], size[1] + 2), (0, size[1] + 2)])
    sand = mix(mix(colours.light, colours.pale, 0.5), mix(colours.mid, colours.light, 0.5), depth)
    paint = sand_of(size, rng, colours, sand, base, depth)
    shade = slip_face(size, rng, top, line, side, unit * (0.16 + 0.4 * depth))
    dark = mix(colours.dark, colours.mid, 0.55 - 0.35 * depth)
    cover(paint, mix(sand, dark, 0.75), times(shade, 0.5 + 0.45 * depth))
    rim = ImageChops.subtract(body, ImageChops.offset(body, 0, max(2, unit // 260)))
    cover(image, paint, body)
    return lit(image, colours.pale, times(soft(rim, unit / 700 + 1), 0.14))


def sand_of(
    size: Size,
    rng: random.Random,
    colours: Palette,
    sand: tuple[int, int, int],
    base: float,
    depth: float,
) -> Image.Image:
    """Sand that darkens downwards, with large soft patches and, near the eye, ripples."""
    start = max(0.0, base / size[1] - 0.1)
    low = mix(sand, colours.mid, 0.45)
    paint = vertical(size, [(0, sand), (start, sand), (min(start + 0.5, 1.0), low), (1.0, low)])
    patches = fractal(rng, (size[0] // 8, size[1] // 8), (3, 6), 4, 0.5).resize(size, SMOOTH)
    cover(paint, mix(sand, colours.dark, 0.6), times(patches, 0.22))
    if depth > 0.5:
        cover(paint, mix(low, colours.deep, 0.5), times(ripples(size, rng), 0.10 + 0.14 * depth))
    return paint


def ripples(size: Size, rng: random.Random) -> Image.Image:
    """Wind ripples: fine stripes that bend, wider towards the bottom."""
    small = (size[0] // 2, size[1] // 2)
    bend = fractal(rng, (small[0] // 4, small[1] // 4), (4, 6), 4, 0.5).convert("F")
    rows = [60_000 * math.log(1.02 + y / small[1] * 1.4) for y in range(small[1])]
    down = strip((1, small[1]), rows).resize(small, Image.Resampling.NEAREST)
    phase = plus(down, bend.resize(small, SMOOTH), 24).convert("I")
    return phase.point(wave_table(), "L").resize(size, SMOOTH)


@cache
def wave_table() -> list[int]:
    return [level(0.5 + 0.5 * math.sin(value * math.tau / 2200)) for value in range(65536)]


def slip_face(
    size: Size, rng: random.Random, top: list[Point], line: list[float], side: int, deep: float
) -> Image.Image:
    """The shaded side: from a peak the crest leaves the outline, turns and winds down."""
    peak = max(range(24, 136), key=lambda index: line[index] + rng.uniform(-0.15, 0.15))
    x, y = top[peak]
    bend = rng.uniform(0.35, 0.6) * deep
    crest = [
        (x - side * math.sin(part * 3.7) * bend * (0.4 + part), y + part**1.5 * deep * 1.5)
        for part in (index / 40 for index in range(41))
    ]
    # Away from the sun, everything between the outline and the crest lies in the shade.
    away = [point for point in top if (point[0] - x) * -side > 0]
    away.sort(key=lambda point: abs(point[0] - x), reverse=True)
    edge = -10.0 if side > 0 else size[0] + 10.0
    end = crest[-1][1]
    outline = [(edge, end), (edge, away[0][1] if away else y), *away, (x, y), *crest]
    mask = shape(size, outline)
    near = fade(size, lambda v: 1 - ease((v * size[1] - y) / (deep * 0.9)))
    blurred = soft(mask, deep * 0.12)
    blended = Image.composite(mask, blurred, near)
    return both(blended, fade(size, lambda v: 1 - ease((v * size[1] - y) / (end - y)) ** 2))
