"""Writes the outcome of a request to the task, and retries while the database is away."""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import Error, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from generation.catalogue.message import Message
from generation.catalogue.message import Message as _
from generation.engine import schedule
from generation.engine.notices import tell_key
from generation.engine.provider_clients import follow_key
from generation.engine.queue import Job, wake
from generation.models import ApiKey, KeyState, Status, Task
from generation.models.keys import provider_message
from generation.models.tasks import NO_RESULTS
from generation.providers.base import RemoteState, Snapshot
from generation.providers.errors import (
    KeyRejected,
    NotFound,
    OutOfCredit,
    ProviderError,
    Throttled,
)

log = logging.getLogger(__name__)
PATIENCE, PAUSE = 45.0, 0.5  # seconds; a restart of the database takes less
FAULTS_MOST = 5
DATABASE_AWAY = (OperationalError, InterfaceError)
MOST_RESULTS = 16
RESULT_LIFE = timedelta(hours=24)
EMPTY_POLLS, EMPTY_SPAN, EMPTY_GAP = 3, timedelta(seconds=30), timedelta(seconds=15)
UNKNOWN_GRACE = timedelta(minutes=10)


def retry_until_written(write: Callable[[], None], fact: str) -> None:
    """Call `write` until the database takes it. It must be right when a part is written already.

    A provider tells only once that it accepted something: when the database restarts, or its
    disk is full in that moment, this must not be forgotten.
    """
    ends = time.monotonic() + PATIENCE
    while True:
        try:
            write()
        except DATABASE_AWAY:
            if time.monotonic() > ends:
                log.critical("could not be written down: %s", fact)
                raise
            log.warning("the database is away, trying again: %s", fact)
            connection.close()
            time.sleep(PAUSE)
        else:
            return


class LostClaim(Exception):
    """Somebody else has this row now; nothing of ours may be sent or written."""


class InternalFailure(ProviderError):
    """Our own code failed before anything was sent. Tried again, but not for ever."""

    def __init__(self, sentence: Message, *, may_retry: bool, advice: Message | str = "") -> None:
        super().__init__(sentence, advice=advice)
        self.may_retry = may_retry


def internal_failure(error: Exception, what: str, faults: int) -> InternalFailure:
    """The error that stands for a fault of ours, the `faults`th of `what`."""
    if isinstance(error, Error):  # not its fault: the sweep takes it up again
        raise error
    log.error("%s could not be prepared", what, exc_info=error)
    if isinstance(error, FileNotFoundError):
        sentence = _("A file that it needs is missing from the studio's storage.")
        return InternalFailure(sentence, may_retry=False, advice=_("Upload it again."))
    return InternalFailure(
        _("The studio itself failed on this, and nothing was sent."),
        may_retry=faults < FAULTS_MOST,
        advice=_("An admin finds the cause in the log."),
    )


def accept(task: Task, snapshot: Snapshot) -> None:
    """Write down that the provider has it. Also right when a sweep was quicker than the reply.

    What was made at once is in this reply alone, so its links are written with it.
    """
    now = timezone.now()
    fields: dict[str, Any] = {
        "remote_id": snapshot.remote_id,
        "remote_state": snapshot.state,
        "accepted_at": now,
        "next_poll_at": schedule.first_poll(task, now),
        "credits": snapshot.credits,
        "seed_used": snapshot.seed,
        "deadline": None,
        "next_look_at": None,
        "finished_at": None,
        "error": "",
        "error_code": "",
        "advice": "",
        "waiting_for": "",
    }
    with transaction.atomic():
        lock_row(task)
        late = _("The reply came late.") if task.status != Status.SUBMITTING else ""
        open_still = task.status in (Status.SUBMITTING, Status.UNCERTAIN) or task.was_given_up
        moved = open_still and task.move(Status.RUNNING, late, **fields)
        if moved and snapshot.state == RemoteState.SUCCESS and snapshot.results:
            finish(task, snapshot, now)
        if not moved and task.remote_id == snapshot.remote_id:
            add_charge(task, snapshot)
    trust_key(task)
    wake(Job.POLL)


