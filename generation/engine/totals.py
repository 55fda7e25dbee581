"""Adds what happened since the last time to the totals that /metrics shows."""

import secrets

from django.db import transaction

from generation.models import CountedEvents, Lease, MoveTotal

GAP = 30.0  # seconds between two counts: longer than any transaction that writes an event


def count_moves() -> bool:
    """False when it was done a moment ago, by this node or another.

    The totals and how far they go are written together: no event counts twice.
    """
    if not Lease.take("move-totals", secrets.token_hex(8), GAP):
        return False
    before = CountedEvents.objects.get_or_create(pk=1)[0]
    until, seen = before.next_stop, max(before.seen, CountedEvents.newest())
    same = CountedEvents.objects.filter(pk=1, counted=before.counted, seen=before.seen)
    if (until, seen) == (before.counted, before.seen):
        return True
    with transaction.atomic():
        if same.update(counted=until, seen=seen):
            MoveTotal.add(before.counted, until)
    return True
