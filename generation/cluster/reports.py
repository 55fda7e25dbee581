"""What the main process tells the database: that this node lives, and when to sweep.

In a thread of its own, so that a database that hangs holds up nothing else.
"""

import contextlib
import logging
import time
from datetime import timedelta
from operator import itemgetter
from pathlib import Path
from threading import Thread
from typing import Any

from django.db import Error, close_old_connections, connection
from django.utils import timezone

from generation.cluster.folders import cluster_name
from generation.cluster.sentinel import DYING
from generation.engine import installation, queue, worker_state
from generation.models import Heartbeat

log = logging.getLogger(__name__)
ROW_SECONDS, SWEEP_SECONDS = 10.0, 60.0
SILENT_AFTER = 60.0  # seconds without a heartbeat of the sentinel
CALM_SECONDS = 30.0  # before one that follows a recent death counts as alive
KEPT = timedelta(days=30)
# So that a lost connection, or a lock, ends in an error and the next try is soon.
LIMITS = {
    "postgresql": {
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 15_000,
    },
    "sqlite": {"timeout": 5},
}


class Reports:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = worker_state.NODES + cluster_name()
        self.started = time.monotonic()
        self.follows_a_death: bool | None = None
        self.is_away = False
        self.seen, self.seen_at = 0.0, time.monotonic()
        connection.settings_dict["OPTIONS"] |= LIMITS.get(connection.vendor, {})

    def start(self) -> None:
        Thread(target=self.run, daemon=True, name="reports").start()

    def run(self) -> None:
        next_row = next_sweep = time.monotonic()
        while True:
            now = time.monotonic()
            if now >= next_row:
                next_row = now + ROW_SECONDS
                self.report()
            if now >= next_sweep:
                next_sweep = now + SWEEP_SECONDS
                wake_sweep()
            time.sleep(1.0)

    def report(self) -> None:
        """Write this node's row, if there is something to tell that is true."""
        alive = self.is_alive()
        try:
            close_old_connections()
            installation.note_alive_at_times()
            self.look_back()
            if alive and not self.is_too_early():
                Heartbeat.touch(self.name, workers=workers_in(self.folder))
        except Error as trouble:
            if not self.is_away:
                reason = type(trouble).__name__
                log.warning("the database does not answer (%s); work goes on when it does", reason)
            self.is_away = True
        else:
            if self.is_away:
                log.info("the database answers again")
            self.is_away = False

    def note_start(self) -> None:
        """Before anything of this start is written: it would hide that the studio was away."""
        try:
            installation.note_alive()
            self.look_back()
        except Error as trouble:
            log.warning("the database does not answer (%s)", type(trouble).__name__)

    def look_back(self) -> None:
        if self.follows_a_death is None:
            Heartbeat.objects.filter(at__lt=timezone.now() - KEPT).delete()
            last = Heartbeat.last(self.name)
            recent = timedelta(seconds=3 * CALM_SECONDS)
            self.follows_a_death = last is not None and timezone.now() - last < recent

    def is_too_early(self) -> bool:
        """A cluster that dies again and again must not look alive because it starts."""
        return bool(self.follows_a_death) and time.monotonic() - self.started < CALM_SECONDS

    def is_alive(self) -> bool:
        """Whether the sentinel goes on, and its workers live."""
        file = self.folder / "sentinel.json"
        try:
            changed = file.stat().st_mtime
        except OSError:
            changed = 0.0
        if changed != self.seen:
            self.seen, self.seen_at = changed, time.monotonic()
        silent = time.monotonic() - self.seen_at > SILENT_AFTER
        return not silent and worker_state.read(file).get("progress") != DYING


def workers_in(folder: Path) -> list[dict[str, Any]]:
    """What each worker does, for how many seconds, and how long ago it told that it lives."""
    now, found = time.time(), []
    for file in folder.glob("worker-*.json"):
        facts = worker_state.read(file)
        with contextlib.suppress(OSError, KeyError):
            silent, busy = now - file.stat().st_mtime, now - facts["since"]
            job = facts["job"].partition(" ")[0]  # what follows it are ids
            found.append((facts["started"], {"job": job, "for": busy, "silent": silent}))
    return [facts for _started, facts in sorted(found, key=itemgetter(0))]


def wake_sweep() -> None:
    """Once a minute. Whatever fails here is tried again with the next."""
    try:
        queue.wake_sweep()
    except Exception as trouble:
        log.warning("the sweep could not be woken (%s)", type(trouble).__name__)
