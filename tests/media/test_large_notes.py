"""What is attached to a picture or video says nothing about its pixels, however large it is."""

import random
import struct
import zlib

import pytest

from generation.media import image_worker, images, storage, videos
from generation.media.storage import Unfit
from tests.media import sample_videos
from tests.media.corpus import JPEG, PNG, SIZE, WEBP, chunk, exif, insert, saved
from tests.media.sample_videos import MP4, box, rebuilt

MEGA = 1 << 20
NOISE = random.Random(1).randbytes(3 * MEGA)
PIECES = [NOISE[place : place + 60_000] for place in range(0, len(NOISE), 60_000)]
LARGE, BOMB = zlib.compress(bytes(5 * MEGA)), zlib.compress(bytes(80 * MEGA), 9)
XMP = b"XML:com.adobe.xmp\0"


def segments(kind: int, start: bytes) -> bytes:
    parts = [start + piece for piece in PIECES]
    if start.startswith(b"ICC"):
        parts = [
            start + bytes((number + 1, len(PIECES))) + piece for number, piece in enumerate(PIECES)
        ]
    noted = [b"\xff" + bytes([kind]) + struct.pack(">H", len(one) + 2) + one for one in parts]
    return JPEG[:2] + b"".join(noted) + JPEG[2:]


def part(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def webp(flag: int, before: bytes = b"", after: bytes = b"") -> bytes:
    sides = b"".join(struct.pack("<I", side - 1)[:3] for side in SIZE)
    body = b"WEBP" + part(b"VP8X", bytes((flag, 0, 0, 0)) + sides) + before + WEBP[12:] + after
    return b"RIFF" + struct.pack("<I", len(body)) + body


PICTURES = {
    "png, packed text": insert(PNG, chunk(b"zTXt", b"a\0\0" + LARGE)),
    "png, packed text in any script": insert(PNG, chunk(b"iTXt", b"a\0\1\0\0\0" + LARGE)),
    "png, plain text": insert(PNG, chunk(b"tEXt", b"a\0" + b"x" * 5 * MEGA)),
    "png, fifty texts": insert(PNG, *[chunk(b"tEXt", b"a\0" + b"x" * 900_000)] * 50),
    "png, colours": insert(PNG, chunk(b"iCCP", b"a\0\0" + LARGE)),
    "png, colours of a bearable size": insert(
        PNG, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(1_258_291)))
    ),
    "png, a text bomb": insert(PNG, chunk(b"zTXt", b"a\0\0" + BOMB)),
    "png, a colour bomb": insert(PNG, chunk(b"iCCP", b"a\0\0" + BOMB)),
    "png, an xmp bomb": insert(PNG, chunk(b"iTXt", XMP + b"\1\0\0\0" + BOMB)),
    "png, a camera bomb": insert(PNG, chunk(b"zTXt", b"Raw profile type exif\0\0" + BOMB)),
    "png, provenance": insert(PNG, chunk(b"caBX", NOISE)),
    "png, broken packed text": insert(PNG, chunk(b"zTXt", b"a\0\0noise")),
    "png, broken notes of size": insert(PNG, chunk(b"pHYs", b"a"), chunk(b"gAMA"), chunk(b"cHRM")),
    "png, a text with a wrong sum": insert(PNG, chunk(b"tEXt", b"a\0b")[:-1] + b"\0"),
    "png, colours in an unknown way": insert(PNG, chunk(b"iCCP", b"a\0\7" + LARGE)),
    "jpeg, comments": segments(0xFE, b""),
    "jpeg, colours": segments(0xE2, b"ICC_PROFILE\0"),
    "jpeg, xmp": segments(0xE1, b"http://ns.adobe.com/xap/1.0/\0"),
    "jpeg, camera": segments(0xE1, b"Exif\0\0"),
    "jpeg, photoshop": segments(0xED, b"Photoshop 3.0\0"),
    "jpeg, provenance": segments(0xEB, b"JP"),
    "webp, colours": webp(0x20, before=part(b"ICCP", NOISE)),
    "webp, camera": webp(0x08, after=part(b"EXIF", NOISE)),
    "webp, xmp": webp(0x04, after=part(b"XMP ", NOISE)),
    "webp, something else": webp(0, after=part(b"ZZZZ", NOISE)),
}


def scratch_file(data):
    path = storage.scratch_root() / "given"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_judged_by_its_pixels(name):
    given = images.take_file(PICTURES[name])
    made = images.keep_output(scratch_file(PICTURES[name]))
    assert (given.width, given.height) == (made.width, made.height) == SIZE


def test_what_a_bomb_unpacks_to_is_never_made(monkeypatch):
    given = []
    inflate = zlib.decompressobj

    class Counted:
        def decompress(self, data, most):
            made = inflate().decompress(data, most)
            given.append(len(made))
            return made

    monkeypatch.setattr(image_worker.zlib, "decompressobj", Counted)
    assert not image_worker.unpacks(BOMB)
    assert max(given) <= image_worker.MOST_UNPACKED + 1


def test_damage_of_the_pixels_is_still_damage_beside_large_notes():
    broken = bytearray(insert(PNG, chunk(b"zTXt", b"a\0\0" + LARGE)))
    broken[-60] ^= 1
    with pytest.raises(Unfit):
        images.take_file(bytes(broken))


def test_how_a_camera_was_held_is_read_beside_large_notes():
    turned = saved("PNG", exif=exif(6))
    stored = images.take_file(insert(turned, chunk(b"zTXt", b"a\0\0" + LARGE)))
    assert (stored.width, stored.height) == SIZE[::-1]


@pytest.mark.parametrize("name", ["uuid", "free", "skip", "meta"])
def test_a_video_with_a_large_box_behind_it_is_taken(name):
    given = MP4 + box(name.encode(), NOISE)
    stored = videos.take_file(given)
    assert (stored.width, stored.height) == sample_videos.SIZE
    assert stored.bytes < len(MP4) * 2
    assert videos.keep_output(scratch_file(given)).bytes == len(given)


@pytest.mark.parametrize("name", [b"XMP_", b"\xa9cmt", b"meta"])
def test_a_video_with_large_notes_of_its_maker_is_taken(name):
    noted = box(b"udta", box(name, NOISE))
    given = rebuilt(MP4, (b"moov",), lambda body: body + noted)
    assert videos.take_file(given).bytes < len(MP4) * 2
    assert videos.keep_output(scratch_file(given)).bytes == len(given)
