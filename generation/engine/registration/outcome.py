"""Writes the outcome of a registration, and wakes the tasks that wait for it."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from generation.catalogue.message import Message
from generation.catalogue.message import Message as _
from generation.engine import schedule
from generation.engine.queue import Job, wake
from generation.engine.registration.requests import new_label
from generation.models import ApiKey, Registration, RegistrationState, Status, Task
from generation.providers.base import RemoteState, SubjectSnapshot
from generation.providers.error_texts import with_message
from generation.providers.errors import NotFound, ProviderError, Throttled

R = RegistrationState
FOLLOW = timedelta(seconds=2)
NEW_NEEDED = "NewSubjectNeeded"


def record_snapshot(row: Registration, snapshot: SubjectSnapshot) -> None:
    """Write down what the provider says of it. Also right when a sweep was quicker."""
    with transaction.atomic():
        if not lock_registration(row, R.SENDING, R.UNCERTAIN, R.FAILED):
            return
        done = snapshot.state == RemoteState.SUCCESS
        if snapshot.state == RemoteState.FAILED:
            mark_refused(row, snapshot.error)
        elif snapshot.server_id or (done and row.server_id):
            mark_registered(row, snapshot)
        elif done:  # made, but not named: the list tells
            mark_registration_uncertain(row, "", timedelta(0))
        else:
            mark_pending(row, snapshot)
    wake(Job.POLL)


def lock_registration(row: Registration, *states: str) -> bool:
    """Look again, and hold the row until the end of the transaction."""
    claim = row.claim
    row.refresh_from_db(from_queryset=Registration.objects.select_for_update())
    return row.claim == claim and row.state in states


def mark_refused(row: Registration, why: str) -> None:
    if row.state != R.FAILED:
        usual = _("The provider did not take this subject.")
        fail_registration(row, with_message(usual, why), sent_at=None)


def mark_pending(row: Registration, snapshot: SubjectSnapshot) -> None:
    """A task of its own makes it, and is followed."""
    known: dict[str, Any] = {
        "remote_id": snapshot.remote_id or row.remote_id, "deadline": None, "error": "",
        "next_look_at": timezone.now() + FOLLOW,
        "credits": row.credits if snapshot.credits is None else snapshot.credits,
    }  # fmt: skip
    row.step(R.SENDING, **known)


def mark_registered(row: Registration, snapshot: SubjectSnapshot) -> None:
    known: dict[str, Any] = {
        "server_id": snapshot.server_id or row.server_id, "files": row.sent_files, "error": "",
        "deadline": None, "advice": "", "sent_at": None, "looks": 0,
        "credits": row.credits if snapshot.credits is None else snapshot.credits,
    }  # fmt: skip
    has_text = row.subject.style or row.subject.description
    if row.state == R.FAILED or (has_text and not row.server_id):
        # A new one is made from its files alone; the text follows, for free.
        row.step(R.WAITING, claim="", next_look_at=timezone.now(), **known)
        wake(Job.LOOK)
        return
    shape = row.sent_shape if same_secret(row) else 0
    if row.step(R.KEPT, shape=shape, next_look_at=None, **known):
        wake_tasks(row)


def same_secret(row: Registration) -> bool:
    """Whether the library is certainly the one behind its key's present secret."""
    if row.key_id is None:
        return True
    return ApiKey.objects.filter(pk=row.key_id, version=row.key_version).exists()


def record_registration_failure(row: Registration, error: ProviderError) -> None:
    """A failed attempt, by the two questions every error answers."""
    with transaction.atomic():
        if lock_registration(row, R.SENDING, R.UNCERTAIN):
            apply_error(row, error)
    wake(Job.POLL)


def apply_error(row: Registration, error: ProviderError) -> None:
    if row.server_id and error.code == NEW_NEEDED:
        row.step(
            R.WAITING, server_id="", label=new_label(row.subject), claim="",
            next_look_at=timezone.now(),
        )  # fmt: skip
        wake(Job.LOOK)
    elif row.server_id and isinstance(error, NotFound):
        fail_registration(
            row,
            _("The provider's library does not hold this subject any more."),
            _("Register it again; that costs as much as a new one."),
            server_id="",
            label=new_label(row.subject),
        )
    elif row.sent_at and not error.nothing_happened:
        if row.state == R.SENDING:
            mark_registration_uncertain(
                row, error.sentence, timedelta(seconds=settings.RECONCILE_GRACE)
            )
    elif error.may_retry or not error.nothing_happened:
        requeue_registration(row, error)
    else:
        fail_registration(row, error.sentence, error.advice, sent_at=None)


def mark_registration_uncertain(row: Registration, why: Message | str, wait: timedelta) -> None:
    """It may be there: it is looked for, never sent again."""
    if row.state == R.SENDING:
        row.step(
            R.UNCERTAIN, error=why, looks=0, deadline=None,
            next_look_at=timezone.now() + wait,
        )  # fmt: skip


def requeue_registration(row: Registration, error: ProviderError) -> None:
    asked = error.retry_after if isinstance(error, Throttled) else None
    row.step(
        R.WAITING, claim="", sent_at=None, deadline=None, looks=F("looks") + 1,
        error=error.sentence,
        next_look_at=timezone.now() + schedule.again_after(row.looks + 1, asked),
    )  # fmt: skip


def fail_registration(
    row: Registration, sentence: Message, advice: Message | str = "", **known: Any
) -> None:
    moved = row.step(
        R.FAILED, error=sentence, advice=advice, next_look_at=None, deadline=None,
        **known,
    )  # fmt: skip
    if moved:
        wake_tasks(row)


def postpone(row: Registration, wait: timedelta) -> None:
    Registration.objects.filter(pk=row.pk, state=row.state, claim=row.claim).update(
        next_look_at=timezone.now() + wait
    )
    wake(Job.POLL)


def wake_tasks(row: Registration) -> None:
    """Tasks that waited for this look again at once."""
    waiting = Task.objects.filter(
        status=Status.QUEUED,
        mentioned_subjects__subject=row.subject_id,
        provider=row.provider,
        key=row.key_id,
    )
    for task in waiting:
        Task.objects.filter(pk=task.pk, status=Status.QUEUED).update(not_before=None)
        wake(Job.SEND)
