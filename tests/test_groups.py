"""Tests that share something stay with one worker."""

import re
from pathlib import Path

import pytest

from tests.groups import GROUPS, group_of

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
