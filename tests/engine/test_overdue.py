"""Tasks that a provider does not end: when a person may stop, and what comes all the same."""

import json
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from generation.engine import callbacks, look, overdue
from generation.engine.provider_clients import call_provider, client_of
from generation.models import Task
from generation.models.tasks import STOPPED
from generation.providers.base import RemoteState
from tests.factories import make_task


def past(**span):
    return timezone.now() - timedelta(**span)


def running(user, **fields) -> Task:
    return make_task(user, status="running", remote_id="7", **fields)


def done(user, seconds, many=3):
    for _ in range(many):
        start = past(days=1)
        end = start + timedelta(seconds=seconds)
        make_task(user, status="succeeded", sent_at=start, finished_at=end)


@pytest.mark.parametrize(
    ("usual", "over"), [(1, 60), (20, 60), (21, 63), (600, 1_800)], ids=lambda one: f"{one} s"
)
def test_it_is_overdue_after_three_times_the_usual_time_and_a_minute(user, usual, over):
    done(user, usual)
    task = running(user, sent_at=past(seconds=5))
    assert (overdue.overdue_since(task) - task.sent_at).total_seconds() == over
    assert overdue.may_stop_from(task) - task.sent_at == timedelta(seconds=over, minutes=30)


@pytest.mark.parametrize(("values", "hours"), [({}, 0.5), ({"off_peak": True}, 48)])
def test_where_nobody_knows_what_is_usual_it_takes_longer(user, values, hours):
    task = running(user, sent_at=past(seconds=5), values=values)
    assert overdue.overdue_since(task) - task.sent_at == timedelta(hours=hours)


def test_only_what_runs_and_is_long_over_can_be_stopped(user):
    done(user, 1)
    early = running(user, sent_at=past(minutes=30))
    assert not overdue.stop_waiting(early)
    assert not overdue.stop_waiting(make_task(user, status="storing", sent_at=past(hours=2)))
    assert overdue.overdue_since(make_task(user)) is None
    task = running(user, sent_at=past(minutes=32), credits=4)
    assert overdue.stop_waiting(task)
    task.refresh_from_db()
    assert (task.status, task.error_code, task.credits) == ("failed", STOPPED, 4)
    assert not overdue.stop_waiting(task)


# --- What comes all the same ----------------------------------------------------------------------


def stopped(engine, prompt="A hill", provider="vidu", **values) -> Task:
    task = engine.submit(engine.start(prompt, provider=provider, **values))
    Task.objects.filter(pk=task.pk).update(sent_at=past(hours=2))
    task = engine.fresh(task)
    assert overdue.stop_waiting(task)
    return task


def wait_until_ended(task, seconds=30):
    """Until the provider has ended it, however busy this machine is."""
    ends = time.monotonic() + seconds
    while True:
        found = call_provider(client_of(task), lambda one: one.fetch(task.remote_id))
        if found.state in (RemoteState.SUCCESS, RemoteState.FAILED):
            return
        assert time.monotonic() < ends, found.state
        time.sleep(0.02)


def make_due(task, **fields):
    Task.objects.filter(pk=task.pk).update(next_look_at=past(seconds=1), **fields)


def test_a_result_that_comes_late_is_kept(engine, simulator):
    task = stopped(engine)
    wait_until_ended(task)
    make_due(task)
    look.look_due(time.monotonic() + 5)
    task = engine.fresh(task)
    assert (task.status, task.error, task.error_code) == ("running", "", "")
    assert engine.store(engine.poll(task)).status == "succeeded"
    assert len(simulator.ledger()) == 1


def test_it_is_looked_at_every_ten_minutes_for_three_days(engine, simulator):
    task = stopped(engine, "[fail: stuck]")
    assert engine.fresh(task).next_look_at > timezone.now() + timedelta(minutes=9)
    asked = len(simulator.requests(method="GET"))
    overdue.look_at_stopped()
    assert len(simulator.requests(method="GET")) == asked  # not due yet
    make_due(task)
    for _ in range(2):
        overdue.look_at_stopped()
    assert len(simulator.requests(method="GET")) == asked + 1
    assert engine.fresh(task).next_look_at > timezone.now() + timedelta(minutes=9)
    make_due(task, finished_at=past(hours=73))
    overdue.look_at_stopped()
    task = engine.fresh(task)
    assert (task.status, task.next_look_at) == ("failed", None)


def test_a_callback_brings_it_back_at_once_if_it_has_ended(engine, simulator):
    task = stopped(engine)
    body = json.dumps({"id": "another", "state": "processing"}).encode()
    callbacks.receive(task, "1", body)
    wait_until_ended(task)
    callbacks.receive(task, "2", body)
    look.look_due(time.monotonic() + 5)
    found = engine.fresh(task)
    assert (found.status, found.remote_id) == ("running", task.remote_id)
    assert engine.store(engine.poll(found)).status == "succeeded"


def test_after_three_days_a_callback_brings_nothing_back(engine, simulator):
    task = stopped(engine)
    Task.objects.filter(pk=task.pk).update(finished_at=past(hours=73), next_look_at=None)
    callbacks.receive(task, "1", b"{}")
    assert engine.fresh(task).next_look_at is None


def test_a_late_failure_says_its_reason(engine, simulator):
    task = stopped(engine, "[fail: result]")
    wait_until_ended(task)
    make_due(task)
    overdue.look_at_stopped()
    task = engine.poll(engine.fresh(task))
    assert (task.status, task.error_code) == ("failed", "CreationPolicyViolation")


def test_a_provider_that_is_away_is_asked_again_later(engine, simulator):
    task = stopped(engine)
    simulator.faults({"kind": "drop", "when": "before", "match": {"method": "GET"}, "count": 1})
    make_due(task)
    overdue.look_at_stopped()
    task = engine.fresh(task)
    assert task.status == "failed"
    assert task.next_look_at > timezone.now()


def test_what_the_provider_no_longer_knows_is_not_asked_for_again(engine, simulator):
    task = stopped(engine)
    make_due(task, remote_id="404404404")
    overdue.look_at_stopped()
    assert engine.fresh(task).next_look_at is None


def test_what_failed_for_another_reason_is_never_looked_at(engine, simulator):
    task = stopped(engine)
    make_due(task, error_code="Moderation")
    asked = len(simulator.requests(method="GET"))
    overdue.look_at(task.pk)
    overdue.look_at_stopped()
    assert len(simulator.requests(method="GET")) == asked
