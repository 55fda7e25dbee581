"""Which bytes of a stored image are its pixels: the rest, such as prompts and places, stays here.

Nothing is decoded and nothing copied: what is kept is sent from where it stands.
"""

import re
import struct
from collections.abc import Iterator
from typing import IO

Part = bytes | tuple[int, int]  # bytes to send, or where they begin in the file and how many
PNG, RIFF = b"\x89PNG\r\n\x1a\n", b"RIFF"
PNG_KEPT = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT",
    b"bKGD", b"pHYs", b"cICP", b"acTL", b"fcTL", b"fdAT",
}  # fmt: skip
WEBP_KEPT = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
NOTES = 0x04 | 0x08  # in the flags of a VP8X: it has XMP, it has EXIF
MOST_PARTS = 100_000
MARK = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
SCAN, ADOBE, COLOURS, JFIF = 0xDA, 0xEE, 0xE2, 0xE0
ORIENTATION = 0x0112


class NotClean(Exception):
    """It is not as its format says; whoever made it may have hidden anything."""


def kept_parts(file: IO[bytes]) -> list[Part]:
    """A PNG, JPEG or WebP without what is attached to it. Raises NotClean."""
    file.seek(0, 2)
    size = file.tell()
    head = bytes_at(file, 0, 16)
    try:
        if head.startswith(PNG):
            return merged([PNG, *png_parts(file, size)])
        if head[:4] == RIFF and head[8:12] == b"WEBP":
            return webp_parts(file, size)
        if head.startswith(b"\xff\xd8"):
            return merged([b"\xff\xd8", *jpeg_parts(file, size)])
    except (struct.error, IndexError):
        pass
    raise NotClean


def size_of_parts(parts: list[Part]) -> int:
    return sum(len(part) if isinstance(part, bytes) else part[1] for part in parts)


def merged(parts: list[Part]) -> list[Part]:
    """Neighbours in the file as one."""
    found: list[Part] = []
    for part in parts:
        last = found[-1] if found else b""
        if isinstance(part, tuple) and isinstance(last, tuple) and sum(last) == part[0]:
            found[-1] = (last[0], last[1] + part[1])
        else:
            found.append(part)
    return found


def bytes_at(file: IO[bytes], place: int, length: int) -> bytes:
    file.seek(place)
    return file.read(length)


def png_parts(file: IO[bytes], size: int) -> Iterator[Part]:
    place = len(PNG)
    for _count in range(MOST_PARTS):
        length, name = struct.unpack(">I4s", bytes_at(file, place, 8))
        if place + 12 + length > size:
            raise NotClean
        if name in PNG_KEPT:
            yield place, 12 + length
        place += 12 + length
        if name == b"IEND":
            return
    raise NotClean


def webp_parts(file: IO[bytes], size: int) -> list[Part]:
    (length,) = struct.unpack("<I", bytes_at(file, 4, 4))
    end, place = min(size, 8 + length), 12
    found: list[Part] = []
    for _count in range(MOST_PARTS):
        if place + 8 > end:
            break
        name, length = struct.unpack("<4sI", bytes_at(file, place, 8))
        padded = 8 + length + length % 2
        if place + 8 + length > size:
            raise NotClean
        if name == b"VP8X":
            body = bytearray(bytes_at(file, place, padded))
            body[8] &= ~NOTES & 0xFF
            found.append(bytes(body))
        elif name in WEBP_KEPT:
            found.append((place, padded))
        place += padded
    body_size = size_of_parts(found)
    if not body_size:
        raise NotClean
    return [RIFF + struct.pack("<I", 4 + body_size) + b"WEBP", *merged(found)]


def jpeg_parts(file: IO[bytes], size: int) -> Iterator[Part]:
    """Its segments and scans up to its end mark; what comes after that is no image. How to turn it
    is the one thing of its EXIF that is kept."""
    place = 2
    for _count in range(MOST_PARTS):
        (mark, kind, length) = struct.unpack(">BBH", bytes_at(file, place, 4))
        if mark != 0xFF or place + 2 + length > size:
            raise NotClean
        yield from kept_segment(file, place, kind, length)
        place += 2 + length
        if kind == SCAN:
            end = end_of_scan(file, place)
            yield place, end - place
            place = end
            if bytes_at(file, place, 2) in (b"\xff\xd9", b""):
                yield b"\xff\xd9"
                return
    raise NotClean


def kept_segment(file: IO[bytes], place: int, kind: int, length: int) -> Iterator[Part]:
    start = bytes_at(file, place + 4, 14)
    if kind == 0xE1 and start.startswith(b"Exif\0\0"):
        turn = orientation(bytes_at(file, place + 10, min(length, 65_535)))
        if turn > 1:
            yield exif_with(turn)
        return
    is_note = 0xE0 <= kind <= 0xEF or kind == 0xFE
    known = (
        (kind == JFIF and start.startswith(b"JFIF\0") and length == 16)
        or (kind == COLOURS and start.startswith(b"ICC_PROFILE\0"))
        or (kind == ADOBE and start.startswith(b"Adobe"))
    )
    if not is_note or known:
        yield place, 2 + length


def end_of_scan(file: IO[bytes], place: int) -> int:
    """Where the next mark stands, or the file ends. An FF of a pixel is followed by 00."""
    file.seek(place)
    before, at = b"", place
    while chunk := file.read(1 << 20):
        found = MARK.search(before + chunk)
        if found:
            return at - len(before) + found.start()
        before, at = chunk[-1:], at + len(chunk)
    return at


def orientation(tiff: bytes) -> int:
    order = "<" if tiff[:2] == b"II" else ">"
    (first,) = struct.unpack(order + "I", tiff[4:8])
    (count,) = struct.unpack(order + "H", tiff[first : first + 2])
    for number in range(min(count, 200)):
        entry = tiff[first + 2 + 12 * number : first + 14 + 12 * number]
        tag, _kind, _many, value = struct.unpack(order + "HHIH", entry[:10])
        if tag == ORIENTATION:
            return value if value <= 8 else 1
    return 1


def exif_with(turn: int) -> bytes:
    entry = struct.pack(">HHIHH", ORIENTATION, 3, 1, turn, 0)
    tiff = b"MM\0*" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", 2 + len(body)) + body
