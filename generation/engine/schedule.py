"""When to poll and when to try again: usual durations and waits."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db.models.fields.json import KT

from generation.models import Status, Task

ALIKE = ("duration", "resolution", "off_peak")
ENOUGH, RECENT, LOOKED_THROUGH = 3, 50, 200
KEPT = 60  # seconds, for all pages and rounds
STUCK = 3.0
FIRST_POLL, FIRST_POLL_MOST = 2.0, 300.0
POLL_SHARE, POLL_LEAST, POLL_MOST, JITTER = 0.10, 2.0, 30.0, 0.15
STUCK_POLL = 60.0
OFF_PEAK_LEAST, OFF_PEAK_MOST = 60.0, 300.0
RETRY_LEAST, RETRY_MOST = 5.0, 120.0
ASKED_MOST = 600.0
STORE_WAITS = (3, 10, 30, 120, 300, 600, 600)
STORE_TRIES = len(STORE_WAITS) + 1
FULL_WAIT = timedelta(seconds=60)  # while the disk is full


@dataclass(frozen=True)
class TaskKind:
    """Tasks that take about as long as each other; `traits` are the values of ALIKE as text."""

    provider: str
    mode: str
    model_name: str
    traits: tuple[str, ...]

    @classmethod
    def of(cls, provider: str, mode: str, model_name: str, values: Mapping[str, Any]) -> "TaskKind":
        return cls(provider, mode, model_name, tuple(as_text(values.get(name)) for name in ALIKE))

    @classmethod
    def of_task(cls, task: Task) -> "TaskKind":
        return cls.of(task.provider, task.mode, task.model_name, task.values)


def as_text(value: Any) -> str:
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
    done = [
        (tuple(map(as_text, found)), (end - start).total_seconds()) for start, end, *found in rows
    ]
    alike = [seconds for traits, seconds in done if traits == kind.traits]
    if len(alike) < ENOUGH:  # only off-peak waits for hours: that is never mixed in
        alike = [seconds for traits, seconds in done if traits[-1] == kind.traits[-1]]
    return sorted(alike[:RECENT])


def jittered(seconds: float) -> timedelta:
    spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  no secret
    return timedelta(seconds=seconds * spread)


def first_poll(task: Task, now: datetime) -> datetime:
    """After 60 % of what even the quickest tenth takes, but never at once, nor after hours."""
    wait = min(0.6 * quick_seconds(TaskKind.of_task(task)), FIRST_POLL_MOST)
    return now + timedelta(seconds=max(FIRST_POLL, wait))


def next_poll(task: Task, now: datetime) -> datetime:
    """A tenth of the elapsed time, between 2 s and 30 s; slower when off-peak, late or failing."""
    elapsed = (now - (task.accepted_at or now)).total_seconds()
    patient = bool(task.values.get("off_peak"))
    least, most = (OFF_PEAK_LEAST, OFF_PEAK_MOST) if patient else (POLL_LEAST, POLL_MOST)
    wait = min(max(elapsed * POLL_SHARE, least), most)
    if not patient and is_stuck(task, now):
        wait = STUCK_POLL
    if task.poll_failures:
        wait = max(wait, min(POLL_LEAST * 2**task.poll_failures, STUCK_POLL))
    return now + jittered(wait)


def again_after(attempt: int, asked: float | None = None) -> timedelta:
    """How long a task that was certainly not accepted waits in the queue."""
    if asked is not None:
        return timedelta(seconds=min(max(asked, 1.0), ASKED_MOST))
    return jittered(min(RETRY_LEAST * 2 ** min(attempt, 8), RETRY_MOST))


def store_again(attempt: int) -> timedelta | None:
    """How long until the next download attempt; None when the budget is spent."""
    if attempt > len(STORE_WAITS):
        return None
    return jittered(STORE_WAITS[attempt - 1])
