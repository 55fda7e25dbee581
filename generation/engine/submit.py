"""Sending one task: claim and commit, then POST once, then write down what came of it."""

import logging
import time
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from generation.catalogue.message import Message
from generation.catalogue.message import Message as _
from generation.catalogue.modes import MODES
from generation.engine import installation, key_loans, limits
from generation.engine.build_request import build_request
from generation.engine.claims import new_claim
from generation.engine.lanes import PLACES
from generation.engine.provider_clients import call_provider, client_of
from generation.engine.queue import Job, wake
from generation.engine.record_outcome import (
    LostClaim,
    accept,
    internal_failure,
    record_failure,
    retry_until_written,
)
from generation.engine.registration.requests import NotReady, RegistrationFailed, wait_for
from generation.engine.schedule import FULL_WAIT
from generation.engine.turns import Turns
from generation.engine.worker_state import progress, slot, stopping
from generation.log_lines import log_line
from generation.media.storage import ROOM, enough_space
from generation.models import ApiKey, Membership, Status, Task
from generation.models.teams import MAY_CREATE
from generation.providers.base import Prepared, Snapshot
from generation.providers.errors import NotReached, ProviderError, Throttled

log = logging.getLogger(__name__)
PREPARE_TIME = timedelta(seconds=180)
REGISTER_TIME = timedelta(seconds=15)  # the registration wakes the task earlier


def send_due(ends: float) -> bool:
    """Send what is queued and due, one after the other. True when it stopped for the time."""
    turns = Turns()
    while not stopping():
        installation.note_alive_at_times()
        task_id = turns.next_task(timezone.now())
        if task_id is None:
            return False
        progress(f"task {task_id}")
        wake_another()
        submit(task_id)
        if time.monotonic() > ends:
            return True
    return False


def wake_another() -> None:
    """While this one waits for its answer, another worker sends the next, if one has a place."""
    with slot(Job.SEND, PLACES[Job.SEND]) as is_free:
        pass
    due = Task.objects.due_to_send(timezone.now()).order_by().values_list("pk", flat=True)
    if is_free and len(due[:2]) > 1:
        wake(Job.SEND)


def submit(task_id: int) -> None:
    """Send a queued task. Harmless when it is not queued, not due, or claimed by another."""
    now = timezone.now()
    task = Task.objects.select_related("key", "user", "team").filter(pk=task_id).first()
    if task is None or not may_be_sent(task, now):
        return
    claim = new_claim()
    claimed: dict[str, Any] = {
        "claim": claim,
        "deadline": now + PREPARE_TIME,
        "sent_at": None,
        "waiting_for": "",
        "key_version": task.key.version if task.key else 1,
    }
    # A key that was removed since the row was read could pay, but never fetch what was paid for.
    due = Q(key=task.key_id, held_since=None) & (Q(not_before=None) | Q(not_before__lte=now))
    due &= key_loans.may_claim(task)
    if not task.move(Status.SUBMITTING, where=due & installation.may_claim(), **claimed):
        installation.note_if_stale()
        return
    try:
        refuse_replaced(task)
        prepared = prepare(task)
        mark_sent(task, claim)
        snapshot = send(task, prepared)
    except ProviderError as error:
        failure = error  # the name ends with this block
        log_refusal(task, failure)
        if is_silence(failure):  # counted while the row still counts as out, or one more is sent
            retry_until_written(lambda: limits.note_silence(task.provider), f"{task} got no answer")
        retry_until_written(lambda: record_failure(task, claim, failure), f"{task} failed: {error}")
        note_outcome(task, failure)
    except LostClaim:
        return
    except NotReady:  # a subject was edited, a key replaced, the studio stops: nothing was sent
        task.move(Status.QUEUED, where=Q(claim=claim), claim="", deadline=None, not_before=now)
    else:
        fact = f"{task} was accepted as {snapshot.remote_id}"
        retry_until_written(lambda: accept(task, snapshot), fact)
        limits.note_answer(task.provider)


def log_refusal(task: Task, error: ProviderError) -> None:
    """What to name when the provider is asked about it."""
    if error.request_id:
        facts = {"status": error.status, "remote_request": error.request_id}
        line = log_line("reply", **task.log_facts, **facts)
        transaction.on_commit(partial(log.warning, "%s", line))


def note_outcome(task: Task, error: ProviderError) -> None:
    """What a failed request says of the provider, and of how much its key may send."""
    if isinstance(error, Throttled):
        limits.note_throttled(task.key, error)
    if error.status is not None and not is_silence(error):  # the provider's own answer
        limits.note_answer(task.provider)


