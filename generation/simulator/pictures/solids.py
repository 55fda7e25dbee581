"""Plain solids in soft light from the left, each with its shadow on the floor."""

from PIL import Image, ImageChops, ImageDraw

from generation.simulator.pictures.brush import (
    BLACK,
    WHITE,
    Colour,
    Size,
    Stops,
    between,
    both,
    cover,
    ease,
    fade,
    halo,
    mix,
    soft,
    times,
)

Box = tuple[float, float, float, float]


def across(box: Box, size: Size, stops: Stops) -> Image.Image:
    """A gradient from the left of a box to its right."""
    left, right = round(box[0]), max(round(box[2]), round(box[0]) + 2)
    row = Image.new("RGB", (right - left, 1))
    row.putdata([between(stops, x / (right - left - 1)) for x in range(right - left)])
    paper = Image.new("RGB", size, stops[0][1])
    paper.paste(row.resize((right - left, size[1])), (left, 0))
    return paper


def round_stops(tone: Colour) -> Stops:
    """How a cylinder's side catches light from the left and some from the right."""
    return [
        (0.0, mix(tone, BLACK, 0.14)),
        (0.22, mix(tone, WHITE, 0.38)),
        (0.5, tone),
        (0.86, mix(tone, BLACK, 0.38)),
        (1.0, mix(tone, BLACK, 0.24)),
    ]


def shadow(image: Image.Image, foot: tuple[float, float], wide: float, tall: float) -> Image.Image:
    """Dark close to the foot, and a long soft shadow to the right."""
    size, unit = image.size, min(image.size)
    x, y = foot
    cast = Image.new("L", size)
    ImageDraw.Draw(cast).polygon(
        [
            (x - wide * 0.45, y - wide * 0.05),
            (x + wide * 0.45, y + wide * 0.08),
            (x + wide * 0.45 + tall * 0.95, y - tall * 0.1),
            (x + tall * 0.8, y - tall * 0.24),
        ],
        fill=255,
    )
    fading = fade(size, lambda v: 0.34 * ease((v * size[1] - (y - tall * 0.3)) / (tall * 0.34)))
    close = Image.new("L", size)
    box = (x - wide * 0.54, y - wide * 0.11, x + wide * 0.58, y + wide * 0.12)
    ImageDraw.Draw(close).ellipse(box, fill=190)
    dark = (38, 28, 30)
    cover(image, dark, both(soft(cast, unit / 55), fading))
    cover(image, dark, times(soft(close, unit / 70), 0.6))
    return image


def drawn(size: Size, box: Box, kind: str, radius: float = 0) -> Image.Image:
    """A mask of an ellipse or of a rectangle with round corners, with smooth edges."""
    large = Image.new("L", (size[0] * 2, size[1] * 2))
    draw = ImageDraw.Draw(large)
    double = [value * 2 for value in box]
    if kind == "oval":
        draw.ellipse(double, fill=255)
    else:
        draw.rounded_rectangle(double, radius * 2, fill=255)
    return large.reduce(2)


def cylinder(
    image: Image.Image, foot: tuple[float, float], wide: float, tall: float, tone: Colour
) -> Image.Image:
    size, (x, y) = image.size, foot
    image = shadow(image, foot, wide, tall)
    flat = wide * 0.13
    box = (x - wide / 2, y - tall, x + wide / 2, y)
    body = drawn(size, box, "rectangle")
    for level_y in (y, y - tall):
        rim = drawn(size, (box[0], level_y - flat, box[2], level_y + flat), "oval")
        body = ImageChops.lighter(body, rim)
    cover(image, across(box, size, round_stops(tone)), body)
    top = drawn(size, (box[0], y - tall - flat, box[2], y - tall + flat), "oval")
    lid = across(box, size, [(0, mix(tone, WHITE, 0.5)), (1, mix(tone, WHITE, 0.12))])
    cover(image, lid, top)
    return image


def ball(image: Image.Image, foot: tuple[float, float], radius: float, tone: Colour) -> Image.Image:
    size, (x, y) = image.size, foot
    image = shadow(image, (x, y - radius * 0.06), radius * 1.7, radius * 1.4)
    box = (x - radius, y - radius * 2, x + radius, y)
    mask = drawn(size, box, "oval")
    cover(image, mix(tone, BLACK, 0.42), mask)
    light = (x - radius * 0.36, y - radius * 1.42)
    bright = halo_exact(size, light, radius * 1.75, 1.15)
    cover(image, mix(tone, WHITE, 0.12), both(mask, bright))
    cover(image, mix(tone, WHITE, 0.75), both(mask, halo_exact(size, light, radius * 0.85, 2.4)))
    low = halo_exact(size, (x + radius * 0.2, y + radius * 0.1), radius * 0.9, 1.6)
    cover(image, mix(tone, WHITE, 0.35), times(both(mask, low), 0.5))
    return image


def halo_exact(size: Size, centre: tuple[float, float], radius: float, power: float) -> Image.Image:
    """A small halo, computed where it is needed alone."""
    side = max(4, round(radius * 2))
    spot = halo((side, side), (side / 2, side / 2), radius, power)
    mask = Image.new("L", size)
    mask.paste(spot, (round(centre[0] - radius), round(centre[1] - radius)))
    return mask


def arch(image: Image.Image, foot: tuple[float, float], tall: float, tone: Colour) -> Image.Image:
    size, (x, y) = image.size, foot
    wide, thick, deep = tall * 0.72, tall * 0.17, tall * 0.07
    image = shadow(image, foot, wide, tall * 0.7)

    def outline(grow: float, shift: float) -> Image.Image:
        half = wide / 2 - grow
        top = y - tall + grow
        box = (x - half + shift, top, x + half + shift, y + half)
        mask = drawn(size, box, "rectangle", half)
        mask.paste(0, (0, round(y), size[0], size[1]))
        return mask

    inner = outline(thick, 0)
    side = ImageChops.subtract(outline(thick, -deep), ImageChops.invert(inner))
    front = ImageChops.subtract(outline(0, 0), inner)
    depth = ImageChops.subtract(inner, side)
    box = (x - wide / 2, y - tall, x + wide / 2, y)
    cover(
        image, across(box, size, [(0, mix(tone, BLACK, 0.3)), (1, mix(tone, BLACK, 0.12))]), depth
    )
    face = across(box, size, [(0, mix(tone, WHITE, 0.3)), (1, mix(tone, BLACK, 0.06))])
    cover(image, face, front)
    return image
