"""Making a subject known to a provider: paid once, whatever dies on the way."""

import asyncio
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from generation.engine import pace
from generation.engine.clients import client_of, follow_key
from generation.engine.order import shown
from generation.engine.queue import wake, wake_round
from generation.engine.registrations import new_label
from generation.models import ApiKey, Registration, RegistrationState, Status, Task
from generation.providers.base import Prepared, Provider, RemoteState, SubjectSnapshot
from generation.providers.errors import ProviderError, Throttled

R = RegistrationState
PREPARE_TIME = timedelta(seconds=180)
FOLLOW = timedelta(seconds=2)
LISTINGS_NEEDED = 2
NEW_NEEDED = "NewSubjectNeeded"


def register(row_id: int) -> None:
    """Do the next step for one registration. Harmless when there is none."""
    row = Registration.objects.select_related("key", "subject").filter(pk=row_id).first()
    if row is None:
        return
    if row.state == R.WAITING:
        send(row)
    elif row.state == R.SENDING and row.remote_id:
        follow(row)
    elif row.state == R.UNCERTAIN:
        look_for(row)


def send(row: Registration) -> None:
    """Claim it, then edit what is there or make what is not."""
    now, claim = timezone.now(), secrets.token_hex(16)
    subject, told = row.subject, row.subject.shape
    taken: dict[str, Any] = {
        "claim": claim, "deadline": now + PREPARE_TIME, "sent_at": None, "sent_shape": told,
        "sent_files": [media.pk for media in subject.files],
        "remote_id": "", "next_look_at": now + PREPARE_TIME,
        "key_version": row.key.version if row.key else 1,
    }  # fmt: skip
    if not row.step(R.SENDING, **taken):
        return
    if was_replaced(row):
        row.step(R.WAITING, claim="", deadline=None, next_look_at=now)
        wake_round()
        return
    try:
        snapshot = edit(row) if row.server_id else make(row)
    except Lost:
        return
    except ProviderError as error:
        settle(row, error)
    else:
        note(row, snapshot)


class Lost(Exception):
    """Somebody else has this row now; nothing of ours may be sent or written."""


def was_replaced(row: Registration) -> bool:
    """Whether its key got a new secret between the look at it and the claim."""
    present = ApiKey.objects.filter(pk=row.key_id).values_list("version", flat=True)
    return row.key is not None and present.first() != row.key_version


def make(row: Registration) -> SubjectSnapshot:
    subject = shown(row.subject, row.label)

    async def prepare(client: Provider) -> Prepared:
        async with client as provider:
            return await provider.prepare_subject(subject)

    async def post(client: Provider, prepared: Prepared) -> SubjectSnapshot:
        """The one POST that may be charged."""
        async with client as provider:
            return await provider.submit_subject(prepared)

    prepared = asyncio.run(prepare(client_of(row)))
    mark_sent(row)
    return asyncio.run(post(client_of(row), prepared))


def edit(row: Registration) -> SubjectSnapshot:
    """Tell of what changed; files only when they did, because not every library takes new ones."""
    subject = shown(row.subject, row.label)
    if row.files == row.sent_files:
        subject = replace(subject, images=(), videos=())
    client = client_of(row)

    async def put() -> SubjectSnapshot:
        async with client as provider:
            return await provider.edit_subject(row.server_id, subject)

    return asyncio.run(put())


def mark_sent(row: Registration) -> None:
    """Commit that the request may now be out. From here a silence means uncertain."""
    now = timezone.now()
    until = now + timedelta(seconds=settings.SEND_SECONDS)
    mine = Registration.objects.filter(pk=row.pk, state=R.SENDING, claim=row.claim, sent_at=None)
    if not mine.update(sent_at=now, deadline=until, next_look_at=until):
        raise Lost
    row.sent_at = now


def note(row: Registration, snapshot: SubjectSnapshot) -> None:
    """Write down what the provider says of it."""
    now = timezone.now()
    if snapshot.state == RemoteState.FAILED:
        fail(row, snapshot.error or _("The provider did not take this subject."))
        return
    done = snapshot.state == RemoteState.SUCCESS
    server_id = snapshot.server_id or (row.server_id if done else "")
    if not server_id and done:  # made, but not named: the list tells
        row.step(R.UNCERTAIN, looks=0, deadline=None, next_look_at=now)
        wake_round()
        return
    if not server_id:  # a task of its own makes it
        remote = snapshot.remote_id or row.remote_id
        Registration.objects.filter(pk=row.pk, claim=row.claim, state=R.SENDING).update(
            remote_id=remote, next_look_at=now + FOLLOW, deadline=None,
            credits=row.credits if snapshot.credits is None else snapshot.credits,
        )  # fmt: skip
        wake_round()
        return
    kept(row, server_id, snapshot.credits)


