"""What is due now, and when the next thing is: asked by polling rounds and by the sweep."""

from datetime import datetime, timedelta

from django.db.models import Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from generation.engine.queue import Job, wake
from generation.engine.registration import outcome
from generation.models import Registration, RegistrationState, Status, Task
from generation.models.subjects import due_registrations

WAKE_TIME = timedelta(seconds=90)
REGISTERED = (RegistrationState.KEPT, RegistrationState.FAILED)


def wake_due() -> None:
    """Free what died while it was sent; wake what is due, once: its time moves on."""
    now = timezone.now()
    free_stuck(now)
    outcome.free_stuck(now)
    for row_id in due_registrations(now).values_list("pk", flat=True)[:200]:
        if due_registrations(now).filter(pk=row_id).update(next_look_at=now + WAKE_TIME):
            wake(Job.REGISTER, row_id)
    wake_each(Job.SUBMIT, Q(status=Status.QUEUED), "not_before", None, now)
    wake_each(Job.STORE, Q(status=Status.STORING), "next_store_at", now + WAKE_TIME, now)
    wake_each(Job.RECONCILE, Q(status=Status.UNCERTAIN), "next_look_at", now + WAKE_TIME, now)


def wake_each(job: Job, which: Q, field: str, then: datetime | None, now: datetime) -> None:
    due = Task.objects.filter(which, **{f"{field}__lte": now})
    for task_id in due.values_list("pk", flat=True)[:200]:
        if due.filter(pk=task_id).update(**{field: then}):
            wake(job, task_id)


def free_stuck(now: datetime) -> None:
    """A crash leaves `submitting`: back to the queue if nothing was sent, else uncertain."""
    for task in Task.objects.filter(status=Status.SUBMITTING, deadline__lt=now):
        same = Q(claim=task.claim, sent_at=task.sent_at)
        if task.sent_at is None:
            task.move(Status.QUEUED, where=same, claim="", deadline=None, not_before=None)
            wake(Job.SUBMIT, task.pk)
        else:
            task.move(
                Status.UNCERTAIN,
                _("The studio stopped while this was being sent."),
                where=same,
                error=_("The studio stopped while this was being sent."),
                next_look_at=now,
            )


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
