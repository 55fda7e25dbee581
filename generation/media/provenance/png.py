"""PNG: chunks, each with its length, name and checksum."""

import zlib
from typing import BinaryIO

from generation.media.provenance.edits import MOST_PACKET, Edit, Survey, Unreadable, read_at
from generation.media.provenance.xmp import is_aigc

START = b"\x89PNG\r\n\x1a\n"
XMP = b"XML:com.adobe.xmp\0"
MOST_CHUNKS = 100_000
HEADER_END = 33  # where what belongs to the header ends
TEXTS = (b"tEXt", b"iTXt", b"zTXt")


def survey_png(file: BinaryIO, size: int) -> Survey:
    if read_at(file, 0, 8) != START or read_at(file, 12, 4) != b"IHDR":
        raise Unreadable
    found, place = Survey(size, free=HEADER_END), 8
    for _count in range(MOST_CHUNKS):
        head = read_at(file, place, 8)
        length, name = int.from_bytes(head[:4]), head[4:]
        end = place + 12 + length
        if end > size:
            raise Unreadable
        if name in TEXTS:
            note_text(found, name, read_at(file, place + 8, min(length, MOST_PACKET)), (place, end))
        elif name == b"caBX":
            found.c2pa = True
        elif name == b"IEND":
            return found
        place = end
    raise Unreadable


def note_text(found: Survey, name: bytes, body: bytes, place: tuple[int, int]) -> None:
    if name == b"iTXt" and body.startswith(XMP) and found.place is None:
        found.packet, found.place = text_of(body), place
    elif body.startswith(b"AIGC\0") or (name == b"tEXt" and is_aigc(body)):
        found.aigc = True


def text_of(body: bytes) -> bytes:
    """The text of an international chunk, which may be packed."""
    packed, rest = body[len(XMP) : len(XMP) + 2], body[len(XMP) + 2 :]
    _language, _sign, rest = rest.partition(b"\0")
    _keyword, _sign, text = rest.partition(b"\0")
    if packed[:1] != b"\1":
        return text
    unpack = zlib.decompressobj()
    try:
        text = unpack.decompress(text, MOST_PACKET)
    except zlib.error:
        return b""
    return text


def png_edits(found: Survey, packet: bytes, _aigc: str) -> list[Edit]:
    start, end = found.place or (found.free, found.free)
    return [Edit(start, end, chunk(b"iTXt", XMP + b"\0\0\0\0" + packet))]


def chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)
