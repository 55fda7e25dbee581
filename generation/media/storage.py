"""Files on their way into the storage, and out of it."""

import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage

from generation.media.filenames import random_name

SCRATCH = ".scratch"  # no stored name begins with a dot
STALE = 24 * 3600  # seconds
# What stays free for the database and the logs when the last file has been kept.
RESERVE = 32 * 1024 * 1024
# What has to be free for one result; a longer film that does not fit waits for room all the same.
ROOM = {"image": 100 * 1024**2, "audio": 100 * 1024**2, "video": 400 * 1024**2}


def local_root() -> Path | None:
    """The storage's folder, or None when it is not on a disk of this machine."""
    storage: object = default_storage
    return Path(storage.location) if isinstance(storage, FileSystemStorage) else None


def scratch_root() -> Path:
    """On the disk of the storage, so that a finished file is only renamed."""
    root = (local_root() or Path(settings.DATA_DIR)) / SCRATCH
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return root


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """An empty folder of one's own; what is left in it afterwards is removed."""
    with TemporaryDirectory(dir=scratch_root(), ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def scratch() -> Iterator[Path]:
    """The path for one new file in such a folder."""
    with scratch_folder() as folder:
        yield folder / "file"


def clear_scratch(older_than: float = STALE) -> int:
    """Remove what a killed process left behind; returns how many."""
    limit, removed = time.time() - older_than, 0
    for entry in scratch_root().iterdir():
        if entry.stat().st_mtime < limit:
            shutil.rmtree(entry, ignore_errors=True)
            removed += 1
    return removed


def enough_space(bytes_needed: int) -> bool:
    return shutil.disk_usage(scratch_root()).free >= bytes_needed + RESERVE


@contextmanager
def on_disk(name: str) -> Iterator[Path]:
    """A stored file to read, fetched first when the storage is not on this machine."""
    root = local_root()
    if root is not None:
        yield root / name
        return
    with scratch() as path:
        with default_storage.open(name) as stored, path.open("wb") as copy:
            shutil.copyfileobj(stored, copy)
        yield path


def store_file(path: Path, extension: str) -> str:
    """Move a scratch file into the storage for good, whole or not at all; returns its name."""
    name = random_name(extension)
    root = local_root()
    if root is None:
        with path.open("rb") as file:
            return default_storage.save(name, File(file))
    target = root / name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o600)
    sync(path)
    path.replace(target)
    sync(target.parent)
    return name


def sync(path: Path) -> None:
    """Have the disk hold a file's bytes, or a folder's names, before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def put_all(files: Iterable[tuple[Path, str]]) -> list[str]:
    """Several files or none."""
    names: list[str] = []
    try:
        for path, extension in files:
            names.append(store_file(path, extension))
    except BaseException:
        delete(*names)
        raise
    return names


def delete(*names: str) -> None:
    """Remove stored files; what is gone already does not matter."""
    for name in filter(None, names):
        default_storage.delete(name)
