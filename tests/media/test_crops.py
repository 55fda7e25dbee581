"""The part of an image that a crop keeps: exactly the pixels that were meant."""

from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from generation.catalogue.crops import Box
from generation.media import images, storage
from tests.media.corpus import exif, moving, saved

pytestmark = pytest.mark.usefixtures("in_process")
FOUR = {(0, 0): "red", (1, 0): "lime", (0, 1): "blue", (1, 1): "yellow"}


def quarters(width: int = 400, height: int = 300, mode: str = "RGB") -> Image.Image:
    """Four colours, one a quarter."""
    image = Image.new("RGB", (width, height))
    for (x, y), colour in FOUR.items():
        image.paste(colour, (x * width // 2, y * height // 2, width, height))
    return image.convert(mode)


def crop(data: bytes, box: Box, size=None) -> tuple[storage.Stored, Image.Image]:
    name = storage.store_file(scratch_file(data), "png")
    stored = images.crop_image(name, box, size)
    with default_storage.open(stored.path) as file:
        return stored, Image.open(BytesIO(file.read())).copy()


def scratch_file(data: bytes):
    path = storage.scratch_root() / "given"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_pixels_of_the_box_are_kept(kind):
    options = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"lossless": True}}
    stored, image = crop(saved(kind, quarters(), **options.get(kind, {})), Box(200, 150, 160, 140))
    assert (stored.width, stored.height, stored.format) == (160, 140, kind.lower())
    assert image.size == (160, 140)
    for place in ((0, 0), (159, 139)):
        assert all(
            abs(a - b) < 9 for a, b in zip(image.getpixel(place), (255, 255, 0), strict=True)
        )


def test_a_pixel_more_to_the_left_is_another_colour():
    _stored, image = crop(saved("PNG", quarters()), Box(199, 0, 140, 130))
    assert [image.getpixel((x, 0)) for x in (0, 1)] == [(255, 0, 0), (0, 255, 0)]


@pytest.mark.parametrize("turn", range(1, 9))
def test_the_box_is_of_the_image_as_it_is_shown(turn):
    """Whatever the camera noted: a box in the upper left corner holds what is seen there."""
    data = saved("JPEG", quarters(), exif=exif(turn), quality=95, subsampling=0)
    shown = images.take_file(data)
    with default_storage.open(shown.path) as file:
        seen = Image.open(BytesIO(file.read())).convert("RGB").getpixel((20, 20))
    stored, image = crop(data, Box(0, 0, 140, 130))
    assert (stored.width, stored.height) == (140, 130)
    found = image.convert("RGB").getpixel((20, 20))
    assert all(abs(a - b) < 12 for a, b in zip(found, seen, strict=True))


def test_transparency_stays():
    image = quarters().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    _stored, cropped = crop(saved("PNG", image), Box(10, 100, 150, 150))
    assert cropped.mode == "RGBA"
    assert cropped.getpixel((3, 4)) == image.getpixel((13, 104))


def test_a_palette_with_a_transparent_colour_stays_transparent():
    image = quarters(mode="P")
    given = saved("PNG", image, transparency=image.getpixel((0, 0)))
    _stored, cropped = crop(given, Box(100, 0, 200, 150))
    assert cropped.convert("RGBA").getpixel((0, 0))[3] == 0
    assert cropped.convert("RGBA").getpixel((150, 0)) == (0, 255, 0, 255)


def test_a_part_is_scaled_to_the_size_that_is_asked_for():
    stored, image = crop(saved("PNG", quarters(1200, 900)), Box(0, 0, 600, 450), (400, 300))
    assert (stored.width, stored.height) == image.size == (400, 300)
    assert image.getpixel((399, 299)) == (255, 0, 0)


def test_of_an_animated_image_the_first_frame_is_cropped():
    stored, image = crop(moving("WEBP"), Box(0, 0, 130, 130))
    assert stored.format == "webp"
    assert getattr(image, "n_frames", 1) == 1


def test_nothing_that_is_attached_comes_along():
    data = saved("JPEG", quarters(), exif=exif(1), comment=b"n33dle")
    stored, _image = crop(data, Box(0, 0, 200, 200))
    with default_storage.open(stored.path) as file:
        assert b"n33dle" not in file.read()


def test_a_large_image_is_cropped_within_the_limits_of_the_worker():
    data = saved("PNG", quarters(10_000, 4_900), compress_level=1)
    stored, image = crop(data, Box(4_900, 2_300, 2_000, 1_000))
    assert (stored.width, stored.height) == (2_000, 1_000)
    assert image.getpixel((0, 0)) == (255, 0, 0)


def test_a_crop_that_is_smaller_than_the_limits_is_not_kept():
    with pytest.raises(storage.Unfit, match="at least 128 x 128"):
        crop(saved("PNG", quarters()), Box(0, 0, 100, 100))
    assert list(storage.local_root().rglob("*.webp")) == []
