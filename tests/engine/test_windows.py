"""The moments between two lines in which a process, a database or a disk may fail."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.utils import timezone

from generation.engine import record_outcome, submit
from generation.models import Status, Task
from generation.providers.errors import OutcomeUnknown, Refused, Throttled
from tests.factories import make_media, make_task


@pytest.fixture
def restart(monkeypatch):
    """Call it: the next moves of tasks find no database, as often as it says."""
    monkeypatch.setattr(record_outcome, "PAUSE", 0)
    move = Task.move

    def down(times: int) -> None:
        left = iter(range(times))

        def interrupted(task, to, *given, **fields):
            if to != Status.SUBMITTING and next(left, None) is not None:
                raise OperationalError("the database system is shutting down")
            return move(task, to, *given, **fields)

        monkeypatch.setattr(Task, "move", interrupted)

    return down


@pytest.mark.django_db(transaction=True)
def test_an_acceptance_outlives_a_restart_of_the_database(engine, simulator, restart):
    task = engine.start(provider="kkiai")
    restart(3)
    task = engine.submit(task)
    assert (task.status, task.remote_id) == ("running", simulator.ledger()[0]["remote_id"])


@pytest.mark.django_db(transaction=True)
def test_a_refusal_outlives_a_restart_of_the_database(engine, simulator, restart):
    task = engine.start("[fail: moderation]", provider="vidu")
    restart(2)
    assert engine.submit(task).status == "failed"


@pytest.mark.django_db(transaction=True)
def test_retrying_ends_and_then_the_log_says_what_was_accepted(
    engine, simulator, restart, monkeypatch, caplog
):
    monkeypatch.setattr(record_outcome, "PATIENCE", 0)
    task = engine.start()
    restart(9)
    with pytest.raises(OperationalError):
        engine.submit(task)
    assert f"was accepted as {simulator.ledger()[0]['remote_id']}" in caplog.text
    assert engine.fresh(task).status == "submitting"


def test_what_was_made_at_once_is_written_completely_or_not_at_all(engine, simulator, monkeypatch):
    """The links stand in that one reply: a task that runs without them could never be fetched."""
    task = engine.begin(("demo", "speech", "audio-tts"), text="Hello", voice_id="girl")
    with monkeypatch.context() as patch:
        patch.setattr(record_outcome, "finish", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            engine.submit(task)
    assert engine.fresh(task).status == "submitting"


def sent(user, **fields) -> Task:
    now = timezone.now()
    facts = {"status": "submitting", "claim": "mine", "sent_at": now, "deadline": now}
    return make_task(user, **facts | fields)


def test_a_refusal_that_comes_after_the_sweep_still_settles_it(user):
    task = sent(user)
    Task.objects.filter(pk=task.pk).update(status=Status.UNCERTAIN)
    record_outcome.record_failure(task, "mine", Refused("The provider refused this request."))
    assert Task.objects.get(pk=task.pk).status == "failed"


@pytest.mark.parametrize("error", [OutcomeUnknown("No clear answer."), Throttled("Busy.")])
def test_what_is_not_known_after_the_sweep_stays_uncertain(user, error):
    task = sent(user)
    Task.objects.filter(pk=task.pk).update(status=Status.UNCERTAIN)
    record_outcome.record_failure(task, "mine", error)
    assert Task.objects.get(pk=task.pk).status == "uncertain"


def test_a_failure_of_a_lost_claim_changes_nothing(user):
    task = sent(user)
    Task.objects.filter(pk=task.pk).update(claim="theirs")
    record_outcome.record_failure(task, "mine", Refused("No."))
    assert Task.objects.get(pk=task.pk).status == "submitting"


def test_a_fault_of_ours_before_sending_ends_after_five_tries(engine, simulator, monkeypatch):
    task = engine.start()
    monkeypatch.setattr(submit, "build_request", lambda _task: 1 / 0)
    for tries in range(1, 5):
        task = engine.submit(task)
        assert (task.status, task.code_failures) == ("queued", tries)
        assert task.not_before > timezone.now()
    task = engine.submit(task)
    assert (task.status, task.credits) == ("failed", 0)
    assert "nothing was sent" in task.error
    assert simulator.requests("reference2image") == []


def test_a_missing_input_fails_at_once_and_says_so(engine, simulator, user):
    image = make_media(user)
    task = engine.start(provider="vidu", images=[image])
    default_storage.delete(image.path)
    task = engine.submit(task)
    assert (task.status, task.error) == (
        "failed", "A file that it needs is missing from the studio's storage.",
    )  # fmt: skip


def test_a_task_that_was_just_put_off_is_not_sent_before_its_time(user, monkeypatch):
    """Two messages for one task: the second read the row before the first had to wait."""
    task = make_task(user)

    def throttled_meanwhile(_task) -> bool:
        later = timezone.now() + timedelta(minutes=1)
        Task.objects.filter(pk=task.pk).update(not_before=later)
        return True

    monkeypatch.setattr(submit, "may_still_send", throttled_meanwhile)
    submit.submit(task.pk)
    task.refresh_from_db()
    assert (task.status, task.sends) == ("queued", 0)


def test_nothing_is_sent_whose_result_could_not_be_kept(engine, simulator, monkeypatch):
    task = engine.start()
    with monkeypatch.context() as patch:
        patch.setattr(submit, "enough_space", lambda _needed: False)
        task = engine.submit(task)
    assert (task.status, "disk is full" in task.waiting_for) == ("queued", True)
    assert task.not_before > timezone.now()
    assert simulator.ledger() == []
    assert engine.submit(task).status == "running"
