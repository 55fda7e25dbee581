"""Rows of uncertain and of held tasks: claimed for a look, put off, left to a person."""

import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from generation.catalogue.message import Message
from generation.catalogue.message import Message as _
from generation.engine.record_outcome import DATABASE_AWAY
from generation.engine.search_list import BEFORE, moment_sent
from generation.log_lines import log_line
from generation.models import Status, Task
from generation.models.tasks import TaskQuerySet
from generation.providers.errors import ProviderError, Throttled

log = logging.getLogger(__name__)
CLAIM_TIME = timedelta(minutes=3)  # longer than a turn takes: what has died is looked for again
TURN_SPAN = timedelta(minutes=30)  # tasks that were sent so far apart share one listing
WAIT_MOST = timedelta(minutes=10)
CLAIM_MOST = 2_000


def claim_group() -> list[Task]:
    """Take the due tasks of the secret that waits longest, by moving their next look forward.

    Where they were moved to is as good as unique, so it tells which of them this call took.
    """
    now = timezone.now()
    due = Task.objects.due_for_look(now)
    facts = ("pk", "provider", "key_id", "key_version", "sent_at", "created_at")
    # Sorted out here: a database that knows too little of its rows would read all of one key.
    while rows := list(due.order_by("next_look_at").only(*facts)[:CLAIM_MOST]):
        first = rows[0]
        ids = [
            row.pk for row in rows if secret_of(row) == secret_of(first) and are_near(row, first)
        ]
        until = now + CLAIM_TIME + timedelta(microseconds=secrets.randbelow(1_000_000))
        if due.filter(pk__in=ids).update(next_look_at=until):
            taken = Task.objects.filter(pk__in=ids, next_look_at=until)
            return list(taken.select_related("key"))
    return []


def secret_of(task: Task) -> tuple[str, object, int]:
    """What one client can ask for."""
    return task.provider, task.key_id, task.key_version


def are_near(one: Task, other: Task) -> bool:
    return abs(moment_sent(one) - moment_sent(other)) <= TURN_SPAN


def others_like(tasks: Sequence[Task]) -> list[Task]:
    """Tasks of the same secret that are looked for and not due: the same listing may show them."""
    first, times = tasks[0], [moment_sent(task) for task in tasks]
    waiting = Task.objects.maybe_accepted().filter(next_look_at__gt=timezone.now())
    waiting = waiting.exclude(status=Status.FAILED)
    known = {task.pk for task in tasks}
    return [
        task
        for task in waiting.order_by("next_look_at")[:CLAIM_MOST]
        if task.pk not in known
        and secret_of(task) == secret_of(first)
        and min(times) - BEFORE <= moment_sent(task) <= max(times) + BEFORE
    ]


def claimed(task: Task) -> TaskQuerySet:
    """Its row, unless somebody else changed when to look: a callback, or a person."""
    rows = Task.objects.maybe_accepted()
    return rows.filter(pk=task.pk, next_look_at=task.next_look_at)


def put_off(tasks: Sequence[Task], wait: timedelta, why: Message | str = "") -> None:
    """Tasks of one claim: look again later."""
    rows = Task.objects.maybe_accepted().filter(pk__in=[task.pk for task in tasks])
    rows = rows.filter(next_look_at__in={task.next_look_at for task in tasks})
    reason = {"waiting_for": why} if why else {}
    rows.update(next_look_at=timezone.now() + wait, **reason)


def pause() -> timedelta:
    return timedelta(seconds=settings.RECONCILE_GAP)


def pause_after(error: ProviderError) -> timedelta:
    """A minute, or as long as the provider asked for."""
    asked = error.retry_after if isinstance(error, Throttled) else None
    return max(pause(), min(timedelta(seconds=asked or 0), WAIT_MOST))


def apart(task: Task, write: Callable[[], object]) -> None:
    """What makes the code fail on one task costs that task alone: it is due again when its claim
    ends."""
    try:
        write()
    except DATABASE_AWAY:
        raise
    except Exception:
        log.exception("task=%s provider=%s: not settled", task.pk, task.provider)


def leave_to_person(task: Task) -> None:
    """Nothing more can be found out by us: `next_look_at` None shows the three choices."""
    if task.record(
        _("It could not be found out whether this was accepted. You decide."),
        where=Q(next_look_at=task.next_look_at),
        next_look_at=None,
        listings=task.listings,
    ):
        log.warning("%s", log_line("outcome", **task.log_facts, outcome="left_to_person"))