def kept(row: Registration, server_id: str, credits: int | None) -> None:
    known: dict[str, Any] = {
        "server_id": server_id, "files": row.sent_files, "deadline": None, "error": "",
        "advice": "", "credits": row.credits if credits is None else credits,
    }  # fmt: skip
    if not row.server_id and (row.subject.style or row.subject.description):
        # A new one is made from its files alone; the words follow, for free.
        row.step(R.WAITING, claim="", sent_at=None, next_look_at=timezone.now(), **known)
        wake("register", row.pk)
        return
    moved = row.step(R.KEPT, shape=row.sent_shape, next_look_at=None, **known)
    if moved:
        row.subject.refresh_from_db(fields=["shape"])
        wake_tasks(row)


def settle(row: Registration, error: ProviderError) -> None:
    """A failed attempt, by the two questions every error answers."""
    now = timezone.now()
    if row.server_id and error.code == NEW_NEEDED:
        row.step(R.WAITING, server_id="", label=new_label(row.subject), claim="", next_look_at=now)
        wake("register", row.pk)
    elif row.sent_at and not error.nothing_happened:
        wait = timedelta(seconds=settings.RECONCILE_GRACE)
        row.step(R.UNCERTAIN, error=error.sentence[:600], looks=0, next_look_at=now + wait)
        wake_round()
    elif error.may_retry or (not row.sent_at and not error.nothing_happened):
        asked = error.retry_after if isinstance(error, Throttled) else None
        row.step(
            R.WAITING, claim="", sent_at=None, deadline=None, looks=F("looks") + 1,
            error=error.sentence[:600], next_look_at=now + pace.again_after(row.looks + 1, asked),
        )  # fmt: skip
        wake_round()
    else:
        fail(row, error.sentence, getattr(error, "advice", ""))


def fail(row: Registration, sentence: str, advice: str = "") -> None:
    moved = row.step(
        R.FAILED, error=sentence[:600], advice=advice[:300], next_look_at=None, deadline=None
    )
    if moved:
        wake_tasks(row)


def follow(row: Registration) -> None:
    """Ask for the task that makes it. Free."""
    try:
        snapshot = asyncio.run(ask(client_of(row), row.remote_id))
    except ProviderError as error:
        follow_key(row, error)
        later(row, FOLLOW * 5)
        return
    if snapshot.state in (RemoteState.SUCCESS, RemoteState.FAILED):
        note(row, snapshot)
    else:
        later(row, FOLLOW)


async def ask(client: Provider, remote_id: str) -> SubjectSnapshot:
    async with client as provider:
        return await provider.fetch_subject(remote_id)


def later(row: Registration, wait: timedelta) -> None:
    Registration.objects.filter(pk=row.pk, state=row.state, claim=row.claim).update(
        next_look_at=timezone.now() + wait
    )
    wake_round()


def look_for(row: Registration) -> None:
    """The reply was lost: its label tells whether the provider has it."""
    try:
        found = asyncio.run(listed(client_of(row)))
    except ProviderError as error:
        follow_key(row, error)
        later(row, timedelta(seconds=settings.RECONCILE_GAP))
        return
    known = next((one for one in found if one.name == row.label and one.server_id), None)
    if known:
        kept(row, known.server_id, known.credits)
    elif row.looks + 1 < LISTINGS_NEEDED:
        Registration.objects.filter(pk=row.pk, state=R.UNCERTAIN).update(looks=F("looks") + 1)
        later(row, timedelta(seconds=settings.RECONCILE_GAP))
    else:
        fail(
            row,
            _("It could not be found out whether the provider took this subject."),
            _("It is not in the provider's list. Register it again, or look at the provider."),
        )


async def listed(client: Provider) -> list[SubjectSnapshot]:
    async with client as provider:
        return await provider.list_subjects()


def wake_tasks(row: Registration) -> None:
    """Tasks that waited for this look again at once."""
    waiting = Task.objects.filter(
        status=Status.QUEUED, cast__subject=row.subject_id, provider=row.provider, key=row.key_id
    )
    for task in waiting:
        Task.objects.filter(pk=task.pk, status=Status.QUEUED).update(not_before=None)
        wake("submit", task.pk)


# --- After a death -------------------------------------------------------------------------------


def free_stuck(now: datetime) -> None:
    """A crash leaves `sending`: again if nothing was sent, else it has to be looked for."""
    stuck = Registration.objects.filter(state=R.SENDING, remote_id="", deadline__lt=now)
    for row in stuck:
        same = Q(sent_at=row.sent_at)
        if row.sent_at is None:
            row.step(R.WAITING, where=same, claim="", deadline=None, next_look_at=now)
        else:
            row.step(
                R.UNCERTAIN, where=same, looks=0, deadline=None, next_look_at=now,
                error=_("The studio stopped while this was being sent."),
            )  # fmt: skip
