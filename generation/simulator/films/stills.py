"""The pictures a film moves over, as the planes the codec works with."""

from pathlib import Path

import av
from PIL import Image, ImageOps

from generation.simulator import pictures
from generation.simulator.films.film import Film
from generation.simulator.pictures.brush import SMOOTH, dice, grained, vignetted

ROOM = 1.08  # a still is larger than the film, so that a closer view stays sharp
LARGEST = 1188  # its shorter side; above, the film enlarges it

Planes = tuple[Image.Image, ...]  # luma, and both colours at half the size


def stills(film: Film) -> list[Planes]:
    """Each key picture; one painted from the prompt when there is none that opens."""
    size = canvas(film.size)
    keys = [image for key in film.keys if (image := opened(key, size)) is not None]
    return [planes(image) for image in keys or [painted(film, size)]]


def canvas(size: tuple[int, int]) -> tuple[int, int]:
    scale = min(ROOM, LARGEST / min(size))
    wide, high = (max(2, round(side * scale / 2) * 2) for side in size)
    return wide, high


def opened(path: Path, size: tuple[int, int]) -> Image.Image | None:
    """A picture cropped to the film's shape; nothing when the file is no picture."""
    try:
        with Image.open(path) as image:
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return ImageOps.fit(upright, size, SMOOTH)


def painted(film: Film, size: tuple[int, int]) -> Image.Image:
    """The scene of the prompt, without the mark: that stays where it is while the scene moves."""
    rng = dice(f"{film.seed} {film.prompt}")
    order = pictures.Order(film.prompt, film.seed, size)
    return grained(vignetted(pictures.from_words(order, rng)), rng, 1.2)


def planes(image: Image.Image) -> Planes:
    frame = av.VideoFrame.from_image(image).reformat(
        format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
    )
    return tuple(
        Image.frombuffer(
            "L", (plane.width, plane.height), bytes(plane), "raw", "L", plane.line_size, 1
        )
        for plane in frame.planes
    )
