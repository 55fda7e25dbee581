"""Tests that share something stay with one worker."""

import re
from collections import OrderedDict
from pathlib import Path

import pytest

from tests.groups import GROUPS, GroupScheduling, group_of, next_of

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("start", GROUPS.values(), ids=GROUPS.keys())
def test_every_group_has_a_file(start):
    files = [str(path.relative_to(ROOT)) for path in ROOT.glob("tests/**/*.py")]
    assert any(re.match(start.partition("::")[0], file) for file in files)


def test_the_browser_goes_to_three_workers_and_the_rest_everywhere():
    assert group_of("tests/e2e/test_modes.py::test_a[image]") == "long browser tests"
    assert group_of("tests/e2e/test_shell.py::test_a") == "short browser tests"
    assert group_of("tests/views/feed/test_script.py::test_a") == "scripts"
    assert group_of("tests/forms/test_rows.py::test_a[x]") == "tests/forms/test_rows.py::test_a[x]"


def test_the_drill_and_the_other_chaos_go_to_two_workers():
    assert group_of("tests/chaos/test_drill.py::test_a") == "drill"
    assert group_of("tests/chaos/test_kills.py::test_a") == "chaos"


class Worker:
    """Notes the tests that it is sent."""

    def __init__(self) -> None:
        self.sent: list[int] = []

    def send_runtest_some(self, numbers: list[int]) -> None:
        self.sent += numbers


def test_groups_begin_in_their_order_and_not_by_their_number_of_tests():
    scheduling, worker = GroupScheduling.__new__(GroupScheduling), Worker()
    tests = ["any", "scripts a", "scripts b", "drill a"]
    groups = {"any": tests[:1], "scripts": tests[1:3], "drill": tests[3:]}
    scheduling.workqueue = OrderedDict(
        (name, dict.fromkeys(found, False)) for name, found in groups.items()
    )
    scheduling.assigned_work, scheduling.registered_collections = {}, {worker: tests}
    while scheduling.workqueue:
        scheduling._assign_work_unit(worker)
    assert [tests[number] for number in worker.sent] == ["drill a", "scripts a", "scripts b", "any"]


def test_without_a_group_the_next_test_is_the_first_that_waits():
    assert next_of({"one": {}, "two": {}}) == "one"
