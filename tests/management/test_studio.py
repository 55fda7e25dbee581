"""The studio command under trouble: a sentence for a person, and what runs goes on."""

import fcntl
import signal
import socket
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError
from django.utils import timezone

from generation.engine import queue
from generation.management import heartbeat
from generation.management.commands import studio
from generation.models import Heartbeat, Lease
from generation.supervisor import Service, Supervisor, python, why_not_listen


def test_why_nothing_can_listen_comes_with_the_next_step():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert why_not_listen("127.0.0.1", port) == (
            f"Port {port} is in use. Choose another with --port."
        )
    assert "between 1 and 65535" in why_not_listen("127.0.0.1", 70_000)
    assert "203.0.113.7 is no address of this machine" in why_not_listen("203.0.113.7", 8000)


@pytest.fixture
def stopped(monkeypatch, settings, tmp_path):
    """The command up to its first step, which does what the test says."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(studio, "why_not_listen", lambda *_: "")

    def go(trouble: Exception) -> str:
        def first_step(*_args, **_options):
            raise trouble

        monkeypatch.setattr(studio, "call_command", first_step)
        with pytest.raises(CommandError) as found:
            call_command("studio", port=1)
        return str(found.value)

    return go


def test_a_second_studio_on_the_same_folder_is_refused(stopped, tmp_path):
    with (tmp_path / "studio.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert stopped(AssertionError("it went on")).startswith("Another studio runs on ")
    assert stopped(CommandError("it went on")) == "it went on"


def test_a_database_that_is_away_at_the_start_is_one_sentence(stopped, settings):
    settings.DATABASE_URL = "postgres://a:secret@db/x"
    message = stopped(OperationalError('connection to "db" failed: refused\n\tIs it running?'))
    assert message == (
        'The database cannot be used (connection to "db" failed: refused). '
        "See that its server runs, and that DATABASE_URL is right."
    )


def test_a_full_disk_at_the_start_names_the_folder(stopped, settings, tmp_path):
    settings.DATABASE_URL = ""
    message = stopped(OSError(28, "No space left on device", "/x"))
    assert "No space left on device" in message
    assert f"See that {tmp_path} may be written to and has room." in message


@pytest.fixture
def logged(caplog) -> Callable[[], list[str]]:
    """The lines that the studio logged, each with its level."""
    caplog.set_level("INFO", logger="generation")
    return lambda: [f"{one.levelname} {one.getMessage()}" for one in caplog.records]


def raise_away():
    raise DatabaseError("away")


def test_an_outage_is_logged_once_and_does_not_end_the_studio(db, logged, monkeypatch):
    health = heartbeat.ClusterHealth()
    monkeypatch.setattr(queue, "messages_waiting", raise_away)
    health.send()
    health.send()
    away = "WARNING the database or the queue does not answer; work goes on when it does"
    assert logged() == [away]
    monkeypatch.setattr(queue, "messages_waiting", lambda: heartbeat.MANY)
    health.send()
    health.send()
    assert logged() == [away, "INFO the database and the queue answer again"]


def test_a_queue_that_is_away_is_no_reason_to_restart_the_cluster(db, monkeypatch):
    health = heartbeat.ClusterHealth()
    Heartbeat.objects.create(name="cluster", at=timezone.now() - timedelta(minutes=5))
    long_ago = -1_000.0
    assert not health.is_alive(long_ago)
    monkeypatch.setattr(queue, "send", lambda _job: False)
    health.send()
    assert health.is_alive(long_ago)
    monkeypatch.setattr(queue, "send", lambda _job: True)
    health.send()
    assert health.is_alive(long_ago), "it has had no time to answer"


def test_what_runs_is_stopped_when_the_supervisor_breaks(logged, monkeypatch):
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # pytest's own stay
    service = Service("sleeper", python("-c", "import time; time.sleep(600)"), {})
    supervisor = Supervisor([service])
    supervisor.every(0, raise_away)
    with pytest.raises(DatabaseError):
        supervisor.run()
    assert service.process is not None
    assert service.process.returncode is not None
    assert logged() == [
        f"INFO service=sleeper pid={service.process.pid}: started",
        "INFO stopping: what is being sent is finished first, in 30 s at most",
        f"INFO service=sleeper exit={service.process.returncode}: stopped",
    ]


@pytest.mark.parametrize(
    ("healthy", "line"),
    [(True, "exit=3: ended, starting it again"), (False, "exit=-9: is stuck, starting it again")],
)
def test_what_ends_or_is_stuck_is_one_line_and_starts_again(logged, healthy, line):
    code = "raise SystemExit(3)" if healthy else "import time; time.sleep(600)"
    service = Service("sleeper", python("-c", code), {}, healthy=lambda _started: healthy)
    service.watch()
    if healthy:
        service.process.wait()
    service.watch()
    assert logged()[1:] == [f"WARNING service=sleeper {line}"]
    assert service.due > service.started


def test_a_process_that_cannot_be_made_is_tried_again(logged):
    service = Service("web", ["/nowhere/at/all"], {})
    service.watch()
    reason = "No such file or directory"
    assert logged() == [
        f"WARNING service=web: cannot be started ({reason}), trying again",
    ]
    assert service.due > service.started


class Noted(Service):
    """Notes what is asked of it."""

    notes: list[str]

    def terminate(self) -> None:
        self.notes.append(f"end {self.name}")

    def stop(self, _until: float) -> None:
        self.notes.append(f"await {self.name}")


def test_the_simulator_stays_until_the_cluster_has_stopped():
    services = [Noted("simulator", [], {}, is_needed=True), Noted("cluster", [], {})]
    notes: list[str] = []
    for service in services:
        service.notes = notes
    Supervisor(services).stop()
    assert notes == ["end cluster", "await cluster", "end simulator", "await simulator"]


@pytest.mark.django_db(transaction=True)  # it puts its old connection away
def test_a_polling_round_does_not_hold_up_the_stop():
    name = queue.POLL_LEASE
    assert Lease.take(name, "round", 45)
    studio.end_round()
    assert not Lease.take(name, "round", 45)
    studio.recover_at_start()
    assert Lease.take(name, "next round", 45)
