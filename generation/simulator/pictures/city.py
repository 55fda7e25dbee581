"""A city at night behind water: lit windows, signs that glow, and their shine on the waves."""

import math
import random
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw

from generation.simulator.pictures.brush import (
    SMOOTH,
    Colour,
    Size,
    both,
    cover,
    curve,
    ease,
    fade,
    halo,
    lit,
    mix,
    oval,
    soft,
    times,
    vertical,
)
from generation.simulator.pictures.palette import Palette
from generation.simulator.pictures.sea import waves

FITTING = ("violet", "cobalt", "rose", "teal", "graphite", "ember")
NEON: tuple[Colour, ...] = ((80, 235, 255), (255, 90, 190), (255, 190, 80), (150, 120, 255))
WARM: tuple[Colour, ...] = ((255, 214, 150), (255, 235, 200), (255, 190, 120), (190, 220, 255))


@dataclass(frozen=True)
class Tower:
    """A building's front, in pixels."""

    left: int
    right: int
    top: int
    foot: int


def paint(size: Size, rng: random.Random, colours: Palette) -> Image.Image:
    unit = min(size)
    shore = round(size[1] * rng.uniform(0.62, 0.7))
    image = night(size, rng, colours, shore)
    peak = rng.uniform(0.25, 0.75)
    lights = Image.new("RGB", size)
    for depth in (0.0, 0.5, 1.0):
        towers = list(row(size, rng, shore, depth, peak))
        image = built(image, rng, colours, towers, depth, shore)
        erase(lights, towers)
        for tower in towers:
            windows(lights, rng, tower, depth, unit)
    signs(lights, rng, towers, unit)
    image = glowing(image, lights, unit)
    image = reflected(image, rng, colours, shore)
    return streaked(image, lights, shore)


def night(size: Size, rng: random.Random, colours: Palette, shore: int) -> Image.Image:
    """A dark sky over the glow of the streets, with a veiled moon now and then."""
    unit, at = min(size), shore / size[1]
    glow = mix(colours.mid, colours.accent, 0.6)
    stops = [
        (0.0, mix(colours.deep, (0, 0, 0), 0.25)),
        (at * 0.45, mix(colours.deep, colours.dark, 0.8)),
        (at * 0.78, mix(colours.dark, colours.mid, 0.75)),
        (at, glow),
        (1.0, colours.dark),
    ]
    image = vertical(size, stops)
    stars = Image.new("L", size)
    draw = ImageDraw.Draw(stars)
    for _ in range(int(size[0] * size[1] / 14_000)):
        x, y = rng.randrange(size[0]), int(rng.random() ** 1.6 * shore * 0.6)
        draw.point((x, y), fill=rng.randrange(40, 200))
    image = lit(image, colours.pale, stars)
    if rng.random() < 0.5:
        moon = (size[0] * rng.uniform(0.15, 0.85), shore * rng.uniform(0.14, 0.34))
        image = lit(image, colours.pale, times(halo(size, moon, unit * 0.5, 3), 0.3))
        r = unit * 0.035
        disc = oval(size, (moon[0] - r, moon[1] - r, moon[0] + r, moon[1] + r))
        image = lit(image, mix(colours.pale, colours.accent, 0.2), times(soft(disc, 2), 0.85))
    street = (size[0] * rng.uniform(0.3, 0.7), shore)
    return lit(image, glow, times(halo(size, street, size[0] * 0.6, 1.8), 0.55))


