"""A provider that does not answer is sent no more than three in a row."""

import pytest

from generation.engine import submit
from generation.models import ProviderSilence, Status, Task

NO_ANSWER = {"kind": "drop", "when": "before", "match": {"method": "POST"}}


@pytest.fixture
def rows_seen(monkeypatch):
    """How many create requests had no clear answer, each time before a failure was written down."""
    seen, record_failure = [], submit.record_failure

    def look_first(task, claim, error):
        out = Task.objects.filter(status=Status.SUBMITTING).count()
        silence = ProviderSilence.objects.filter(provider=task.provider).first()
        seen.append((out, silence.unanswered if silence else 0))
        record_failure(task, claim, error)

    monkeypatch.setattr(submit, "record_failure", look_first)
    return seen


def test_a_silence_is_counted_before_its_task_makes_room_for_the_next(engine, simulator, rows_seen):
    simulator.faults(NO_ANSWER)
    for _ in range(2):
        engine.submit(engine.start())
    assert rows_seen == [(1, 1), (1, 2)]


def test_a_clear_refusal_ends_the_silence(engine, simulator, rows_seen):
    simulator.faults({**NO_ANSWER, "count": 1})
    engine.submit(engine.start())
    engine.submit(engine.start("[fail: moderation] A lighthouse"))
    assert ProviderSilence.objects.get(provider="demo").unanswered == 0
