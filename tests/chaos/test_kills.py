"""Kill the cluster while it works: nothing is paid twice, nothing is lost."""

import json
import random
import time
from collections import Counter

import pytest

from tests.studio import Studio, running_studio

TASKS, KILLS = 100, 10
pytestmark = [pytest.mark.chaos, pytest.mark.xdist_group("chaos")]

START = """
import json, secrets
from generation.catalogue import rules
from generation.engine import queue, start
from generation.models import Project, Team, User
{patch}
user = User.objects.create_user("chaos@example.test", "x")
team = Team.create_personal(user)
offer = rules.offer("demo", "image", "viduq2")
for number in range({tasks}):
    start.start(start.Start(user=user, team=team, project=team.projects.get(), key=None,
        intent=secrets.token_hex(8), offer=offer,
        values=rules.check(offer, {{"prompt": f"Ridge {{number}}"}})))
"""
NAIVE = """
def wake(job, pk):
    queue.async_task("tests.chaos.naive.submit", pk, save=False)
start.wake = wake
"""
STATES = """
import json
from generation.models import Task
rows = Task.objects.values_list("marker", "status", "error", "next_look_at")
print(json.dumps(list(rows), default=str))
"""


def kill_at_random(studio: Studio, kills: int, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(kills):
        studio.kill_cluster(after=dice.uniform(1.2, 3.2))


def accepted(studio: Studio) -> Counter[str]:
    """How often the simulator accepted a create, per marker: the judge of all this."""
    return Counter(row["payload"] for row in studio.simulate("/_sim/ledger"))


def settled(studio: Studio) -> list[list[str]] | None:
    rows = json.loads(studio.run(STATES))
    done = all(
        status in ("succeeded", "failed", "cancelled") or (status == "uncertain" and look is None)
        for _, status, _, look in rows
    )
    return rows if done else None


def wait_for_end(studio: Studio, seconds: float) -> list[list[str]]:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        rows = settled(studio)
        if rows is not None:
            return rows
        time.sleep(1)
    raise AssertionError(Counter(row[1] for row in json.loads(studio.run(STATES))))


CHAOS = {
    "SIMULATOR_PICTURES": "quick",
    "STUDIO_SEND_SECONDS": "5",
    "STUDIO_RECONCILE_GRACE": "3",
    "STUDIO_RECONCILE_GAP": "2",
    "DJANGO_SETTINGS_MODULE": "tests.chaos.settings",
}
FAULTS = [
    {"kind": "drop", "when": "after", "probability": 0.05, "match": {"method": "POST"}},
    {"kind": "delay", "when": "after", "seconds": 0.3, "match": {"method": "POST"}},
]


def test_nothing_is_paid_twice_or_lost_when_the_cluster_is_killed():
    with running_studio(**CHAOS) as studio:
        for fault in FAULTS:
            studio.simulate("/_sim/faults", fault)
        studio.run(START.format(patch="", tasks=TASKS))
        kill_at_random(studio, KILLS, seed=7)
        rows = wait_for_end(studio, 600)
        paid = accepted(studio)
        told = {marker: (status, error) for marker, status, error, _ in rows}
        assert max(paid.values()) == 1
        assert set(paid) <= set(told)
        assert len(told) == TASKS
        succeeded = {marker for marker, (status, _) in told.items() if status == "succeeded"}
        assert succeeded <= set(paid)
        assert all(error for status, error in told.values() if status in ("failed", "uncertain"))


def test_without_a_claim_the_same_run_pays_twice():
    with running_studio(**CHAOS) as studio:
        for fault in FAULTS[1:]:
            studio.simulate("/_sim/faults", fault)
        studio.run(START.format(patch=NAIVE, tasks=TASKS))
        kill_at_random(studio, KILLS, seed=7)
        ends = time.monotonic() + 150
        while max(accepted(studio).values()) == 1 and time.monotonic() < ends:
            time.sleep(1)
        assert max(accepted(studio).values()) > 1
