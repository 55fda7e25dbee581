"""One task: what was asked for, and its state, which the clock alone decides."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from generation.simulator.store import Row

FINAL = ("success", "failed")


@dataclass(frozen=True)
class CheckedRequest:
    """What a create request asked for, checked; `inline` are images that came along."""

    model: str
    prompt: str
    images: tuple[str, ...]
    aspect_ratio: str
    resolution: str
    size: tuple[int, int]
    seed: int
    payload: str
    callback_url: str
    credits: int
    inline: tuple[bytes, ...] = field(default=(), repr=False)
    traits: dict[str, Any] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    source: str = ""  # the task whose images it shares

    def columns(self) -> dict[str, Any]:
        """What of it stands in the tasks table."""
        return {
            "model": self.model,
            "prompt": self.prompt,
            "images": json.dumps(self.images),
            "aspect_ratio": self.aspect_ratio,
            "resolution": self.resolution,
            "width": self.size[0],
            "height": self.size[1],
            "seed": self.seed,
            "payload": self.payload,
            "callback_url": self.callback_url,
            "credits": self.credits,
            "traits": json.dumps(self.traits),
            "details": json.dumps(self.details),
        }


@dataclass(frozen=True)
class Task:
    """A row of the tasks table. Times in seconds since the epoch."""

    number: int
    id: str
    dialect: str
    account: str
    model: str
    prompt: str
    images: tuple[str, ...]
    aspect_ratio: str
    resolution: str
    width: int
    height: int
    seed: int
    payload: str
    callback_url: str
    key_hash: str
    site: str
    credits: int
    created_ns: int
    arrives: float
    starts: float
    lasts: float
    cancelled: bool
    notified: int
    traits: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)  # see create_requests.details

    @classmethod
    def of(cls, row: Row) -> "Task":
        facts = dict(row)
        facts["images"] = tuple(json.loads(facts["images"]))
        facts["traits"] = json.loads(facts["traits"])
        facts["details"] = json.loads(facts["details"])
        facts["cancelled"] = bool(facts["cancelled"])
        return cls(**facts)

    @property
    def makes(self) -> str:
        """image, video, audio, or text for an answer without a file."""
        return str(self.details.get("makes", "image"))

    @property
    def seconds(self) -> float:
        return float(self.details.get("seconds", 0))

    @property
    def has_sound(self) -> bool:
        return bool(self.details.get("sound"))

    @property
    def template(self) -> str:
        echo = self.details.get("echo", {})
        return str(echo.get("template") or echo.get("story") or "")

    @property
    def is_done(self) -> bool:
        return self.state(time.time()) == "success"

    @property
    def created(self) -> float:
        return self.created_ns / 1e9

    @property
    def finishes(self) -> float:
        return self.starts + self.lasts

    def state(self, now: float) -> str:
        """The official name of the state it is in."""
        if self.cancelled:
            return "failed"
        if now < self.starts:
            return "created" if now < self.created + self.noticed_after else "queueing"
        if now < self.finishes or self.traits.get("stuck"):
            return "processing"
        return "failed" if self.traits.get("late") else "success"

    @property
    def noticed_after(self) -> float:
        """How long a task is merely created before it stands in the queue."""
        return min(0.5, (self.starts - self.created) * 0.3)

    def progress(self, now: float) -> float:
        if self.state(now) in FINAL:
            return 1.0
        return round(min(max(now - self.starts, 0) / max(self.lasts, 0.001), 0.99), 2)

    def error(self, now: float) -> str:
        """Why it failed, by the official reason; empty while it has not."""
        if self.cancelled:
            return "UserCancelled"
        return str(self.traits["late"]) if self.state(now) == "failed" else ""

    def charged(self, now: float) -> int:
        """Credits of this task as of now: nothing is charged for what failed."""
        return 0 if self.state(now) == "failed" else self.credits


def timestamp(ns: int) -> str:
    """RFC 3339 with nine decimals, as the official server writes it."""
    seconds, rest = divmod(ns, 1_000_000_000)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def parse_time(text: str) -> float:
    """Seconds since the epoch of an RFC 3339 time or a number of seconds; ValueError if neither."""
    if text.replace(".", "", 1).isdigit():
        return float(text)
    if "." in text:  # fromisoformat knows at most six decimals
        head, _, tail = text.partition(".")
        digits = tail[: len(tail) - len(tail.lstrip("0123456789"))]
        text = f"{head}.{digits[:6]:0<6}{tail[len(digits) :]}"
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
