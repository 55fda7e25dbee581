"""Kill all of the cluster while subjects are edited and registered: each is paid for once.

What dies alone, and what fails at the provider, is for the drill (see test_drill.py).
"""

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.chaos.scenario import REPAINTED, goes_on
from tests.studio import Studio, running_studio

TASKS, KILLS = 14, 4  # six more have subjects
CREATES = ("subjects", "vidu_create_subjects")
pytestmark = pytest.mark.chaos

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


def do(studio: Studio, *calls: str) -> Any:
    """Call functions of the scenario inside the studio; returns what they tell."""
    steps = "; ".join(f"scenario.{call}" for call in calls)
    return json.loads(studio.run(f"from tests.chaos import scenario; {steps}") or "null")


def kill_at_random(studio: Studio, kills: int, dice: random.Random) -> None:
    """Each time once it has sent something, however long its start took, and a moment later."""
    for _ in range(kills):
        known, ends = charges(studio), time.monotonic() + 6
        while charges(studio) == known and time.monotonic() < ends:
            time.sleep(0.1)
        studio.kill_cluster(after=dice.uniform(0, 1.5))


def charges(studio: Studio) -> int:
    return len(studio.simulate("/_sim/ledger"))


def accepted(studio: Studio) -> Counter[str]:
    """How often the simulator accepted a task, per marker: the judge of all this."""
    ledger = studio.simulate("/_sim/ledger")
    return Counter(row["payload"] for row in ledger if row["payload"])


def wait_for_end(studio: Studio, seconds: float) -> Any:
    ends = time.monotonic() + seconds
    while left := goes_on(state := do(studio, "report(patience=60)")):
        assert time.monotonic() < ends, left
    return state


@pytest.fixture
def studio() -> Iterator[Studio]:
    with running_studio(**CHAOS) as found:
        yield found
        found.stop_at_once()


def test_edited_subjects_are_paid_for_once_when_all_of_the_cluster_is_killed(studio):
    for fault in FAULTS:
        studio.simulate("/_sim/faults", fault)
    dice = random.Random(7)
    # Each half of the kills meets registrations at first and then tasks.
    do(studio, "people()", "add_subjects()", f"begin({TASKS // 2})")
    kill_at_random(studio, KILLS // 2, dice)
    do(studio, "edit()", f"begin({TASKS - TASKS // 2})")
    kill_at_random(studio, KILLS - KILLS // 2, dice)
    state = wait_for_end(studio, 600)
    studio.simulate("/_sim/faults", [])
    judge_tasks(accepted(studio), state["tasks"])
    judge_registrations(studio, state["registrations"])


def judge_tasks(paid: Counter[str], tasks: list[dict[str, str]]) -> None:
    by_marker = {task["marker"]: task for task in tasks}
    assert max(paid.values()) == 1
    assert set(paid) <= set(by_marker)
    succeeded = {marker for marker, task in by_marker.items() if task["status"] == "succeeded"}
    assert succeeded
    assert succeeded <= set(paid)
    assert all(task["error"] for task in tasks if task["status"] in ("failed", "uncertain"))


def judge_registrations(studio: Studio, registrations: list[dict[str, str]]) -> None:
    """One charge for each key and version of a subject, each known to us; else it says so."""
    names = do(studio, "report_libraries()")
    rows = {row["label"]: row for row in registrations}
    ledger = [row for row in studio.simulate("/_sim/ledger") if row["model"] in CREATES]
    assert {row["remote_id"] for row in ledger} == set(names)
    assert max(Counter(names.values()).values()) == 1
    places = Counter((row["key_hash"], subject_of(names[row["remote_id"]])) for row in ledger)
    assert all(count <= versions(ledger, place) for place, count in places.items()), places
    for charge in ledger:
        row = rows.get(names[charge["remote_id"]])  # None: a former version of it
        if row is not None and row["server_id"] != charge["remote_id"]:
            assert row["state"] == "failed"
            assert row["error"]
    kept = [row for row in rows.values() if row["state"] == "kept"]
    assert kept
    assert all(names[row["server_id"]] == row["label"] for row in kept)
    assert all(row["error"] for row in rows.values() if row["state"] == "failed")


def subject_of(label: str) -> str:
    return label.rpartition("-")[0]


def versions(ledger: list[dict[str, Any]], place: tuple[str, str]) -> int:
    """How often a subject may be paid for there: only Vtrix makes a new one of new images."""
    key_hash, subject = place
    at_vtrix = any(row["key_hash"] == key_hash and row["dialect"] == "vtrix" for row in ledger)
    return 1 + int(at_vtrix and subject in {f"Mira{number}" for number in REPAINTED})
