"""Whether the cluster lives: a message that only a working queue and worker answer."""

import logging
import time
from datetime import timedelta

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from generation.engine import queue
from generation.models import Heartbeat

log = logging.getLogger(__name__)
STUCK_AFTER = timedelta(seconds=30)
MANY = 1_000  # messages that wait: one more would tell nothing


class ClusterHealth:
    """Heartbeats are expected only while the database and the queue answer."""

    def __init__(self) -> None:
        self.lost = False
        self.back = 0.0

    def send(self) -> None:
        close_old_connections()
        if not self.sent():
            if not self.lost:
                log.warning("the database or the queue does not answer; work goes on when it does")
            self.lost = True
        elif self.lost:
            log.info("the database and the queue answer again")
            self.lost, self.back = False, time.monotonic()

    def sent(self) -> bool:
        try:
            return queue.messages_waiting() >= MANY or queue.send(queue.Job.HEARTBEAT)
        except DatabaseError:
            return False

    def is_alive(self, started: float) -> bool:
        """False when none came for a while, counted from the start or the end of an outage."""
        calm = time.monotonic() - max(started, self.back)
        if self.lost or calm < STUCK_AFTER.total_seconds():
            return True
        try:
            last = Heartbeat.last("cluster")
        except DatabaseError:
            return True  # restarting the cluster would not bring the database back
        return last is not None and timezone.now() - last < STUCK_AFTER
