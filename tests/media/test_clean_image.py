"""What guests get of a stored image: its pixels, and nothing that was attached to them."""

import io

import pytest
from PIL import Image, PngImagePlugin

from generation.media.clean_image import NotClean, kept_parts, size_of_parts

NEEDLE = b"needle-prompt-of-ana"


def painted() -> Image.Image:
    image = Image.effect_noise((160, 96), 60).convert("RGB")
    image.putpixel((3, 4), (250, 10, 20))
    return image


def exif(turn: int = 1) -> bytes:
    notes = Image.Exif()
    notes[0x010E] = NEEDLE.decode()
    if turn > 1:
        notes[0x0112] = turn
    return notes.tobytes()


def png() -> bytes:
    out, info = io.BytesIO(), PngImagePlugin.PngInfo()
    info.add_text("parameters", NEEDLE.decode())
    info.add_itxt("prompt", NEEDLE.decode(), zip=False)
    painted().save(out, "PNG", pnginfo=info, exif=exif())
    return out.getvalue()


def jpeg(**options) -> bytes:
    out = io.BytesIO()
    painted().save(out, "JPEG", exif=exif(6), comment=NEEDLE, xmp=NEEDLE, **options)
    return out.getvalue()


def webp() -> bytes:
    out = io.BytesIO()
    painted().save(out, "WEBP", lossless=True, exif=exif(), xmp=NEEDLE)
    return out.getvalue()


FILES = {
    "png": png, "jpeg": jpeg, "progressive": lambda: jpeg(progressive=True), "webp": webp,
}  # fmt: skip


def cleaned(data: bytes) -> bytes:
    parts = kept_parts(io.BytesIO(data))
    found = b"".join(
        part if isinstance(part, bytes) else data[part[0] : part[0] + part[1]] for part in parts
    )
    assert len(found) == size_of_parts(parts)
    return found


@pytest.mark.parametrize("kind", FILES)
def test_pixels_stay_and_notes_go(kind):
    given = FILES[kind]()
    assert NEEDLE in given
    clean = cleaned(given + b"behind the end: " + NEEDLE)
    assert NEEDLE not in clean
    with Image.open(io.BytesIO(clean)) as image, Image.open(io.BytesIO(given)) as before:
        assert image.format == before.format
        assert image.tobytes() == before.tobytes()
        assert image.getexif().get(0x0112) == before.getexif().get(0x0112)


def test_a_note_between_the_scans_goes_too():
    given = jpeg(progressive=True)
    second = given.index(b"\xff\xda", given.index(b"\xff\xda") + 2)
    note = b"\xff\xfe" + (2 + len(NEEDLE)).to_bytes(2, "big") + NEEDLE
    clean = cleaned(given[:second] + note + given[second:])
    assert NEEDLE not in clean
    assert clean == cleaned(given)


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_cut_off_gives_no_more_than_it_has(kind):
    given = FILES[kind]()
    for length in (3, 12, 25, 60, 200, len(given) // 2):
        try:
            clean = cleaned(given[:length])
        except NotClean:
            continue
        assert NEEDLE not in clean


def test_what_is_no_image_is_not_given():
    with pytest.raises(NotClean):
        kept_parts(io.BytesIO(b"%PDF-1.4 " + NEEDLE))
