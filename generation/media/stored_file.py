"""A file that was looked at and is put away: what it is, or why it is not taken."""

import errno
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from generation.catalogue.types import Problem
from generation.media import storage

MIME = {
    "png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp",
    "mp4": "video/mp4", "mov": "video/quicktime", "avi": "video/x-msvideo", "webm": "video/webm",
    "mkv": "video/x-matroska", "hls": "application/vnd.apple.mpegurl",
    "mp3": "audio/mpeg", "wav": "audio/wav", "m4a": "audio/mp4", "aac": "audio/aac",
    "ogg": "audio/ogg", "flac": "audio/flac", "wma": "audio/x-ms-wma",
}  # fmt: skip


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

    Sizes are those that are shown, after turning; a sound has none. `fps` is 0 when it varies.
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


@contextmanager
def honest_about_space() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NoSpace from None
        raise


@contextmanager
def copied(file: "UploadedFile[bytes]") -> Iterator[Path]:
    """An upload as a scratch file."""
    with storage.scratch() as path, honest_about_space():
        with path.open("wb") as copy:
            for chunk in file.chunks():
                copy.write(chunk)
        yield path


@contextmanager
def scratch_file(data: bytes) -> Iterator[Path]:
    with storage.scratch() as path, honest_about_space():
        path.write_bytes(data)
        yield path


def check_room(size: int) -> None:
    """Before any byte is copied or decoded."""
    if not size:
        raise Unfit(_("This file is empty. Choose another one."))
    if not storage.enough_space(3 * size):
        raise NoSpace


def problem_sentence(problem: Problem | None) -> str:
    return _(problem.message) % problem.values if problem else ""


def put_away(path: Path, folder: Path, kind: str, facts: dict[str, Any]) -> Stored:
    """Move the file and its two previews into the storage."""
    size, name = path.stat().st_size, str(facts["format"])
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    extension = {"jpeg": "jpg", "hls": "m3u8"}.get(name, name)
    original, thumb, preview = storage.put_all(
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
