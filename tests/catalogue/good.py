"""Requests that are legal, and the smallest one of every offer."""

from dataclasses import dataclass, field, replace
from typing import Any

from generation.catalogue import rules
from generation.catalogue.modes import MODES
from generation.catalogue.params import PARAMS
from generation.catalogue.types import (
    AudioFacts,
    AudioLimits,
    ImageFacts,
    Input,
    Limit,
    Offer,
    SubjectFacts,
    VideoFacts,
    VideoLimits,
)

IMAGE = ImageFacts(512, 512, "png", 10_000)
WORDS = {
    "prompt": "A cat on a roof",
    "text": "Good evening, everybody",
    "voice_id": "narrator01",
    "template": "hugging",
}


@dataclass(frozen=True)
class Request:
    """Values and inputs of one request."""

    values: dict[str, Any] = field(default_factory=dict)
    inputs: dict[str, list[Input]] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        return {name: len(given) for name, given in self.inputs.items()}

    def with_value(self, name: str, value: Any) -> "Request":
        return replace(self, values={**self.values, name: value})

    def with_inputs(self, name: str, given: list[Input]) -> "Request":
        return replace(self, inputs={**self.inputs, name: given})

    def limit(self, row: Offer, name: str) -> Limit:
        return rules.limit(row, name, self.values, self.counts)


def between(low: float, high: float) -> float:
    return (low + min(high, low + 4)) / 2 if high > low else high


def video(limits: VideoLimits) -> VideoFacts:
    seconds = between(limits.min_seconds, limits.max_seconds)
    return VideoFacts(640, 360, limits.formats[0], 1_000_000, seconds, fps=24, codec="h264")


def audio(limits: AudioLimits) -> AudioFacts:
    return AudioFacts(limits.formats[0], 100_000, between(limits.min_seconds, limits.max_seconds))


def an_input(name: str, rule: Limit, place: int = 0) -> Input:
    """One legal input; subjects have names of their own."""
    match PARAMS[name].kind:
        case "images":
            return IMAGE
        case "videos":
            return video(rule.video or VideoLimits())
        case "sounds":
            return audio(rule.audio or AudioLimits())
    return SubjectFacts(f"Mira{place}", (IMAGE,))


def some(name: str, rule: Limit, count: int) -> list[Input]:
    return [an_input(name, rule, place) for place in range(count)]


def rows_for(row: Offer, name: str, count: int) -> list[dict[str, Any]]:
    if name == "frames":
        return [{"prompt": "He turns", "duration": 3} for _ in range(count)]
    return [{"from": 0, "to": 1, "prompt": "A bell"} for _ in range(count)]


def smallest(row: Offer) -> Request:
    """The shortest legal request of this offer."""
    found = Request()
    for name in MODES[row.mode].params:
        if name not in row.limits:
            continue
        rule = found.limit(row, name)
        if PARAMS[name].is_input:
            least = 0 if rule.off else int(rule.minimum or 0)
            found = found.with_inputs(name, some(name, rule, least))
        elif PARAMS[name].kind in ("frames", "cues"):
            found = found.with_value(name, rows_for(row, name, int(rule.minimum or 0)))
        elif rule.required:
            found = found.with_value(name, WORDS.get(name) or rule.allowed[0])
    return found


def named(row: Offer) -> Request:
    """The shortest legal request that names a subject."""
    found = smallest(row).with_value("prompt", "@Mira0 on a roof").with_inputs("images", [])
    return found.with_inputs("subjects", some("subjects", row.limits["subjects"], 1))
