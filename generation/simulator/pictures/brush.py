"""What all scenes paint with: gradients, noise, soft light, sharp shapes and film grain."""

import math
import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from statistics import NormalDist
from typing import cast

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageMath

Colour = tuple[int, int, int]
Size = tuple[int, int]
Point = tuple[float, float]
Stops = Sequence[tuple[float, Colour]]
SMOOTH = Image.Resampling.BICUBIC
BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)


def dice(seed: str) -> random.Random:
    """The same numbers for the same picture, on every machine."""
    return random.Random(seed)  # noqa: S311  a picture, nothing secret


def mix(one: Colour, other: Colour, part: float) -> Colour:
    red, green, blue = (round(a + (b - a) * part) for a, b in zip(one, other, strict=True))
    return red, green, blue


def ease(part: float) -> float:
    """Smooth from 0 to 1."""
    part = min(max(part, 0.0), 1.0)
    return part * part * (3 - 2 * part)


def between(stops: Stops, place: float) -> Colour:
    """The colour at a place from 0 to 1 of a gradient."""
    for (start, one), (end, other) in pairwise(stops):
        if place <= end:
            return mix(one, other, ease((place - start) / max(end - start, 1e-6)))
    return stops[-1][1]


def vertical(size: Size, stops: Stops) -> Image.Image:
    """A gradient from top (0) to bottom (1)."""
    column = Image.new("RGB", (1, size[1]))
    column.putdata([between(stops, y / max(size[1] - 1, 1)) for y in range(size[1])])
    return column.resize(size, Image.Resampling.NEAREST)


def fade(size: Size, curve: Callable[[float], float]) -> Image.Image:
    """A mask from top (0) to bottom (1); the curve gives values from 0 to 1."""
    column = Image.new("L", (1, size[1]))
    column.putdata([level(curve(y / max(size[1] - 1, 1))) for y in range(size[1])])
    return column.resize(size, Image.Resampling.NEAREST)


def level(value: float) -> int:
    return round(255 * min(max(value, 0.0), 1.0))


def curve(function: Callable[[float], float]) -> list[int]:
    """A table for `point`: from and to values from 0 to 1."""
    return [level(function(value / 255)) for value in range(256)]


# --- Noise ------------------------------------------------------------------------------------


def noise(rng: random.Random, size: Size, cells: Size) -> Image.Image:
    """Smooth random values: as many bumps as there are cells."""
    small = Image.frombytes("L", cells, rng.randbytes(cells[0] * cells[1]))
    return small.resize(size, SMOOTH)


def swell(rng: random.Random, size: Size, cells: Size) -> Image.Image:
    """The same in floating point, for heights whose slopes must be smooth."""
    small = Image.frombytes("L", cells, rng.randbytes(cells[0] * cells[1]))
    return small.convert("F").resize(size, SMOOTH)


def fractal(
    rng: random.Random, size: Size, cells: Size, octaves: int = 5, gain: float = 0.55
) -> Image.Image:
    """Noise on noise, from large to fine, with the full range of values."""
    total = swell(rng, size, cells)
    scale = 1.0
    for _ in range(octaves - 1):
        cells, scale = (cells[0] * 2, cells[1] * 2), scale * gain
        finer = swell(rng, size, (min(cells[0], size[0]), min(cells[1], size[1])))
        total = plus(total, finer, scale)
    return stretched(total).convert("L")


def plus(one: Image.Image, other: Image.Image, scale: float) -> Image.Image:
    """one + other * scale, both in floating point."""
    total: Image.Image = ImageMath.lambda_eval(lambda of: of["a"] + of["b"] * scale, a=one, b=other)
    return total


def stretched(image: Image.Image, top: float = 255) -> Image.Image:
    """A floating point image scaled to run from 0 to `top`."""
    low, high = cast(tuple[float, float], image.getextrema())
    scale = top / max(high - low, 1e-6)
    return image.point(lambda value: value * scale + -low * scale)


# --- Masks ------------------------------------------------------------------------------------


def shape(size: Size, points: Sequence[Point]) -> Image.Image:
    """A filled outline with smooth edges, as a mask."""
    large = Image.new("L", (size[0] * 2, size[1] * 2))
    ImageDraw.Draw(large).polygon([(x * 2, y * 2) for x, y in points], fill=255)
    return large.reduce(2)


def oval(size: Size, box: tuple[float, float, float, float]) -> Image.Image:
    large = Image.new("L", (size[0] * 2, size[1] * 2))
    ImageDraw.Draw(large).ellipse([value * 2 for value in box], fill=255)
    return large.reduce(2)


def soft(mask: Image.Image, radius: float) -> Image.Image:
    """Blurred; a wide blur is made on a smaller copy, which looks the same."""
    room = math.ceil(radius * 3)
    box = mask.getbbox()
    if box is None:
        return mask
    box = (
        max(box[0] - room, 0),
        max(box[1] - room, 0),
        min(box[2] + room, mask.width),
        min(box[3] + room, mask.height),
    )
    part = mask.crop(box)
    shrink = max(1, int(radius / 2.5))
    small = part.reduce(shrink) if shrink > 1 else part
    blurred = small.filter(ImageFilter.GaussianBlur(radius / shrink))
    found = Image.new("L", mask.size)
    found.paste(blurred if shrink == 1 else blurred.resize(part.size, SMOOTH), box)
    return found


