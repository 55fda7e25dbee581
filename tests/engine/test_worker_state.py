"""What a worker tells and is told: stop, progress, places in a lane, and a long absence."""

import json
import os
import signal
import subprocess
import sys

import pytest

from generation.engine import worker_state


@pytest.fixture
def cluster(tmp_path):
    """This process as a worker of a cluster in a folder of its own."""
    heartbeat = worker_state.join(tmp_path, "worker")
    heartbeat.write()
    yield heartbeat
    worker_state.leave()


def read(file) -> dict:
    return json.loads(file.path.read_text())


def test_a_worker_is_stopping_once_it_was_asked_to(cluster):
    assert not worker_state.stopping()
    worker_state.ask_to_stop()
    assert worker_state.stopping()


def test_a_worker_whose_parent_has_died_is_stopping(cluster, monkeypatch):
    monkeypatch.setattr(os, "getppid", lambda: 1)
    assert worker_state.stopping()


def test_outside_of_a_cluster_nothing_stops_and_nothing_is_told(monkeypatch):
    monkeypatch.setattr(os, "getppid", lambda: 1)
    worker_state.progress("half")
    assert not worker_state.stopping()


def test_a_heartbeat_names_the_job_and_how_far_it_is(cluster):
    cluster.begin("store")
    worker_state.progress("2 of 3")
    found = read(cluster)
    assert (found["job"], found["progress"]) == ("store", "2 of 3")
    assert found["pid"] == os.getpid()
    assert found["since"] >= found["started"]
    assert cluster.path.stat().st_mode & 0o777 == 0o600
    cluster.begin("")
    assert (read(cluster)["job"], read(cluster)["progress"]) == ("", "")


def test_a_hundred_words_in_a_second_are_one_write(cluster, monkeypatch):
    writes = []
    monkeypatch.setattr(worker_state.HeartbeatFile, "write", lambda _file: writes.append(1))
    for number in range(100):
        worker_state.progress(str(number))
    assert len(writes) == 1


def test_on_a_full_disk_the_heartbeat_goes_on(cluster, monkeypatch):
    os.utime(cluster.path, (1, 1))

    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "open", full)
    cluster.begin("store")
    assert cluster.path.stat().st_mtime > 1
    assert [path.name for path in cluster.folder.iterdir()] == ["worker.json"]


def test_a_lane_has_so_many_places_and_no_more(cluster):
    with worker_state.slot("store", 2) as first, worker_state.slot("store", 2) as second:
        assert (first, second) == (True, True)
        with worker_state.slot("store", 2) as third, worker_state.slot("look", 1) as other:
            assert (third, other) == (False, True)
    with worker_state.slot("store", 1) as again:
        assert again


def test_a_place_is_free_again_when_its_process_is_killed(cluster, tmp_path):
    holder = (
        "import fcntl, sys, time; file = open(sys.argv[1], 'w'); fcntl.flock(file, fcntl.LOCK_EX);"
        "print('held', flush=True); time.sleep(600)"
    )
    (tmp_path / "slots").mkdir()
    place = str(tmp_path / "slots" / "store.0")
    with subprocess.Popen([sys.executable, "-c", holder, place], stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        with worker_state.slot("store", 1) as taken:
            assert not taken
        other.send_signal(signal.SIGKILL)
        other.wait()
    with worker_state.slot("store", 1) as free:
        assert free


def test_a_lane_has_places_outside_of_a_cluster_too(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    with worker_state.slot("store", 1) as first, worker_state.slot("store", 1) as second:
        assert (first, second) == (True, False)


def test_a_heartbeat_goes_on_whatever_the_job_does(cluster, monkeypatch):
    pauses = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) > 1:
            raise StopIteration

    os.utime(cluster.path, (0, 0))
    monkeypatch.setattr(worker_state.time, "sleep", sleep)
    with pytest.raises(StopIteration):
        cluster.touch_for_ever()
    assert cluster.path.stat().st_mtime > 0
    assert pauses == [worker_state.BEAT_SECONDS] * 2
