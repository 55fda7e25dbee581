"""When to look again: the waits between polls and attempts."""

import random
from datetime import datetime, timedelta

from generation.models import Task
from generation.models.durations import TaskKind, is_stuck, quick_seconds

FIRST_POLL, FIRST_POLL_MOST = 2.0, 300.0
POLL_SHARE, POLL_LEAST, POLL_MOST, JITTER = 0.10, 2.0, 30.0, 0.15
STUCK_POLL = 60.0
OFF_PEAK_LEAST, OFF_PEAK_MOST = 60.0, 300.0
RETRY_LEAST, RETRY_MOST = 5.0, 120.0
ASKED_MOST = 600.0
FULL_WAIT = timedelta(seconds=60)  # while the disk is full


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


STORE_WAITS = (3, 10, 30, 120, 600)


def store_again(attempt: int) -> timedelta | None:
    """How long until the next download attempt; None when the budget is spent."""
    if attempt > len(STORE_WAITS):
        return None
    return jittered(STORE_WAITS[attempt - 1])
