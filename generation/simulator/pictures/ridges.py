"""Layered mountains at dusk, with mist between them."""

import random

from PIL import Image, ImageChops, ImageDraw

from generation.simulator.pictures.brush import (
    SMOOTH,
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
    oval,
    rough_line,
    shape,
    smooth_line,
    soft,
    times,
    vertical,
)
from generation.simulator.pictures.palette import Palette

ROUGH = (0.5, 0.1)
FITTING = ("rose", "teal", "alpine", "violet", "mint", "sakura", "cobalt")


def paint(size: Size, rng: random.Random, colours: Palette) -> Image.Image:
    width, height = size
    unit = min(size)
    horizon = height * rng.uniform(0.42, 0.52)
    image = sky(size, rng, colours, horizon)
    sun = (width * rng.uniform(0.22, 0.78), horizon - unit * rng.uniform(0.06, 0.3))
    image = with_sun(image, sun, unit * rng.uniform(0.035, 0.06), colours)
    layers = rng.choice((5, 6, 7))
    glow = halo(size, sun, unit * 0.9, 1.4)
    for layer in range(layers):
        image = ridge(image, rng, colours, horizon, layer / (layers - 1), glow)
    return pines(image, rng, colours)


def sky(size: Size, rng: random.Random, colours: Palette, horizon: float) -> Image.Image:
    """From a dark top to a glowing horizon, with thin clouds."""
    at = horizon / size[1]
    stops = [
        (0.0, colours.dark),
        (at * 0.45, mix(colours.dark, colours.mid, 0.75)),
        (at * 0.8, colours.light),
        (at * 1.05, mix(colours.pale, colours.accent, 0.35)),
        (1.0, colours.pale),
    ]
    image = vertical(size, stops)
    return clouds(image, rng, colours, at)


def clouds(image: Image.Image, rng: random.Random, colours: Palette, at: float) -> Image.Image:
    small = (max(image.width // 4, 1), max(image.height // 4, 1))
    streaks = fractal(rng, small, (3, 9), 6, 0.6).point(curve(lambda v: ease((v - 0.5) * 3.2)))
    band = fade(small, lambda y: ease(y / (at * 0.5)) * ease((at * 0.98 - y) / (at * 0.4)))
    mask = times(both(streaks, band), 0.5).resize(image.size, SMOOTH)
    cover(image, mix(colours.pale, colours.accent, 0.3), mask)
    return image


def with_sun(
    image: Image.Image, sun: tuple[float, float], radius: float, colours: Palette
) -> Image.Image:
    unit = min(image.size)
    image = lit(image, colours.accent, times(halo(image.size, sun, unit * 1.5, 2.0), 0.6))
    image = lit(image, mix(colours.accent, colours.pale, 0.5), halo(image.size, sun, unit * 0.4, 3))
    x, y = sun
    disc = oval(image.size, (x - radius, y - radius, x + radius, y + radius))
    cover(image, mix(colours.accent, (255, 255, 255), 0.72), disc)
    return image


def ridge(
    image: Image.Image,
    rng: random.Random,
    colours: Palette,
    horizon: float,
    depth: float,
    glow: Image.Image,
) -> Image.Image:
    """One range: far ones are pale and low, near ones dark and jagged; mist lies at its foot."""
    size, unit = image.size, min(image.size)
    base = horizon + (size[1] - horizon) * (0.02 + 0.86 * depth**1.15)
    line = rough_line(rng, 512, ROUGH[0] + rng.random() * ROUGH[1])
    outline = below(size, line, base, unit * (0.1 + 0.1 * depth) * rng.uniform(0.8, 1.25))
    mask = shape(size, outline)
    stone = between_depths(colours, depth)
    mist = mix(mix(stone, colours.pale, 0.55 - 0.3 * depth), colours.accent, 0.08)
    top = (base - unit * 0.12) / size[1]
    paint = vertical(
        size, [(0, stone), (max(top, 0.01), stone), (min(top + 0.3, 0.99), mist), (1, mist)]
    )
    texture = fractal(rng, (size[0] // 6, size[1] // 6), (8, 16), 4, 0.7).resize(size, SMOOTH)
    shadow = times(texture.point(curve(lambda v: ease((v - 0.3) * 1.6))), 0.13 * (0.3 + depth))
    cover(paint, mix(stone, colours.deep, 0.8), shadow)
    edge = ImageChops.subtract(mask, ImageChops.offset(mask, 0, max(2, unit // 300)))
    rim = both(soft(edge, unit / 700 + 1), glow)
    cover(image, paint, mask)
    return lit(image, colours.accent, times(rim, 0.75 * (1 - depth)))


def between_depths(colours: Palette, depth: float) -> tuple[int, int, int]:
    stops = (mix(colours.light, colours.pale, 0.35), colours.light, colours.mid, colours.dark)
    place = depth * 0.999 * len(stops)
    low = int(place)
    following = (*stops, colours.deep)
    return mix(following[low], following[low + 1], place - low)


def pines(image: Image.Image, rng: random.Random, colours: Palette) -> Image.Image:
    """A dark slope with trees at the very front."""
    size, unit = image.size, min(image.size)
    base = size[1] * 0.985
    line = rough_line(rng, 256, 0.42)
    slope = below(size, line, base, unit * 0.05)
    large = Image.new("L", (size[0] * 2, size[1] * 2))
    draw = ImageDraw.Draw(large)
    draw.polygon([(x * 2, y * 2) for x, y in slope], fill=255)
    woods = smooth_line(rng, len(line), [(1.3, 0.5), (3.1, 0.35), (7.7, 0.25)])
    for _ in range(int(420 * size[0] / unit)):
        step = rng.randrange(len(line) - 1)
        thick = ease(woods[step] + 0.35)
        if rng.random() < 0.08 + thick:
            x, y = slope[step]
            x += rng.uniform(0, size[0] / len(line))
            tall = unit * rng.uniform(0.02, 0.045) * (0.5 + 1.4 * thick * rng.random())
            tree(draw, (x * 2, (y + unit * 0.012) * 2), tall * 2, rng)
    cover(image, mix(colours.deep, (0, 0, 0), 0.15), large.reduce(2))
    return image


def tree(
    draw: ImageDraw.ImageDraw, foot: tuple[float, float], tall: float, rng: random.Random
) -> None:
    x, y = foot
    wide = tall * rng.uniform(0.14, 0.2)
    for tier in range(6):
        part = tier / 6
        low, top = y - tall * (part * 0.82 + 0.03), y - tall * (part * 0.82 + 0.34)
        spread = wide * (1 - part * 0.8) * rng.uniform(0.85, 1.15)
        draw.polygon([(x - spread, low), (x, top), (x + spread, low)], fill=255)
