"""What each file of tests costs in CPU seconds of its own process: where the suite's time goes."""

import os
import time
from collections import Counter
from collections.abc import Iterator

import pytest

SHOWN = 15
costs: Counter[str] = Counter()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[object]:
    began = time.process_time()
    item.user_properties.append(("began", began))
    return (yield)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> None:
    if call.when == "teardown":
        began = dict(item.user_properties)["began"]
        item.user_properties.append(("cost", time.process_time() - began))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "teardown":  # workers send their reports to the process that prints
        costs[report.nodeid.partition("::")[0]] += dict(report.user_properties).get("cost", 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if os.environ.get("CI") == "true":
        total = sum(costs.values())
        dearest = ", ".join(f"{name} {cost:.0f}" for name, cost in costs.most_common(SHOWN))
        terminalreporter.write_line(f"{total:.0f} CPU seconds in the tests; most in {dearest}")
