"""A copy of a file as a few changes to its bytes, written piece by piece."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

PIECE = 1 << 20
MOST_PACKET = 1 << 20  # bytes of XMP that are looked at


class Unreadable(Exception):
    """The file is not built as its kind promises, or in a way that is left alone."""


@dataclass(frozen=True)
class Edit:
    """The bytes from `start` to before `end` become `new`."""

    start: int
    end: int
    new: bytes


@dataclass
class Survey:
    """What a container holds, and where something may be put."""

    size: int
    packet: bytes = b""  # its XMP
    place: tuple[int, int] | None = None  # of that XMP, with what is around it
    free: int = 0  # where another may stand
    c2pa: bool = False
    aigc: bool = False  # the Chinese keys, outside the XMP
    more: dict[str, int] = field(default_factory=dict)  # what only this kind of container knows


def read_at(file: BinaryIO, place: int, length: int) -> bytes:
    """Exactly so many bytes. Raises Unreadable."""
    file.seek(place)
    data = file.read(length)
    if len(data) != length:
        raise Unreadable
    return data


def length_after(size: int, edits: Sequence[Edit]) -> int:
    return size + sum(len(one.new) - (one.end - one.start) for one in edits)


def edited(file: BinaryIO, size: int, edits: Sequence[Edit]) -> Iterator[bytes]:
    place = 0
    for one in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if not place <= one.start <= one.end <= size:
            raise Unreadable
        yield from span(file, place, one.start)
        yield one.new
        place = one.end
    yield from span(file, place, size)


def span(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    file.seek(start)
    while start < end:
        piece = file.read(min(PIECE, end - start))
        if not piece:
            raise Unreadable
        start += len(piece)
        yield piece


def write_edited(file: BinaryIO, size: int, edits: Sequence[Edit], target: BinaryIO) -> str:
    """Returns the SHA-256 of what was written."""
    digest = hashlib.sha256()
    for piece in edited(file, size, edits):
        digest.update(piece)
        target.write(piece)
    return digest.hexdigest()
