"""The word "Demo" in the lower right corner, which says that nothing generated this."""

from functools import lru_cache

from PIL import Image, ImageDraw, ImageFilter, ImageFont

BLACK, WHITE = (0, 0, 0), (255, 255, 255)
DARKEST, BRIGHTEST, COLOURLESS = 16, 235, 128  # of the planes of a video frame


def make_watermark(*planes: Image.Image) -> None:
    """Into an RGB image or the three planes of a video frame."""
    shadow, text = masks(min(planes[0].size))
    dark, bright = (BLACK, WHITE) if planes[0].mode == "RGB" else (DARKEST, BRIGHTEST)
    stamp_watermark(planes[0], dark, shadow)
    stamp_watermark(planes[0], bright, text)
    for plane in planes[1:]:
        stamp_watermark(plane, COLOURLESS, text.reduce(2))


def stamp_watermark(
    image: Image.Image, colour: int | tuple[int, int, int], mask: Image.Image
) -> None:
    image.paste(colour, (image.width - mask.width, image.height - mask.height), mask)


@lru_cache(maxsize=4)
def masks(unit: int) -> tuple[Image.Image, Image.Image]:
    """A soft shadow and the text, for an image whose shorter side is so long."""
    height, margin = max(18, unit // 42), unit // 30
    left, top, right, bottom = (font := ImageFont.load_default(height)).getbbox("Demo")
    size = [round(side + height + margin) // 2 * 2 for side in (right - left, bottom - top)]
    text = Image.new("L", (size[0], size[1]))
    ImageDraw.Draw(text).text((height - left, height - top), "Demo", font=font, fill=250)
    shadow = text.filter(ImageFilter.GaussianBlur(height / 5))
    return shadow.point([min(value * 2, 150) for value in range(256)]), text
