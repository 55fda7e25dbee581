"""The rules give the verdict of the rows at every edge of every limit."""

import pytest

from generation.catalogue import rules
from generation.catalogue.modes import MODES
from generation.catalogue.types import Invalid
from tests.catalogue.matrix import cases


def refused(case):
    offer = rules.offer(case.provider, case.mode, case.model_name)
    try:
        rules.check(offer, case.values, case.inputs)
    except Invalid as invalid:
        for problem in invalid.problems:
            assert str(problem).endswith("."), problem
        return {problem.param for problem in invalid.problems}
    return set()


@pytest.mark.parametrize("mode", MODES)
def test_every_edge_gets_its_verdict(mode):
    wrong, seen = [], 0
    for case in cases(mode=mode):
        seen += 1
        found = refused(case)
        if found != ({case.verdict} if case.verdict else set()):
            wrong.append((case.provider, case.model_name, case.reason, case.verdict, found))
    assert wrong == [], wrong[:40]
    assert seen > 20
