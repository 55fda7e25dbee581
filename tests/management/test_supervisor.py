"""The supervisor: restarts what died or froze, with a reason, and holds up nothing meanwhile."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from generation import supervisor
from generation.supervisor import Runner, Service, Supervisor, python

SLEEP = "import time; time.sleep(600)"
DEAF = f"import signal; signal.signal(15, signal.SIG_IGN); print(1, flush=True); {SLEEP}"
# A main process that has died, and a child of its group that still finishes something.
ORPHAN = (
    "import subprocess, sys;"
    f"child = subprocess.Popen([sys.executable, '-c', {DEAF!r}], stdout=subprocess.PIPE);"
    "child.stdout.readline()"
)


class Clock:
    """The supervisor's own time."""

    now = 1_000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(supervisor, "time", found)
    return found


@pytest.fixture
def logged(caplog) -> Callable[[], list[str]]:
    """The lines that the supervisor logged, each with its level."""
    caplog.set_level("INFO", logger="generation")
    return lambda: [f"{one.levelname} {one.getMessage()}" for one in caplog.records]


@pytest.fixture
def run() -> Iterator[Callable[..., Runner]]:
    """A service that runs this Python; its whole group is gone after the test."""
    started = []

    def begin(code: str, **options) -> Runner:
        runner = Runner(Service("sleeper", python("-c", code), {}, **options))
        runner.watch()
        assert runner.process is not None
        started.append((runner, runner.process))
        return runner

    yield begin
    for runner, process in started:
        for group in {process.pid, runner.process.pid if runner.process else process.pid}:
            with_patience(lambda: not supervisor.members(group), group)  # noqa: B023
        process.wait()
        if runner.process is not None:
            runner.process.wait()


def with_patience(is_true: Callable[[], bool], group: int = 0) -> None:
    ends = time.monotonic() + 30
    while not is_true():
        if group:
            os.killpg(group, signal.SIGKILL)
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_what_ended_is_one_line_and_starts_again(run, logged, clock):
    runner = run("raise SystemExit(3)")
    runner.process.wait()
    runner.watch()
    assert logged()[1:] == [
        "WARNING event=restart service=sleeper exit=3: ended, starting it again"
    ]
    assert runner.process is None
    clock.now += 5
    runner.watch()
    assert runner.process is not None


def test_a_process_that_cannot_be_made_is_tried_again(logged):
    runner = Runner(Service("web", ["/nowhere/at/all"], {}))
    runner.watch()
    reason = "No such file or directory"
    assert logged() == [
        f"WARNING event=restart service=web: cannot be started ({reason}), trying again"
    ]
    assert runner.due > runner.started


@pytest.fixture
def heartbeats(tmp_path) -> Path:
    """The folder of a cluster whose two processes have just told that they live."""
    for name in ("main", "sentinel", "worker-7"):
        (tmp_path / f"{name}.json").touch()
    return tmp_path


def test_a_cluster_without_heartbeats_for_a_minute_is_ended_and_the_reason_told(
    run, logged, clock, heartbeats
):
    runner = run(SLEEP, heartbeats=f"{heartbeats}/[ms]*.json", drain=29.0)
    process = runner.process
    for _ in range(5):
        runner.watch()
        clock.now += 14
        os.utime(heartbeats / "main.json", (clock.now, clock.now))
    assert runner.end_by is None
    runner.watch()
    assert runner.end_by == clock.now + 29
    with_patience(lambda: process.poll() is not None)
    runner.watch()
    assert process.returncode == -signal.SIGTERM
    assert logged()[1:] == [
        "WARNING event=restart service=sleeper: no heartbeat of its sentinel for 60 s, "
        "ending it to start it again"
    ]


def test_only_its_main_processes_are_a_reason_to_restart_a_cluster(run, clock, heartbeats):
    runner = run(SLEEP, heartbeats=f"{heartbeats}/[ms]*.json", drain=29.0)
    for step in range(40):  # ten minutes in which no worker says a word
        for name in ("main", "sentinel"):
            os.utime(heartbeats / f"{name}.json", (step, step))
        runner.watch()
        clock.now += 15
    assert runner.end_by is None
    assert runner.is_running()


def test_a_cluster_that_has_not_told_anything_yet_is_left_alone(run, clock, tmp_path):
    runner = run(SLEEP, heartbeats=f"{tmp_path}/[ms]*.json", drain=29.0)
    for _ in range(10):  # a database that is away keeps it from starting
        runner.watch()
        clock.now += 60
    assert runner.end_by is None


def test_a_clock_that_was_set_forward_is_no_silence(run, clock, heartbeats):
    runner = run(SLEEP, heartbeats=f"{heartbeats}/[ms]*.json", drain=29.0)
    runner.watch()
    for name in ("main", "sentinel"):
        os.utime(heartbeats / f"{name}.json", (1, 1))
    clock.now += 20
    runner.watch()
    assert runner.end_by is None


def test_an_orphan_finishes_its_work_before_the_next_start(run, logged, clock):
    runner = run(ORPHAN, drain=29.0)
    group = runner.process.pid
    with_patience(lambda: runner.process.poll() is not None)
    runner.watch()
    clock.now += 20
    runner.watch()
    assert supervisor.members(group)
    assert runner.process is not None, "it was started beside its orphan"
    clock.now += 10
    runner.watch()
    with_patience(lambda: not supervisor.members(group))
    assert runner.process is None
    assert logged()[1:] == [
        "WARNING event=restart service=sleeper exit=0: ended, starting it again",
        "WARNING service=sleeper: does not end, killed",
    ]


def test_one_that_does_not_end_holds_up_no_other(run, clock):
    deaf, other = run(ORPHAN, drain=29.0), run("raise SystemExit(1)")
    for runner in (deaf, other):
        with_patience(lambda: runner.process.poll() is not None)  # noqa: B023
    began, started = time.monotonic(), {other.process.pid}
    for _ in range(8):
        deaf.watch()
        other.watch()
        started |= {other.process.pid} if other.process else set()
        clock.now += 1
    assert deaf.end_by is not None
    assert len(started) > 1
    assert time.monotonic() - began < 10


def test_what_runs_is_stopped_when_the_supervisor_breaks(logged, monkeypatch):
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # pytest's own stay
    studio = Supervisor([Service("sleeper", python("-c", SLEEP), {})])
    (runner,) = studio.runners

    def broken() -> None:
        Runner.watch(runner)
        raise MemoryError

    monkeypatch.setattr(runner, "watch", broken)
    with pytest.raises(MemoryError):
        studio.run()
    assert runner.process is not None
    assert runner.process.returncode is not None
    assert logged() == [
        f"INFO service=sleeper pid={runner.process.pid}: started",
        "INFO stopping: what is being sent is finished first, in 29 s at most",
        f"INFO service=sleeper exit={runner.process.returncode}: stopped",
    ]


def test_the_simulator_stays_until_the_cluster_has_stopped(monkeypatch):
    notes: list[str] = []
    monkeypatch.setattr(Runner, "terminate", lambda self: notes.append(f"end {self.name}"))
    monkeypatch.setattr(Runner, "stop", lambda self, _until: notes.append(f"await {self.name}"))
    services = [Service("simulator", [], {}, is_needed=True), Service("cluster", [], {})]
    Supervisor(services).stop()
    assert notes == ["end cluster", "await cluster", "end simulator", "await simulator"]


def test_the_supervisor_itself_is_small():
    code = "import sys, generation.supervisor; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"django", "generation.models", "httpx"} & {*done.stdout.split()}
