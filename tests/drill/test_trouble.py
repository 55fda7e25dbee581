"""What happens during the trouble, with a door, a studio and a workload that only take notes."""

import random

import pytest

from generation.drill import trouble
from generation.drill.faults import OUTAGE, STANDARD, outages_for, read_faults
from generation.drill.node import ROLES
from generation.drill.plan import DrillPlan
from generation.drill.trouble import Trouble
from generation.simulator.faults import validate


class Door:
    def __init__(self) -> None:
        self.faults: list[list[dict]] = []

    def set_faults(self, faults: list[dict], _seed: int) -> None:
        self.faults.append(faults)

    def watch_file_hosts(self) -> None:
        pass


class Studio:
    def keep_running(self) -> None:
        pass

    def pids(self, role: str) -> list[int]:
        return [1_000 + ROLES.index(role)]


class Workload:
    asked = 0

    def begin(self, count: int) -> None:
        self.asked += count


@pytest.fixture
def run(monkeypatch):
    def go_through(**wanted) -> Trouble:
        monkeypatch.setattr(trouble, "kill", lambda _pid: None)
        plan = DrillPlan(seconds=0.0, faults=STANDARD, **wanted)
        found = Trouble(plan, Door(), Studio(), Workload(), random.Random(3))
        found.run()
        return found

    return go_through


def test_a_kill_that_meets_no_process_is_told(run, monkeypatch):
    monkeypatch.setattr(trouble, "FIND_SECONDS", 0.0)
    monkeypatch.setattr(Studio, "pids", lambda _, role: [] if role == "web" else [1_000])
    found = run(tasks=1, kills=5)
    assert found.met_nobody == ["web"]
    assert found.kills == dict.fromkeys(set(ROLES) - {"web"}, 1)


def test_all_tasks_are_asked_for(run):
    assert run(tasks=37, kills=0).workload.asked == 37


def test_the_first_kills_meet_each_role_once(run):
    assert run(tasks=1, kills=5).kills == dict.fromkeys(ROLES, 1)
    assert run(tasks=1, kills=40).kills.total() == 40
    assert run(tasks=1, kills=2).kills.total() == 2


def test_what_was_killed_is_remembered(run):
    done = run(tasks=1, kills=5)
    assert sorted(done.killed) == [1_000 + number for number in range(len(ROLES))]


def test_the_provider_goes_away_comes_back_and_is_healed(run):
    assert run(tasks=1, kills=0, outages=[0.0]).door.faults == [STANDARD, OUTAGE, STANDARD, []]


def test_the_kills_are_spread_over_the_time():
    plan = DrillPlan(kills=30, seconds=600.0)
    found = Trouble(plan, Door(), Studio(), Workload(), random.Random(3))
    times = [at for at, _ in found.killings()]
    assert times == sorted(times)
    assert all(number * 20 < at < (number + 1) * 20 for number, at in enumerate(times))


def test_the_simulator_knows_the_standard_faults():
    for fault in [*STANDARD, *OUTAGE]:
        validate(fault)


def test_outages_take_a_tenth_of_the_time_at_most():
    for seconds in (20.0, 60.0, 600.0, 3600.0):
        assert 0 < sum(outages_for(seconds)) <= seconds / 10


def test_faults_come_by_name_or_from_a_file(tmp_path):
    assert read_faults("none", 60) == ([], [])
    assert read_faults("standard", 60) == (STANDARD, [6.0])
    file = tmp_path / "faults.json"
    file.write_text('[{"kind": "drop"}]')
    assert read_faults(str(file), 60) == ([{"kind": "drop"}], [])
    file.write_text('{"kind": "drop"}')
    with pytest.raises(ValueError, match="no list"):
        read_faults(str(file), 60)
