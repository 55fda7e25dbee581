"""Whatever a crash leaves behind is found again, and never sent twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generation.engine import queue, schedule, sweep
from generation.models import Lease, Status
from tests.factories import make_task

PAST = timezone.now() - timedelta(minutes=5)
SOON = timezone.now() + timedelta(minutes=10)


@pytest.fixture
def woken(monkeypatch):
    calls = []
    for module in (sweep, schedule, queue):
        monkeypatch.setattr(module, "wake", lambda job, *ids: calls.append((job, *ids)))
    return calls


def test_what_died_before_sending_goes_back_to_the_queue(user, woken):
    task = make_task(user, status=Status.SUBMITTING, deadline=PAST, claim="dead")
    sweep.sweep()
    task.refresh_from_db()
    assert (task.status, task.claim) == ("queued", "")
    assert ("submit", task.pk) in woken


def test_what_died_after_sending_is_uncertain_and_not_sent_again(user, woken):
    task = make_task(user, status=Status.SUBMITTING, deadline=PAST, sent_at=PAST)
    sweep.sweep()
    task.refresh_from_db()
    assert (task.status, task.error != "", task.next_look_at is not None) == (
        "uncertain", True, True,
    )  # fmt: skip
    assert not [call for call in woken if call[0] == "submit"]


def test_what_is_being_sent_now_is_left_alone(user, woken):
    task = make_task(user, status=Status.SUBMITTING, deadline=SOON, sent_at=timezone.now())
    sweep.sweep()
    task.refresh_from_db()
    assert task.status == "submitting"


def test_a_lost_wake_up_is_repeated(user, woken):
    task = make_task(user)
    type(task).objects.filter(pk=task.pk).update(created_at=PAST)
    sweep.sweep()
    assert woken.count(("submit", task.pk)) == 1


def test_a_throttled_task_waits_for_its_time(user, woken):
    task = make_task(user, not_before=SOON)
    type(task).objects.filter(pk=task.pk).update(created_at=PAST)
    sweep.sweep()
    assert ("submit", task.pk) not in woken
    type(task).objects.filter(pk=task.pk).update(not_before=PAST)
    sweep.wake_due()
    sweep.wake_due()
    assert woken.count(("submit", task.pk)) == 1


def test_a_running_task_gets_a_round_unless_one_runs(user, woken):
    make_task(user, status=Status.RUNNING, next_poll_at=PAST)
    Lease.take("poll", "alive", 60)
    sweep.sweep()
    assert ("poll_round",) not in woken
    sweep.recover()
    assert ("poll_round",) in woken


def test_nothing_is_due_when_a_person_has_to_decide(user):
    make_task(user, status=Status.UNCERTAIN, next_look_at=None)
    make_task(user, status=Status.SUCCEEDED)
    assert sweep.next_due() is None


def test_after_a_death_what_was_only_prepared_starts_again_at_once(user, woken):
    task = make_task(user, status=Status.SUBMITTING, deadline=SOON, claim="dead")
    sweep.recover()
    task.refresh_from_db()
    assert (task.status, task.claim) == ("queued", "")
    assert ("submit", task.pk) in woken


def test_after_a_death_what_was_only_queued_is_woken_at_once(user, woken):
    task, waits = make_task(user), make_task(user, not_before=SOON)
    sweep.recover()
    assert ("submit", task.pk) in woken
    assert ("submit", waits.pk) not in woken


def test_after_a_death_what_may_be_out_keeps_its_deadline(user, woken):
    task = make_task(user, status=Status.SUBMITTING, deadline=SOON, sent_at=timezone.now())
    sweep.recover()
    task.refresh_from_db()
    assert task.status == "submitting"


def test_what_waits_for_hours_waits_since_before_the_clock_was_set_back(user, woken):
    far = timezone.now() + timedelta(hours=2)
    waits = make_task(user, not_before=far)
    running = make_task(user, status=Status.RUNNING, next_poll_at=far)
    storing = make_task(user, status=Status.STORING, next_store_at=far, deadline=far)
    looked = make_task(user, status=Status.UNCERTAIN, next_look_at=far)
    prepared = make_task(user, status=Status.SUBMITTING, deadline=far, claim="x")
    sweep.sweep()
    for task in (running, prepared):
        task.refresh_from_db()
    assert running.next_poll_at <= timezone.now()
    assert prepared.status == "queued"
    jobs = {("submit", waits.pk), ("store", storing.pk), ("reconcile", looked.pk)}
    assert jobs <= set(woken)


def test_a_lost_message_to_cancel_is_repeated_while_it_may_help(user, woken):
    asked = timezone.now() - timedelta(minutes=1)
    facts = {"status": Status.RUNNING, "next_poll_at": SOON, "cancel_asked_at": asked}
    waits = make_task(user, remote_state="queued", **facts)
    begun = make_task(user, remote_state="running", **facts)
    just = make_task(user, remote_state="queued", **facts | {"cancel_asked_at": timezone.now()})
    sweep.sweep()
    assert ("cancel", waits.pk) in woken
    assert not {("cancel", begun.pk), ("cancel", just.pk)} & set(woken)
