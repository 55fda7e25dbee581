"""Finding rows that nobody works on: at start, each minute, and while a round runs."""

from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from generation.engine import purge, queue
from generation.engine.queue import Job, wake, wake_round
from generation.engine.schedule import REGISTERED, next_due, wake_due
from generation.media.storage import clear_scratch
from generation.models import Heartbeat, Lease, Registration, Status, Task
from generation.models.tasks import NOT_BEGUN, TaskQuerySet

WAKE_AT_ONCE = 4
TIMES = ("next_poll_at", "next_store_at", "next_look_at", "not_before", "deadline")
FARTHEST = timedelta(minutes=15)
CANCEL_AGAIN, CANCEL_FOR = timedelta(seconds=20), timedelta(minutes=10)


def sweep() -> None:
    """One look over everything unfinished. May run anywhere, any number of times."""
    Heartbeat.touch("cluster")
    undo_clock(timezone.now())
    wake_lost(timezone.now())
    wake_cancels(timezone.now())
    wake_due()
    if next_due() is not None:
        wake_round()
    purge.forget_old()
    purge.purge_trash(timezone.now())
    purge.purge_uploads(timezone.now())
    clear_scratch()
    queue.purge_records()


def recover() -> None:
    """After the cluster died: what it held is free, and everything is looked at at once.

    Preparing, polling, downloading and looking may be repeated: who still prepares elsewhere loses
    the claim before sending. What was being sent keeps its deadline.
    """
    now = timezone.now()
    Lease.objects.filter(name=queue.POLL_LEASE).update(expires_at=now)
    wake_waiting(Task.objects.filter(status=Status.QUEUED, not_before=None).order_by("pk"))
    Task.objects.filter(status=Status.RUNNING, next_poll_at__gt=now).update(next_poll_at=now)
    Task.objects.filter(status=Status.SUBMITTING, sent_at=None).update(deadline=now)
    unfinished = Registration.objects.exclude(state__in=REGISTERED)
    # One that was given up before is looked for at first: it is not being sent yet either.
    not_yet = Q(sent_at=None) | Q(deadline__gt=now + timedelta(seconds=settings.SEND_SECONDS))
    unfinished.filter(not_yet).update(next_look_at=now, deadline=now)
    Task.objects.filter(status=Status.STORING).update(deadline=None, next_store_at=now)
    Task.objects.filter(status=Status.UNCERTAIN, next_look_at__gt=now).update(next_look_at=now)
    sweep()


def undo_clock(now: datetime) -> None:
    """Nothing waits longer than a few minutes: what does is from before the clock was set back."""
    far = now + FARTHEST
    too_far = reduce(or_, (Q(**{f"{field}__gt": far}) for field in TIMES))
    if Task.objects.unfinished().filter(too_far).exists():  # the usual look writes nothing
        for field in TIMES:
            Task.objects.unfinished().filter(**{f"{field}__gt": far}).update(**{field: now})
    rows = Registration.objects.exclude(state__in=REGISTERED)
    rows.filter(next_look_at__gt=far).update(next_look_at=now)
    rows.filter(deadline__gt=far).update(deadline=now)


def wake_cancels(now: datetime) -> None:
    """A message to cancel was lost, if the provider still says that it has not begun."""
    asked = Task.objects.filter(status=Status.RUNNING, remote_state__in=NOT_BEGUN)
    lately = (now - CANCEL_FOR, now - CANCEL_AGAIN)
    for task_id in asked.filter(cancel_asked_at__range=lately).values_list("pk", flat=True):
        wake(Job.CANCEL, task_id)


def wake_lost(now: datetime) -> None:
    """Wake-ups may be lost with a broker or a worker."""
    wake_waiting(Task.objects.left_waiting(now))


def wake_waiting(tasks: TaskQuerySet) -> None:
    """A few are enough: who sends one goes on with the next that waits too long."""
    for task_id in tasks.values_list("pk", flat=True)[:WAKE_AT_ONCE]:
        wake(Job.SUBMIT, task_id)
