"""Hints that come late, twice, or with a name that is not the task's."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from generation.engine import adopt, callbacks, reconcile, record_outcome, submit
from generation.models import CallbackEvent, Task
from generation.providers.base import RemoteState, Snapshot
from tests.factories import make_task


def lose_the_answer(engine, simulator, provider) -> Task:
    """A task that was accepted, though no reply came."""
    simulator.faults({"kind": "drop", "when": "after", "match": {"method": "POST"}, "count": 1})
    return engine.submit(engine.start(provider=provider))


def hint(task, remote_id, nonce="1") -> bool:
    return callbacks.receive(task, nonce, json.dumps({"id": remote_id}).encode())


@pytest.mark.parametrize("provider", ["kkiai", "vtrix"])
def test_what_a_callback_names_is_adopted_where_there_is_no_list(engine, simulator, provider):
    task = lose_the_answer(engine, simulator, provider)
    hint(task, simulator.ledger()[0]["remote_id"])
    task = engine.reconcile(engine.fresh(task))
    assert task.status == "running"
    assert engine.store(engine.poll(task)).status == "succeeded"
    assert len(simulator.ledger()) == 1


UUID = "6f1c0e8a-3a52-4c0f-9f58-1c2d3e4f5a6b"
PRINTABLE = ["a1b2-c3", UUID, "t_1.2:3", "x" * 120, 911092490931552256]


@pytest.mark.parametrize("named", PRINTABLE)
@pytest.mark.parametrize("provider", ["kkiai", "vtrix"])
@pytest.mark.parametrize("name", ["id", "task_id"])
def test_a_callback_may_name_whatever_a_create_reply_may(user, provider, named, name):
    task = make_task(user, provider=provider, status="uncertain", sent_at=timezone.now())
    callbacks.receive(task, "1", json.dumps({name: named}).encode())
    assert Task.objects.get(pk=task.pk).remote_id == str(named)


@pytest.mark.parametrize("named", ["", "..", "a b", "x" * 121, "é", None, True, ["7"], {}])
def test_what_no_create_reply_would_be_taken_for_names_nothing(user, named):
    task = make_task(user, provider="vtrix", status="uncertain", sent_at=timezone.now())
    hint(task, named)
    callbacks.receive(task, "2", b"[1]")
    assert Task.objects.get(pk=task.pk).remote_id == ""


def test_a_vtrix_task_with_dashes_in_its_id_is_adopted(engine, simulator):
    simulator.settings(vtrix_ids="uuid")
    task = lose_the_answer(engine, simulator, "vtrix")
    remote_id = simulator.ledger()[0]["remote_id"]
    assert remote_id.count("-") == 4
    hint(task, remote_id)
    task = engine.store(engine.poll(engine.reconcile(engine.fresh(task))))
    assert (task.status, task.remote_id) == ("succeeded", remote_id)
    assert len(simulator.ledger()) == 1


def test_a_callback_that_is_quicker_than_a_lost_reply_is_remembered(engine, simulator, monkeypatch):
    send = submit.send

    def send_and_be_told(task, prepared):
        try:
            return send(task, prepared)
        finally:
            hint(task, simulator.ledger()[0]["remote_id"])

    monkeypatch.setattr(submit, "send", send_and_be_told)
    task = lose_the_answer(engine, simulator, "vtrix")
    assert task.status == "uncertain"
    assert engine.reconcile(task).status == "running"


@pytest.mark.parametrize("provider", ["vidu", "kkiai", "vtrix"])
def test_what_a_person_had_given_up_is_kept_when_it_turns_up(engine, simulator, provider):
    task = lose_the_answer(engine, simulator, provider)
    assert reconcile.give_up(task)
    hint(task, simulator.ledger()[0]["remote_id"])
    task = engine.reconcile(engine.fresh(task))
    assert (task.status, task.error, task.finished_at) == ("running", "", None)
    assert engine.store(engine.poll(task)).status == "succeeded"


def test_after_three_days_what_was_given_up_stays_so(engine, simulator):
    task = lose_the_answer(engine, simulator, "kkiai")
    Task.objects.update(sent_at=timezone.now() - timedelta(hours=73))
    reconcile.give_up(task)
    hint(task, simulator.ledger()[0]["remote_id"])
    assert engine.fresh(task).remote_id == ""


def test_a_reply_after_a_person_gave_it_up_is_kept(user):
    task = make_task(user, status="uncertain", sent_at=timezone.now(), claim="x")
    reconcile.give_up(Task.objects.get(pk=task.pk))
    record_outcome.accept(task, Snapshot("7", RemoteState.QUEUED))
    assert Task.objects.get(pk=task.pk).status == "running"


def test_a_reply_does_not_wake_what_failed_for_good(user):
    task = make_task(user, status="failed", error_code="Moderation")
    record_outcome.accept(task, Snapshot("7", RemoteState.QUEUED))
    assert Task.objects.get(pk=task.pk).status == "failed"


@pytest.mark.parametrize("provider", ["vidu", "vtrix"])
def test_a_callback_that_names_another_tasks_work_adopts_nothing(engine, simulator, provider):
    other = engine.submit(engine.start(provider=provider))
    simulator.faults({"kind": "drop", "when": "before", "match": {"method": "POST"}, "count": 1})
    task = engine.begin(
        (provider, "image", other.model_name), key=other.key, prompt="A hill", images=()
    )
    task = engine.submit(task)
    hint(task, other.remote_id)
    assert engine.reconcile(engine.fresh(task)).status == "uncertain"


def test_a_callback_that_names_nothing_leaves_the_list_to_tell(engine, simulator):
    task = lose_the_answer(engine, simulator, "vidu")
    hint(task, "404404404")
    assert engine.reconcile(engine.fresh(task)).status == "running"


def test_half_a_callback_is_none(engine, simulator, monkeypatch):
    """It died between remembering and acting: the provider's repeat must not count as known."""
    task = lose_the_answer(engine, simulator, "kkiai")
    with monkeypatch.context() as patch:
        patch.setattr(callbacks, "remote_id_in", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            hint(task, "7")
    assert not CallbackEvent.objects.exists()
    assert hint(task, "7")
    assert not hint(task, "7")


def test_what_is_found_in_the_list_keeps_its_charge(engine, simulator):
    task = engine.reconcile(lose_the_answer(engine, simulator, "vidu"))
    assert (task.status, task.credits, task.estimate) == ("running", 6, 6)
    task = engine.store(engine.poll(task))
    assert (task.status, task.credits) == ("succeeded", 6)


@pytest.mark.parametrize("status", [400, 429])
def test_a_refusal_after_a_callback_named_the_task_is_not_believed(
    engine, simulator, monkeypatch, status
):
    """A gateway sent it twice, and the second time it was refused."""
    send = submit.send

    def send_and_be_told(task, prepared):
        try:
            return send(task, prepared)
        finally:
            hint(task, simulator.ledger()[0]["remote_id"])

    monkeypatch.setattr(submit, "send", send_and_be_told)
    simulator.faults(
        {"kind": "status", "status": status, "when": "after", "match": {"method": "POST"}}
    )
    task = engine.submit(engine.start(provider="kkiai"))
    assert task.status == "uncertain"
    simulator.faults()
    assert engine.reconcile(task).status == "running"
    assert len(simulator.ledger()) == 1


@pytest.mark.parametrize("provider", ["kkiai", "vtrix"])
def test_what_a_callback_named_keeps_its_charge(engine, simulator, provider):
    task = lose_the_answer(engine, simulator, provider)
    hint(task, simulator.ledger()[0]["remote_id"])
    task = engine.store(engine.poll(engine.reconcile(engine.fresh(task))))
    assert task.status == "succeeded"
    assert (task.cost if provider == "vtrix" else task.credits) > 0


def uncertain(user, **fields):
    return make_task(user, status="uncertain", sent_at=timezone.now(), **fields)


def test_adopting_does_not_forget_what_was_known_of_the_charge(user):
    task = uncertain(user, credits=8, cost=Decimal("0.04"), seed_used=7)
    reconcile.adopt(task, [Snapshot("7", RemoteState.RUNNING)])
    task = Task.objects.get(pk=task.pk)
    assert (task.credits, task.cost, task.seed_used) == (8, Decimal("0.04"), 7)
    task = uncertain(user, credits=8)
    told = Snapshot("8", RemoteState.SUCCESS, credits=0, cost=Decimal("0.1"), seed=9)
    reconcile.adopt(task, [told])
    task = Task.objects.get(pk=task.pk)
    assert (task.credits, task.cost, task.seed_used) == (0, Decimal("0.1"), 9)


def test_a_reply_after_the_adoption_adds_the_charge_that_only_it_tells(user):
    task = uncertain(user)
    reconcile.adopt(task, [Snapshot("7", RemoteState.RUNNING)])
    record_outcome.accept(task, Snapshot("7", RemoteState.CREATED, credits=6, seed=5))
    task = Task.objects.get(pk=task.pk)
    assert (task.status, task.credits, task.seed_used) == ("running", 6, 5)


def test_a_reply_after_the_adoption_overwrites_nothing(user):
    task = uncertain(user)
    reconcile.adopt(task, [Snapshot("7", RemoteState.RUNNING, credits=0)])
    record_outcome.accept(task, Snapshot("7", RemoteState.CREATED, credits=6))
    assert Task.objects.get(pk=task.pk).credits == 0
    record_outcome.accept(task, Snapshot("8", RemoteState.CREATED, seed=5))  # another one's
    assert Task.objects.get(pk=task.pk).seed_used is None


def test_both_twins_are_adopted_or_none(engine, simulator, monkeypatch):
    task = lose_the_answer(engine, simulator, "vidu")
    found = [Snapshot("7", RemoteState.QUEUED), Snapshot("8", RemoteState.QUEUED)]
    with monkeypatch.context() as patch:
        patch.setattr(adopt, "adopt_twin", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            adopt.adopt(engine.fresh(task), found)
    assert engine.fresh(task).status == "uncertain"
    adopt.adopt(engine.fresh(task), found)
    assert set(Task.objects.values_list("remote_id", flat=True)) == {"7", "8"}
