"""How long tasks take at a provider, learnt from those that this studio has made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db.models.fields.json import KT

from generation.models.tasks import Status, Task

ALIKE = ("duration", "resolution", "off_peak")
ENOUGH, RECENT, LOOKED_THROUGH = 3, 50, 200
KEPT = 60  # seconds, for all pages and rounds
STUCK = 3.0


@dataclass(frozen=True)
class TaskKind:
    """Tasks that take about as long as each other; `traits` are the values of ALIKE as words."""

    provider: str
    mode: str
    model_name: str
    traits: tuple[str, ...]

    @classmethod
    def of(cls, provider: str, mode: str, model_name: str, values: Mapping[str, Any]) -> "TaskKind":
        return cls(provider, mode, model_name, tuple(word(values.get(name)) for name in ALIKE))

    @classmethod
    def of_task(cls, task: Task) -> "TaskKind":
        return cls.of(task.provider, task.mode, task.model_name, task.values)


def word(value: Any) -> str:
    """The same for what a form, Python and both databases call off, on, or five."""
    if value in (None, False, "false"):
        return ""
    return "1" if value in (True, "true") else str(value)


def usual_seconds(kind: TaskKind) -> int | None:
    """What half of them take at most; None below three."""
    spans = recent_seconds(kind)
    return max(1, round(spans[len(spans) // 2])) if len(spans) >= ENOUGH else None


def quick_seconds(kind: TaskKind) -> float:
    """What nine of ten take at least; 0 when nothing is known."""
    spans = recent_seconds(kind)
    return spans[len(spans) // 10] if spans else 0.0


def is_stuck(task: Task, now: datetime) -> bool:
    """Whether it takes three times as long as nineteen of twenty like it."""
    spans = recent_seconds(TaskKind.of_task(task))
    if len(spans) < ENOUGH or task.sent_at is None:
        return False
    return (now - task.sent_at).total_seconds() > STUCK * spans[len(spans) * 19 // 20]


def recent_seconds(kind: TaskKind) -> list[float]:
    """How long the last 50 of this kind took, shortest first; of the model where too few did."""
    name = f"times:{sha256(repr(kind).encode()).hexdigest()}"
    known: list[float] | None = cache.get(name)
    if known is None:
        known = recent_durations(kind)
        cache.set(name, known, KEPT)
    return known


def recent_durations(kind: TaskKind) -> list[float]:
    traits = [KT(f"values__{name}") for name in ALIKE]
    rows = (
        Task.objects.filter(
            status=Status.SUCCEEDED, provider=kind.provider, mode=kind.mode,
            model_name=kind.model_name, sent_at__isnull=False, finished_at__isnull=False,
        )
        .order_by("-finished_at")
        .values_list("sent_at", "finished_at", *traits)[:LOOKED_THROUGH]
    )  # fmt: skip
    done = [(tuple(map(word, found)), (end - start).total_seconds()) for start, end, *found in rows]
    alike = [seconds for traits, seconds in done if traits == kind.traits]
    if len(alike) < ENOUGH:  # only off-peak waits for hours: that is never mixed in
        alike = [seconds for traits, seconds in done if traits[-1] == kind.traits[-1]]
    return sorted(alike[:RECENT])
