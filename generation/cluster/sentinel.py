"""The sentinel: keeps the workers alive, ends the one that is stuck, and all of them at the end."""

import logging
import os
import signal
import time
from collections import deque
from multiprocessing import connection
from pathlib import Path
from typing import Any

from django import db
from django_q import cluster as django_q

from generation.cluster import processes
from generation.cluster.worker import GRACE, Clock, work
from generation.engine import worker_state

log = logging.getLogger(__name__)
CYCLE, HEARTBEAT_SECONDS = 1.0, 5.0
STUCK_GRACE = 10.0  # for a worker past its limit, from the signal to its end by force
KILL_AFTER = GRACE + 1.0
MANY_DEATHS, IN_SECONDS = 6, 60.0
WAIT_MOST = 30.0
DYING = "workers die as soon as they start"


class Sentinel(django_q.Sentinel):  # type: ignore[misc]
    def __init__(self, cluster_id: Any, folder: Path, main: int) -> None:
        super().__init__(None, None, cluster_id, start=False)
        self.folder, self.main = folder, main
        self.asked_to_stop = False
        self.overdue: dict[int, float] = {}  # when force follows, by pid
        self.deaths: deque[float] = deque(maxlen=MANY_DEATHS)
        self.spawn_at = 0.0
        self.touched = 0.0
        self.heartbeat = worker_state.join(folder, "sentinel")

    def run(self) -> None:
        for number in processes.ENDS:
            signal.signal(number, self.note_end)
        if not processes.end_with_parent(self.main):
            self.note_end()
        processes.let_signals_in()
        self.heartbeat.write()
        self.guard()

    def note_end(self, *_: object) -> None:
        self.asked_to_stop = True

    def guard(self) -> None:
        while not self.asked_to_stop and os.getppid() == self.main:
            self.look_after_workers()
            self.beat()
            connection.wait([worker.sentinel for worker in self.pool], CYCLE)
        self.stop()

    def beat(self) -> None:
        now = time.monotonic()
        state = DYING if self.is_dying(now) else ""
        if state != self.heartbeat.progress:
            self.heartbeat.progress = state
            self.heartbeat.write()
        elif now - self.touched > HEARTBEAT_SECONDS:
            self.touched = now
            self.heartbeat.touch()

    def is_dying(self, now: float) -> bool:
        return len(self.deaths) == MANY_DEATHS and now - self.deaths[0] < IN_SECONDS

    def look_after_workers(self) -> None:
        now = time.monotonic()
        for worker in list(self.pool):
            if worker.exitcode is not None:
                self.bury(worker, now)
            elif worker.clock.is_over(now):
                self.end_stuck(worker, now)
        while len(self.pool) < self.pool_size and now >= self.spawn_at:
            self.spawn_worker()

    def bury(self, worker: Any, now: float) -> None:
        self.pool.remove(worker)
        self.overdue.pop(worker.pid, None)
        (self.folder / f"worker-{worker.pid}.json").unlink(missing_ok=True)
        self.reincarnations += 1
        if worker.exitcode == 0:  # it has worked long enough, or was asked to end
            log.info("event=restart worker=%s: ended, starting another", worker.pid)
            return
        self.deaths.append(now)
        wait = min(2.0 ** len(self.deaths), WAIT_MOST) if self.is_dying(now) else 0.0
        self.spawn_at = now + wait
        line = "event=restart worker=%s exit=%s: died, starting another"
        log.warning(line, worker.pid, worker.exitcode)

    def end_stuck(self, worker: Any, now: float) -> None:
        """Alone, and by force only when it does not end by itself."""
        if worker.pid not in self.overdue:
            self.overdue[worker.pid] = now + STUCK_GRACE
            log.warning("worker=%s job=%r: takes too long, ending it", worker.pid, self.job(worker))
            processes.signal_process(worker.pid, signal.SIGTERM)
        elif now > self.overdue[worker.pid]:
            log.warning("worker=%s job=%r: does not end, killed", worker.pid, self.job(worker))
            worker.kill()

    def job(self, worker: Any) -> str:
        heartbeat = worker_state.read(self.folder / f"worker-{worker.pid}.json")
        return str(heartbeat.get("job") or "none")

    def spawn_worker(self) -> None:
        db.connections.close_all()
        clock = Clock()
        worker = django_q.get_mp_context().Process(
            target=work, args=(self.broker, clock, self.folder, os.getpid()), daemon=True
        )
        worker.clock = clock
        with processes.signals_wait():
            worker.start()
        self.pool.append(worker)

    def stop(self) -> None:
        """Everybody finishes what is in hand; who does not is killed."""
        for worker in self.pool:
            processes.signal_process(worker.pid, signal.SIGTERM)
        ends = time.monotonic() + KILL_AFTER
        while any(worker.exitcode is None for worker in self.pool):
            self.heartbeat.touch()
            if time.monotonic() > ends:
                self.kill_the_rest()
            alive = [worker.sentinel for worker in self.pool if worker.exitcode is None]
            connection.wait(alive, 0.5)
        self.heartbeat.remove()

    def kill_the_rest(self) -> None:
        for worker in self.pool:
            if worker.exitcode is None:
                log.warning("worker=%s job=%r: killed", worker.pid, self.job(worker))
                worker.kill()


def keep_watch(cluster_id: Any, folder: Path, main: int) -> None:
    """The life of the sentinel process."""
    Sentinel(cluster_id, folder, main).run()
