"""Is the cluster alive, and does it keep up."""

from datetime import timedelta

from django.core.cache import cache
from django.db import DatabaseError
from django.utils import timezone

from generation.models import Heartbeat, Status, Task

STALE = timedelta(seconds=90)
LATE = timedelta(minutes=2)


def cluster_is_down() -> bool:
    """For the banner in the pages; asked at most every 10 s."""
    known = cache.get("cluster-down")
    if known is None:
        last = Heartbeat.last("cluster")
        known = last is not None and timezone.now() - last > STALE
        cache.set("cluster-down", known, 10)
    return bool(known)


def not_ready() -> list[str]:
    """What is missing for work to go on; empty when ready."""
    now = timezone.now()
    try:
        last = Heartbeat.last("cluster")
        late = Task.objects.filter(status=Status.RUNNING, next_poll_at__lt=now - LATE).exists()
    except DatabaseError:
        return ["database"]
    found = []
    if last is None or now - last > STALE:
        found.append("cluster")
    if late:
        found.append("polling")
    return found
