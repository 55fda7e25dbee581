"""Files on their way into the storage, and out of it: what each is, or why it is not taken."""

import errno
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from generation.catalogue.types import Problem

SCRATCH = ".scratch"  # no stored name begins with a dot
STALE = 24 * 3600  # seconds
# What stays free for the database and the logs when the last file has been kept.
RESERVE = 32 * 1024 * 1024
# What has to be free for one result; a longer video that does not fit waits for room all the same.
ROOM = {"image": 100 * 1024**2, "audio": 100 * 1024**2, "video": 400 * 1024**2}
MIME = {
    "png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp",
    "mp4": "video/mp4", "mov": "video/quicktime", "avi": "video/x-msvideo", "webm": "video/webm",
    "mkv": "video/x-matroska", "hls": "application/vnd.apple.mpegurl",
    "mp3": "audio/mpeg", "wav": "audio/wav", "m4a": "audio/mp4", "aac": "audio/aac",
    "ogg": "audio/ogg", "flac": "audio/flac", "wma": "audio/x-ms-wma",
}  # fmt: skip
Source: TypeAlias = "Path | bytes | UploadedFile[bytes]"


class Unfit(Exception):
    """The file is not taken; the sentence says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class NoSpace(Unfit):
    """The disk is too full. The file may be fine: try again later."""

    def __init__(self) -> None:
        super().__init__(_("The studio's disk is full. Ask whoever runs it to make room."))


@dataclass(frozen=True)
class Stored:
    """A file in the storage: exactly the file fields of a media row.

    Sizes are those that are shown, after turning; audio has none. `fps` is 0 when it varies.
    """

    path: str
    thumb_path: str
    preview_path: str
    mime: str
    format: str
    bytes: int
    width: int
    height: int
    sha256: str
    kind: str = "image"
    seconds: float | None = None
    fps: float | None = None
    codec: str = ""
    has_sound: bool = False
    constant_rate: bool | None = None
    rate_numerator: int | None = None
    rate_denominator: int | None = None
    frame_count: int | None = None


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
    """The path for one new file in a folder of its own."""
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
def report_full_disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace from None
        raise


def check_room(size: int) -> None:
    """Before any byte is copied or decoded."""
    if not size:
        raise Unfit(_("This file is empty. Choose another one."))
    if not enough_space(3 * size):
        raise NoSpace


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


def size_of(source: Source) -> int:
    if isinstance(source, Path):
        return source.stat().st_size
    return len(source) if isinstance(source, bytes) else source.size or 0


@contextmanager
def as_file(source: Source) -> Iterator[Path]:
    """A file to read; what is none yet is written into a scratch file."""
    if isinstance(source, Path):
        yield source
        return
    with scratch() as path, report_full_disk():
        with path.open("wb") as copy:
            copy.writelines([source] if isinstance(source, bytes) else source.chunks())
        yield path


def random_name(extension: str) -> str:
    """A stored name: spread over folders, and not to be guessed."""
    token = secrets.token_hex(16)
    return f"{token[:2]}/{token[2:]}.{extension}"


def store_file(path: Path, extension: str) -> str:
    """Move a scratch file into the storage for good, complete or not at all; returns its name."""
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


def store_all(files: Iterable[tuple[Path, str]]) -> list[str]:
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


def problem_sentence(problem: Problem | None) -> str:
    return _(problem.message) % problem.values if problem else ""


def store_with_previews(path: Path, folder: Path, kind: str, facts: dict[str, Any]) -> Stored:
    """Move the file and its two previews into the storage."""
    size, name = path.stat().st_size, str(facts["format"])
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    extension = {"jpeg": "jpg", "hls": "m3u8"}.get(name, name)
    original, thumb, preview = store_all(
        [(path, extension), (folder / "thumb", "webp"), (folder / "preview", "webp")]
    )
    return Stored(
        path=original,
        thumb_path=thumb,
        preview_path=preview,
        mime=MIME[name],
        bytes=size,
        sha256=digest,
        kind=kind,
        **facts,
    )
