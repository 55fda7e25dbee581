"""Finding rows that nobody works on: at start and each minute."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from generation.engine import (
    hold,
    invitations,
    notice_mail,
    notices,
    purge,
    queue,
    renditions,
    totals,
)
from generation.engine.close_account import purge_closed
from generation.engine.delete_team import purge_teams
from generation.engine.delivery import purge_copies
from generation.engine.due import REGISTERED, due_times, free_stuck, wake_due
from generation.engine.review_notices import remind_due
from generation.engine.reviewers import free_lost
from generation.media.storage import clear_scratch
from generation.models import Lane, Registration, Status, Task

FARTHEST = timedelta(minutes=15)
TIMES = (
    (Status.QUEUED, "not_before"),
    (Status.SUBMITTING, "deadline"),
    (Status.RUNNING, "next_poll_at"),
    (Status.RUNNING, "next_cancel_at"),
    (Status.STORING, "next_store_at"),
    (Status.STORING, "deadline"),
    (Status.UNCERTAIN, "next_look_at"),
)


def sweep_due(_ends: float) -> bool:
    sweep()
    return False


def sweep() -> None:
    """One look over everything unfinished. May run anywhere, any number of times."""
    now = timezone.now()
    undo_clock(now)
    free_stuck(now)
    times = due_times(now)
    wake_due(times, now)
    if times:  # a round looks after what is due later
        queue.wake(queue.Job.POLL)
    hold.forget_settled()
    purge.forget_old()
    purge.purge_trash(now)
    purge.purge_uploads(now)
    purge.purge_papers(now)
    purge.purge_audit(now)
    invitations.end_overdue(now)
    purge_teams(now)
    purge_closed(now)
    purge.purge_sign_ups(now)
    purge.purge_sessions(now)
    purge.purge_visitors(now)
    purge.purge_counts(now)
    renditions.purge_renditions(now)
    if renditions.next_wanted(now):
        queue.wake(queue.Job.RENDER)
    notices.purge_notices(now)
    free_lost()
    remind_due(now)
    notice_mail.wake_due_mail(now)
    purge_copies(now)
    clear_scratch()
    queue.purge_records()
    totals.count_moves()


def recover() -> None:
    """After the cluster died: what it held is free, and everything is looked at at once.

    Preparing, polling, downloading and looking may be repeated: who still prepares elsewhere loses
    the claim before sending. What was being sent keeps its deadline.
    """
    now = timezone.now()
    Lane.objects.update(waiting_since=None, round_until=None)  # they died with it
    Task.objects.filter(status=Status.RUNNING, next_poll_at__gt=now).update(next_poll_at=now)
    Task.objects.filter(status=Status.SUBMITTING, sent_at=None).update(deadline=now)
    unfinished = Registration.objects.exclude(state__in=REGISTERED)
    # One that was given up before is looked for at first: it is not being sent yet either.
    not_yet = Q(sent_at=None) | Q(deadline__gt=now + timedelta(seconds=settings.SEND_SECONDS))
    unfinished.filter(not_yet).update(next_look_at=now, deadline=now)
    Task.objects.filter(status=Status.STORING).update(deadline=None, next_store_at=now)
    Task.objects.filter(status=Status.UNCERTAIN, next_look_at__gt=now).update(next_look_at=now)
    renditions.free_claims(now)
    sweep()


def undo_clock(now: datetime) -> None:
    """Nothing waits longer than a few minutes: what does is from before the clock was set back."""
    far = now + FARTHEST
    for status, field in TIMES:
        rows = Task.objects.filter(**{"status": status, f"{field}__gt": far})
        if rows.exists():  # the usual look writes nothing
            rows.update(**{field: now})
    unfinished = Registration.objects.exclude(state__in=REGISTERED)
    unfinished.filter(next_look_at__gt=far).update(next_look_at=now)
    unfinished.filter(deadline__gt=far).update(deadline=now)
