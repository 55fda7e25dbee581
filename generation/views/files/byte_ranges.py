"""Byte ranges of one file: a single range is honoured, anything else means the whole."""

import re
from collections.abc import Iterator
from typing import IO

RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
PIECE = 256 * 1024


class Unsatisfiable(Exception):
    """The range lies behind the end of the file."""


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """The first and last byte asked for, or None for the whole file. Raises Unsatisfiable."""
    found = RANGE.fullmatch(header.strip())
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:  # the last so many bytes
        start, end = max(size - int(last), 0), size - 1
    else:
        start, end = int(first), min(int(last or size), size - 1)
        if last and int(last) < start:
            return None
    if start >= size:
        raise Unsatisfiable
    return start, end


class FileSection:
    """Some bytes of an open file in small pieces; whoever sends them closes it."""

    def __init__(self, file: IO[bytes], first: int, last: int) -> None:
        self.file, self.first, self.left = file, first, last - first + 1

    def __iter__(self) -> Iterator[bytes]:
        self.file.seek(self.first)
        while self.left > 0 and (piece := self.file.read(min(PIECE, self.left))):
            self.left -= len(piece)
            yield piece

    def close(self) -> None:
        self.file.close()
