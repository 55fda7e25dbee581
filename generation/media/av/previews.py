"""What is shown of video and audio: a poster, one of its frames, its waveform."""

from array import array
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, BinaryIO

from PIL import Image, ImageDraw, ImageStat, PngImagePlugin, WebPImagePlugin

from generation.media.av.demux import MOST_PIXELS, MOST_SIDE

# Loaded now: no module can be once the process is locked.
WRITERS = (PngImagePlugin, WebPImagePlugin)
# Longest side, quality and effort, as for images.
PREVIEWS = {"preview": (1_600, 80, 2), "thumb": (480, 65, 4)}
DARK = 20  # the mean of 255 below which a frame may be a fade
FLAT = 6  # and how little it then differs within
CANDIDATES = 90
TURNS = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_270,
}
WAVE = (1_600, 900)
BARS = 100
SQUARE = Fraction(1)
INK = (128, 134, 148, 255)  # is seen on white and on black


def previews(image: Image.Image, files: dict[str, BinaryIO]) -> None:
    for name, (side, quality, effort) in PREVIEWS.items():
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        image.save(files[name], "WEBP", quality=quality, method=effort)


def turn_of(frame: Any) -> int:
    """Degrees to turn it left by, a quarter at a time."""
    return int(round(frame.rotation / 90) * 90 % 360)


def display_size(width: int, height: int, pixel: Fraction) -> tuple[int, int]:
    """How players show a frame whose pixels are not square: larger, and smaller where that would
    be too large."""
    if pixel <= 0 or pixel == 1:
        return width, height
    more, less = max(pixel, Fraction(1)), min(pixel, Fraction(1))
    wide, high = round(width * more), round(height / less)
    if max(wide, high) > MOST_SIDE or wide * high > MOST_PIXELS:
        wide, high = round(width * less), round(height / more)
    return max(1, wide), max(1, high)


def pixel_shape(stream: Any) -> Fraction:
    """How much wider than high each pixel of a stream is shown."""
    return Fraction(stream.sample_aspect_ratio or 1)


def upright_frame(frame: Any, longest_side: int = 0, pixel: Fraction = SQUARE) -> Image.Image:
    """The frame as it is shown: its pixels square, as the camera held it, in RGB, not larger
    than asked."""
    width, height = display_size(frame.width, frame.height, pixel)
    if longest_side and max(width, height) > longest_side:
        scale = longest_side / max(width, height)
        width, height = max(1, round(width * scale)), max(1, round(height * scale))
    image: Image.Image = frame.to_image(
        width=width, height=height, interpolation="LANCZOS", src_colorspace=matrix_of(frame)
    )
    turn = TURNS.get(turn_of(frame))
    return image if turn is None else image.transpose(turn)


def matrix_of(frame: Any) -> str:
    """By which matrix the colours were coded; where nothing is stated, large ones are HD."""
    if frame.colorspace == 1:
        return "itu709"
    return "itu709" if frame.colorspace == 2 and frame.height >= 720 else "default"


class Poster:
    """The first frame that shows something, or the brightest of the first ones."""

    def __init__(self, pixel: Fraction = SQUARE) -> None:
        self.pixel = pixel
        self.image: Image.Image | None = None
        self.light = -2.0
        self.found = False
        self.seen = 0

    def offer(self, frame: Any) -> None:
        if self.found or self.seen >= CANDIDATES:
            return
        self.seen += 1
        small = ImageStat.Stat(frame.to_image(width=64, height=64).convert("L"))
        light, spread = small.mean[0], small.stddev[0]
        self.found = light > DARK or spread > FLAT
        if self.found or light > self.light + 1:
            self.image = upright_frame(frame, PREVIEWS["preview"][0], self.pixel)
            self.light = light


def peaks(samples: "array[int]", count: int = BARS) -> list[float]:
    """The loudest of each part, from 0 to 1."""
    loud = []
    for part in range(count):
        piece = samples[part * len(samples) // count : (part + 1) * len(samples) // count]
        loud.append(max(max(piece), -min(piece)) / 32_768 if piece else 0.0)
    return loud


def waveform(loud: Sequence[float]) -> Image.Image:
    """Round bars on a clear ground."""
    width, height = WAVE
    image = Image.new("RGBA", (2 * width, 2 * height))
    draw = ImageDraw.Draw(image)
    step = 2 * width / (len(loud) + 2)
    most = max(max(loud), 0.05)
    for number, value in enumerate(loud, start=1):
        left, half = number * step + step * 0.2, max(step * 0.3, 0.76 * height * value / most)
        box = (left, height - half, left + step * 0.6, height + half)
        draw.rounded_rectangle(box, step * 0.3, fill=INK)
    return image.reduce(2)
