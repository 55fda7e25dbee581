"""Pictures that arrive: judged by decoding them, then stored with a preview and a thumbnail."""

from pathlib import Path
from typing import Any, Literal

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from generation.catalogue.check_inputs import picture_problem
from generation.catalogue.types import Picture, PictureLimits
from generation.media import audio, sandbox, storage, videos
from generation.media.sniff import kind_of
from generation.media.stored_file import (
    NoSpace,
    Stored,
    Unfit,
    check_room,
    copied,
    honest_about_space,
    put_away,
    told,
    written,
)

__all__ = ["NoSpace", "Stored", "Unfit"]
MOST_PIXELS = 50_000_000
MOST_SIDE = 16_384
ANY_PICTURE = PictureLimits()


def take_upload(file: "UploadedFile[bytes]", limits: PictureLimits = ANY_PICTURE) -> Stored:
    """Take a reference picture from a form. Raises Unfit."""
    check_size(file.size or 0, limits)
    with copied(file) as path:
        return take_file(path, limits)


def take_bytes(data: bytes, limits: PictureLimits = ANY_PICTURE) -> Stored:
    check_size(len(data), limits)
    with written(data) as path:
        return take_file(path, limits)


def take_file(path: Path, limits: PictureLimits = ANY_PICTURE) -> Stored:
    """Write a reference picture anew, upright, in sRGB, without metadata, and store that."""
    check_size(path.stat().st_size, limits)
    with storage.scratch_folder() as folder, honest_about_space():
        facts = look("take", path, folder, limits.max_bytes)
        return keep(folder / "picture", folder, facts, limits)


def keep_output(path: Path, expected: Literal["image", "video", "audio"] = "image") -> Stored:
    """Store a generated file byte for byte, after it was decoded to its end. Raises Unfit.

    `path` comes from `store.scratch()` and is gone afterwards.
    """
    if expected == "video":
        return videos.keep_output(path)
    if expected == "audio":
        return audio.keep_output(path)
    with storage.scratch_folder() as folder, honest_about_space():
        facts = look("keep", path, folder)
        return keep(path, folder, facts, None)


def shrink(name: str, longest_side: int, most_bytes: int) -> Stored:
    """A smaller copy of a stored picture, for people who agreed to one. Raises Unfit."""
    with storage.on_disk(name) as path, storage.scratch_folder() as folder, honest_about_space():
        check_room(path.stat().st_size)
        facts = look("shrink", path, folder, most_bytes, longest_side)
        return keep(folder / "picture", folder, facts, None)


def check_size(size: int, limits: PictureLimits) -> None:
    """Before any byte is copied or decoded."""
    if size > limits.max_bytes:
        raise Unfit(told(picture_problem(limits, Picture(1, 1, limits.formats[0], size))))
    check_room(size)


def look(
    task: str, path: Path, folder: Path, most_bytes: int = 0, longest_side: int = 0
) -> dict[str, Any]:
    facts = sandbox.ask(
        task=task,
        source=str(path),
        folder=str(folder),
        most_bytes=most_bytes,
        most_pixels=MOST_PIXELS,
        most_side=MOST_SIDE,
        longest_side=longest_side,
    )
    if "unfit" in facts:
        raise refusal(facts, path)
    return facts


def refusal(facts: dict[str, Any], path: Path) -> Unfit:
    """The worker's word as a sentence."""
    if facts["unfit"] == "space":
        return NoSpace()
    if facts["unfit"] == "kind":
        return Unfit(unknown_kind(path))
    if facts["unfit"] == "pixels":
        return Unfit(
            _(
                "This picture is %(width)s x %(height)s pixels. Use one of at most "
                "50 megapixels and 16,384 pixels a side."
            )
            % facts
        )
    if facts["unfit"] == "work":
        return Unfit(_("This picture takes too much work to open. Save it again, smaller."))
    return Unfit(_("This picture is damaged or not complete. Save it again, then add it."))


def unknown_kind(path: Path) -> str:
    with path.open("rb") as file:
        kind = kind_of(file.read(512))
    if not kind:
        return _("This file is not a picture. Use PNG, JPEG or WebP.")
    return told(picture_problem(ANY_PICTURE, Picture(1, 1, kind, 1)))


def keep(path: Path, folder: Path, facts: dict[str, Any], limits: PictureLimits | None) -> Stored:
    """Check what only decoding could tell, and move all three files into the storage."""
    picture = Picture(facts["width"], facts["height"], facts["format"], path.stat().st_size)
    problem = limits and picture_problem(limits, picture)
    if problem:
        raise Unfit(told(problem))
    return put_away(path, folder, "image", facts)
