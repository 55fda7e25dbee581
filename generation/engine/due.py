"""What is due when, by lane; and rows whose sender died."""

from collections.abc import Mapping
from datetime import datetime

from django.db.models import Min, Q

from generation.catalogue.message import Message as _
from generation.engine.claims import holder_is_gone
from generation.engine.queue import Job, wake
from generation.models import ProviderSilence, Registration, RegistrationState, Status, Task

R = RegistrationState
REGISTERED = (R.KEPT, R.FAILED)


def due_times(now: datetime) -> dict[Job, datetime]:
    """When each lane has work next; a lane without any is left out."""
    found: dict[Job, datetime] = {}

    def note(lane: Job, time: datetime | None) -> None:
        if time is not None:
            found[lane] = min(time, found.get(lane, time))

    def first(status: Status, field: str) -> datetime | None:
        time: datetime | None = Task.objects.filter(status=status).aggregate(at=Min(field))["at"]
        return time

    def first_of_any(field: str) -> datetime | None:
        rows = Task.objects.filter(**{f"{field}__isnull": False})  # its index has no other rows
        time: datetime | None = rows.aggregate(at=Min(field))["at"]
        return time

    queued = Task.objects.filter(status=Status.QUEUED, held_since=None)
    if queued.filter(not_before=None).exists():
        note(Job.SEND, now)
    note(Job.SEND, queued.aggregate(at=Min("not_before"))["at"])
    note(Job.POLL, first(Status.SUBMITTING, "deadline"))  # a round frees what died
    note(Job.POLL, first(Status.RUNNING, "next_poll_at"))
    note(Job.STORE, first(Status.STORING, "next_store_at"))
    note(Job.LOOK, first_of_any("next_look_at"))
    unfinished = Registration.objects.exclude(state__in=REGISTERED).filter(held_since=None)
    note(Job.LOOK, unfinished.aggregate(at=Min("next_look_at"))["at"])
    note(Job.ASK, first_of_any("next_cancel_at"))
    note(Job.ASK, ProviderSilence.objects.aggregate(at=Min("ask_at"))["at"])
    return found


def wake_due(times: Mapping[Job, datetime], now: datetime) -> None:
    for lane, time in times.items():
        if time <= now:
            wake(lane)


def free_stuck(now: datetime) -> None:
    """Free what died while it was sent."""
    free_stuck_tasks(now)
    free_stuck_registrations(now)


def overdue_or_not_sent(now: datetime) -> Q:
    return Q(deadline__lte=now) | Q(sent_at=None, deadline__gt=now)


def still_claimed(row: Task | Registration, now: datetime) -> bool:
    """Until its deadline; but nobody waits for a process that died before it sent anything."""
    in_time = row.deadline is not None and row.deadline > now
    return in_time and not (row.sent_at is None and holder_is_gone(row.claim))


def free_stuck_tasks(now: datetime) -> None:
    """A crash leaves `submitting`: back to the queue if nothing was sent, else uncertain."""
    for task in Task.objects.filter(overdue_or_not_sent(now), status=Status.SUBMITTING):
        if still_claimed(task, now):
            continue
        same = Q(claim=task.claim, sent_at=task.sent_at)
        if task.sent_at is None:
            task.move(Status.QUEUED, where=same, claim="", deadline=None, not_before=None)
            wake(Job.SEND)
        else:
            task.move(
                Status.UNCERTAIN,
                _("The studio stopped while this was being sent."),
                where=same,
                error=_("The studio stopped while this was being sent."),
                next_look_at=now,
            )


def free_stuck_registrations(now: datetime) -> None:
    """A crash leaves `sending`: again if nothing was sent, else it has to be looked for."""
    stuck = Registration.objects.filter(overdue_or_not_sent(now), state=R.SENDING, remote_id="")
    for row in stuck:
        if still_claimed(row, now):
            continue
        same = Q(sent_at=row.sent_at)
        if row.sent_at is None:
            row.step(R.WAITING, where=same, claim="", deadline=None, next_look_at=now)
        else:
            row.step(
                R.UNCERTAIN, where=same, looks=0, deadline=None, next_look_at=now,
                error=_("The studio stopped while this was being sent."),
            )  # fmt: skip
