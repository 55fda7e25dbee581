"""Making a subject known to a provider: paid once, whatever dies on the way."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from generation.engine import installation
from generation.engine.build_request import subject_with_files
from generation.engine.claims import new_claim
from generation.engine.provider_clients import call_provider, client_of, follow_key
from generation.engine.queue import Job, wake
from generation.engine.record_outcome import LostClaim, internal_failure, retry_until_written
from generation.engine.registration.look import find_registrations, read_subjects
from generation.engine.registration.outcome import (
    FOLLOW,
    mark_registration_uncertain,
    postpone,
    record_registration_failure,
    record_snapshot,
)
from generation.models import Registration, RegistrationState
from generation.providers.base import RemoteState, SubjectSnapshot
from generation.providers.errors import NotFound, ProviderError

R = RegistrationState
PREPARE_TIME = timedelta(seconds=180)
FOLLOW_MOST = timedelta(minutes=15)


def register(row_id: int) -> None:
    """Do the next step for one registration. Harmless when there is none."""
    row = Registration.objects.select_related("key", "subject").filter(pk=row_id).first()
    if row is None:
        return
    if row.state == R.WAITING:
        send_registration(row)
    elif row.state == R.SENDING and row.remote_id:
        follow(row)
    elif row.state == R.UNCERTAIN:
        find_registrations([row])


def send_registration(row: Registration) -> None:
    """Claim it, then edit what is there or make what is not."""
    now, claim = timezone.now(), new_claim()
    taken: dict[str, Any] = {
        "claim": claim, "deadline": now + PREPARE_TIME, "remote_id": "",
        "next_look_at": now + PREPARE_TIME, "key_version": row.key.version if row.key else 1,
    }  # fmt: skip
    mine = Q(held_since=None) & installation.may_claim()
    if not row.step(R.SENDING, where=mine, **taken):
        installation.note_if_stale()
        return
    row = read_claimed(row)
    if row.key is not None and row.key.version != row.key_version:  # replaced in this moment
        row.step(R.WAITING, claim="", deadline=None, next_look_at=now)
        wake(Job.POLL)
        return
    try:
        snapshot = update_subject(row) if row.server_id else create_subject(row)
    except LostClaim:
        return
    except ProviderError as error:
        failure = error  # the name ends with this block
        retry_until_written(
            lambda: record_registration_failure(row, failure), f"{row} failed: {error}"
        )
    else:
        fact = f"{row} was accepted as {snapshot.server_id or snapshot.remote_id}"
        retry_until_written(lambda: record_snapshot(row, snapshot), fact)


def read_claimed(row: Registration) -> Registration:
    """The row as it is now that nobody else may touch it: what was read before may be old.

    Its files are read here, once, so that what is sent is what is remembered.
    """
    rows = Registration.objects.select_related("key", "subject")
    return rows.prefetch_related("subject__places__media").get(pk=row.pk)


def create_subject(row: Registration) -> SubjectSnapshot:
    earlier = find_earlier(row) if row.sent_at else None
    if earlier is not None:
        return earlier
    record_sent(row)
    try:
        client, subject = client_of(row), subject_with_files(row.subject, row.label)
        prepared = call_provider(client, lambda provider: provider.prepare_subject(subject))
    except ProviderError:
        raise
    except Exception as error:  # a subject that makes the code fail must not come back for ever
        raise internal_failure(error, str(row), row.looks + 1) from None
    mark_sent(row)
    # The one POST that may be charged.
    return call_provider(client_of(row), lambda provider: provider.submit_subject(prepared))


def find_earlier(row: Registration) -> SubjectSnapshot | None:
    """An earlier request was given up without its outcome: nothing is paid before a last look."""
    try:
        return read_subjects(row).get(row.label)
    except ProviderError as error:
        mark_registration_uncertain(row, error.sentence, timedelta(seconds=settings.RECONCILE_GAP))
        wake(Job.POLL)
        raise LostClaim from None


def update_subject(row: Registration) -> SubjectSnapshot:
    """Send what changed; files only when they did, because not every library takes new ones."""
    record_sent(row)
    try:
        subject = subject_with_files(row.subject, row.label)
    except Exception as error:
        raise internal_failure(error, str(row), row.looks + 1) from None
    if row.files == row.sent_files:
        subject = replace(subject, images=(), videos=())
    return call_provider(
        client_of(row), lambda provider: provider.edit_subject(row.server_id, subject)
    )


def record_sent(row: Registration) -> None:
    """Write down what is about to be sent; what was sent before is settled by now."""
    fields = {
        "sent_shape": row.subject.shape,
        "sent_files": [media.pk for media in row.subject.files],
        "sent_at": None,
    }
    if not Registration.objects.filter(pk=row.pk, state=R.SENDING, claim=row.claim).update(
        **fields
    ):
        raise LostClaim
    for name, value in fields.items():
        setattr(row, name, value)


def mark_sent(row: Registration) -> None:
    """Commit that the request may now be out. From here a silence means uncertain."""
    now = timezone.now()
    until = now + timedelta(seconds=settings.SEND_SECONDS)
    same = Registration.objects.filter(pk=row.pk, state=R.SENDING, claim=row.claim, sent_at=None)
    same = same.filter(installation.may_claim())
    if not same.update(sent_at=now, deadline=until, next_look_at=until):
        raise LostClaim
    row.sent_at = now


def follow(row: Registration) -> None:
    """Ask for the task that makes it. Free."""
    try:
        snapshot = call_provider(
            client_of(row), lambda provider: provider.fetch_subject(row.remote_id)
        )
    except ProviderError as error:
        follow_key(row, error)
        old = timezone.now() - row.changed_at > FOLLOW_MOST
        if isinstance(error, NotFound) and old and not row.server_id:
            row.step(R.UNCERTAIN, looks=0, remote_id="", next_look_at=timezone.now())
        else:
            postpone(row, FOLLOW * 5)
        return
    if snapshot.state in (RemoteState.SUCCESS, RemoteState.FAILED):
        record_snapshot(row, snapshot)
    else:
        postpone(row, FOLLOW)
