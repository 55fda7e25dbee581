"""A cluster that works is left alone, however hard; a frozen one is replaced."""

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.chaos.node import Node, Site, running_site, wait_for
from tests.ports import free_port

SENDERS, WORKERS = 1, 6  # one more for each other lane
BUSY_SECONDS, FROZEN_SECONDS = 70, 60
pytestmark = pytest.mark.chaos


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as found:
        yield found


def sleep(site: Site, seconds: int, times: int, **options: int) -> None:
    """Jobs that keep a worker busy and tell nothing."""
    asked = f"async_task('time.sleep', {seconds}, save=False, **{options!r})"
    site.manage(
        "shell", "--verbosity", "0", "-c",
        f"from django_q.tasks import async_task; [{asked} for _ in range({times})]",
    )  # fmt: skip


def workers(node: Node) -> dict[int, str]:
    """What each worker tells that it does, by its process."""
    return {row["pid"]: row["job"] for row in node.heartbeats("worker")}


def missing(port: int) -> list[str]:
    """What /readyz names; nothing when the studio is ready."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
            return json.load(answer)["missing"]
    except urllib.error.HTTPError as refused:
        with refused:
            return json.load(refused)["missing"]
    except urllib.error.URLError:
        return ["web"]


def test_a_cluster_whose_workers_are_all_busy_is_left_alone_and_ready(site):
    node = site.start("studio", STUDIO_WORKERS=str(SENDERS))
    wait_for(lambda: len(workers(node)) == WORKERS, 30, "not all have started")
    main, pids = node.pid_of("main"), set(workers(node))
    sleep(site, BUSY_SECONDS, 20 * WORKERS)  # and more that wait behind them
    wait_for(lambda: all(workers(node).values()), 30, "they have nothing to do")
    ends = time.monotonic() + BUSY_SECONDS - 3
    while time.monotonic() < ends:
        assert (node.pid_of("main"), set(workers(node))) == (main, pids)
        assert missing(node.port) == []
        time.sleep(2)
    assert "WARNING" not in node.lines()


def test_a_frozen_sentinel_is_replaced_with_all_that_belongs_to_it(site):
    node = site.start("studio", STUDIO_WORKERS=str(SENDERS))
    main, sentinel = node.pid_of("main"), node.pid_of("sentinel")
    os.kill(sentinel, signal.SIGSTOP)
    other = wait_for(
        lambda: node.pid_of("main") not in (None, main), FROZEN_SECONDS + 60, node.lines()[-2000:]
    )
    assert other
    assert f"no heartbeat of its sentinel for {FROZEN_SECONDS} s" in node.lines()
    wait_for(lambda: len(workers(node)) == WORKERS, 30, "the new cluster has no workers")


def test_a_worker_past_the_limit_of_its_job_is_ended_alone(site):
    node = site.start("qcluster", STUDIO_WORKERS=str(SENDERS))
    sleep(site, 600, 1, timeout=2)
    busy = wait_for(lambda: [pid for pid, job in workers(node).items() if job], 30, "not taken")
    others = set(workers(node)) - set(busy)
    wait_for(lambda: busy[0] not in workers(node), 30, "it goes on")
    wait_for(lambda: len(workers(node)) == WORKERS, 30, "it was not replaced")
    assert others < set(workers(node))
    assert f"worker={busy[0]} job='sleep 600': takes too long, ending it" in node.lines()
    assert f"worker={busy[0]} job='sleep 600': does not end, killed" in node.lines()


def test_a_queue_that_is_away_restarts_nothing_and_holds_up_no_stop(site):
    nowhere = f"redis://127.0.0.1:{free_port()}/0"
    node = site.start("studio", STUDIO_WORKERS=str(SENDERS), REDIS_URL=nowhere)
    main = node.pid_of("main")
    wait_for(lambda: "the queue does not answer (ConnectionError)" in node.lines(), 30, "not told")
    wait_for(lambda: missing(node.port) == ["queue"], 60, node.lines()[-2000:])
    assert node.pid_of("main") == main
    assert "starting it again" not in node.lines()
    assert "starting another" not in node.lines()
    node.process.terminate()
    assert node.process.wait(30) == 0
