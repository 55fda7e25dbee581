"""Uploaded and generated images: decoded in the sandbox, then stored with two previews."""

from pathlib import Path
from typing import Any, Literal

from django.utils.translation import gettext as _

from generation.catalogue.check_inputs import image_problem
from generation.catalogue.crops import Box
from generation.catalogue.types import ImageFacts, ImageLimits
from generation.media import audio, sandbox, storage, videos
from generation.media.provenance.carried import facts_of_given, read_carried
from generation.media.sniff import sniff_kind
from generation.media.storage import (
    NoSpace,
    Source,
    Stored,
    Unfit,
    as_file,
    check_room,
    problem_sentence,
    report_full_disk,
    size_of,
    store_with_previews,
)

__all__ = ["NoSpace", "Stored", "Unfit"]
MOST_PIXELS = 50_000_000
MOST_SIDE = 16_384
ANY_IMAGE = ImageLimits()


def take_file(source: Source, limits: ImageLimits = ANY_IMAGE) -> Stored:
    """Write a reference image anew, upright, in sRGB, without metadata, and store that."""
    check_size(size_of(source), limits)
    with as_file(source) as path, storage.scratch_folder() as folder, report_full_disk():
        facts = examine_image("take", path, folder, limits.max_bytes) | facts_of_given(path)
        return keep_files(folder / "image", folder, facts, limits)


def keep_output(path: Path, expected: Literal["image", "video", "audio"] = "image") -> Stored:
    """Store a generated file byte for byte, after it was decoded to its end. Raises Unfit.

    `path` comes from `store.scratch()` and is gone afterwards.
    """
    if expected == "video":
        return videos.keep_output(path)
    if expected == "audio":
        return audio.keep_output(path)
    with storage.scratch_folder() as folder, report_full_disk():
        facts = examine_image("keep", path, folder) | {"carried": read_carried(path)}
        return keep_files(path, folder, facts, None)


def shrink_image(name: str, longest_side: int, most_bytes: int) -> Stored:
    """A smaller copy of a stored image, for people who agreed to one. Raises Unfit."""
    with storage.on_disk(name) as path, storage.scratch_folder() as folder, report_full_disk():
        check_room(path.stat().st_size)
        facts = examine_image("shrink", path, folder, most_bytes, longest_side)
        return keep_files(folder / "image", folder, facts, None)


def crop_image(
    name: str, box: Box, size: tuple[int, int] | None, limits: ImageLimits = ANY_IMAGE
) -> Stored:
    """A part of a stored image as a new one, scaled to `size` if one is given. Raises Unfit."""
    with storage.on_disk(name) as path, storage.scratch_folder() as folder, report_full_disk():
        check_room(path.stat().st_size)
        part: dict[str, Any] = {"box": [box.left, box.top, box.width, box.height], "size": size}
        facts = examine_image("crop", path, folder, limits.max_bytes, **part)
        return keep_files(folder / "image", folder, facts, limits)


def check_size(size: int, limits: ImageLimits) -> None:
    """Before any byte is copied or decoded."""
    if size > limits.max_bytes:
        raise Unfit(
            problem_sentence(image_problem(limits, ImageFacts(1, 1, limits.formats[0], size)))
        )
    check_room(size)


def examine_image(
    task: str, path: Path, folder: Path, most_bytes: int = 0, longest_side: int = 0, **more: Any
) -> dict[str, Any]:
    facts = sandbox.run_worker(
        task=task,
        source=str(path),
        folder=str(folder),
        most_bytes=most_bytes,
        most_pixels=MOST_PIXELS,
        most_side=MOST_SIDE,
        longest_side=longest_side,
        **more,
    )
    if "unfit" in facts:
        raise refusal(facts, path)
    return facts


def refusal(facts: dict[str, Any], path: Path) -> Unfit:
    """What the worker refused, as a sentence."""
    if facts["unfit"] == "space":
        return NoSpace()
    if facts["unfit"] == "kind":
        return Unfit(unknown_kind(path))
    if facts["unfit"] == "pixels":
        return Unfit(
            _(
                "This image is %(width)s x %(height)s pixels. Use one of at most 50 megapixels "
                "and 16,384 pixels a side."
            )
            % facts
        )
    if facts["unfit"] == "work":
        return Unfit(_("This image takes too much work to open. Save it again, smaller."))
    return Unfit(_("This image is damaged or not complete. Save it again, then add it."))


def unknown_kind(path: Path) -> str:
    with path.open("rb") as file:
        kind = sniff_kind(file.read(512))
    if not kind:
        return _("This file is not an image. Use PNG, JPEG or WebP.")
    return problem_sentence(image_problem(ANY_IMAGE, ImageFacts(1, 1, kind, 1)))


def keep_files(
    path: Path, folder: Path, facts: dict[str, Any], limits: ImageLimits | None
) -> Stored:
    """Check what only decoding could tell, and move all three files into the storage."""
    image = ImageFacts(facts["width"], facts["height"], facts["format"], path.stat().st_size)
    problem = limits and image_problem(limits, image)
    if problem:
        raise Unfit(problem_sentence(problem))
    return store_with_previews(path, folder, "image", facts)
