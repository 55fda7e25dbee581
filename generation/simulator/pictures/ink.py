"""Abstract: silk in folds, or ink and oil that ran into each other, with raking light."""

import math
import random
from array import array
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageMath

from generation.simulator.pictures.brush import (
    SMOOTH,
    Size,
    Stops,
    between,
    cover,
    curve,
    ease,
    halo,
    lit,
    mix,
    plus,
    soft,
    stretched,
    strip,
    swell,
    times,
)
from generation.simulator.pictures.palette import Palette

FITTING = ("violet", "ember", "teal", "pearl", "sakura", "cobalt", "rose")
TOP = 65535.0
GRID = (72, 54)


def paint(size: Size, rng: random.Random, colours: Palette) -> Image.Image:
    unit = min(size)
    scale = min(1.0, 1080 / unit)
    work = (round(size[0] * scale), round(size[1] * scale))
    image = (silk if rng.random() < 0.5 else oil)(work, rng, colours)
    if work != size:
        image = image.resize(size, SMOOTH)
    corner = (size[0] * rng.uniform(0.1, 0.9), -unit * 0.1)
    return lit(image, colours.pale, times(halo(size, corner, unit * 1.4, 1.6), 0.22))


def silk(size: Size, rng: random.Random, colours: Palette) -> Image.Image:
    """Long soft folds that run one way and bend."""
    field = bent(size, rng, ramp(size, rng), ((0.34, 2), (0.16, 4)), smooth=True)
    fold = sines(field, rng.uniform(3.4, 5.6))
    tones = [colours.dark, mix(colours.dark, colours.mid, 0.7), colours.mid, colours.light]
    stops = [(index / 3, tone) for index, tone in enumerate(tones)]
    image = coloured(fold, stops)
    tint = coloured(field, [(0, colours.accent), (0.5, colours.mid), (1, colours.light)])
    image = Image.blend(image, ImageChops.soft_light(image, tint), 0.6)
    fine = sines(field, rng.uniform(17, 25))
    relief = soft(slopes(plus(fold, fine, 0.035), 3, 60), 3.5)
    return lighted(image, relief, colours, 0.55)


def oil(size: Size, rng: random.Random, colours: Palette) -> Image.Image:
    """Colours that ran into each other, with ridges where they meet."""
    field = bent(size, rng, cells(size, rng), ((0.22, 3), (0.14, 5), (0.07, 9)))
    tones = [colours.deep, colours.dark, colours.mid, colours.accent, colours.light, colours.pale]
    tones += [colours.mid, colours.dark]
    turn = rng.randrange(len(tones))
    tones = (tones[turn:] + tones[:turn]) * 2
    stops = [(index / (len(tones) - 1), tone) for index, tone in enumerate(tones)]
    image = coloured(field, stops)
    return lighted(image, soft(slopes(sines(field, 7), 3, 34), 2.4), colours, 0.75)


def ramp(size: Size, rng: random.Random) -> Image.Image:
    """A slope in one direction with gentle bumps on it."""
    width, height = size[0] // 2, size[1] // 2
    angle = rng.uniform(-0.9, 0.9) + rng.choice((0, math.pi / 2))
    across = [x / width * 255 * math.cos(angle) * width / height for x in range(width)]
    down = [y / height * 255 * math.sin(angle) for y in range(height)]
    flat = plus(
        strip((width, 1), across).resize((width, height), Image.Resampling.NEAREST),
        strip((1, height), down).resize((width, height), Image.Resampling.NEAREST),
        1,
    )
    return plus(flat, swell(rng, (width, height), (4, 4)), 0.5)


def cells(size: Size, rng: random.Random) -> Image.Image:
    """Noise from coarse to fine."""
    small = (round(size[0] * 0.9), round(size[1] * 0.9))
    wide, high = max(3, round(4 * size[0] / min(size))), max(3, round(4 * size[1] / min(size)))
    height = swell(rng, small, (wide, high))
    for finer, gain in ((2, 0.55), (4, 0.3), (8, 0.16)):
        height = plus(height, swell(rng, small, (wide * finer, high * finer)), gain)
    return height


