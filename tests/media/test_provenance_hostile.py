"""Files that lie, are cut off or were changed: they cost little, and raise nothing."""

import io
import random
import time
import zlib

import pytest

from generation.media.provenance import edits, mp4, png, webp
from tests.media.test_provenance import IMAGES, VIDEOS, boxed, carried_by, copied, noise, saved


def test_a_file_that_was_cut_off_is_never_changed(tmp_path):
    lot = random.Random(7)
    for make in (IMAGES["jpeg"], IMAGES["png"], IMAGES["webp"], IMAGES["webp lossless"],
                 VIDEOS["mp4 with audio"], VIDEOS["mp4 index first"]):  # fmt: skip
        data = make()
        for end in {*range(40), *(lot.randrange(len(data)) for _ in range(60))}:
            short = data[:end]
            copy = copied(tmp_path, short)
            # A JPEG is not read beyond its header, nor an MP4 beyond a box that ends.
            assert copy == short or short[:2] == b"\xff\xd8" or b"mdat" in short
            assert len(carried_by(tmp_path, short)) < 40


def test_bytes_that_were_changed_raise_nothing(tmp_path):
    lot = random.Random(8)
    for make in (*IMAGES.values(), *VIDEOS.values()):
        data = bytearray(make()[:30_000])
        for _ in range(40):
            broken = bytearray(data)
            for _one in range(lot.randrange(1, 6)):
                place = lot.randrange(min(len(broken), 2_000))
                broken[place] = lot.randrange(256)
            copied(tmp_path, bytes(broken))
            carried_by(tmp_path, bytes(broken))


def bomb() -> bytes:
    packed = zlib.compress(b"<" * 300_000_000, 9)
    body = png.XMP + b"\1\0\0\0" + packed
    image = saved(noise(size=(4, 4)), "PNG")
    return image[:33] + png.chunk(b"iTXt", body) + image[33:]


def nested() -> bytes:
    inner = b""
    for _ in range(3_000):
        inner = boxed(b"trak", inner)
    return boxed(b"ftyp", b"isom") + boxed(b"moov", inner) + boxed(b"mdat", b"x" * 9)


HOSTILE = {
    "bomb": bomb,
    "nested": nested,
    "many chunks": lambda: IMAGES["png"]()[:33] + png.chunk(b"tEXt", b"") * 300_000,
    "many boxes": lambda: boxed(b"ftyp", b"isom") + boxed(b"free", b"") * 300_000,
    "many segments": lambda: b"\xff\xd8" + b"\xff\xe2\0\2" * 100_000,
    "only fill": lambda: b"\xff\xd8" + b"\xff" * 1_000_000,
    "endless riff": lambda: b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\xff" * 400,
    "large box": lambda: boxed(b"ftyp", b"isom") + b"\0\0\0\1moov" + b"\xff" * 8,
    "a table of nothing": lambda: boxed(b"ftyp", b"isom") + boxed(b"moov", boxed(
        b"trak", boxed(b"mdia", boxed(b"minf", boxed(b"stbl", boxed(
            b"stco", b"\0\0\0\0\xff\xff\xff\xff")))))) + boxed(b"mdat", b"x"),
    "brackets": lambda: saved(noise(), "JPEG", xmp=b"</a" * 20_000),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_costs_little_and_stays_as_it_is(tmp_path, name):
    data = HOSTILE[name]()
    began = time.process_time()
    copy = copied(tmp_path, data)
    carried_by(tmp_path, data)
    assert time.process_time() - began < 3
    assert copy == data or name in ("brackets", "nested")


def test_places_that_have_no_room_for_their_number_stay(tmp_path):
    """An index in front of four gigabytes: the keys are left out."""
    body = b"\0\0\0\0\0\0\0\1" + (mp4.LONGEST - 5).to_bytes(4)
    assert mp4.moved_places(body, 4, 100, bytes(50)) is None
    wide = b"\0\0\0\0\0\0\0\1" + (mp4.LONGEST - 5).to_bytes(8)
    assert mp4.moved_places(wide, 8, 100, bytes(50))[8:] == (mp4.LONGEST + 45).to_bytes(8)
    assert mp4.moved_places(wide, 8, 1 << 40, bytes(50)) == wide


def test_changes_outside_the_file_or_over_each_other_are_refused():
    file = io.BytesIO(b"0123456789")
    for wrong in ([edits.Edit(5, 11, b"")], [edits.Edit(5, 4, b"")],
                  [edits.Edit(1, 5, b""), edits.Edit(3, 6, b"")]):  # fmt: skip
        with pytest.raises(edits.Unreadable):
            list(edits.edited(file, 10, wrong))
    assert b"".join(edits.edited(file, 10, [edits.Edit(2, 4, b"ab"), edits.Edit(9, 9, b"!")])) == (
        b"01ab45678!9"
    )


def test_the_header_that_a_simple_webp_gets_says_its_size():
    for alpha in (0, 1):
        header = webp.extended_header({"width": 301, "height": 203, "alpha": alpha})
        assert header[12:18] == b"\x2c\x01\x00\xca\x00\x00"
        assert header[8] == webp.HAS_XMP | (webp.HAS_ALPHA if alpha else 0)
