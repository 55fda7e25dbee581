"""Which tests stay with one worker, because they share a browser, a studio or its data.

By their addresses: the marks of pytest-xdist 3.8 are lost under pytest 9.
"""

import re
from collections.abc import Mapping

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

# In the order in which they begin: what takes longest must not be left for the end.
GROUPS = {
    # Each of the first two kills studios of its own, and mostly waits.
    "drill": r"tests/chaos/test_drill\.py",
    "chaos": r"tests/chaos/test_(kills|stops)\.py",
    # About half of the time each; every worker has a studio and a browser of its own.
    "long browser tests": r"tests/e2e/test_(modes|pages)\.py",
    "short browser tests": r"tests/e2e/",
    # Not a long one: it is what waits behind the browser, with the same worker.
    "one seeded studio": r"tests/management/test_seed\.py::TestOneSeededStudio",
    "liveness": r"tests/chaos/test_liveness\.py",
    "web server": r"tests/web/test_web_server\.py",
    "scripts": r"tests/views/\w+/test_\w*script\.py",
}


def group_of(address: str) -> str:
    """The name of its group; a test of no group is one by itself."""
    return next((name for name, start in GROUPS.items() if re.match(start, address)), address)


def next_of(waiting: Mapping[str, object]) -> str:
    """The first group of the list that waits, however few its tests; then any other test."""
    return next((name for name in GROUPS if name in waiting), next(iter(waiting)))


class GroupScheduling(LoadScopeScheduling):
    """The groups in their order, then every other test wherever there is time."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(next_of(self.workqueue), last=False)
        super()._assign_work_unit(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log) -> GroupScheduling:
    return GroupScheduling(config, log)
