"""Results that show the reference picture itself: graded anew, or as a framed print in a room."""

import random
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from generation.simulator.pictures.brush import (
    SMOOTH,
    WHITE,
    Size,
    both,
    cover,
    curve,
    dice,
    ease,
    fractal,
    halo,
    lit,
    mix,
    noise,
    soft,
    times,
    vertical,
)
from generation.simulator.pictures.palette import Palette
from generation.simulator.pictures.solids import ball, cylinder
from generation.simulator.pictures.still import studio
from generation.simulator.pictures.vessels import vase

MONO = {"black", "white", "monochrome", "noir", "grey", "gray", "黑白"}
PAINTED = {"paint", "painting", "painted", "watercolor", "watercolour", "oil", "sketch", "油画"}
DARK = {"night", "dark", "midnight", "moon", "neon", "夜"}


def opened(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


def graded(
    size: Size, rng: random.Random, colours: Palette, reference: Image.Image, words: set[str]
) -> Image.Image:
    """The reference on the whole canvas, in another light."""
    image = ImageOps.fit(reference, size, SMOOTH, centering=(0.5, 0.42))
    if words & PAINTED:
        image = painted(image, rng)
    image = ImageOps.autocontrast(image, cutoff=0.4, preserve_tone=True)
    if words & MONO:
        return image.convert("L").convert("RGB").point(curve(ease) * 3)
    image = nocturne(image, colours) if words & DARK else toned(image, colours)
    return lit_from_side(image, rng, colours)


def toned(image: Image.Image, colours: Palette) -> Image.Image:
    """Shadows and highlights in the palette's own tones, contrast a little up."""
    tones = ImageOps.colorize(
        image.convert("L"), colours.deep, mix(colours.pale, colours.accent, 0.3), colours.mid
    )
    image = Image.blend(image, ImageChops.soft_light(image, tones), 0.55)
    return Image.blend(image, tones, 0.16).point(curve(lambda v: 0.75 * v + 0.25 * ease(v)) * 3)


def nocturne(image: Image.Image, colours: Palette) -> Image.Image:
    blue = mix(colours.dark, (40, 62, 120), 0.6)
    night = ImageChops.multiply(
        image, vertical(image.size, [(0, blue), (1, mix(blue, WHITE, 0.2))])
    )
    bright = image.convert("L").point(curve(lambda v: ease((v - 0.62) * 3)))
    night = lit(night, (255, 214, 160), times(bright, 0.55))
    return lit(night, (255, 200, 140), times(soft(bright, min(image.size) / 24), 0.5))


def painted(image: Image.Image, rng: random.Random) -> Image.Image:
    """Brush strokes: areas of one colour, on canvas."""
    small = image.resize((max(2, image.width // 3), max(2, image.height // 3)), SMOOTH)
    few = small.quantize(48)  # whole colours are moved, not channels
    areas = Image.frombytes("L", few.size, few.tobytes()).filter(ImageFilter.ModeFilter(9))
    strokes = Image.frombytes("P", few.size, areas.tobytes())
    strokes.putpalette(few.getpalette() or [])
    strokes = strokes.convert("RGB").filter(ImageFilter.MedianFilter(5))
    image = strokes.resize(image.size, SMOOTH).filter(ImageFilter.UnsharpMask(6, 60, 2))
    canvas = noise(rng, image.size, (image.width // 3, image.height // 3))
    canvas = canvas.point(curve(lambda v: 0.5 + (v - 0.5) * 0.16))
    return ImageChops.soft_light(image, Image.merge("RGB", (canvas,) * 3))


def lit_from_side(image: Image.Image, rng: random.Random, colours: Palette) -> Image.Image:
    unit = min(image.size)
    place = (image.width * rng.choice((-0.05, 1.05)), image.height * rng.uniform(0.0, 0.3))
    return lit(image, colours.accent, times(halo(image.size, place, unit * 1.5, 1.7), 0.5))


def hung(size: Size, rng: random.Random, colours: Palette, reference: Image.Image) -> Image.Image:
    """A room with the reference as a large framed print, and a few things on the floor."""
    width, height = size
    unit, ground = min(size), height * 0.84
    image = studio(size, rng, colours, ground)
    room = (width * 0.62, height * 0.6)
    scale = min(room[0] / reference.width, room[1] / reference.height)
    wide, high = round(reference.width * scale), round(reference.height * scale)
    left, top = round((width - wide) / 2), round(height * 0.4 - high / 2)
    image = frame(image, (left, top, left + wide, top + high), reference, colours)
    side = rng.choice((-1, 1))
    x = width / 2 + side * (wide / 2 + unit * 0.04)
    x = min(max(x, unit * 0.2), width - unit * 0.2)
    stand = unit * 0.09
    image = cylinder(
        image, (x, ground + unit * 0.06), unit * 0.26, stand, mix(colours.pale, WHITE, 0.3)
    )
    image = vase(image, rng, (x, ground + unit * 0.06 - stand), unit * 0.3, colours.mid)
    return ball(image, (x - side * unit * 0.27, ground + unit * 0.1), unit * 0.055, colours.accent)


def frame(
    image: Image.Image, box: tuple[int, int, int, int], print_: Image.Image, colours: Palette
) -> Image.Image:
    """Shadow, wood, white card and the print."""
    unit = min(image.size)
    card, wood = round(unit * 0.045), round(unit * 0.014)
    outer = grown(box, card + wood)
    shade = Image.new("L", image.size)
    shift = round(unit * 0.02)
    ImageDraw.Draw(shade).rectangle(
        (outer[0] + shift, outer[1] + shift * 2, outer[2] + shift * 2, outer[3] + shift * 2),
        fill=255,
    )
    cover(image, mix(colours.deep, (0, 0, 0), 0.3), times(soft(shade, unit / 40), 0.45))
    draw = ImageDraw.Draw(image)
    draw.rectangle(outer, fill=mix(colours.deep, colours.dark, 0.35))
    draw.rectangle(
        grown(box, card + wood - max(2, unit // 400)), fill=mix(colours.dark, (0, 0, 0), 0.25)
    )
    draw.rectangle(grown(box, card), fill=(247, 245, 240))
    draw.rectangle(grown(box, max(1, unit // 500)), fill=(214, 210, 202))
    picture = print_.resize((box[2] - box[0], box[3] - box[1]), SMOOTH)
    image.paste(picture, box[:2])
    glass = Image.new("L", image.size)
    span = box[2] - box[0]
    ImageDraw.Draw(glass).polygon(
        [
            (box[0] + span * 0.5, box[1]),
            (box[0] + span * 0.78, box[1]),
            (box[0] + span * 0.4, box[3]),
            (box[0] + span * 0.12, box[3]),
        ],
        fill=255,
    )
    patches = fractal(dice("glass"), (64, 64), (2, 2), 2).resize(image.size, SMOOTH)
    return lit(image, WHITE, times(both(soft(glass, unit / 120), patches), 0.1))


def grown(box: tuple[int, int, int, int], by: int) -> tuple[int, int, int, int]:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by
