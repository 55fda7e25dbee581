"""The studio command under trouble: a sentence for a person, and what runs goes on."""

import fcntl
import os
import socket
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from generation.cluster.folders import RunFolder
from generation.cluster.main import STOP_SECONDS
from generation.engine.worker_state import HeartbeatFile
from generation.management.commands import studio
from generation.supervisor import why_not_listen


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


def test_the_supervisor_finds_the_heartbeats_that_the_cluster_writes(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    services = studio.Command().services("127.0.0.1", 8000, {})
    (cluster,) = [one for one in services if one.name == "cluster"]
    place = Path(cluster.heartbeats.replace("{pid}", str(os.getpid())))
    folder = RunFolder()
    for name in ("main", "sentinel", "worker-7"):
        HeartbeatFile(folder.path, name).write()
    found = sorted(file.stem for file in place.parent.glob(place.name))
    folder.remove()
    assert found == ["main", "sentinel"]
    assert cluster.drain >= STOP_SECONDS
