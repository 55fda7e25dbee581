"""Which tests stay with one worker, because they share a browser, a studio or its data.

By their addresses: the marks of pytest-xdist 3.8 are lost under pytest 9.
"""

import re

import pytest
from xdist.scheduler import LoadScopeScheduling

GROUPS = {
    # About half of the time each; every worker has a studio and a browser of its own.
    "long browser tests": r"tests/e2e/test_(modes|pages)\.py",
    "short browser tests": r"tests/e2e/",
    "scripts": r"tests/views/\w+/test_script\.py",
    "chaos": r"tests/chaos/",
    "one seeded studio": r"tests/management/test_seed\.py::TestOneSeededStudio",
}


def group_of(address: str) -> str:
    """The name of its group; a test of no group is one by itself."""
    return next((name for name, start in GROUPS.items() if re.match(start, address)), address)


class GroupScheduling(LoadScopeScheduling):
    """The largest groups first, then every other test wherever there is time."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log) -> GroupScheduling:
    return GroupScheduling(config, log)
