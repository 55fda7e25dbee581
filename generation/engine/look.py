"""The lane for what may have been paid for, and for subjects in providers' libraries."""

import time
from datetime import datetime, timedelta

from django.utils import timezone

from generation.engine import overdue, reconcile
from generation.engine.registration.job import register
from generation.engine.worker_state import progress, stopping
from generation.models import Registration, RegistrationState

CLAIM_TIME = timedelta(seconds=90)
R = RegistrationState


def look_due(ends: float) -> bool:
    """True when something is left that is due."""
    while not stopping() and time.monotonic() < ends:
        row_id = claim_registration(timezone.now())
        if row_id is None:
            reconcile.look(ends)
            overdue.look_at_stopped()
            return False
        progress(f"registration {row_id}")
        register(row_id)
    return True


def claim_registration(now: datetime) -> int | None:
    """Take one that is due, by moving its time: nobody else works on it meanwhile.

    Uncertain ones are looked for together.
    """
    open_ones = Registration.objects.filter(state__in=(R.WAITING, R.SENDING), held_since=None)
    due = open_ones.filter(next_look_at__lte=now)
    for row_id, at in due.order_by("next_look_at").values_list("pk", "next_look_at")[:10]:
        same = Registration.objects.filter(pk=row_id, next_look_at=at)
        if same.update(next_look_at=now + CLAIM_TIME):
            return int(row_id)
    return None
