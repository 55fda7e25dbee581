"""Tasks that a provider does not end: when a person may stop waiting, and what comes later."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from generation.catalogue.message import Message as _
from generation.engine.provider_clients import call_provider, client_of, follow_key
from generation.engine.queue import Job, wake
from generation.engine.schedule import TaskKind, usual_seconds
from generation.models import Status, Task
from generation.models.tasks import STOPPED
from generation.providers.base import RemoteState
from generation.providers.errors import ProviderError, Refused

LATE, AT_LEAST = 3, timedelta(seconds=60)
# Where too few like it are done to know what is usual.
UNKNOWN, UNKNOWN_OFF_PEAK = timedelta(minutes=30), timedelta(hours=48)
PATIENCE = timedelta(minutes=30)  # over, before a person may stop waiting
LOOK_GAP, LOOKED_FOR = timedelta(minutes=10), timedelta(hours=72)
LOOKS, LOOK_SECONDS = 10, 10.0  # a minute, and for one answer


def overdue_since(task: Task) -> datetime | None:
    """When it had taken three times as long as usual, and a minute; None before it was sent."""
    if task.sent_at is None:
        return None
    usual = usual_seconds(TaskKind.of_task(task))
    if usual is None:
        return task.sent_at + (UNKNOWN_OFF_PEAK if task.values.get("off_peak") else UNKNOWN)
    return task.sent_at + max(LATE * timedelta(seconds=usual), AT_LEAST)


def may_stop_from(task: Task) -> datetime | None:
    """When a person may stop waiting for a task that runs; None while it does not."""
    since = overdue_since(task) if task.status == Status.RUNNING else None
    return since + PATIENCE if since else None


def stop_waiting(task: Task) -> bool:
    """A person waits no longer. What it cost is not known, and a late result is still kept."""
    now, start = timezone.now(), may_stop_from(task)
    if start is None or now < start:
        return False
    return task.move(
        Status.FAILED,
        _("A person stopped waiting for it."),
        error=_("Stopped waiting."),
        error_code=STOPPED,
        advice=_("If it still ends, its result is kept here. Nobody knows yet what it costs."),
        finished_at=now,
        next_poll_at=None,
        next_look_at=now + LOOK_GAP,
    )


def hint_stopped(task_id: int) -> bool:
    """A provider says that something happened: look at it at once, if it may still come back."""
    now = timezone.now()
    rows = Task.objects.stopped().filter(pk=task_id, finished_at__gte=now - LOOKED_FOR)
    return bool(rows.update(next_look_at=now))


def look_at_stopped() -> None:
    """Look at those that are due, a few at a time; each comes again ten minutes later."""
    due = Task.objects.stopped().filter(next_look_at__lte=timezone.now())
    for task_id in due.order_by("next_look_at").values_list("pk", flat=True)[:LOOKS]:
        look_at(task_id)


def look_at(task_id: int) -> None:
    """Ask once about a stopped task that is due. Harmless for any other."""
    now = timezone.now()
    due = Task.objects.stopped().filter(pk=task_id, next_look_at__lte=now)
    task = due.select_related("key").first()
    if task is None:
        return
    last = now - (task.finished_at or now) >= LOOKED_FOR
    if not due.update(next_look_at=None if last else now + LOOK_GAP):
        return  # somebody else looks
    try:
        found = call_provider(
            client_of(task), lambda provider: provider.fetch(task.remote_id), LOOK_SECONDS
        )
    except Refused:  # there is no such task any more
        Task.objects.stopped().filter(pk=task.pk).update(next_look_at=None)
    except (ProviderError, TimeoutError) as error:
        follow_key(task, error)
    else:
        ready = found.state == RemoteState.SUCCESS and found.results
        if ready or found.state == RemoteState.FAILED:
            take_back(task, now)


def take_back(task: Task, now: datetime) -> None:
    """It has ended: it runs again, and the next poll writes down how and what it cost."""
    task.move(
        Status.RUNNING,
        _("The provider has ended it after all."),
        where=Q(error_code=STOPPED),
        next_poll_at=now,
        next_look_at=None,
        finished_at=None,
        error="",
        error_code="",
        advice="",
    )
    wake(Job.POLL)
