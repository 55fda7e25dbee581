"""The sentinel ends the worker that is stuck, and that one alone."""

import signal
import time
from dataclasses import dataclass, field

import pytest

from generation.cluster import processes, sentinel
from generation.cluster.reports import Reports
from generation.cluster.sentinel import DYING, Sentinel
from generation.cluster.worker import Clock
from generation.engine import worker_state
from generation.models import Heartbeat


@dataclass
class Process:
    """A worker as its parent sees it."""

    pid: int
    exitcode: int | None = None
    clock: Clock = field(default_factory=Clock)
    killed: bool = False

    def kill(self) -> None:
        self.killed = True


@pytest.fixture
def guard(db, tmp_path, monkeypatch):
    """A sentinel with three workers, none of which is real."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # pytest's own stay
    found = Sentinel("an id", tmp_path, 1)
    monkeypatch.setattr(found, "spawn_worker", lambda: found.pool.append(Process(99)))
    found.pool_size, found.signals = 3, []
    monkeypatch.setattr(processes, "signal_process", lambda *sent: found.signals.append(sent))
    found.pool = [Process(11), Process(12), Process(13)]
    found.heartbeat.write()
    yield found
    worker_state.leave()


@pytest.fixture
def clock(monkeypatch):
    now = [time.monotonic()]
    monkeypatch.setattr(sentinel.time, "monotonic", lambda: now[0])
    return now


def test_a_worker_past_its_limit_is_asked_then_killed_alone(guard, clock, caplog):
    file = worker_state.HeartbeatFile(guard.folder, "worker-12", job="store 7")
    file.write()
    stuck = guard.pool[1]
    stuck.clock.begin(60)
    clock[0] += 61
    guard.look_after_workers()
    guard.look_after_workers()
    assert guard.signals == [(12, signal.SIGTERM)]
    assert "worker=12 job='store 7': takes too long, ending it" in caplog.text
    clock[0] += 11
    guard.look_after_workers()
    assert [one.killed for one in guard.pool] == [False, True, False]
    assert "worker=12 job='store 7': does not end, killed" in caplog.text


def test_workers_that_are_busy_within_their_limit_are_left_alone(guard, clock):
    for worker in guard.pool:
        worker.clock.begin(180)
    clock[0] += 179
    guard.look_after_workers()
    assert guard.signals == []


def test_a_worker_that_ended_is_replaced_at_once(guard, clock):
    guard.pool[0].exitcode = 0
    guard.look_after_workers()
    assert [one.pid for one in guard.pool] == [12, 13, 99]
    assert not guard.deaths


def die(guard, times: int) -> None:
    for _ in range(times):
        guard.pool[0].exitcode = -11
        guard.look_after_workers()
        guard.spawn_at = 0.0
        guard.look_after_workers()


def test_workers_that_die_at_once_are_started_with_pauses_and_it_is_told(guard, clock):
    die(guard, 5)
    guard.beat()
    assert worker_state.read(guard.heartbeat.path)["progress"] == ""
    guard.pool[0].exitcode = -11
    guard.look_after_workers()
    assert len(guard.pool) == 2
    guard.beat()
    assert worker_state.read(guard.heartbeat.path)["progress"] == DYING
    clock[0] += 61
    guard.look_after_workers()
    guard.beat()
    assert len(guard.pool) == 3
    assert worker_state.read(guard.heartbeat.path)["progress"] == ""


@pytest.fixture
def reports(guard, monkeypatch):
    monkeypatch.setattr("generation.cluster.reports.close_old_connections", lambda: None)
    return Reports(guard.folder)


def test_a_node_tells_the_database_that_it_lives(guard, reports):
    reports.report()
    assert Heartbeat.last(reports.name)


def test_a_node_whose_workers_die_at_once_does_not(guard, clock, reports):
    die(guard, 6)
    guard.beat()
    reports.report()
    assert Heartbeat.last(reports.name) is None


def test_a_node_whose_sentinel_is_silent_does_not(guard, reports, monkeypatch):
    now = [time.monotonic()]
    monkeypatch.setattr("generation.cluster.reports.time.monotonic", lambda: now[0])
    assert reports.is_alive()
    now[0] += 59
    assert reports.is_alive()
    now[0] += 2
    assert not reports.is_alive()
    guard.heartbeat.path.unlink()
    guard.heartbeat.write()
    assert reports.is_alive()
