"""What holds something: a perfume bottle and vases."""

import random

from PIL import Image, ImageChops

from generation.simulator.pictures.brush import (
    BLACK,
    WHITE,
    Colour,
    Size,
    between,
    both,
    cover,
    ease,
    fade,
    lit,
    mix,
    shape,
    soft,
    times,
)
from generation.simulator.pictures.curves import smoothed
from generation.simulator.pictures.solids import across, drawn, round_stops, shadow

# Radii of a vase from foot to lip, as parts of its width.
PROFILES = (
    (0.24, 0.4, 0.5, 0.46, 0.3, 0.16, 0.12, 0.13, 0.19),
    (0.2, 0.3, 0.4, 0.48, 0.5, 0.42, 0.24, 0.17, 0.22),
    (0.3, 0.46, 0.5, 0.38, 0.2, 0.12, 0.1, 0.1, 0.14),
)


def bottle(
    image: Image.Image, rng: random.Random, foot: tuple[float, float], tall: float, tone: Colour
) -> Image.Image:
    """A perfume bottle: glass with a bright edge, a metal cap and a paper label."""
    size, (x, y) = image.size, foot
    unit, wide = min(size), tall * rng.uniform(0.5, 0.66)
    image = shadow(image, foot, wide, tall * 0.8)
    metal = mix(tone, (205, 165, 95), 0.8)
    neck = (x - wide * 0.13, y - tall * 0.8, x + wide * 0.13, y - tall * 0.66)
    cover(
        image,
        across(neck, size, round_stops(mix(metal, BLACK, 0.15))),
        drawn(size, neck, "rectangle", 2),
    )
    cap = (x - wide * 0.25, y - tall, x + wide * 0.25, y - tall * 0.76)
    cover(image, across(cap, size, round_stops(metal)), drawn(size, cap, "rectangle", wide * 0.05))
    body = (x - wide / 2, y - tall * 0.7, x + wide / 2, y + tall * 0.012)
    glass = drawn(size, body, "rectangle", wide * 0.1)
    stops = [
        (0.0, mix(tone, BLACK, 0.3)),
        (0.07, mix(tone, WHITE, 0.55)),
        (0.16, mix(tone, BLACK, 0.02)),
        (0.55, mix(tone, WHITE, 0.16)),
        (0.9, mix(tone, BLACK, 0.2)),
        (0.965, mix(tone, WHITE, 0.3)),
        (1, mix(tone, BLACK, 0.35)),
    ]
    cover(image, across(body, size, stops), glass)
    depth = fade(size, lambda v: 0.3 * ease((v * size[1] - (y - tall * 0.3)) / (tall * 0.3)))
    cover(image, mix(tone, BLACK, 0.5), both(glass, depth))
    gleam = (body[0] + wide * 0.1, body[1] + tall * 0.05, body[0] + wide * 0.17, y - tall * 0.08)
    image = lit(
        image,
        WHITE,
        times(soft(drawn(size, gleam, "rectangle", wide * 0.03), unit / 220 + 1), 0.55),
    )
    return label(image, (x, y), tall, wide, tone)


def label(
    image: Image.Image, foot: tuple[float, float], tall: float, wide: float, tone: Colour
) -> Image.Image:
    size, (x, y) = image.size, foot
    paper = (x - wide * 0.3, y - tall * 0.46, x + wide * 0.3, y - tall * 0.16)
    cream = (246, 240, 230)
    cover(
        image,
        across(paper, size, [(0, mix(cream, WHITE, 0.4)), (1, mix(cream, BLACK, 0.1))]),
        drawn(size, paper, "rectangle", 2),
    )
    ink = mix(tone, BLACK, 0.55)
    for line, half in ((0.36, 0.15), (0.315, 0.2), (0.27, 0.1)):
        stroke = (x - wide * half, y - tall * (line + 0.006), x + wide * half, y - tall * line)
        cover(image, ink, times(drawn(size, stroke, "rectangle", 1), 0.7))
    return image


def vase(
    image: Image.Image, rng: random.Random, foot: tuple[float, float], tall: float, tone: Colour
) -> Image.Image:
    """Turned on a wheel: a few radii, joined smoothly."""
    size, (x, y) = image.size, foot
    wide = tall * rng.uniform(0.5, 0.62)
    image = shadow(image, foot, wide * 0.7, tall * 0.8)
    profile = smoothed([(value * wide, index) for index, value in enumerate(rng.choice(PROFILES))])
    steps = [radius for radius, _ in profile]
    last = len(steps) - 1
    edge = [(x - radius, y - tall * step / last) for step, radius in enumerate(steps)]
    mask = shape(size, [*edge, *((2 * x - px, py) for px, py in reversed(edge))])
    base = drawn(size, (x - steps[0], y - steps[0] * 0.2, x + steps[0], y + steps[0] * 0.2), "oval")
    cover(image, turned(size, foot, tall, steps, tone), ImageChops.lighter(mask, base))
    lip = steps[-1]
    mouth = (x - lip, y - tall - lip * 0.22, x + lip, y - tall + lip * 0.22)
    cover(image, mix(tone, WHITE, 0.3), drawn(size, mouth, "oval"))
    hole = (x - lip * 0.82, mouth[1] + lip * 0.06, x + lip * 0.82, mouth[3] - lip * 0.04)
    cover(image, mix(tone, BLACK, 0.6), drawn(size, hole, "oval"))
    return image


def turned(
    size: Size, foot: tuple[float, float], tall: float, steps: list[float], tone: Colour
) -> Image.Image:
    """The light on each ring of a turned body, as wide as the body is there."""
    x, y = foot
    row = Image.new("RGB", (256, 1))
    row.putdata([between(round_stops(tone), value / 255) for value in range(256)])
    paper = Image.new("RGB", size, tone)
    for at in range(0, round(tall) + 2, 2):
        place = min(at / tall, 1) * (len(steps) - 1)
        low = min(int(place), len(steps) - 2)
        radius = steps[low] + (steps[low + 1] - steps[low]) * (place - low)
        ring = row.resize((max(2, round(radius * 2) + 2), 2))
        paper.paste(ring, (round(x - radius) - 1, round(y) - at - 2))
    below = row.resize((max(2, round(steps[0] * 2) + 2), max(1, round(steps[0] * 0.3))))
    paper.paste(below, (round(x - steps[0]) - 1, round(y) - 1))
    return paper
