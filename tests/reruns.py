"""A browser test that fails is run once more; more than two such reruns fail the run."""

import pytest
from _pytest.runner import runtestprotocol

MOST = 2
reruns: list[str] = []


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    if not item.get_closest_marker("browser"):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    # With its parent as the next one, so that the studio and the browser stay.
    reports = runtestprotocol(item, nextitem=item.parent, log=False)
    failed = any(report.failed for report in reports)
    if failed:
        first = "\n".join(report.longreprtext for report in reports if report.failed)
        item.user_properties.append(("rerun", f"{item.nodeid}\n{first}"))
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
    else:
        item.session._setupstate.teardown_exact(nextitem)
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "teardown":  # workers send their reports to the process that prints
        reruns.extend(name for key, name in report.user_properties if key == "rerun")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if len(reruns) > MOST and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for told in reruns:  # with why it failed at first: it may be rare
        terminalreporter.write_line(f"RERUN {told}", yellow=True)
    if len(reruns) > MOST:
        terminalreporter.write_line(f"{len(reruns)} reruns, at most {MOST} may be")
