"""JPEG: the segments before the pixels."""

from typing import BinaryIO

from generation.media.provenance.edits import Edit, Survey, Unreadable, read_at
from generation.media.provenance.xmp import is_aigc

XMP = b"http://ns.adobe.com/xap/1.0/\0"
MOST_SEGMENTS = 4_000
MOST_BODY = 65_533
APP0, APP1, APP11, SCAN, END = 0xE0, 0xE1, 0xEB, 0xDA, 0xD9
FIRST = (b"JFIF\0", b"JFXX\0", b"Exif\0\0")  # what has to stand before all others


def survey_jpeg(file: BinaryIO, size: int) -> Survey:
    if read_at(file, 0, 2) != b"\xff\xd8":
        raise Unreadable
    found, place, is_first = Survey(size, free=2), 2, True
    for _count in range(MOST_SEGMENTS):
        head = read_at(file, place, 2)
        if head[0] != 0xFF:
            raise Unreadable
        if head[1] == 0xFF:  # filled up
            place += 1
            continue
        if head[1] in (SCAN, END):
            return found
        length = int.from_bytes(read_at(file, place + 2, 2))
        end = place + 2 + length
        if length < 2 or end > size:
            raise Unreadable
        body = read_at(file, place + 4, length - 2) if head[1] in (APP0, APP1, APP11) else b""
        is_first = is_first and body.startswith(FIRST)
        if is_first:
            found.free = end
        note_segment(found, head[1], body, (place, end))
        place = end
    raise Unreadable


def note_segment(found: Survey, kind: int, body: bytes, place: tuple[int, int]) -> None:
    if kind == APP1 and body.startswith(XMP) and found.place is None:
        found.packet, found.place = body[len(XMP) :], place
    elif kind == APP1 and body.startswith(b"Exif"):
        found.aigc = found.aigc or (b"AIGC" in body and is_aigc(body))
    elif kind == APP11 and b"jumb" in body[:64]:
        found.c2pa = True


def jpeg_edits(found: Survey, packet: bytes, _aigc: str) -> list[Edit]:
    body = XMP + packet
    if len(body) > MOST_BODY:
        raise Unreadable
    start, end = found.place or (found.free, found.free)
    return [Edit(start, end, b"\xff\xe1" + (len(body) + 2).to_bytes(2) + body)]
