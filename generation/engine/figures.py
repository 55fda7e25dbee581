"""What goes on now, in ages and counts: lanes, workers, tasks under way, room on the disks.

Read from rows when it is asked for. Nothing here grows with what is finished, and nothing names a
person, a machine, a file or a task.
"""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from generation.engine.due import due_times
from generation.engine.lanes import PLACES
from generation.engine.queue import BROKER_ERRORS, Job, messages_waiting
from generation.engine.worker_state import NODES
from generation.media.storage import local_root
from generation.models import Heartbeat, Lane, Status, Task
from generation.models.tasks import UNFINISHED

LOST_AFTER = timedelta(minutes=10)  # of a node that tells nothing: its workers are gone


@dataclass(frozen=True)
class LaneFigures:
    oldest_due: float | None  # seconds; None: nothing is due
    messages: int  # that no worker took yet

    def as_json(self) -> dict[str, Any]:
        age = None if self.oldest_due is None else round(self.oldest_due, 1)
        return {"oldest_due_seconds": age, "messages": self.messages}


@dataclass(frozen=True)
class WorkerFigures:
    name: str
    job: str  # empty: idle
    since: float
    silent: float

    def as_json(self) -> dict[str, Any]:
        times = {"since_seconds": self.since, "heartbeat_seconds": self.silent}
        rounded = {name: round(seconds, 1) for name, seconds in times.items()}
        return {"name": self.name, "job": self.job or "idle", **rounded}


def lane_figures(now: datetime) -> dict[Job, LaneFigures]:
    times = due_times(now)
    if Job.SEND in times:
        times[Job.SEND] = first_to_send(now) or times[Job.SEND]
    waiting = set(Lane.objects.exclude(waiting_since=None).values_list("name", flat=True))
    return {lane: LaneFigures(age(times.get(lane), now), int(lane in waiting)) for lane in PLACES}


def age(since: datetime | None, now: datetime) -> float | None:
    return (now - since).total_seconds() if since is not None and since <= now else None


def first_to_send(now: datetime) -> datetime | None:
    """Since when the task that waits longest could be sent. In the order of an index, so that the
    database reads one row of it."""
    queued = Task.objects.filter(status=Status.QUEUED, held_since=None)
    new = queued.filter(not_before=None).order_by("not_before", "created_at")
    put_off = queued.filter(not_before__lte=now).order_by("not_before")
    first = new.values_list("created_at", flat=True)[:1]
    back = put_off.values_list("not_before", flat=True)[:1]
    return min((at for at in (*first, *back) if at is not None), default=None)


def worker_figures(now: datetime) -> list[WorkerFigures]:
    """Of all nodes, as each told last; what has passed since then is added."""
    rows = Heartbeat.objects.filter(name__startswith=NODES, at__gte=now - LOST_AFTER)
    return [
        WorkerFigures(
            f"{node}.{number}", worker["job"], worker["for"] + passed, worker["silent"] + passed
        )
        for node, row in enumerate(rows.order_by("name"), 1)
        for passed in [max(0.0, (now - row.at).total_seconds())]
        for number, worker in enumerate(row.workers, 1)
    ]


def tasks_under_way() -> dict[tuple[str, str], int]:
    """How many by provider and state; one query a state, as each has an index of its own."""
    found = {}
    for status in UNFINISHED:
        rows = Task.objects.filter(status=status).order_by().values_list("provider")
        for provider, count in rows.annotate(count=Count("pk")):
            found[provider, str(status)] = count
    return found


def queue_size() -> int | None:
    """Messages in the queue; None when it does not answer."""
    try:
        return messages_waiting()
    except BROKER_ERRORS:
        return None


def disk_room() -> dict[str, int]:
    """Free bytes where the database and the logs are, and where the files are."""
    places = {"data": settings.DATA_DIR, "media": local_root()}
    found = {}
    for name, place in places.items():
        try:
            found[name] = shutil.disk_usage(place).free if place else None
        except OSError:
            found[name] = None
    return {name: free for name, free in found.items() if free is not None}


def readiness_details() -> dict[str, Any]:
    """What /readyz adds for whoever looks. Raises DatabaseError."""
    now = timezone.now()
    return {
        "workers": [worker.as_json() for worker in worker_figures(now)],
        "lanes": {str(lane): found.as_json() for lane, found in lane_figures(now).items()},
    }
