"""Finding rows that nobody works on: at start, each minute, and while a round runs."""

from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.db.models import Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from generation.engine import keys, purge, queue
from generation.engine.queue import wake, wake_round
from generation.engine.registration import outcome
from generation.media.storage import clear_scratch
from generation.models import Beat, Lease, Registration, RegistrationState, Status, Task
from generation.models.subjects import due_registrations
from generation.models.tasks import NOT_BEGUN, TaskQuerySet

WAKE_AT_ONCE = 4
WAKE_TIME = timedelta(seconds=90)
TIMES = ("next_poll_at", "next_store_at", "next_look_at", "not_before", "deadline")
FARTHEST = timedelta(minutes=15)
CANCEL_AGAIN, CANCEL_FOR = timedelta(seconds=20), timedelta(minutes=10)
REGISTERED = (RegistrationState.KEPT, RegistrationState.FAILED)


def sweep() -> None:
    """One look over everything unfinished. May run anywhere, any number of times."""
    Beat.strike("cluster")
    undo_clock(timezone.now())
    wake_lost(timezone.now())
    wake_cancels(timezone.now())
    wake_due()
    if next_due() is not None:
        wake_round()
    keys.forget_old()
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


def free_stuck(now: datetime) -> None:
    """A crash leaves `submitting`: back to the queue if nothing was sent, else uncertain."""
    for task in Task.objects.filter(status=Status.SUBMITTING, deadline__lt=now):
        same = Q(claim=task.claim, sent_at=task.sent_at)
        if task.sent_at is None:
            task.move(Status.QUEUED, where=same, claim="", deadline=None, not_before=None)
            wake("submit", task.pk)
        else:
            task.move(
                Status.UNCERTAIN,
                _("The studio stopped while this was being sent."),
                where=same,
                error=_("The studio stopped while this was being sent."),
                next_look_at=now,
            )


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
        wake("cancel", task_id)


def wake_lost(now: datetime) -> None:
    """Wake-ups may be lost with a broker or a worker."""
    wake_waiting(Task.objects.left_waiting(now))


def wake_waiting(tasks: TaskQuerySet) -> None:
    """A few are enough: who sends one goes on with the next that waits too long."""
    for task_id in tasks.values_list("pk", flat=True)[:WAKE_AT_ONCE]:
        wake("submit", task_id)


def wake_due() -> None:
    """Free what died while it was sent; wake what is due, once: its time moves on."""
    now = timezone.now()
    free_stuck(now)
    outcome.free_stuck(now)
    for row_id in due_registrations(now).values_list("pk", flat=True)[:200]:
        if due_registrations(now).filter(pk=row_id).update(next_look_at=now + WAKE_TIME):
            wake("register", row_id)
    wake_each("submit", Q(status=Status.QUEUED), "not_before", None, now)
    wake_each("store", Q(status=Status.STORING), "next_store_at", now + WAKE_TIME, now)
    wake_each("reconcile", Q(status=Status.UNCERTAIN), "next_look_at", now + WAKE_TIME, now)


def wake_each(job: str, which: Q, field: str, then: datetime | None, now: datetime) -> None:
    due = Task.objects.filter(which, **{f"{field}__lte": now})
    for task_id in due.values_list("pk", flat=True)[:200]:
        if due.filter(pk=task_id).update(**{field: then}):
            wake(job, task_id)


def next_due() -> datetime | None:
    """When the next thing is due that a round looks after; None when nothing is in flight."""
    rows = Task.objects.filter(
        Q(status=Status.RUNNING, next_poll_at__isnull=False)
        | Q(status=Status.SUBMITTING, deadline__isnull=False)
        | Q(status=Status.STORING, next_store_at__isnull=False)
        | Q(status=Status.QUEUED, not_before__isnull=False)
        | Q(status=Status.UNCERTAIN, next_look_at__isnull=False)
    )
    times = rows.aggregate(
        poll=Min("next_poll_at"), store=Min("next_store_at"),
        wait=Min("not_before"), look=Min("next_look_at"),
        send=Min("deadline", filter=Q(status=Status.SUBMITTING)),
    )  # fmt: skip
    unfinished = Registration.objects.exclude(state__in=REGISTERED)
    times |= unfinished.aggregate(register=Min("next_look_at"))
    return min((time for time in times.values() if time), default=None)