def is_silence(error: ProviderError) -> bool:
    """Whether the provider left the request without a clear answer, or was not there at all."""
    return isinstance(error, NotReached) or not error.nothing_happened


def may_be_sent(task: Task, now: datetime) -> bool:
    """Whether it is queued and due, still wanted, and has all it needs."""
    if task.status != Status.QUEUED or task.is_held or (task.not_before or now) > now:
        return False
    if why := why_not(task):
        task.move(Status.CANCELLED, why, finished_at=now, credits=0)
        return False
    return has_room(task, now) and subjects_are_ready(task, now)


def has_room(task: Task, now: datetime) -> bool:
    """Whether its result could be kept; if not it waits, because nothing is paid for in vain."""
    if enough_space(ROOM[MODES[task.mode].makes]):
        return True
    full = _("The studio's disk is full. It is sent when there is room again.")
    task.record(waiting_for=full, not_before=now + FULL_WAIT)
    return False


def subjects_are_ready(task: Task, now: datetime) -> bool:
    """Whether all its subjects are in the provider's library; if not, it waits for them."""
    try:
        waits = wait_for(task)
    except RegistrationFailed as failure:
        row = failure.row
        task.move(
            Status.FAILED,
            row.error,
            error=row.error,
            error_code="SubjectNotRegistered",
            error_field="subjects",
            advice=row.advice,
            finished_at=now,
            credits=0,
        )
        return False
    if waits:
        task.record(waiting_for=waits, not_before=now + REGISTER_TIME)
    return not waits


def why_not(task: Task) -> Message | None:
    """Why it is no longer to be sent, although it is queued."""
    if not may_still_send(task):
        return _("The person who asked may no longer generate in this team.")
    if not key_loans.is_lent(task):
        return _("The key of this task is no longer lent to the team.")
    return None


def may_still_send(task: Task) -> bool:
    return (
        task.user is not None
        and task.user.is_active
        and task.team.leaving_since is None
        and Membership.objects.filter(
            team=task.team_id, user=task.user_id, role__in=MAY_CREATE
        ).exists()
    )


def refuse_replaced(task: Task) -> None:
    """The claim names the secret that was read before it: only with that one may it go on.

    A secret that is replaced after this look stays until the task is done.
    """
    if task.key is not None:
        present = ApiKey.objects.filter(pk=task.key.pk).values_list("version", flat=True)
        if present.first() != task.key_version:
            raise NotReady


def prepare(task: Task) -> Prepared:
    """Build the request; images may be uploaded for it. Free, and nothing is created yet."""
    try:
        client, request = client_of(task), build_request(task)
        return call_provider(client, lambda provider: provider.prepare(request))
    except (ProviderError, NotReady):
        raise
    except Exception as error:  # one task that makes the code fail must not come back for ever
        task.code_failures += 1
        Task.objects.filter(pk=task.pk).update(code_failures=task.code_failures)
        raise internal_failure(error, str(task), task.code_failures) from None


def send(task: Task, prepared: Prepared) -> Snapshot:
    """The one POST that may be charged."""
    return call_provider(client_of(task), lambda provider: provider.submit(prepared))


def mark_sent(task: Task, claim: str) -> None:
    """Commit that the create request may now be out. From here a silence means uncertain."""
    if stopping():  # there may be no time left for the answer
        raise NotReady
    now = timezone.now()
    mine = Task.objects.filter(pk=task.pk, status=Status.SUBMITTING, claim=claim, sent_at=None)
    mine = mine.filter(installation.may_claim())
    deadline = now + timedelta(seconds=settings.SEND_SECONDS)
    if not mine.update(sent_at=now, deadline=deadline, sends=F("sends") + 1):
        raise LostClaim
    task.sent_at, task.sends = now, task.sends + 1
    line = log_line("send", **task.log_facts, sends=task.sends)
    transaction.on_commit(partial(log.info, "%s", line))


def cancel(task: Task) -> bool:
    """Cancel at once while nothing was sent; ask the provider where it has not begun.

    False when it is too late: it will finish and be kept.
    """
    now = timezone.now()
    if task.status == Status.QUEUED:
        return task.move(
            Status.CANCELLED, finished_at=now, credits=0, held_since=None, next_look_at=None
        )
    if not task.may_cancel:
        return False
    asked = _("Asked the provider to cancel.")
    if task.record(asked, cancel_asked_at=now, next_cancel_at=now):
        wake(Job.ASK)
    return True
