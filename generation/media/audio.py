"""Uploaded and generated audio: decoded to its end, then stored with a waveform."""

from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.catalogue.check_inputs import audio_problem
from generation.catalogue.types import AudioFacts, AudioLimits
from generation.media import sandbox, storage
from generation.media.provenance.carried import facts_of_given
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

ANY_AUDIO = AudioLimits(
    formats=("mp3", "wav", "m4a", "aac", "ogg", "flac", "wma"), max_seconds=1_800
)
SENTENCES = {
    "damaged": gettext_lazy(
        "This audio file is damaged or not complete. Save or download it again, then add it."
    ),
    "video": gettext_lazy("This file is a video. Save its audio as MP3 and add that."),
    "silent": gettext_lazy("There is no audio in this file. Choose another one."),
    "nothing": gettext_lazy("This audio file is 0 seconds long. Choose another one."),
    "long": gettext_lazy("This audio file is too long to open. Cut it to less than 30 minutes."),
    "work": gettext_lazy("This audio file takes too much work to open. Save it as an MP3."),
    "rewrite": gettext_lazy(
        "This audio file cannot be freed of its hidden notes. Save it as an MP3 and add that."
    ),
    "codec": gettext_lazy(
        "This audio file has a codec that the studio cannot open. Save it as an MP3."
    ),
}


def take_file(source: Source, limits: AudioLimits = ANY_AUDIO) -> Stored:
    """Copy its audio, not encoded again, into a file without metadata and covers."""
    check_size(size_of(source), limits)
    with as_file(source) as path, storage.scratch_folder() as folder, report_full_disk():
        facts = examine_file("take", path, folder)
        target = folder / "copy"
        audio = AudioFacts(facts["format"], target.stat().st_size, facts["seconds"])
        problem = audio_problem(limits, audio)
        if problem:
            raise Unfit(problem_sentence(problem))
        facts |= facts_of_given(path)
        return store_with_previews(target, folder, "audio", facts)


def keep_output(path: Path) -> Stored:
    """Store generated audio byte for byte, after it was decoded to its end. Raises Unfit."""
    with storage.scratch_folder() as folder, report_full_disk():
        check_room(path.stat().st_size)
        return store_with_previews(path, folder, "audio", examine_file("keep", path, folder))


def check_size(size: int, limits: AudioLimits) -> None:
    """Before any byte is copied or decoded."""
    if size > limits.max_bytes:
        raise Unfit(problem_sentence(audio_problem(limits, AudioFacts(limits.formats[0], size, 1))))
    check_room(size)


def examine_file(task: str, path: Path, folder: Path) -> dict[str, Any]:
    facts = sandbox.run_worker(
        sandbox.VIDEOS, task=task, kind="audio", source=str(path), folder=str(folder)
    )
    if "unfit" in facts:
        raise refusal(facts, path)
    return facts


def refusal(facts: dict[str, Any], path: Path) -> Unfit:
    """What the worker refused, as a sentence."""
    if facts["unfit"] == "space":
        return NoSpace()
    if facts["unfit"] in ("kind", "format"):
        return Unfit(unknown_kind(path))
    return Unfit(str(SENTENCES.get(facts["unfit"], SENTENCES["damaged"])))


def unknown_kind(path: Path) -> str:
    kind = kind_of_any(path)
    if not kind:
        return _("This file is not audio. Use MP3, WAV or M4A.")
    return _("This is a %(kind)s, not an audio file. Use MP3, WAV or M4A.") % {"kind": kind.upper()}