def add_charge(task: Task, snapshot: Snapshot) -> None:
    """It was found before its reply came: what only the reply tells of the charge is added."""
    announced = {"credits": snapshot.credits, "cost": snapshot.cost, "seed_used": snapshot.seed}
    missing: dict[str, Any] = {
        name: value
        for name, value in announced.items()
        if value is not None and getattr(task, name) is None
    }
    if missing and task.status in (Status.RUNNING, Status.STORING, Status.SUCCEEDED):
        task.record(**missing)


def trust_key(task: Task) -> None:
    """What was accepted disproves that the same secret was refused or out of credits before."""
    refused = ApiKey.objects.filter(state__in=(KeyState.REJECTED, KeyState.EMPTY))
    same = refused.filter(pk=task.key_id, version=task.key_version) if task.key_id else None
    if same is not None:
        same.update(state=KeyState.WORKS, note="")


def lock_row(task: Task) -> None:
    """The row as it is now, held until the end of the transaction."""
    task.refresh_from_db(from_queryset=Task.objects.select_for_update())


def record_failure(task: Task, claim: str, error: ProviderError) -> None:
    """Write down a failed attempt, by the two questions every error answers."""
    with transaction.atomic():
        lock_row(task)
        if task.claim != claim or task.status not in (Status.SUBMITTING, Status.UNCERTAIN):
            return
        swept = task.status == Status.UNCERTAIN  # a sweep was quicker than the reply
        named = bool(task.remote_id)  # by a callback: it was accepted, whatever the reply says
        if task.sent_at and (named or not error.nothing_happened):
            if not swept:
                mark_uncertain(task, error)
        elif not error.may_retry:
            mark_failed(task, error)
        elif not swept:
            requeue(task, error)
    wake(Job.POLL)  # a round looks after what is due later


def mark_uncertain(task: Task, error: ProviderError) -> None:
    """It may have been accepted: it is looked for, never sent again."""
    grace = timedelta(seconds=settings.RECONCILE_GRACE)
    task.move(
        Status.UNCERTAIN,
        error.sentence,
        error=error.sentence,
        error_code=error.code[:80],
        next_look_at=timezone.now() + grace,
    )


def mark_failed(task: Task, error: ProviderError) -> None:
    note_key(task, error)
    sentence, advice = lender_failure(task, error) or (error.sentence, error.advice)
    task.move(
        Status.FAILED,
        sentence,
        error=sentence,
        error_code=error.code[:80],
        error_field=error.field[:40],
        advice=advice,
        finished_at=timezone.now(),
        next_look_at=None,
        credits=0,
    )


def lender_failure(task: Task, error: ProviderError) -> tuple[Message, Message] | None:
    """What is wrong with the key of somebody else, and whom to ask: only the lender can mend it."""
    if task.loan is None or not isinstance(error, (KeyRejected, OutOfCredit)):
        return None
    provider, name = provider_message(task.provider), task.loan.lender_name
    advice = _("Ask %(name)s, or choose another key.", name=name)
    if isinstance(error, OutOfCredit):
        return _("%(name)s's key has no credits left at %(provider)s.", name=name,
                 provider=provider), advice  # fmt: skip
    return _("%(provider)s did not take %(name)s's key.", name=name, provider=provider), advice


def requeue(task: Task, error: ProviderError) -> None:
    """Certainly not accepted: back in the queue, later."""
    asked = error.retry_after if isinstance(error, Throttled) else None
    wait = schedule.again_after(max(task.sends, task.code_failures), asked)
    task.move(
        Status.QUEUED,
        error.sentence,
        claim="",
        sent_at=None,
        deadline=None,
        not_before=timezone.now() + wait,
        waiting_for=error.sentence,
    )


