"""However a node is told to stop, or loses a process: what was sent is written down first."""

import os
import re
import signal
import time
from collections.abc import Iterator

import pytest

from tests.chaos.node import Node, Site, is_alive, running_site, wait_for

POSTS, SECONDS = 12, 5.0
GONE_IN = 30.0
NOT_KNOWN = {"submitting", "uncertain"}
pytestmark = pytest.mark.chaos


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as found:
        yield found


@pytest.fixture
def busy(site):
    """A node with twelve creates that were accepted, and not answered yet."""

    def start(kind: str) -> Node:
        node = site.start(kind)
        site.begin_slow_tasks(POSTS, SECONDS)
        site.wait_for_accepted(POSTS)
        return node

    return start


def send(node: Node, to: str, number: signal.Signals) -> None:
    if to == "main":
        node.process.send_signal(number)
    elif to == "group":
        os.killpg(node.process.pid, number)
    else:
        node.signal_all(number)


def judge(site: Site) -> None:
    states = site.states()
    assert not NOT_KNOWN & set(states), states
    assert len(site.simulator.ledger()) == states.total() == POSTS


def wait_until_gone(node: Node, pids: list[int], began: float) -> None:
    left = began + GONE_IN - time.monotonic()
    node.process.wait(left)
    wait_for(lambda: not any(map(is_alive, pids)), left, node.lines()[-2000:])


@pytest.mark.parametrize(
    ("kind", "to", "number", "times"),
    [
        ("studio", "main", signal.SIGTERM, 1),
        ("qcluster", "main", signal.SIGINT, 2),
        ("qcluster", "group", signal.SIGTERM, 1),
        ("studio", "group", signal.SIGTERM, 2),
        ("qcluster", "every", signal.SIGTERM, 1),
        ("studio", "every", signal.SIGTERM, 2),
    ],
)
def test_a_stop_finishes_what_was_sent_and_leaves_no_process(site, busy, kind, to, number, times):
    node = busy(kind)
    pids, began = node.descendants(), time.monotonic()
    for _ in range(times):
        send(node, to, number)
        time.sleep(0.5)
    wait_until_gone(node, pids, began)
    assert node.process.returncode == 0
    judge(site)
    assert "died" not in node.lines()
    assert "killed" not in node.lines()


@pytest.mark.parametrize("name", ["main", "sentinel"])
def test_what_a_killed_process_leaves_behind_finishes_and_ends(site, busy, name):
    node = busy("qcluster")
    pids, began = node.descendants(), time.monotonic()
    os.kill(node.pid_of(name), signal.SIGKILL)
    wait_until_gone(node, pids, began)
    judge(site)


def test_a_studio_whose_cluster_lost_its_main_process_starts_another(site, busy):
    node = busy("studio")
    main = node.pid_of("main")
    os.kill(main, signal.SIGKILL)
    wait_for(lambda: node.pid_of("main") not in (None, main), 60, node.lines()[-2000:])
    judge(site)
    assert "service=cluster exit=-9: ended, starting it again" in node.lines()


def test_a_studio_that_is_killed_takes_its_processes_with_it(site, busy):
    node = busy("studio")
    pids, began = node.descendants(), time.monotonic()
    node.process.kill()
    wait_until_gone(node, pids, began)
    judge(site)


def test_a_worker_that_does_not_end_is_killed_in_time(site):
    node = site.start("qcluster", STUDIO_WORKERS="2")
    stuck = node.pid_of("worker")
    os.kill(stuck, signal.SIGSTOP)
    pids, began = node.descendants(), time.monotonic()
    send(node, "every", signal.SIGTERM)
    wait_until_gone(node, pids, began)
    # It may have been frozen in the middle of one of the studio's own jobs.
    assert re.search(rf"worker={stuck} job='\w+': killed", node.lines())
