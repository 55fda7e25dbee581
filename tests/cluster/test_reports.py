"""What a node tells the database, and what it does not."""

import os
import time
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from generation.cluster import folders, reports
from generation.cluster.folders import RunFolder
from generation.cluster.reports import Reports, wake_sweep
from generation.engine import queue
from generation.engine.worker_state import HeartbeatFile
from generation.models import Heartbeat

pytestmark = pytest.mark.django_db


@pytest.fixture
def node(tmp_path, monkeypatch) -> Reports:
    """A node whose sentinel lives."""
    monkeypatch.setattr(reports, "close_old_connections", lambda: None)
    HeartbeatFile(tmp_path, "sentinel").write()
    return Reports(tmp_path)


def beat(name: str, **ago: float) -> None:
    Heartbeat.objects.create(name=name, at=timezone.now() - timedelta(**ago))


def age(node: Reports) -> float:
    return (timezone.now() - Heartbeat.last(node.name)).total_seconds()


def test_the_first_row_is_written_at_once(node):
    node.report()
    assert age(node) < 10


def test_a_start_after_a_death_refreshes_nothing_until_it_has_lasted(node):
    beat(node.name, seconds=60)
    node.report()
    assert age(node) >= 60
    node.started = time.monotonic() - reports.CALM_SECONDS
    node.report()
    assert age(node) < 10


def test_a_start_after_a_long_stop_is_alive_at_once(node):
    beat(node.name, hours=2)
    node.report()
    assert age(node) < 10


def test_nodes_that_left_long_ago_are_forgotten(node):
    beat("cluster:left", days=31)
    node.report()
    assert list(Heartbeat.objects.values_list("name", flat=True)) == [node.name]


def test_a_database_that_is_away_is_told_once(node, monkeypatch, caplog):
    caplog.set_level("INFO", logger="generation")

    def away(*_args, **_facts):
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(Heartbeat, "touch", away)
        node.report()
        node.report()
    node.report()
    node.report()
    lines = [one.getMessage() for one in caplog.records]
    away_line = "the database does not answer (OperationalError); work goes on when it does"
    assert lines == [away_line, "the database answers again"]


def test_the_sweep_is_woken_and_a_fault_there_ends_nothing(monkeypatch, caplog):
    woken = []
    monkeypatch.setattr(queue, "wake_sweep", lambda: woken.append(1), raising=False)
    wake_sweep()
    assert woken == [1]

    def broken() -> None:
        raise RuntimeError

    monkeypatch.setattr(queue, "wake_sweep", broken, raising=False)
    wake_sweep()
    assert "the sweep could not be woken (RuntimeError)" in caplog.text


def test_the_folder_of_a_dead_cluster_is_removed_and_of_a_living_one_kept(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    dead = tmp_path / "run" / "host-1"
    dead.mkdir(parents=True)
    (dead / folders.LOCK).touch()
    living = RunFolder()
    left = [path.name for path in (tmp_path / "run").iterdir()]
    assert left == [f"{folders.node()}-{os.getpid()}"]
    folders.clear_dead()
    assert living.path.exists()
    living.remove()
    assert not living.path.exists()


def test_what_each_worker_does_is_told_without_ids(node):
    idle = HeartbeatFile(node.folder, "worker-2", started=2.0)
    idle.write()
    busy = HeartbeatFile(node.folder, "worker-1", started=1.0)
    busy.begin("import_subjects 7 9 0c5f-key")
    busy.since -= 40
    busy.write()
    os.utime(busy.path, (time.time() - 9, time.time() - 9))
    (node.folder / "worker-3.json").write_text("cut o")
    node.report()
    first, second = Heartbeat.objects.get(name=node.name).workers
    assert (first["job"], second["job"]) == ("import_subjects", "")
    assert first["for"] == pytest.approx(40, abs=5)
    assert first["silent"] == pytest.approx(9, abs=5)
    assert second["silent"] < 5


def test_a_node_that_is_no_longer_alive_leaves_its_last_words(node, monkeypatch):
    HeartbeatFile(node.folder, "worker-1").write()
    node.report()
    monkeypatch.setattr(reports, "SILENT_AFTER", -1.0)
    (node.folder / "worker-1.json").unlink()
    node.report()
    assert len(Heartbeat.objects.get(name=node.name).workers) == 1


def test_two_clusters_of_one_machine_tell_of_their_own_workers(node, settings, tmp_path):
    settings.DATA_DIR = tmp_path / "other"
    settings.DATA_DIR.mkdir()
    other = Reports(settings.DATA_DIR)
    for one in (node, other):
        HeartbeatFile(one.folder, "sentinel").write()
        HeartbeatFile(one.folder, "worker-1").write()
        one.report()
    assert [len(row.workers) for row in Heartbeat.objects.all()] == [1, 1]
