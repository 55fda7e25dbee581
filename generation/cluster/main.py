"""The main process of a node's cluster: starts the sentinel, tells the database, awaits the end."""

import gc
import logging
import os
import signal
import time
from collections.abc import Callable
from importlib import import_module
from multiprocessing import connection

from django import db
from django_q import cluster as django_q

from generation.cluster import processes
from generation.cluster.folders import RunFolder
from generation.cluster.reports import Reports
from generation.cluster.sentinel import HEARTBEAT_SECONDS, KILL_AFTER, keep_watch
from generation.engine import worker_state

log = logging.getLogger(__name__)
STOP_SECONDS = KILL_AFTER + 1.0
# What jobs import when they first need it: loaded once here, and shared by all workers.
PRELOADED = (
    "generation.jobs",
    "generation.urls",
    "generation.media.images",
    "generation.media.videos",
    "httpcore",
    "anyio._backends._asyncio",
    "anyio.streams.tls",
    "encodings.idna",
    "django.db.models.sql.compiler",
    "django.template.loader",
)


class Cluster(django_q.Cluster):  # type: ignore[misc]
    """Signals are only noted: whatever comes, and how often, the stop is the same and bounded."""

    def __init__(self) -> None:
        self.stop_by: float | None = None
        super().__init__()
        self.folder = RunFolder()
        self.heartbeat = worker_state.join(self.folder.path, "main")
        self.reports = Reports(self.folder.path)

    def sig_handler(self, *_: object) -> None:
        if self.stop_by is None:
            self.stop_by = time.monotonic() + STOP_SECONDS
            worker_state.ask_to_stop()
        processes.signal_process(self.sentinel.pid if self.sentinel else None, signal.SIGTERM)

    def run(self, recover: Callable[[], None] = lambda: None) -> int:
        """Until a signal or the death of the sentinel; returns the exit code."""
        processes.adopt_orphans()
        for name in PRELOADED:
            import_module(name)
        self.reports.note_start()
        recover()
        try:
            if self.stop_by is None:
                self.start()
                self.reports.start()
                self.wait_for_sentinel()
            self.wait_for_the_rest()
        finally:
            self.heartbeat.remove()
            self.folder.remove()
        return 0 if self.stop_by is not None and self.sentinel_ended_well() else 1

    def start(self) -> int:
        db.connections.close_all()
        gc.collect()
        gc.freeze()  # the collector would write to, and so copy, every page that is shared
        self.sentinel = django_q.get_mp_context().Process(
            target=keep_watch, args=(self.cluster_id, self.folder.path, os.getpid())
        )
        with processes.signals_wait():
            self.sentinel.start()
        return self.pid  # type: ignore[no-any-return]

    def wait_for_sentinel(self) -> None:
        touched = 0.0
        self.heartbeat.write()  # from here on silence means that it hangs
        while self.sentinel.exitcode is None:
            now = time.monotonic()
            if self.stop_by is not None:
                self.end_sentinel(now, self.stop_by)
            if now - touched > HEARTBEAT_SECONDS:
                touched = now
                self.heartbeat.touch()
            connection.wait([self.sentinel.sentinel], 1.0)

    def end_sentinel(self, now: float, kill_at: float) -> None:
        processes.signal_process(self.sentinel.pid, signal.SIGTERM)
        if now > kill_at:
            log.warning("the sentinel does not end, killed")
            self.sentinel.kill()

    def wait_for_the_rest(self) -> None:
        """Workers whose sentinel was killed finish what is in hand, as at any other stop."""
        if self.sentinel and self.stop_by is None:
            log.error("the sentinel died (exit=%s), the cluster ends", self.sentinel.exitcode)
        until = self.stop_by or time.monotonic() + STOP_SECONDS
        while processes.reap():
            if time.monotonic() > until:
                for pid in processes.children():
                    processes.signal_process(pid, signal.SIGKILL)
            self.heartbeat.touch()
            time.sleep(0.1)

    def sentinel_ended_well(self) -> bool:
        return self.sentinel is None or self.sentinel.exitcode == 0
