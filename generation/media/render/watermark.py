"""Draws a text over an image, again and again, so that no part of it comes without."""

import contextlib
import math
from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

ANGLE = 24
LIGHT, DARK = (255, 255, 255, 105), (0, 0, 0, 80)


class Fonts:
    """The first of some fonts that has a character."""

    def __init__(self, files: Sequence[bytes], size: int) -> None:
        self.fonts = [ImageFont.truetype(BytesIO(file), size) for file in files]
        for font in self.fonts:
            with contextlib.suppress(OSError):  # one of a single weight
                font.set_variation_by_axes([500])
        self.blank = [bytes(font.getmask("\uffff")) for font in self.fonts]

    def of(self, character: str) -> ImageFont.FreeTypeFont | None:
        for font, blank in zip(self.fonts, self.blank, strict=True):
            if character == " " or bytes(font.getmask(character)) != blank:
                return font
        return None


def text_image(text: str, fonts: Sequence[bytes], size: int) -> Image.Image:
    """One line of the text on a clear ground, light with a dark edge: seen on black and white."""
    known = Fonts(fonts, size)
    edge = max(1, size // 16)
    places, width = [], float(edge)
    for character in text:
        font = known.of(character)
        if font is None:  # better left out than drawn as a box
            continue
        places.append((width, character, font))
        width += font.getlength(character)
    image = Image.new("RGBA", (max(1, round(width) + edge), round(size * 1.6)), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    for left, character, font in places:
        draw.text(
            (left, size * 1.2), character, font=font, anchor="ls",
            fill=LIGHT, stroke_width=edge, stroke_fill=DARK,
        )  # fmt: skip
    return image


def overlay(size: tuple[int, int], text: str, fonts: Sequence[bytes]) -> Image.Image:
    """The text all over a clear image of this size, in slanting rows."""
    height = max(11, max(size) // 34)
    line = text_image(text, fonts, height)
    across, down = line.width + 3 * height, 5 * height
    side = math.ceil(math.hypot(*size)) + 2 * height
    ground = Image.new("RGBA", (side + across, side + down), (0, 0, 0, 0))
    for row, top in enumerate(range(0, side, down)):
        for left in range(row % 2 * across // 2, side, across):
            # A line that is longer than the ground is cut at its edge.
            part = line.crop((0, 0, min(line.width, ground.width - left), line.height))
            ground.alpha_composite(part, (left, top))
    turned = ground.crop((0, 0, side, side)).rotate(ANGLE, Image.Resampling.BICUBIC)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    return turned.crop((left, top, left + size[0], top + size[1]))


def with_watermark(image: Image.Image, text: str, fonts: Sequence[bytes]) -> Image.Image:
    """The image with the text over it; a clear ground stays clear between the letters."""
    if not text:
        return image
    ground = image.convert("RGBA")
    ground.alpha_composite(overlay(image.size, text, fonts))
    return ground if image.mode == "RGBA" else ground.convert("RGB")
