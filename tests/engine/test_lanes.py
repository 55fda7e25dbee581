"""Work is taken from rows; a message only says that there is some, and one waits at most."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from generation.engine import lanes, limits, poll, queue, schedule, store, submit, sweep
from generation.engine.queue import LANES, Job, wake
from generation.models import Lane, Status, Task
from generation.models.leases import LONGEST
from tests.factories import make_task, make_user

PAST = timezone.now() - timedelta(minutes=5)
DUE = {
    "queued": {"status": Status.QUEUED},
    "running": {"status": Status.RUNNING, "next_poll_at": PAST},
    "storing": {"status": Status.STORING, "next_store_at": PAST},
    "uncertain": {"status": Status.UNCERTAIN, "next_look_at": PAST},
    "submitting": {"status": Status.SUBMITTING, "deadline": PAST},
    "to cancel": {"status": Status.RUNNING, "next_cancel_at": PAST},
}


@pytest.fixture
def broker(db, monkeypatch, django_capture_on_commit_callbacks):
    """How many messages wait in a queue of its own after `work`."""
    sent = []
    monkeypatch.setattr(queue, "async_task", lambda name, *_, **__: sent.append(name))
    monkeypatch.setattr(queue, "messages_waiting", lambda: len(sent))

    def count(work) -> int:
        with django_capture_on_commit_callbacks(execute=True):
            work()
        return len(sent)

    return count


def many(user, count: int, **fields) -> None:
    row = make_task(user, **fields)
    rows = [Task(**{**vars_of(row), "marker": f"m{number}"}) for number in range(count - 1)]
    Task.objects.bulk_create(rows)


def vars_of(task: Task) -> dict:
    skipped = {"id", "marker"}
    names = [field.attname for field in Task._meta.concrete_fields]
    return {name: getattr(task, name) for name in names if name not in skipped}


@pytest.mark.parametrize("state", DUE)
def test_however_much_is_due_a_handful_of_messages_waits(user, broker, state):
    many(user, 500, **DUE[state])
    for work in (sweep.sweep, sweep.recover, sweep.sweep):
        assert broker(work) <= len(LANES)


def test_however_often_a_lane_is_woken_one_message_waits(broker):
    assert broker(lambda: [wake(Job.SEND) for _ in range(50)]) == 1


def test_a_taken_message_makes_place_for_the_next(broker):
    broker(lambda: wake(Job.SEND))
    Lane.answer(Job.SEND)
    assert broker(lambda: wake(Job.SEND)) == 2


@pytest.mark.parametrize(("in_queue", "sent"), [(True, 1), (False, 2)])
def test_a_message_that_nobody_takes_is_lost_unless_the_queue_holds_it(
    broker, monkeypatch, in_queue, sent
):
    broker(lambda: wake(Job.SEND))
    Lane.objects.update(waiting_since=PAST)
    monkeypatch.setattr(queue, "messages_waiting", lambda: 1 if in_queue else 0)
    assert broker(lambda: wake(Job.SEND)) == sent


def test_a_round_needs_no_message(broker):
    Lane.call(Job.POLL, lambda: True)
    Lane.answer(Job.POLL)
    Lane.keep_round(Job.POLL, 20)
    assert broker(lambda: wake(Job.POLL)) == 0
    Lane.end_round(Job.POLL)
    assert broker(lambda: wake(Job.POLL)) == 1


@pytest.mark.parametrize("field", ["waiting_since", "round_until"])
def test_a_time_from_before_the_clock_was_set_back_holds_nothing_up(broker, field):
    Lane.objects.create(name=Job.POLL, **{field: timezone.now() + LONGEST * 3})
    assert broker(lambda: wake(Job.POLL)) == 1


def test_a_queue_that_does_not_take_it_leaves_the_lane_free(broker, monkeypatch):
    with monkeypatch.context() as full:
        full.setattr(queue, "send_message", lambda *_: False)
        broker(lambda: wake(Job.SEND))
    assert broker(lambda: wake(Job.SEND)) == 1


def test_a_message_that_finds_no_place_is_made_up_for(broker, monkeypatch):
    monkeypatch.setitem(lanes.PLACES, Job.SEND, 1)
    calls = []

    def work(_ends: float) -> bool:
        calls.append("first")
        lanes.run(Job.SEND, lambda _: calls.append("second"))  # another worker meanwhile
        return False

    assert broker(lambda: lanes.run(Job.SEND, work)) == 1
    assert calls == ["first"]
    assert broker(lambda: lanes.run(Job.SEND, lambda _: False)) == 1  # nothing was missed


def test_what_is_left_for_the_time_is_called_again(broker):
    assert broker(lambda: lanes.run(Job.SEND, lambda _: True)) == 1
    assert broker(lambda: lanes.run(Job.STORE, lambda _: False)) == 1


def test_a_worker_that_must_stop_takes_nothing(user, engine, monkeypatch):
    task = engine.start()
    for module in (submit, store, poll):
        monkeypatch.setattr(module, "stopping", lambda: True)
    submit.send_due(time.monotonic() + 5)
    poll.poll_due(time.monotonic() + 5)
    assert engine.fresh(task).status == "queued"


def test_what_was_prepared_while_the_studio_stops_is_not_sent(engine, simulator, monkeypatch):
    task = engine.start()
    prepare = submit.prepare

    def stopped_meanwhile(task):
        monkeypatch.setattr(submit, "stopping", lambda: True)
        return prepare(task)

    monkeypatch.setattr(submit, "prepare", stopped_meanwhile)
    assert engine.submit(task).status == "queued"
    assert simulator.ledger() == []
    monkeypatch.undo()
    assert engine.submit(task).status == "running"


def test_a_download_ends_at_once_when_the_studio_stops_and_is_no_try(engine, monkeypatch):
    task = engine.poll(engine.submit(engine.start()))
    monkeypatch.setattr(store, "stopping", lambda: True)
    task = engine.store(task)
    assert (task.status, task.store_tries, task.deadline) == ("storing", 0, None)
    monkeypatch.undo()
    assert engine.store(task).status == "succeeded"


def test_tries_that_die_with_their_worker_are_counted(engine):
    task = engine.poll(engine.submit(engine.start()))
    for _ in range(schedule.STORE_TRIES):
        Task.objects.filter(pk=task.pk).update(deadline=None)
        assert store.claim(task.pk, timezone.now())
    Task.objects.filter(pk=task.pk).update(deadline=None)
    task = engine.store(task)
    assert (task.status, task.may_download_again) == ("failed", True)


def test_a_claim_is_kept_while_its_worker_lives(engine):
    task = engine.poll(engine.submit(engine.start()))
    task = store.claim(task.pk, timezone.now())
    Task.objects.filter(pk=task.pk).update(deadline=PAST, next_store_at=PAST)
    assert store.renew_claims([task]) == 1
    assert store.claim_next(timezone.now()) is None
    store.try_later(task, store.outbound.Unreachable())
    assert store.renew_claims([task]) == 0  # it waits for its time, and nobody holds it


def test_a_neighbour_with_a_long_queue_takes_one_turn(user, engine, monkeypatch):
    many(user, 300)
    mine = make_task(make_user())
    order = []
    monkeypatch.setattr(submit, "submit", lambda pk: order.append(pk) or taken(pk))
    submit.send_due(time.monotonic() + 0.5)
    assert order.index(mine.pk) <= 2


def taken(task_id: int) -> None:
    Task.objects.filter(pk=task_id).update(status=Status.CANCELLED)


def test_three_doubts_in_a_row_hold_the_rest_until_the_provider_answers(engine, simulator):
    tasks = [engine.start(f"Hill {number}") for number in range(8)]
    simulator.faults({"kind": "drop", "when": "after", "match": {"method": "POST"}})
    assert not submit.send_due(time.monotonic() + 30)
    states = [engine.fresh(task).status for task in tasks]
    assert states.count("uncertain") == 3
    assert states.count("queued") == 5
    assert "does not answer since" in engine.fresh(tasks[-1]).waiting_for
    simulator.faults()
    limits.reopen("demo")
    assert engine.fresh(tasks[-1]).waiting_for == ""
    submit.send_due(time.monotonic() + 30)
    states = [engine.fresh(task).status for task in tasks]
    assert states.count("uncertain") == 3
    assert "queued" not in states
