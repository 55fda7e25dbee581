"""Whatever a crash leaves behind is found again, and never sent twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generation.engine import ask, due, queue, sweep
from generation.models import Lane, Status
from tests.factories import make_task

PAST = timezone.now() - timedelta(minutes=5)


def soon():
    return timezone.now() + timedelta(minutes=10)


@pytest.fixture
def woken(monkeypatch):
    lanes = []
    for module in (due, queue):
        monkeypatch.setattr(module, "wake", lanes.append)
    return lanes


def test_what_died_before_sending_goes_back_to_the_queue(user, woken):
    task = make_task(user, status=Status.SUBMITTING, deadline=PAST, claim="dead")
    sweep.sweep()
    task.refresh_from_db()
    assert (task.status, task.claim) == ("queued", "")
    assert "send" in woken


def test_what_died_after_sending_is_uncertain_and_not_sent_again(user, woken):
    task = make_task(user, status=Status.SUBMITTING, deadline=PAST, sent_at=PAST)
    sweep.sweep()
    task.refresh_from_db()
    assert (task.status, task.error != "", task.next_look_at is not None) == (
        "uncertain", True, True,
    )  # fmt: skip
    assert "send" not in woken


def test_what_is_being_sent_now_is_left_alone(user, woken):
    task = make_task(user, status=Status.SUBMITTING, deadline=soon(), sent_at=timezone.now())
    sweep.sweep()
    task.refresh_from_db()
    assert task.status == "submitting"


def test_a_lost_message_is_sent_again(user, woken):
    make_task(user)
    sweep.sweep()
    assert woken.count("send") == 1


def test_a_throttled_task_waits_for_its_time(user, woken):
    task = make_task(user, not_before=soon())
    sweep.sweep()
    assert woken == ["poll"]  # a round looks after what is due later
    type(task).objects.filter(pk=task.pk).update(not_before=PAST)
    sweep.sweep()
    assert "send" in woken


def test_after_a_death_nobody_waits_for_its_round_or_its_messages(user):
    for lane in ("send", "poll"):
        Lane.call(lane, lambda: False)
        Lane.keep_round(lane, 60)
    sweep.recover()
    assert Lane.call("poll", lambda: False)
    assert Lane.call("send", lambda: False)


def test_nothing_is_due_when_a_person_has_to_decide(user):
    make_task(user, status=Status.UNCERTAIN, next_look_at=None)
    make_task(user, status=Status.SUCCEEDED)
    assert due.due_times(timezone.now()) == {}


def test_after_a_death_what_was_only_prepared_starts_again_at_once(user, woken):
    task = make_task(user, status=Status.SUBMITTING, deadline=soon(), claim="dead")
    sweep.recover()
    task.refresh_from_db()
    assert (task.status, task.claim) == ("queued", "")
    assert "send" in woken


def test_after_a_death_what_was_only_queued_is_woken_at_once(user, woken):
    at = soon()
    waits = make_task(user, not_before=at)
    make_task(user)
    sweep.recover()
    assert "send" in woken
    waits.refresh_from_db()
    assert waits.not_before == at


def test_after_a_death_what_may_be_out_keeps_its_deadline(user, woken):
    task = make_task(user, status=Status.SUBMITTING, deadline=soon(), sent_at=timezone.now())
    sweep.recover()
    task.refresh_from_db()
    assert task.status == "submitting"


def test_what_waits_for_hours_waits_since_before_the_clock_was_set_back(user, woken):
    far = timezone.now() + timedelta(hours=2)
    make_task(user, not_before=far)
    running = make_task(user, status=Status.RUNNING, next_poll_at=far)
    make_task(user, status=Status.STORING, next_store_at=far, deadline=far)
    make_task(user, status=Status.UNCERTAIN, next_look_at=far)
    prepared = make_task(user, status=Status.SUBMITTING, deadline=far, claim="x")
    sweep.sweep()
    for task in (running, prepared):
        task.refresh_from_db()
    assert running.next_poll_at <= timezone.now()
    assert prepared.status == "queued"
    assert {"send", "store", "look"} <= set(woken)


@pytest.mark.parametrize(
    ("state", "minutes", "again"),
    [("queued", 1, True), ("running", 1, False), ("queued", 11, False)],
)
def test_a_cancel_is_asked_again_while_it_may_help(user, monkeypatch, state, minutes, again):
    asked = []
    monkeypatch.setattr(ask, "cancel", lambda task: asked.append(task.pk))
    at = timezone.now() - timedelta(minutes=minutes)
    task = make_task(
        user, status=Status.RUNNING, remote_state=state, cancel_asked_at=at, next_cancel_at=at
    )
    ask.ask_due(ends=0)
    task.refresh_from_db()
    assert (task.next_cancel_at is not None) == again
    assert asked == ([task.pk] if minutes < 10 else [])
