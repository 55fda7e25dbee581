"""Uncertain registrations: one look into a provider's library for all of a key."""

import logging
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from generation.catalogue.message import Message as _
from generation.catalogue.types import gettext_noop
from generation.engine.provider_clients import call_provider, client_of, follow_key
from generation.engine.queue import Job, wake
from generation.engine.record_outcome import DATABASE_AWAY
from generation.engine.registration.outcome import fail_registration, mark_registered
from generation.models import Lease, Registration, RegistrationState
from generation.models.tasks import LOOK_FARTHEST
from generation.providers.base import SubjectSnapshot
from generation.providers.errors import OutcomeUnknown, ProviderError, Throttled

log = logging.getLogger(__name__)
R = RegistrationState
LISTINGS_NEEDED = 2
LIST_SECONDS = 45.0  # where the library is asked for by tasks, a page takes several requests
CLAIM_TIME = timedelta(minutes=3)
CLAIM_MOST = 500
WAIT_MOST = timedelta(minutes=10)
UNCLEAR = gettext_noop("The provider gave no clear answer.")


def look_for_registrations() -> bool:
    """Look once for the due ones of one secret; False when none is due."""
    rows = claim_due_registrations()
    if rows:
        find_registrations(rows)
    return bool(rows)


def claim_due_registrations() -> list[Registration]:
    """Take those of the secret that waits longest, by moving their next look forward."""
    now = timezone.now()
    uncertain = Registration.objects.filter(state=R.UNCERTAIN)
    # What is far off is from before the clock was set back.
    due = uncertain.filter(Q(next_look_at__lte=now) | Q(next_look_at__gt=now + LOOK_FARTHEST))
    while rows := list(due.order_by("next_look_at")[:CLAIM_MOST]):
        ids = [row.pk for row in rows if library_of(row) == library_of(rows[0])]
        until = now + CLAIM_TIME + timedelta(microseconds=secrets.randbelow(1_000_000))
        if due.filter(pk__in=ids).update(next_look_at=until):
            taken = uncertain.filter(pk__in=ids, next_look_at=until)
            return list(taken.select_related("key", "subject"))
    return []


def library_of(row: Registration) -> tuple[str, object, int]:
    return row.provider, row.key_id, row.key_version


def find_registrations(rows: Sequence[Registration]) -> None:
    """The replies of these, of one secret, were lost: their labels tell what the provider has."""
    first, holder = rows[0], secrets.token_hex(8)
    gap = timedelta(seconds=settings.RECONCILE_GAP)
    name = f"library:{first.key_id or first.provider}"
    if not Lease.take(name, holder, max(gap.total_seconds(), LIST_SECONDS + 5)):
        free_at = Lease.objects.get(name=name).expires_at
        put_off_registrations(rows, max(free_at - timezone.now(), timedelta(0)))
        return
    try:
        found = read_subjects(first)
    except ProviderError as error:
        for row in rows:
            follow_key(row, error)
        asked = error.retry_after if isinstance(error, Throttled) else None
        put_off_registrations(rows, max(gap, min(timedelta(seconds=asked or 0), WAIT_MOST)))
        return
    finally:
        Lease.take(name, holder, gap.total_seconds())
    for row in [*rows, *others_uncertain(rows)]:
        if snapshot := found.get(row.label):
            record_found(row, snapshot)
    missing = [row for row in rows if row.label not in found]
    for row in missing:
        if row.looks + 1 >= LISTINGS_NEEDED:
            fail_registration(
                row,
                _("It could not be found out whether the provider took this subject."),
                _("It is not in the provider's list. Register it again, or look at the provider."),
            )
    put_off_registrations(missing, gap, looks=F("looks") + 1)


def record_found(row: Registration, snapshot: SubjectSnapshot) -> None:
    """What makes the code fail on one costs that one alone: it is looked for again."""
    try:
        mark_registered(row, snapshot)
    except DATABASE_AWAY:
        raise
    except Exception:
        log.exception("registration=%s provider=%s: not written", row.pk, row.provider)


def others_uncertain(rows: Sequence[Registration]) -> list[Registration]:
    """Those of the same secret that are not due: the same list may hold them."""
    first = rows[0]
    others = Registration.objects.filter(
        state=R.UNCERTAIN, provider=first.provider, key=first.key_id, key_version=first.key_version
    ).exclude(pk__in=[row.pk for row in rows])
    return list(others.select_related("key", "subject"))


def read_subjects(row: Registration) -> dict[str, SubjectSnapshot]:
    """The library behind the secret of a registration, by what its subjects are called there."""
    try:
        found = call_provider(client_of(row), lambda one: one.list_subjects(), LIST_SECONDS)
    except TimeoutError:
        raise OutcomeUnknown(UNCLEAR) from None
    except ProviderError:
        raise
    except Exception:  # a reply that makes the code fail is none
        log.exception("provider=%s: its library was not read", row.provider)
        raise OutcomeUnknown(UNCLEAR) from None
    return {one.name: one for one in reversed(found) if one.name and one.server_id}


def put_off_registrations(rows: Sequence[Registration], wait: timedelta, **fields: Any) -> None:
    uncertain = Registration.objects.filter(state=R.UNCERTAIN, pk__in=[row.pk for row in rows])
    if uncertain.update(next_look_at=timezone.now() + wait, **fields):
        wake(Job.POLL)
