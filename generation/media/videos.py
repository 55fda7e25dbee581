"""Uploaded and generated videos: examined in the sandbox, then stored with a poster."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.catalogue.check_inputs import format_names, video_problem
from generation.catalogue.types import VideoFacts, VideoLimits
from generation.media import sandbox, storage
from generation.media.provenance.carried import facts_of_given, read_carried
from generation.media.sniff import kind_of_any
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

USUAL = ("mp4", "mov", "avi")
FRAME_FACTS = ("constant_rate", "rate_numerator", "rate_denominator", "frame_count")
ANY_VIDEO = VideoLimits(formats=("mp4", "mov", "avi", "webm", "mkv"), max_seconds=1_800)
SENTENCES = {
    "damaged": gettext_lazy(
        "This video is damaged or not complete. Save or download it again, then add it."
    ),
    "audio": gettext_lazy("There is no video in this file, only audio. Add a video."),
    "nothing": gettext_lazy("This video is 0 seconds long. Choose another one."),
    "long": gettext_lazy("This video is too long to open. Cut it to less than 30 minutes."),
    "work": gettext_lazy("This video takes too much work to open. Save it smaller or shorter."),
    "rewrite": gettext_lazy(
        "This video cannot be freed of its hidden notes. Save it as an H.264 MP4 and add that."
    ),
    "pixels": gettext_lazy(
        "This video is %(width)s x %(height)s pixels. Use one of at most 8,192 pixels a side "
        "and 40 megapixels."
    ),
    "codec": gettext_lazy(
        "This video is coded in a way the studio cannot open. Save it as an H.264 MP4."
    ),
}


def take_file(source: Source, limits: VideoLimits = ANY_VIDEO) -> Stored:
    """Copy its video and audio streams, not encoded again, into a file without metadata."""
    check_size(size_of(source), limits)
    with as_file(source) as path, storage.scratch_folder() as folder, report_full_disk():
        facts = examine_video("take", path, folder, formats=limits.formats)
        target = folder / "copy"
        given_format = facts.pop("given_format", facts["format"])  # the copy may have another
        video = replace(video_facts(facts, target.stat().st_size), format=given_format)
        problem = video_problem(limits, video)
        if problem:
            raise Unfit(problem_sentence(problem))
        facts |= facts_of_given(path)
        return store_with_previews(target, folder, "video", facts)


def keep_output(path: Path) -> Stored:
    """Store a generated video byte for byte, after it was decoded. Raises Unfit."""
    with storage.scratch_folder() as folder, report_full_disk():
        check_room(path.stat().st_size)
        facts = examine_video("keep", path, folder) | {"carried": read_carried(path)}
        return store_with_previews(path, folder, "video", facts)


def save_video_frame(name: str, seconds: float) -> Stored:
    """The frame that a stored video shows at a time, as an image of full size. Raises Unfit."""
    with storage.on_disk(name) as path, storage.scratch_folder() as folder, report_full_disk():
        facts = examine_video("frame", path, folder, seconds=max(0.0, seconds))
        return store_with_previews(folder / "image", folder, "image", facts)


def check_size(size: int, limits: VideoLimits) -> None:
    """Before any byte is copied or decoded."""
    if size > limits.max_bytes:
        codec = (*limits.codecs, "")[0]
        video = VideoFacts(
            limits.min_side, limits.min_side, limits.formats[0], size, 1, codec=codec
        )
        raise Unfit(problem_sentence(video_problem(limits, video)))
    check_room(size)


def video_facts(facts: dict[str, Any], size: int) -> VideoFacts:
    known = {name: value for name, value in facts.items() if name not in FRAME_FACTS}
    return VideoFacts(bytes=size, **known)


def read_frame_facts(name: str) -> dict[str, Any]:
    """Of a stored video: whether its rate is constant, the rate, and how many frames. Raises
    Unfit."""
    with storage.on_disk(name) as path, storage.scratch_folder() as folder:
        return examine_video("frames", path, folder)


def examine_video(task: str, path: Path, folder: Path, **more: Any) -> dict[str, Any]:
    facts = sandbox.run_worker(
        sandbox.VIDEOS, task=task, kind="video", source=str(path), folder=str(folder), **more
    )
    if "unfit" in facts:
        raise refusal(facts, path, more.get("formats", ANY_VIDEO.formats))
    return facts


def refusal(facts: dict[str, Any], path: Path, formats: tuple[str, ...]) -> Unfit:
    """What the worker refused, as a sentence."""
    if facts["unfit"] == "space":
        return NoSpace()
    if facts["unfit"] == "format":
        return Unfit(
            problem_sentence(
                video_problem(VideoLimits(formats), VideoFacts(1, 1, facts["format"], 1, 1))
            )
        )
    if facts["unfit"] == "kind":
        return Unfit(unknown_kind(path, formats))
    return Unfit(str(SENTENCES[facts["unfit"]]) % facts)


def unknown_kind(path: Path, formats: Sequence[str]) -> str:
    kind = kind_of_any(path).upper()
    if set(USUAL) <= set(formats):  # most modes take these, which everybody knows
        if not kind:
            return _("This file is not a video. Use MP4, MOV or AVI.")
        return _("This is a %(kind)s, not a video. Use MP4, MOV or AVI.") % {"kind": kind}
    values = {"kind": kind, "formats": format_names(formats)}
    if not kind:
        return _("This file is not a video. Use one of %(formats)s.") % values
    return _("This is a %(kind)s, not a video. Use one of %(formats)s.") % values