def note_key(task: Task, error: ProviderError) -> None:
    """What it says of the key, unless that got another secret since."""
    if task.key is None or task.key.version != task.key_version:
        return
    for kind, state in ((KeyRejected, KeyState.REJECTED), (OutOfCredit, KeyState.EMPTY)):
        if isinstance(error, kind) and task.key.record_test(state, error.sentence):
            tell_key(task.key, task.team, state)


def finish(task: Task, snapshot: Snapshot, now: datetime) -> bool:
    if not snapshot.results:
        return note_empty(task, snapshot, now)
    moved = task.move(
        Status.STORING,
        remote_state=RemoteState.SUCCESS,
        results=links_of(task, snapshot),
        results_expire_at=now + RESULT_LIFE,
        next_poll_at=None,
        deadline=None,  # of sending; a download takes its own
        next_store_at=now,
        finished_at=now,
        unreachable_since=None,
        **charge_of(task, snapshot),
    )
    if moved:
        wake(Job.STORE)
    return True


def note_empty(task: Task, snapshot: Snapshot, now: datetime) -> bool:
    """Success without a file may be told too early: three looks over half a minute, then failed."""
    since, polls = task.empty_since or now, task.empty_polls + 1
    known: dict[str, Any] = {
        "empty_since": since, "empty_polls": polls, "poll_failures": 0, "unreachable_since": None,
        **charge_of(task, snapshot),
    }  # fmt: skip
    if polls < EMPTY_POLLS or now - since < EMPTY_SPAN:
        note = _("The provider sent no result yet.") if polls == 1 else ""
        task.record(note, next_poll_at=now + EMPTY_GAP, **known)
        return True
    why = _("The provider says that it is done, but sent no result.")
    task.move(
        Status.FAILED, why, error=why, error_code=NO_RESULTS, next_poll_at=None, finished_at=now,
        advice=_("Press Look for it again. It costs nothing."), **known,
    )  # fmt: skip
    return True


def find_results(task: Task) -> bool:
    """A person asks for the result of what has finished without one. Never a new charge."""
    if not task.may_find_results:
        return False
    moved = task.move(
        Status.RUNNING, _("Looking for the result again."), next_poll_at=timezone.now(),
        empty_polls=0, empty_since=None, finished_at=None, error="", error_code="", advice="",
    )  # fmt: skip
    wake(Job.POLL)
    return moved


def links_of(task: Task, snapshot: Snapshot) -> list[dict[str, Any]]:
    """Where the results are: the clean ones first, then those with the mark where one was asked."""
    found = snapshot.results[:MOST_RESULTS]
    links: list[dict[str, Any]] = [{"url": one.url, "remote_id": one.remote_id} for one in found]
    if task.values.get("watermark"):
        for link, one in zip(list(links), found, strict=True):
            if one.watermarked_url == one.url:
                link["marked"] = True
            elif one.watermarked_url:
                links.append({"url": one.watermarked_url, "remote_id": "", "marked": True})
    return links


def charge_of(task: Task, snapshot: Snapshot) -> dict[str, Any]:
    """The real charge, which may be 0; without one, what the create reply said."""
    return {
        "credits": task.credits if snapshot.credits is None else snapshot.credits,
        "cost": task.cost if snapshot.cost is None else snapshot.cost,
        "seed_used": task.seed_used if snapshot.seed is None else snapshot.seed,
    }


def note_error(task: Task, error: ProviderError, now: datetime) -> bool:
    """A failed poll is no transition: only a later look. Silence is recorded once."""
    follow_key(task, error)
    task.poll_failures += 1
    task.next_poll_at = schedule.next_poll(task, now)
    young = now - (task.accepted_at or now) < UNKNOWN_GRACE
    if isinstance(error, NotFound) and young:
        return False
    if task.unreachable_since is None and task.poll_failures >= 2:
        return task.record(
            error.sentence,
            unreachable_since=now,
            poll_failures=task.poll_failures,
            next_poll_at=task.next_poll_at,
        )
    return False
