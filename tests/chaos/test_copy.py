"""A plain copy of the data folder, taken while it works and started at once: nothing is paid twice.

The copy is started in the minute in which it was made, so no heartbeat tells that it was away.
"""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.node import Node, Site, running_site

TASKS, SENT_BEFORE, PATIENCE = 12, 3, 60
QUICK = {"STUDIO_RECONCILE_GRACE": "1", "STUDIO_RECONCILE_GAP": "1", "STUDIO_WORKERS": "1",
         "STUDIO_SEND_SECONDS": "5"}  # fmt: skip
pytestmark = pytest.mark.chaos


@pytest.fixture
def site(monkeypatch) -> Iterator[Site]:
    """On a file, whatever the suite runs on: a folder is what is copied."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with running_site() as found:
        found.environment |= QUICK
        yield found


@pytest.fixture
def copy(site, tmp_path) -> Iterator[Site]:
    """Another studio, for the copy of the folder; nothing runs there yet."""
    other = Site(tmp_path / "copy", site.simulator, "")
    other.environment |= QUICK
    yield other
    for node in other.started:
        kill(node)


def kill(node: Node) -> None:
    node.signal_all(signal.SIGKILL)
    node.process.wait()


def run_cluster(site: Site) -> Node:
    """As `studio` does. Without a wait: the heartbeat files in the folder are of one that was
    killed."""
    node = Node(("qcluster", "--recover"), site.environment, site.data)
    site.started.append(node)
    return node


def copy_at_work(site: Site, copy: Site) -> Node:
    """Copy the folder while some tasks were sent, and the others wait for their turn."""
    node = site.start("qcluster")
    site.begin_slow_tasks(TASKS, 1.0)
    site.wait_for_accepted(SENT_BEFORE)
    shutil.copytree(site.data, copy.data, ignore=special_files)
    site.simulator.faults()
    return node


def special_files(folder: str, names: list[str]) -> list[str]:
    paths = [Path(folder) / name for name in names]
    return [path.name for path in paths if not path.is_dir() and not path.is_file()]


def paid(site: Site) -> list[str]:
    return [row["payload"] for row in site.simulator.ledger()]


def wait_until_held(site: Site, before: list[str]) -> None:
    """Until the copy has looked for all that it holds: it found what was sent before."""
    found = site.run(f"report_held({PATIENCE})")
    assert found == {"held": TASKS - len(before), "looked_for": TASKS - len(before)}, log(site)
    assert paid(site) == before


def wait_until_ready(site: Site) -> None:
    tasks = site.run(f"report({PATIENCE})")["tasks"]
    assert {task["status"] for task in tasks} == {"succeeded"}, log(site)
    assert len(paid(site)) == len(set(paid(site))) == TASKS


def log(site: Site) -> str:
    return site.started[-1].lines()[-2000:]


def test_what_the_original_sends_the_copy_finds_and_never_sends(site, copy):
    kill(copy_at_work(site, copy))
    before = paid(site)
    run_cluster(copy)
    wait_until_held(copy, before)
    run_cluster(site)  # at its own place: it goes on by itself
    wait_until_ready(site)
    copy.run("send_held()")
    wait_until_ready(copy)


def test_the_copy_sends_what_nobody_has_sent_once_a_person_says_so(site, copy):
    kill(copy_at_work(site, copy))
    before = paid(site)
    run_cluster(copy)
    wait_until_held(copy, before)
    assert copy.run("send_held()") == TASKS - len(before)
    wait_until_ready(copy)
