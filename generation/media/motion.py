"""Whether a picture moves: of an animated WebP or PNG only the first picture is taken."""

import struct
from collections.abc import Iterator
from typing import IO

PNG, RIFF = b"\x89PNG\r\n\x1a\n", b"RIFF"
MOST_CHUNKS = 100_000


def moves(file: IO[bytes]) -> bool:
    """Of more than one picture. The file stands at its start afterwards."""
    try:
        file.seek(0)
        head = file.read(12)
        if head.startswith(PNG):
            return png_frames(file) > 1
        if head[:4] == RIFF and head[8:12] == b"WEBP":
            return webp_frames(file) > 1
        return False
    finally:
        file.seek(0)


def chunks(file: IO[bytes], place: int, shape: str, around: int) -> Iterator[tuple[bytes, int]]:
    """The name of each, with the file standing where it begins."""
    for _count in range(MOST_CHUNKS):
        file.seek(place)
        head = file.read(8)
        if len(head) < 8:
            return
        one, two = struct.unpack(shape, head)
        name, length = (one, two) if isinstance(one, bytes) else (two, one)
        yield name, length
        place += around + length + (length % 2 if shape.startswith("<") else 0)


def png_frames(file: IO[bytes]) -> int:
    """As its note on motion says, which stands before the pixels."""
    for name, length in chunks(file, len(PNG), ">I4s", 12):
        if name == b"acTL" and length >= 4:
            return int.from_bytes(file.read(4))
        if name == b"IDAT":
            break
    return 1


def webp_frames(file: IO[bytes]) -> int:
    found = 0
    for name, _length in chunks(file, 12, "<4sI", 8):
        found += name == b"ANMF"
        if found > 1:
            break
    return found
