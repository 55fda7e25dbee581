"""What is kept of an image, and how."""

import hashlib
from dataclasses import asdict
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from PIL import Image, ImageOps, JpegImagePlugin

from generation.catalogue.types import ImageLimits
from generation.media import image_worker, images, storage
from generation.models import Media
from tests.media.corpus import JPEG, PNG, exif, sample, saved, swapped_profile

pytestmark = pytest.mark.usefixtures("in_process")


def opened(name):
    with default_storage.open(name) as file:
        return Image.open(BytesIO(file.read()))


def scratch_file(data):
    path = storage.scratch_root() / "copy"
    path.write_bytes(data)
    return path


def test_a_stored_image_names_exactly_the_file_fields_of_a_media_row():
    fields = {field.name for field in Media._meta.get_fields()}
    assert set(asdict(images.take_file(PNG))) <= fields


def test_orientation_is_baked_into_the_pixels():
    image = Image.new("RGB", (200, 300), "white")
    image.paste("red", (0, 0, 200, 20))
    stored = images.take_file(saved("PNG", image, exif=exif(6)))
    assert (stored.width, stored.height) == (300, 200)
    red = (255, 0, 0)
    assert opened(stored.path).getpixel((295, 100)) == red
    assert opened(stored.thumb_path).size == (300, 200)


@pytest.mark.parametrize("turn", range(2, 9))
def test_every_orientation_is_understood(turn, tmp_path):
    image = sample()
    (tmp_path / "a.png").write_bytes(saved("PNG", image, exif=exif(turn)))
    with Image.open(tmp_path / "a.png") as given:
        expected = ImageOps.exif_transpose(given)
        assert image_worker.upright_image(given).tobytes() == expected.tobytes()


def test_colours_of_a_profile_are_converted():
    red = Image.new("RGB", (200, 200), (250, 0, 0))
    stored = images.take_file(saved("PNG", red, icc_profile=swapped_profile()))
    _red, green, _blue = opened(stored.path).getpixel((9, 9))
    assert green > 200


def test_an_srgb_image_keeps_every_pixel():
    stored = images.take_file(saved("PNG"))
    assert opened(stored.path).tobytes() == sample().tobytes()


def test_transparency_is_kept():
    image = Image.new("RGBA", (200, 200), (0, 0, 255, 77))
    stored = images.take_file(saved("PNG", image))
    assert opened(stored.path).getpixel((5, 5)) == (0, 0, 255, 77)


def test_a_lossless_webp_stays_exact_and_a_lossy_one_stays_small():
    exact = images.take_file(saved("WEBP", lossless=True, exact=True))
    assert opened(exact.path).tobytes() == sample().tobytes()
    assert images.take_file(saved("WEBP", quality=60)).bytes < exact.bytes


def test_a_jpeg_is_written_at_full_colour_resolution():
    stored = images.take_file(JPEG)
    assert JpegImagePlugin.get_sampling(opened(stored.path)) == 0


def test_sixteen_bits_of_grey_are_scaled_and_not_clipped():
    image = Image.new("I;16", (200, 200), 32_768)
    stored = images.take_file(saved("PNG", image))
    assert opened(stored.path).getpixel((0, 0)) == (128, 128, 128)


def test_preview_and_thumb_are_webp_with_bounded_sides():
    stored = images.take_file(saved("JPEG", sample(size=(2_000, 1_000))))
    preview, thumb = opened(stored.preview_path), opened(stored.thumb_path)
    assert (preview.format, preview.size) == ("WEBP", (1_600, 800))
    assert (thumb.format, thumb.size) == ("WEBP", (480, 240))


def test_small_images_are_not_blown_up():
    stored = images.take_file(PNG)
    assert opened(stored.preview_path).size == opened(stored.thumb_path).size == (320, 240)


