"""The mark that says what this is: not a generated picture but a placeholder."""

from PIL import Image, ImageDraw, ImageFilter, ImageFont

TEXT = "Demo"


def marked(image: Image.Image) -> Image.Image:
    """A small word in the lower right corner, legible on any ground."""
    unit = min(image.size)
    height = max(18, unit // 42)
    font = ImageFont.load_default(height)
    left, top, right, bottom = font.getbbox(TEXT)
    room = height
    word = Image.new("L", (round(right - left) + room * 2, round(bottom - top) + room * 2))
    ImageDraw.Draw(word).text((room - left, room - top), TEXT, font=font, fill=255)
    margin = unit // 30
    place = (
        image.width - word.width - margin + room,
        image.height - word.height - margin + room,
    )
    shadow = word.filter(ImageFilter.GaussianBlur(height / 5)).point(
        [min(v * 2, 150) for v in range(256)]
    )
    image.paste((0, 0, 0), (*place, place[0] + word.width, place[1] + word.height), shadow)
    bright = word.point([round(v * 0.86) for v in range(256)])
    image.paste((255, 255, 255), (*place, place[0] + word.width, place[1] + word.height), bright)
    return image
