"""Tall trunks in fog, with light falling between them."""

import math
import random

from PIL import Image, ImageChops, ImageDraw

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
    rough_line,
    shape,
    soft,
    times,
    vertical,
)
from generation.simulator.pictures.palette import Palette

FITTING = ("moss", "mint", "teal", "alpine", "graphite", "amber")
LAYERS = 6


def paint(size: Size, rng: random.Random, colours: Palette) -> Image.Image:
    width, height = size
    unit = min(size)
    ground = height * rng.uniform(0.74, 0.82)
    source = (width * rng.uniform(0.3, 0.7), height * rng.uniform(0.05, 0.3))
    image = air(size, rng, colours, ground, source)
    for layer in range(LAYERS):
        depth = layer / (LAYERS - 1)
        image = trunks(image, rng, colours, ground, depth)
        image = fog(image, rng, colours, ground, depth)
        if layer == 2:
            image = shafts(image, rng, colours, source)
    image = floor(image, rng, colours, ground)
    return lit(image, colours.pale, times(halo(size, source, unit * 0.9, 2.2), 0.35))


def air(
    size: Size, rng: random.Random, colours: Palette, ground: float, source: Point
) -> Image.Image:
    unit, at = min(size), ground / size[1]
    bright = mix(colours.pale, colours.accent, 0.25)
    stops = [
        (0.0, mix(colours.mid, colours.light, 0.45)),
        (at * 0.5, mix(colours.light, bright, 0.45)),
        (at, mix(bright, colours.light, 0.25)),
        (1.0, colours.mid),
    ]
    image = vertical(size, stops)
    leaves = fractal(rng, (size[0] // 6, size[1] // 6), (7, 5), 6, 0.72).resize(size, SMOOTH)
    crown = fade(size, lambda y: 0.5 * (1 - ease(y / 0.62)))
    mask = both(leaves.point(curve(lambda v: ease((v - 0.4) * 3))), crown)
    cover(image, mix(colours.dark, colours.mid, 0.55), mask)
    return lit(image, bright, times(halo(size, source, unit * 1.3, 1.8), 0.75))


def trunks(
    image: Image.Image, rng: random.Random, colours: Palette, ground: float, depth: float
) -> Image.Image:
    """One row of trees; near ones are few, thick, dark and a little out of focus."""
    size, unit = image.size, min(image.size)
    large = Image.new("L", (size[0] * 2, size[1] * 2))
    draw = ImageDraw.Draw(large)
    count = round((26 - 22 * depth**0.7) * size[0] / unit / 1.4) + 1
    foot = ground + (size[1] - ground) * (0.05 + 1.1 * depth)
    thick = unit * (0.008 + 0.05 * depth**1.4)
    spread = size[0] / count
    for index in range(count):
        x = (index + rng.uniform(0.05, 0.95)) * spread
        if depth > 0.7 and abs(x / size[0] - 0.5) < 0.2:
            x += size[0] * 0.3 * (1 if x > size[0] / 2 else -1)  # keep the middle open
        trunk(draw, rng, (x * 2, foot * 2), thick * rng.uniform(0.55, 1.3) * 2)
    mask = large.reduce(2)
    if depth == 1:
        mask = soft(mask, unit / 190)
    hazy = mix(
        mix(colours.light, colours.pale, 0.45), mix(colours.deep, (0, 0, 0), 0.2), depth**0.75
    )
    low = mix(hazy, mix(colours.light, colours.pale, 0.4), 0.55 * (1 - depth))
    at = ground / size[1]
    paint = vertical(
        size, [(0, mix(hazy, colours.dark, 0.15)), (at * 0.4, hazy), (at, low), (1, low)]
    )
    if depth > 0.3:
        bark = fractal(rng, (size[0] // 3, size[1] // 12), (120, 6), 3, 0.7).resize(size, SMOOTH)
        cover(
            paint,
            mix(hazy, colours.mid, 0.5),
            times(bark.point(curve(lambda v: ease((v - 0.5) * 3))), 0.3),
        )
    cover(image, paint, mask)
    return image


def trunk(draw: ImageDraw.ImageDraw, rng: random.Random, foot: Point, thick: float) -> None:
    """A trunk that sways a little, wider at the root, with a few thin branches."""
    x, y = foot
    lean, sway, phase = rng.uniform(-0.05, 0.05), thick * rng.uniform(0.1, 0.6), rng.uniform(0, 6)
    steps = 24
    left, right = [], []
    for step in range(steps + 1):
        part = step / steps
        at = x + lean * part * y + math.sin(phase + part * 5) * sway
        wide = thick * (0.5 - 0.2 * part) * (1 + 0.55 * (1 - part) ** 9)
        left.append((at - wide, y * (1 - part * 1.05)))
        right.append((at + wide, y * (1 - part * 1.05)))
    draw.polygon([*left, *reversed(right)], fill=255)
    for _ in range(rng.randint(0, 4)):
        step = rng.randint(9, steps - 2)
        side = rng.choice((-1, 1))
        branch(draw, rng, left[step] if side < 0 else right[step], thick, side)


def branch(
    draw: ImageDraw.ImageDraw, rng: random.Random, start: Point, thick: float, side: int
) -> None:
    x, y = start
    reach = thick * rng.uniform(1.5, 5)
    drop = reach * rng.uniform(-0.7, -0.1)
    width = max(1.0, thick * 0.09)
    middle = (x + side * reach * 0.5, y + drop * 0.35)
    end = (x + side * reach, y + drop)
    points = [(x, y - width), (middle[0], middle[1] - width * 0.7), end]
    points += [(middle[0], middle[1] + width * 0.7), (x - side * width, y + width * 1.5)]
    draw.polygon(points, fill=255)


def fog(
    image: Image.Image, rng: random.Random, colours: Palette, ground: float, depth: float
) -> Image.Image:
    """Banks of fog that lie low and thin out upwards."""
    size = image.size
    drift = fractal(rng, (size[0] // 8, size[1] // 8), (4, 7), 4, 0.5).resize(size, SMOOTH)
    at = ground / size[1]
    bank = fade(size, lambda y: ease(1 - abs(y - at) / 0.34) * (1 - depth * 0.85))
    mask = both(drift.point(curve(lambda v: 0.3 + 0.7 * v)), bank)
    cover(image, mix(colours.pale, colours.light, 0.25), times(mask, 0.6))
    return image


def shafts(image: Image.Image, rng: random.Random, colours: Palette, source: Point) -> Image.Image:
    """Beams from the light's place, fading as they fall."""
    size, unit = image.size, min(image.size)
    small = (size[0] // 4, size[1] // 4)
    beams = Image.new("L", small)
    draw = ImageDraw.Draw(beams)
    x, y = source[0] / 4, source[1] / 4 - unit * 0.08
    for _ in range(11):
        angle = rng.uniform(0.18, 0.82) * math.pi
        width, reach = rng.uniform(0.008, 0.035), unit * 0.6
        ends = [
            (x + math.cos(angle + turn) * reach, y + math.sin(angle + turn) * reach)
            for turn in (-width, width)
        ]
        ray = Image.new("L", small)
        ImageDraw.Draw(ray).polygon([(x, y), *ends], fill=rng.randint(60, 150))
        beams = ImageChops.add(beams, ray)
    del draw
    beams = soft(beams, unit / 300).resize(size, SMOOTH)
    fading = fade(size, lambda v: 1 - ease((v - 0.1) / 0.8))
    return lit(image, mix(colours.pale, colours.accent, 0.5), times(both(beams, fading), 0.5))


def floor(image: Image.Image, rng: random.Random, colours: Palette, ground: float) -> Image.Image:
    """Undergrowth in the dark at the very front."""
    size, unit = image.size, min(image.size)
    dark = mix(colours.deep, (0, 0, 0), 0.3)
    line = rough_line(rng, 512, 0.62)
    outline = below(size, line, ground + (size[1] - ground) * 0.72, unit * 0.05)
    mask = soft(shape(size, outline), unit / 260)
    cover(
        image,
        vertical(
            size,
            [(0, colours.dark), (ground / size[1] + 0.1, mix(colours.dark, dark, 0.5)), (1, dark)],
        ),
        mask,
    )
    shade = fade(size, lambda y: 0.75 * ease((y - 0.8) / 0.22))
    cover(image, dark, shade)
    return image
