"""Marks between the parts of a file that are sent: nothing is written for them."""

import io
from collections.abc import Iterator, Sequence
from typing import IO

from generation.media.clean_image import Part, merged, size_of_parts
from generation.media.provenance.carried import Wanted, planned_edits


def marked_parts(file: IO[bytes], parts: Sequence[Part], wanted: Wanted) -> list[Part]:
    """The same with what is wanted; as they are where they have it, or cannot be given more."""
    edits = planned_edits(PartsFile(file, parts), wanted)  # type: ignore[arg-type]
    found, place = list[Part](), 0
    for one in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        found += [*slice_parts(parts, place, one.start), one.new]
        place = one.end
    return merged([*found, *slice_parts(parts, place, size_of_parts(list(parts)))])


def slice_parts(parts: Sequence[Part], start: int, end: int) -> Iterator[Part]:
    """What the parts have from `start` to before `end`."""
    place = 0
    for part in parts:
        length = len(part) if isinstance(part, bytes) else part[1]
        first, last = max(start - place, 0), min(end - place, length)
        place += length
        if first >= last:
            continue
        if isinstance(part, bytes):
            yield part[first:last]
        else:
            yield part[0] + first, last - first


class PartsFile(io.RawIOBase):
    """Reads the parts as if they were a file of their own."""

    def __init__(self, file: IO[bytes], parts: Sequence[Part]) -> None:
        self.file, self.parts, self.place = file, parts, 0
        self.size = size_of_parts(list(parts))

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.place, io.SEEK_END: self.size}[whence]
        self.place = max(0, base + offset)
        return self.place

    def tell(self) -> int:
        return self.place

    def read(self, length: int = -1) -> bytes:
        end = self.size if length < 0 else min(self.size, self.place + length)
        found = []
        for part in slice_parts(self.parts, self.place, end):
            if isinstance(part, tuple):
                self.file.seek(part[0])
                part = self.file.read(part[1])
            found.append(part)
        data = b"".join(found)
        self.place += len(data)
        return data
