"""Encoded parts of films on disk, by what they show."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from generation.simulator.films.reel import Reel

MOST_BYTES = 256 * 1024 * 1024


class Shelf:
    """Keeps reels in a folder; without one, everything is made anew."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def reel(self, looks: object, make: Callable[[], Reel]) -> Reel:
        if self.folder is None:
            return make()
        path = self.folder / f"{hashlib.sha256(repr(looks).encode()).hexdigest()[:32]}.reel"
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            content = make().content
            write(path, content)
            trim(self.folder)
        return Reel(content)


def write(path: Path, content: bytes) -> None:
    """Whole or not at all, also when two write it at once."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}-{os.urandom(4).hex()}.part")
    unfinished.write_bytes(content)
    unfinished.rename(path)


def trim(folder: Path) -> None:
    """Remove the oldest reels until the rest fits."""
    files = sorted(sized(folder))
    total = sum(size for _, size, _ in files)
    for _, size, path in files[:-1]:
        if total <= MOST_BYTES:
            return
        path.unlink(missing_ok=True)
        total -= size


def sized(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """Time, size and path; another process may be trimming too."""
    for path in folder.glob("*.reel"):
        with suppress(FileNotFoundError):
            stat = path.stat()
            yield stat.st_mtime, stat.st_size, path
