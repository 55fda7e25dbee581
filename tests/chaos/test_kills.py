"""Kill the cluster while it works: nothing is paid twice, nothing is lost."""

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.chaos.scenario import REPAINTED
from tests.studio import Studio, running_studio

TASKS, KILLS = 90, 10
ENDED = ("succeeded", "failed", "cancelled")
CREATES = ("subjects", "vidu_create_subjects")
pytestmark = [pytest.mark.chaos, pytest.mark.xdist_group("chaos")]

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


def tell(studio: Studio, call: str) -> Any:
    return json.loads(studio.run(f"from tests.chaos import scenario; scenario.{call}"))


def do(studio: Studio, *calls: str) -> None:
    steps = "; ".join(f"scenario.{call}" for call in calls)
    studio.run(f"from tests.chaos import scenario; {steps}")


def kill_at_random(studio: Studio, kills: int, dice: random.Random) -> None:
    for _ in range(kills):
        studio.kill_cluster(after=dice.uniform(1.2, 3.2))


def accepted(studio: Studio) -> Counter[str]:
    """How often the simulator accepted a task, per marker: the judge of all this."""
    ledger = studio.simulate("/_sim/ledger")
    return Counter(row["payload"] for row in ledger if row["payload"])


def most_often(studio: Studio) -> int:
    return max(accepted(studio).values(), default=0)


def unsettled(studio: Studio) -> Counter[str]:
    """What still goes on; an uncertain task that waits for a person does not."""
    tasks, rows = tell(studio, "tell_tasks()"), tell(studio, "tell_registrations()")
    left = [
        status for _, status, _, look in tasks
        if status not in ENDED and not (status == "uncertain" and look is None)
    ]  # fmt: skip
    return Counter(
        [*left, *(row["state"] for row in rows if row["state"] not in ("kept", "failed"))]
    )


def wait_for_end(studio: Studio, seconds: float) -> None:
    ends = time.monotonic() + seconds
    while left := unsettled(studio):
        assert time.monotonic() < ends, left
        time.sleep(1)


@pytest.fixture
def studio() -> Iterator[Studio]:
    with running_studio(**CHAOS) as found:
        yield found


def test_nothing_is_paid_twice_or_lost_when_the_cluster_is_killed(studio):
    for fault in FAULTS:
        studio.simulate("/_sim/faults", fault)
    dice = random.Random(7)
    do(studio, f"begin({TASKS})", "cast()")
    kill_at_random(studio, KILLS // 2, dice)
    do(studio, "edit()")
    kill_at_random(studio, KILLS - KILLS // 2, dice)
    wait_for_end(studio, 600)
    studio.simulate("/_sim/faults", [])
    judge_tasks(studio)
    judge_registrations(studio)


def judge_tasks(studio: Studio) -> None:
    paid, rows = accepted(studio), tell(studio, "tell_tasks()")
    told = {marker: (status, error) for marker, status, error, _ in rows}
    assert max(paid.values()) == 1
    assert set(paid) <= set(told)
    succeeded = {marker for marker, (status, _) in told.items() if status == "succeeded"}
    assert succeeded
    assert succeeded <= set(paid)
    assert all(error for status, error in told.values() if status in ("failed", "uncertain"))


def judge_registrations(studio: Studio) -> None:
    """One charge for each key and version of a subject, each known to us; else it says so."""
    names = tell(studio, "tell_libraries()")
    rows = {row["label"]: row for row in tell(studio, "tell_registrations()")}
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
    """How often a subject may be paid for there: only Vtrix makes a new one of new pictures."""
    key_hash, subject = place
    at_vtrix = any(row["key_hash"] == key_hash and row["dialect"] == "vtrix" for row in ledger)
    return 1 + int(at_vtrix and subject in {f"Mira{number}" for number in REPAINTED})


def test_without_a_claim_the_same_run_pays_twice(studio):
    for fault in FAULTS[1:]:
        studio.simulate("/_sim/faults", fault)
    do(studio, "naive()", f"begin({TASKS})")
    kill_at_random(studio, KILLS, random.Random(7))
    ends = time.monotonic() + 150
    while most_often(studio) < 2 and time.monotonic() < ends:
        time.sleep(1)
    assert most_often(studio) > 1