@pytest.mark.parametrize("upload", [SimpleUploadedFile, TemporaryUploadedFile])
def test_an_upload_is_judged_by_its_bytes_alone(upload):
    if upload is SimpleUploadedFile:
        file = upload("evil.html", PNG, "text/html")
    else:
        file = upload("evil.html", "text/html", len(PNG), None)
        file.write(PNG)
        file.seek(0)
    stored = images.take_file(file)
    file.close()
    assert stored.mime == "image/png"
    assert stored.path.endswith(".png")


def test_too_many_bytes_are_refused_before_they_are_copied(monkeypatch):
    monkeypatch.setattr(storage, "scratch", None)
    with pytest.raises(images.Unfit, match=r"has 3 MB\. Use one of up to 2 MB"):
        images.take_file(bytes(3 << 20), ImageLimits(max_bytes=2 << 20))


def test_the_modes_own_limits_count():
    with pytest.raises(images.Unfit, match="at least 400 x 400"):
        images.take_file(PNG, ImageLimits(min_side=400))


def test_an_image_that_outgrows_the_limit_is_written_smaller(tmp_path):
    image = sample(size=(400, 300))
    kind = image_worker.write_image(image, "png", tmp_path, tmp_path / "image", most_bytes=120_000)
    assert kind == "webp"
    assert (tmp_path / "image").stat().st_size < 120_000


def test_an_output_is_kept_byte_for_byte():
    data = saved("JPEG", exif=exif(6))
    path = scratch_file(data)
    stored = images.keep_output(path)
    with default_storage.open(stored.path) as file:
        assert file.read() == data
    assert stored.sha256 == hashlib.sha256(data).hexdigest()
    assert (stored.bytes, stored.width, stored.height) == (len(data), 240, 320)
    assert not path.exists()


def test_a_tiny_output_is_kept_too():
    assert images.keep_output(scratch_file(saved("PNG", sample(size=(16, 16))))).width == 16


@pytest.mark.parametrize(
    "data",
    [b"", PNG[:-1], PNG[: len(PNG) // 2], JPEG[:-2], b"<html>no</html>", saved("GIF"), b"\x89PNG"],
)
def test_a_broken_output_is_not_kept(data, media_folder):
    path = scratch_file(data)
    with pytest.raises(images.Unfit):
        images.keep_output(path)
    assert [file for file in media_folder.rglob("*") if file.is_file()] == [path]


def test_a_full_disk_is_reported_before_and_while_writing(monkeypatch, tmp_path):
    job = {"source": str(scratch_file(PNG)), "folder": str(tmp_path), "task": "take"}
    (tmp_path / "image").symlink_to("/dev/full")
    limits = {"most_bytes": 1 << 20, "most_pixels": 1 << 20, "most_side": 1 << 10}
    assert image_worker.run_image_job({**job, **limits}) == {"unfit": "space"}
    monkeypatch.setattr(storage, "enough_space", lambda _: False)
    with pytest.raises(images.NoSpace, match="disk is full"):
        images.take_file(PNG)


@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), ("PNG", "RGB"), ("WEBP", "RGBA")])
def test_an_image_is_shrunk_to_sides_and_bytes(kind, mode):
    image = sample(mode, size=(900, 600))
    if mode == "RGBA":
        image.putalpha(100)
    large = images.take_file(saved(kind, image))
    small = images.shrink_image(large.path, 300, 1 << 20)
    assert (small.width, small.height) == (300, 200) == opened(small.path).size
    tiny = images.shrink_image(large.path, 300, 9_000)
    assert tiny.bytes <= 9_000
    assert tiny.width / tiny.height == pytest.approx(1.5, abs=0.02)
    assert opened(tiny.path).has_transparency_data == (mode == "RGBA")
    assert default_storage.exists(large.path)


def test_an_image_that_is_small_enough_is_not_made_larger():
    large = images.take_file(PNG)
    assert images.shrink_image(large.path, 4_000, 1 << 20).width == large.width