def halo(size: Size, centre: Point, radius: float, power: float = 2.0) -> Image.Image:
    """Light that falls off around a point; computed exactly, as its steps would be seen."""
    shrink = 8
    small = (max(size[0] // shrink, 2), max(size[1] // shrink, 2))
    across, down = (
        [((i + 0.5) * whole / few - at) ** 2 for i in range(few)]
        for whole, few, at in zip(size, small, centre, strict=True)
    )
    light: Image.Image = ImageMath.lambda_eval(
        lambda of: 255 * of["max"](1 - (of["x"] + of["y"]) ** 0.5 / radius, 0) ** power,
        x=strip((small[0], 1), across).resize(small, Image.Resampling.NEAREST),
        y=strip((1, small[1]), down).resize(small, Image.Resampling.NEAREST),
    )
    return dithered(light.resize(size, SMOOTH))


def strip(size: Size, values: Sequence[float]) -> Image.Image:
    image = Image.new("F", size)
    image.putdata(values)
    return image


def dithered(light: Image.Image) -> Image.Image:
    """Floating point to bytes; what is cut off is spread as noise instead of showing as steps."""
    rng = dice("dither")
    speckles = Image.frombytes("L", light.size, rng.randbytes(light.width * light.height))
    return plus(light, speckles.convert("F"), 1 / 256).convert("L")


def times(mask: Image.Image, part: float) -> Image.Image:
    return mask.point(curve(lambda value: value * part))


def both(one: Image.Image, other: Image.Image) -> Image.Image:
    return ImageChops.multiply(one, other)


# --- Paint ------------------------------------------------------------------------------------


def cover(image: Image.Image, paint: Image.Image | Colour, mask: Image.Image) -> None:
    """Paint over, where the mask is bright."""
    box = mask.getbbox()
    if box is None:
        return
    image.paste(paint if isinstance(paint, tuple) else paint.crop(box), box, mask.crop(box))


def lit(image: Image.Image, colour: Colour, mask: Image.Image) -> Image.Image:
    """The same image with light added, where the mask is bright."""
    box = mask.getbbox()
    if box is None:
        return image
    part = image.crop(box)
    light = Image.composite(
        Image.new("RGB", part.size, colour), Image.new("RGB", part.size), mask.crop(box)
    )
    image.paste(ImageChops.screen(part, light), box)
    return image


@lru_cache(maxsize=8)
def grain_table(strength: float) -> list[int]:
    """From evenly spread bytes to a bell curve around the middle."""
    bell = NormalDist(128, strength)
    return [round(bell.inv_cdf((value + 0.5) / 256)) for value in range(256)]


def grained(image: Image.Image, rng: random.Random, strength: float = 2.4) -> Image.Image:
    """Film grain, which also hides the steps of soft gradients."""
    width, height = image.size
    single = Image.frombytes("L", image.size, rng.randbytes(width * height))
    single = single.point(grain_table(strength))
    return ImageChops.add(image, Image.merge("RGB", (single,) * 3), 1, -128)


def vignetted(image: Image.Image, depth: float = 0.28) -> Image.Image:
    dark = Image.radial_gradient("L").point(curve(lambda v: 1 - depth * max(0.0, v - 0.35) ** 1.6))
    dark = dark.resize(image.size, SMOOTH)
    return ImageChops.multiply(image, Image.merge("RGB", (dark,) * 3))


# --- Lines ------------------------------------------------------------------------------------


def rough_line(rng: random.Random, steps: int, roughness: float) -> list[float]:
    """A mountain's outline: heights around 0, by halving and shifting. `steps` is a power of 2."""
    line = [rng.uniform(-0.5, 0.5), rng.uniform(-0.5, 0.5)]
    shift = 1.0
    while len(line) <= steps:
        finer = []
        for one, other in pairwise(line):
            finer += [one, (one + other) / 2 + rng.uniform(-shift, shift) * 0.5]
        line = [*finer, line[-1]]
        shift *= roughness
    return line


def smooth_line(
    rng: random.Random, steps: int, waves: Sequence[tuple[float, float]]
) -> list[float]:
    """A sum of sine waves, each (how many across, how high), with random starts."""
    starts = [rng.uniform(0, math.tau) for _ in waves]
    return [
        sum(
            height * math.sin(start + math.tau * count * step / steps)
            for start, (count, height) in zip(starts, waves, strict=True)
        )
        for step in range(steps + 1)
    ]


def below(size: Size, line: Sequence[float], base: float, height: float) -> list[Point]:
    """The outline of everything under a line; its heights are scaled, up is smaller."""
    across = size[0] / (len(line) - 1)
    top = [(step * across, base - value * height) for step, value in enumerate(line)]
    return [*top, (size[0], size[1] + 2), (0, size[1] + 2)]