def row(size: Size, rng: random.Random, shore: int, depth: float, peak: float) -> list[Tower]:
    """One row of towers, higher around the centre of town; far rows are higher and denser."""
    unit = min(size)
    towers, x = [], -rng.randrange(unit // 12)
    while x < size[0]:
        wide = round(unit * rng.uniform(0.035, 0.1) * (0.75 + 0.5 * depth))
        centre = math.exp(-(((x / size[0] - peak) / 0.24) ** 2))
        tall = unit * (0.07 + 0.4 * centre * (1 - 0.55 * depth)) * rng.uniform(0.55, 1.3)
        towers.append(Tower(x, x + wide, round(shore - tall), shore))
        x += wide + (round(unit * rng.uniform(-0.01, 0.02)) if depth else -round(wide * 0.2))
    return towers


def built(
    image: Image.Image,
    rng: random.Random,
    colours: Palette,
    towers: list[Tower],
    depth: float,
    shore: int,
) -> Image.Image:
    size, unit = image.size, min(image.size)
    mask = Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    for tower in towers:
        roof(draw, rng, tower, unit)
    far, near = mix(colours.dark, colours.mid, 0.65), mix(colours.deep, (0, 0, 0), 0.35)
    stone = mix(far, near, ease(depth * 0.9 + 0.1))
    haze = mix(stone, mix(colours.mid, colours.accent, 0.4), 0.55 * (1 - depth) + 0.15)
    at = shore / size[1]
    cover(image, vertical(size, [(0, stone), (at - 0.3, stone), (at, haze), (1, haze)]), mask)
    return image


def roof(draw: ImageDraw.ImageDraw, rng: random.Random, tower: Tower, unit: int) -> None:
    """The front, and what stands on it: a step, a slope or a mast."""
    draw.rectangle((tower.left, tower.top, tower.right, tower.foot), fill=255)
    wide, kind = tower.right - tower.left, rng.random()
    middle = (tower.left + tower.right) // 2
    if kind < 0.3:
        inset, rise = wide // rng.randint(4, 6), round(unit * rng.uniform(0.01, 0.035))
        draw.rectangle((tower.left + inset, tower.top - rise, tower.right - inset, tower.top), 255)
    elif kind < 0.42:
        rise = round(wide * 0.35)
        draw.polygon(
            [(tower.left, tower.top), (tower.right, tower.top), (tower.right, tower.top - rise)],
            255,
        )
    elif kind < 0.55:
        thin = max(1, unit // 540)
        draw.rectangle((middle - thin, tower.top - unit * 0.06, middle + thin, tower.top), 255)


def erase(lights: Image.Image, towers: list[Tower]) -> None:
    """What stands in front hides the windows behind it."""
    draw = ImageDraw.Draw(lights)
    for tower in towers:
        draw.rectangle((tower.left, tower.top, tower.right, tower.foot), fill=(0, 0, 0))


def windows(lights: Image.Image, rng: random.Random, tower: Tower, depth: float, unit: int) -> None:
    """A grid of windows, some lit, whole floors now and then."""
    draw = ImageDraw.Draw(lights)
    cell = max(4, round(unit * rng.uniform(0.0075, 0.0115) * (0.7 + 0.45 * depth)))
    wide, high = max(1, round(cell * rng.uniform(0.35, 0.6))), max(1, round(cell * 0.45))
    share, tone = rng.uniform(0.12, 0.55), rng.choice(WARM)
    for y in range(tower.top + cell, tower.foot - cell // 2, cell):
        floor = share * rng.choice((0.4, 1, 1, 1.6))
        for x in range(tower.left + cell // 2, tower.right - wide, cell):
            if rng.random() < floor:
                dim = rng.uniform(0.25, 1.0) * (0.5 + 0.5 * depth)
                draw.rectangle((x, y, x + wide - 1, y + high - 1), mix((0, 0, 0), tone, dim))


def signs(lights: Image.Image, rng: random.Random, towers: list[Tower], unit: int) -> None:
    """A few bright vertical signs and roof edges."""
    draw = ImageDraw.Draw(lights)
    for tower in rng.sample(towers, min(len(towers), rng.randint(4, 8))):
        colour, thin = rng.choice(NEON), max(2, unit // 300)
        x = rng.randrange(tower.left + thin, max(tower.right - thin * 2, tower.left + thin + 1))
        low = tower.top + (tower.foot - tower.top) * rng.uniform(0.3, 0.75)
        high = min(tower.top + thin * 3, low)
        draw.rectangle((x, high, x + thin, low), fill=colour)


def glowing(image: Image.Image, lights: Image.Image, unit: int) -> Image.Image:
    near, wide = soft_colour(lights, unit / 260), soft_colour(lights, unit / 26)
    image = ImageChops.screen(ImageChops.screen(image, lights), near)
    return ImageChops.screen(image, ImageChops.add(wide, wide, 0.8))


def soft_colour(image: Image.Image, radius: float) -> Image.Image:
    return Image.merge("RGB", [soft(band, radius) for band in image.split()])


def reflected(image: Image.Image, rng: random.Random, colours: Palette, shore: int) -> Image.Image:
    width, height = image.size[0], image.size[1] - shore
    size = (width, height)
    source = image.crop((0, max(0, shore - round(height * 1.5)), width, shore))
    mirror = source.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize(size, SMOOTH)
    mirror = rippled(mirror, rng)
    surface = vertical(size, [(0, colours.dark), (1, mix(colours.deep, (0, 0, 0), 0.5))])
    mask = fade(size, lambda y: 0.86 - 0.5 * y)
    surface.paste(mirror, (0, 0), mask)
    dark = waves(size, rng).point(curve(lambda v: ease((0.5 - v) * 4)))
    cover(surface, mix(colours.deep, (0, 0, 0), 0.4), times(dark, 0.55))
    image.paste(surface, (0, shore))
    line = fade(
        image.size, lambda y: max(0.0, 1 - abs(y * image.size[1] - shore) / (height * 0.05))
    )
    return lit(image, mix(colours.mid, colours.accent, 0.5), times(both(line, line), 0.35))


def streaked(image: Image.Image, lights: Image.Image, shore: int) -> Image.Image:
    """Every light drawn out into a long shine on the water, broken by the waves' own dark."""
    width, height = image.size[0], image.size[1] - shore
    source = lights.crop((0, shore - height, width, shore))
    shine = source.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    shine = shine.resize((width // 2, 5), Image.Resampling.BOX).resize((width, height), SMOOTH)
    water = image.crop((0, shore, width, image.size[1]))
    broken = water.point(curve(lambda value: 0.2 + 2.4 * value) * 3)
    shine = ImageChops.multiply(ImageChops.add(shine, shine, 0.45), broken)
    image.paste(ImageChops.screen(water, shine), (0, shore))
    return image


def rippled(mirror: Image.Image, rng: random.Random) -> Image.Image:
    """Rows pushed sideways, more so further down, and drawn out a little downwards."""
    width, height = mirror.size
    half = mirror.resize((width // 2, height // 2), SMOOTH)
    out, phase = half.copy(), rng.uniform(0, 9)
    for y in range(0, half.height, 2):
        part = y / half.height
        phase += rng.uniform(0.25, 0.6) * (1.25 - part)
        shift = math.sin(phase) * (1 + part * half.width * 0.012) + rng.uniform(-1, 1) * part * 3
        strip = half.crop((0, y, half.width, y + 2))
        out.paste(ImageChops.offset(strip, round(shift), 0), (0, y))
    drawn = out.resize((half.width, max(1, half.height // 5)), Image.Resampling.BOX)
    drawn = drawn.resize(half.size, SMOOTH)
    return Image.blend(out, drawn, 0.55).resize(mirror.size, SMOOTH)