def bent(
    size: Size,
    rng: random.Random,
    field: Image.Image,
    pulls: Sequence[tuple[float, int]],
    smooth: bool = False,
) -> Image.Image:
    """The field pulled about, without its margins, as heights from 0 to TOP."""
    for strength, bumps in pulls:
        field = pulled(field, rng, strength, bumps)
    width, height = field.size
    margin = round(min(field.size) * 0.12)
    field = field.crop((margin, margin, width - margin, height - margin))
    field = field.resize((field.width // 3, field.height // 3), SMOOTH) if smooth else field
    return stretched(field.resize(size, SMOOTH), TOP)


def pulled(image: Image.Image, rng: random.Random, strength: float, bumps: int) -> Image.Image:
    """The image bent on a grid whose corners are shifted smoothly."""
    (columns, rows), (width, height) = GRID, image.size
    far = strength * min(image.size)
    grid = (columns + 1, rows + 1)
    shifts = [array("f", swell(rng, grid, (bumps + 1, bumps)).tobytes()) for _ in range(2)]

    def corner(x: int, y: int) -> tuple[float, float]:
        index = y * (columns + 1) + x
        at_x = x * width // columns + (shifts[0][index] / 128 - 1) * far
        at_y = y * height // rows + (shifts[1][index] / 128 - 1) * far
        return min(max(at_x, 0), width - 1), min(max(at_y, 0), height - 1)

    mesh = []
    for y in range(rows):
        for x in range(columns):
            box = (
                x * width // columns,
                y * height // rows,
                (x + 1) * width // columns,
                (y + 1) * height // rows,
            )
            quad = [*corner(x, y), *corner(x, y + 1), *corner(x + 1, y + 1), *corner(x + 1, y)]
            mesh.append((box, quad))
    return image.transform(image.size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)


def slopes(field: Image.Image, step: int, gain: float) -> Image.Image:
    """How much each point faces the light from the upper left, 128 where it is flat."""
    way = (1, 0, -step, 0, 1, -step)
    moved = field.transform(field.size, Image.Transform.AFFINE, way, fillcolor=None)
    moved.paste(field.crop((0, 0, field.width, step)), (0, 0))
    moved.paste(field.crop((0, 0, step, field.height)), (0, 0))
    slope: Image.Image = ImageMath.lambda_eval(
        lambda of: (of["a"] - of["b"]) * (gain / TOP * 9) + 128, a=field, b=moved
    )
    return slope.convert("L")


def sines(field: Image.Image, count: float) -> Image.Image:
    """Folds: the height drives a sine; in floating point, so that slopes are smooth."""
    wave = [
        round((0.5 + 0.5 * math.sin(value / TOP * math.tau * count)) * TOP)
        for value in range(65536)
    ]
    whole = field.convert("I")  # a table gives bytes only: take each value as two of them
    high = whole.point([value >> 8 for value in wave], "L").convert("F")
    low = whole.point([value & 255 for value in wave], "L").convert("F")
    return plus(low, high, 256)


def coloured(field: Image.Image, stops: Stops) -> Image.Image:
    """Colour by height, in many more steps than a byte has."""
    whole = field.convert("I")
    coarse = [between(stops, step / 1023) for step in range(1024)]
    bands = [
        whole.point([colour[channel] for colour in coarse for _ in range(64)], "L")
        for channel in range(3)
    ]
    return Image.merge("RGB", bands)


def lighted(image: Image.Image, relief: Image.Image, colours: Palette, depth: float) -> Image.Image:
    """Shade and shine from the relief."""
    shade = relief.point(curve(lambda value: ease((0.5 - value) * 5)))
    shine = relief.point(curve(lambda value: ease((value - 0.52) * 5)))
    cover(image, mix(colours.deep, (0, 0, 0), 0.2), times(shade, depth))
    return lit(image, mix(colours.pale, (255, 255, 255), 0.3), times(shine, 0.55))
