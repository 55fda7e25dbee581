"""Values and inputs at a limit, just inside and just outside it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from generation.catalogue.offers import ALL
from generation.catalogue.params import PARAMS
from generation.catalogue.types import (
    AudioFacts,
    AudioLimits,
    ImageLimits,
    Input,
    Limit,
    Offer,
    SubjectFacts,
    SubjectLimits,
    VideoFacts,
    VideoLimits,
)
from tests.catalogue.good import IMAGE, an_input, rows_for

Edge = tuple[Any, bool, str]  # what is given, whether it is legal, and what it is


@lru_cache
def everything(name: str) -> tuple[Any, ...]:
    """All values that any offer allows."""
    seen = (value for row in ALL if name in row.limits for value in row.limits[name].allowed)
    return tuple(dict.fromkeys(seen))


@lru_cache(maxsize=64)
def long(letter: str, length: int) -> str:
    return letter * length


def value_edges(name: str, rule: Limit, row: Offer) -> Iterator[Edge]:
    match PARAMS[name].kind:
        case "choice":
            yield from choice_edges(name, rule)
        case "number" if rule.allowed:
            yield from number_edges(name, rule)
        case "number" | "decimal":
            yield from bounded(rule, 0.25)
        case "integer":
            yield from bounded(rule, 1)
            yield 1.5, False, "not whole"
        case "switch":
            yield True, True, "on"
            yield False, True, "off"
            yield "yes", False, "no switch"
        case "text" | "url":
            yield from text_edges(name, rule)
        case _:
            yield from list_edges(name, rule, row)


def choice_edges(name: str, rule: Limit) -> Iterator[Edge]:
    for value in everything(name):
        yield value, value in rule.allowed, f"{value}"
    yield "99p", False, "no value of anybody"
    yield 7, False, "a number"
    if rule.required:
        yield "", False, "nothing"


def number_edges(name: str, rule: Limit) -> Iterator[Edge]:
    first, last = min(rule.allowed), max(rule.allowed)
    for value in range(first - 2, last + 3):
        yield value, value in rule.allowed, f"{value}"
    yield first + 0.5, False, "between"
    yield str(first), False, "text"


def bounded(rule: Limit, step: float) -> Iterator[Edge]:
    low, high = rule.minimum, rule.maximum
    assert low is not None
    assert high is not None
    for value in (low, low + step, high - step, high):
        yield value, True, f"{value}"
    for value in (low - step, high + step):
        yield value, False, f"{value}"
    yield "7", False, "text"
    yield True, False, "a switch"


def text_edges(name: str, rule: Limit) -> Iterator[Edge]:
    start = "https://a.example/" if PARAMS[name].kind == "url" else ""
    high, low = int(rule.maximum or 0), max(int(rule.minimum or 0), len(start) + 1)
    for length in (low, low + 1, high - 1, high):
        yield start + long("x", length - len(start)), True, f"{length} characters"
    yield start + long("x", high + 1 - len(start)), False, f"{high + 1} characters"
    yield 7, False, "a number"
    if low > 1 and not start:
        yield long("x", low - 1), False, f"{low - 1} characters"
    if rule.required:
        yield "", False, "nothing"
        yield " \n", False, "blank"
    if start:
        yield "ftp://a.example", False, "no web address"
    if rule.han:
        yield from han_edges(rule.han)
    if rule.pattern:
        yield from pattern_edges()


def han_edges(bounds: tuple[int, int]) -> Iterator[Edge]:
    low, high = bounds
    for length in (low, high):
        yield long("说", length), True, f"{length} Han signs"
    for length in (low - 1, high + 1):
        yield long("说", length), False, f"{length} Han signs"


def pattern_edges() -> Iterator[Edge]:
    for good in ("abcdefg1", "A-b_c-d_9"):
        yield good, True, good
    for bad in ("1bcdefgh", "abcdefg-", "abcdefg_", "abc defgh", "émileemile", "abcdefgh\n"):
        yield bad, False, repr(bad)


def list_edges(name: str, rule: Limit, row: Offer) -> Iterator[Edge]:
    low, high = int(rule.minimum or 0), int(rule.maximum or 0)
    if name == "cues":  # the number of frames belongs to the number of images
        for count in (low, high):
            yield rows_for(row, name, count), True, f"{count} rows"
        yield rows_for(row, name, high + 1), False, f"{high + 1} rows"
    yield [], False, "no rows"
    yield "text", False, "no list"
    usual = rows_for(row, name, low)
    for part, inner in rule.row.items():
        for value, legal, what in part_edges(part, inner):
            yield [*usual[:-1], {**usual[-1], part: value}], legal, f"{part}: {what}"


def part_edges(part: str, rule: Limit) -> Iterator[Edge]:
    if part == "prompt":
        most = int(rule.maximum or 0)
        yield long("x", most), True, f"{most} characters"
        yield long("x", most + 1), False, f"{most + 1} characters"
    elif rule.allowed:
        yield from number_edges(part, rule)
    else:
        yield -0.5, False, "before the start"
        yield 10.5, False, "after the end"
    if rule.required:
        yield "", False, "nothing"


def input_edges(name: str, rule: Limit) -> Iterator[tuple[Input, bool, str]]:
    """One input at each of its limits."""
    match PARAMS[name].kind:
        case "images":
            yield from image_edges(rule.image or ImageLimits())
        case "videos":
            usual = an_input(name, rule)
            assert isinstance(usual, VideoFacts)
            yield from video_edges(rule.video or VideoLimits(), usual)
        case "sounds":
            usual = an_input(name, rule)
            assert isinstance(usual, AudioFacts)
            yield from audio_edges(rule.audio or AudioLimits(), usual)
        case "subjects":
            yield from subject_edges(rule.subject or SubjectLimits())


def image_edges(limits: ImageLimits) -> Iterator[tuple[Input, bool, str]]:
    least, most = limits.min_side, limits.max_bytes
    for width, height, legal in (
        (least, least, True), (least - 1, least, False), (least, least - 1, False),
        (4 * least, least, True), (least, 4 * least, True),
        (4 * least + 1, least, False), (least, 4 * least + 1, False),
    ):  # fmt: skip
        yield replace(IMAGE, width=width, height=height), legal, f"{width} x {height}"
    for size in (most - 1, most, most + 1):
        yield replace(IMAGE, bytes=size), size <= most, f"{size} bytes"
    for form in ("png", "jpeg", "webp", "gif", "avif", ""):
        yield replace(IMAGE, format=form), form in limits.formats, form or "unknown"


def video_edges(limits: VideoLimits, usual: VideoFacts) -> Iterator[tuple[Input, bool, str]]:
    yield from length_edges(limits, usual)
    for size in (limits.max_bytes, limits.max_bytes + 1):
        yield replace(usual, bytes=size), size <= limits.max_bytes, f"{size} bytes"
    for form in ("mp4", "mov", "avi", "webm", "mkv", "flv", "ts", "mxf", "hls", "gif", ""):
        yield replace(usual, format=form), form in limits.formats, form or "unknown"
    least = limits.min_side
    yield replace(usual, width=least, height=least), True, f"{least} a side"
    yield replace(usual, width=least, height=least - 1), False, f"{least - 1} high"
    yield replace(usual, width=limits.max_side + 1, height=4_000), False, "too wide"
    for codec in ("h264", "hevc"):
        legal = not limits.codecs or codec in limits.codecs
        yield replace(usual, codec=codec), legal, codec
    if limits.max_fps:
        for rate in (limits.max_fps - 0.1, limits.max_fps):
            yield replace(usual, fps=rate), rate < limits.max_fps, f"{rate} frames a second"


def length_edges(
    limits: VideoLimits | AudioLimits, usual: VideoFacts | AudioFacts
) -> Iterable[tuple[Input, bool, str]]:
    low, high = limits.min_seconds, limits.max_seconds
    between = isinstance(limits, AudioLimits) and limits.between
    for seconds in (low, low + 0.1, high - 0.1, high):
        legal = not between or seconds not in (low, high)
        yield replace(usual, seconds=seconds), legal, f"{seconds} s"
    yield replace(usual, seconds=high + 0.1), False, f"{high + 0.1} s"
    yield replace(usual, seconds=high + 0.2), False, f"{high + 0.2} s"
    if low:
        yield replace(usual, seconds=low - 0.2), False, f"{low - 0.2} s"


def audio_edges(limits: AudioLimits, usual: AudioFacts) -> Iterator[tuple[Input, bool, str]]:
    yield from length_edges(limits, usual)
    for size in (limits.max_bytes, limits.max_bytes + 1):
        yield replace(usual, bytes=size), size <= limits.max_bytes, f"{size} bytes"
    for form in ("mp3", "wav", "m4a", "aac", "ogg", "wma", "flac", ""):
        yield replace(usual, format=form), form in limits.formats, form or "unknown"


def subject_edges(limits: SubjectLimits) -> Iterator[tuple[Input, bool, str]]:
    most = limits.images_each
    for count in (1, most, most + 1):
        yield SubjectFacts("Flacon", (IMAGE,) * count), count <= most, f"{count} pictures"
    video = SubjectFacts("Flacon", (), (VideoFacts(640, 360, "mp4", 1_000, 5, codec="h264"),))
    yield video, limits.videos > 0, "from a video"
