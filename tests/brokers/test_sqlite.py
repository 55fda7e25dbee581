"""The broker of SQLite: a named pipe between the processes of one machine."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseWrapper

from generation import brokers
from tests.brokers.conftest import LONG
from vidustudio import env


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


def assert_woken(broker) -> None:
    started = time.monotonic()
    broker.wait()
    assert time.monotonic() - started < LONG / 2


def test_the_pipe_is_for_its_owner_alone(broker):
    broker.get_ready()
    assert broker.path.is_fifo()
    assert (mode_of(broker.path), mode_of(broker.path.parent)) == (0o600, 0o700)


def test_another_process_wakes_it(broker):
    broker.get_ready()
    with subprocess.Popen([sys.executable, "-c", f"open({str(broker.path)!r}, 'wb').write(b'.')"]):
        assert_woken(broker)


def test_waking_nobody_is_harmless(broker):
    broker.wake()  # no folder
    broker.get_ready()
    broker.close()
    broker.wake()  # no reader, as after a kill
    assert broker.path.is_fifo()
    broker.get_ready()
    broker.wake()
    assert_woken(broker)  # and what was left behind is used again


def test_a_full_pipe_holds_no_sender_up(broker):
    broker.get_ready()
    while brokers.select.select([], [broker.pipe], [], 0)[1]:
        os.write(broker.pipe, bytes(4096))
    started = time.monotonic()
    broker.enqueue("it fits nowhere")
    assert time.monotonic() - started < LONG / 2
    assert broker.dequeue()[0][1] == "it fits nowhere"


def test_many_wake_ups_are_one(broker, monkeypatch):
    broker.get_ready()
    for _ in range(100):
        broker.wake()
    assert_woken(broker)
    assert not brokers.select.select([broker.pipe], [], [], 0)[0]


def test_a_pipe_that_was_taken_away_is_made_again(broker):
    broker.get_ready()
    broker.path.unlink()
    broker.get_ready()
    broker.enqueue("heard")
    assert_woken(broker)
    assert broker.dequeue()[0][1] == "heard"


@pytest.mark.parametrize("kind", ["file", "link"])
def test_what_is_no_pipe_is_not_written_to(broker, tmp_path, kind):
    foreign = tmp_path / "foreign"
    foreign.write_text("kept")
    broker.path.parent.mkdir()
    if kind == "file":
        broker.path.write_text("kept")
    else:
        broker.path.symlink_to(foreign)
    broker.wake()
    assert (broker.path.read_text(), foreign.read_text()) == ("kept", "kept")
    broker.get_ready()
    assert broker.path.is_fifo()
    assert foreign.read_text() == "kept"


def test_without_a_pipe_it_asks_often_and_says_so_once(broker, naps, monkeypatch, caplog, tmp_path):
    (tmp_path / "run").write_text("a file where the folder should be")
    with caplog.at_level("WARNING", "generation.brokers"):
        assert broker.dequeue() is None
        assert broker.dequeue() is None
    assert naps == [brokers.ASK_EVERY] * 2
    assert len(caplog.records) == 1
    broker.enqueue("found")
    assert broker.dequeue()[0][1] == "found"
    (tmp_path / "run").unlink()
    broker.get_ready()
    assert broker.pipe is not None


@pytest.fixture
def on_disk(monkeypatch, tmp_path):
    """A connection to a file, as an installation has it."""
    found = {**connection.settings_dict, **env.sqlite(tmp_path / "studio.sqlite3")}
    made = DatabaseWrapper(found, "default")
    monkeypatch.setattr(brokers, "connections", {"default": made})
    yield made
    made.close()


def level_of(made: DatabaseWrapper) -> int:
    with made.cursor() as cursor:
        return cursor.execute("PRAGMA synchronous").fetchone()[0]


FULL, NORMAL = 2, 1


def test_messages_alone_do_not_wait_for_the_disk(on_disk):
    with brokers.no_wait_for_disk():
        assert level_of(on_disk) == NORMAL
    assert level_of(on_disk) == FULL


def fail() -> None:
    raise ZeroDivisionError


def test_after_a_fault_what_is_paid_waits_for_the_disk_again(on_disk):
    with pytest.raises(ZeroDivisionError), brokers.no_wait_for_disk():
        fail()
    assert level_of(on_disk) == FULL


def test_messages_of_a_transaction_wait_with_it(on_disk):
    with on_disk.cursor() as cursor:
        cursor.execute("BEGIN")
        on_disk.in_atomic_block = True
        with brokers.no_wait_for_disk():
            assert level_of(on_disk) == FULL
        on_disk.in_atomic_block = False
        cursor.execute("COMMIT")
    assert level_of(on_disk) == FULL


HOLD = """
import os, sys
import django
django.setup()
from generation import brokers
try:
    with brokers.hold_queue("studio"):
        print("held", flush=True)
        if "fork" in sys.argv and os.fork():
            os._exit(0)
        sys.stdin.read()
except brokers.QueueTaken as taken:
    print(taken)
"""


def cluster(folder: Path, *options: str) -> "subprocess.Popen[str]":
    environment = {"DJANGO_SETTINGS_MODULE": "vidustudio.settings", "STUDIO_DATA_DIR": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, *options], env=os.environ | environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip


@pytest.fixture
def _sqlite_alone(monkeypatch):
    monkeypatch.setattr(brokers, "get_broker", brokers.SqliteBroker)
    monkeypatch.setattr(brokers, "HOLD_SECONDS", 0)


@pytest.mark.usefixtures("_sqlite_alone")
def test_a_second_cluster_on_one_queue_is_refused_until_the_first_is_dead(tmp_path):
    with cluster(tmp_path) as first:
        assert first.stdout.readline() == "held\n"
        with (
            pytest.raises(brokers.QueueTaken, match=r"^Another cluster takes .* 'studio' in /"),
            brokers.hold_queue("studio"),
        ):
            pass
        with brokers.hold_queue("another"):
            pass
        first.kill()
    with brokers.hold_queue("studio"):
        pass


@pytest.mark.usefixtures("_sqlite_alone")
def test_a_child_that_outlives_its_cluster_holds_no_queue(tmp_path):
    with cluster(tmp_path, "fork") as first:
        assert first.stdout.readline() == "held\n"
        assert first.wait(LONG) == 0
        with brokers.hold_queue("studio"):
            pass
        first.stdin.close()  # the child's too: it ends
