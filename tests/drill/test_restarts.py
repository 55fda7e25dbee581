"""Restarts are told apart: those that a kill explains, and the others."""

from collections import Counter

import pytest

from generation.drill.restarts import unasked_restarts

CLUSTER = "WARNING - generation.supervisor: service=cluster exit=-9: ended, starting it again"
WEB = "WARNING - generation.supervisor: service=web exit=0: ended, starting it again"
WORKER = "WARNING - generation.cluster.sentinel: worker=12 exit=-9: died, starting another"
WAITED = "CommandError: Another cluster takes the messages of the queue 'drill-1' in /tmp, and"


def unasked(*lines: str, killed: tuple[int, ...] = (), **kills: int) -> list[str]:
    return unasked_restarts("\n".join(lines), Counter(kills), killed)


def test_a_worker_that_was_killed_may_be_replaced_and_no_other():
    assert unasked(WORKER, killed=(12,)) == []
    assert unasked(WORKER, killed=(13,)) == [WORKER]


@pytest.mark.parametrize(("line", "role"), [(CLUSTER, "main"), (CLUSTER, "sentinel"), (WEB, "web")])
def test_a_service_may_start_again_as_often_as_it_was_killed(line, role):
    assert unasked(line, **{role: 1}) == []
    assert unasked(line, line, **{role: 1}) == [line]
    assert unasked(line, worker=3, supervisor=3) == [line]


def test_a_cluster_may_start_again_that_waited_for_the_one_before():
    assert unasked(WAITED, CLUSTER) == []
    assert unasked(WAITED, CLUSTER, WEB) == [WEB]


@pytest.mark.parametrize(
    "line",
    [
        "service=cluster: no heartbeat of its sentinel for 60 s, ending it to start it again",
        "worker=12 job='store': takes too long, ending it",
    ],
)
def test_nobody_asks_for_the_end_of_what_lives(line):
    assert unasked(line, killed=(12,), main=3, worker=3) == [line]
