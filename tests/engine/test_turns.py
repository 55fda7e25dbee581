"""Nobody who asks for a little waits behind somebody who asked for much."""

import pytest
from django.utils import timezone

from generation.engine import limits
from generation.engine.turns import Turns
from generation.models import Status, Task
from tests.factories import make_key, make_task, make_user


def sent_next(turns: Turns) -> Task | None:
    """Take the next one out of the queue, as a sender does."""
    task_id = turns.next_task(timezone.now())
    if task_id is None:
        return None
    Task.objects.filter(pk=task_id).update(status=Status.FAILED)
    return Task.objects.get(pk=task_id)


def queue_many(person, count, **fields) -> list[Task]:
    known = {"status": Status.QUEUED} | fields
    return [make_task(person, **known) for _ in range(count)]


@pytest.fixture
def other(db):
    return make_user("second@example.test")


def test_two_users_of_one_key_take_turns_and_each_is_served_in_order(user, other):
    queue_many(user, 6)
    queue_many(other, 2)
    turns = Turns()
    sent = [sent_next(turns) for _ in range(8)]
    assert {task.user_id for task in sent[:2]} == {user.pk, other.pk}
    assert {task.user_id for task in sent[2:4]} == {user.pk, other.pk}
    for person in (user, other):
        mine = [task.pk for task in sent if task.user_id == person.pk]
        assert mine == sorted(mine)
    assert sent_next(turns) is None


def test_keys_take_turns_however_many_users_are_behind_one(user, other):
    third = make_user("third@example.test")
    key = make_key(third, "vidu")
    queue_many(user, 3)
    queue_many(other, 3)
    queue_many(third, 2, key=key, provider="vidu")
    turns = Turns()
    sent = [sent_next(turns).user_id for _ in range(4)]
    assert sent.count(third.pk) == 2


def test_who_comes_after_the_queue_was_read_is_next(user, other):
    queue_many(user, 5)
    turns = Turns()
    assert sent_next(turns).user_id == user.pk
    queue_many(other, 2)
    assert sent_next(turns).user_id == other.pk
    assert [sent_next(turns).user_id for _ in range(3)].count(other.pk) == 1


def test_who_has_waited_for_longest_among_new_ones_is_in_the_round_too(user, other):
    third = make_user("third@example.test")
    queue_many(user, 5)
    turns = Turns()
    sent_next(turns)
    queue_many(other, 3)
    queue_many(third, 3)
    sent = [sent_next(turns).user_id for _ in range(6)]
    assert {sent.count(person.pk) for person in (user, other, third)} == {2}


def test_a_key_that_may_not_send_holds_nobody_else(user, other, monkeypatch):
    key = make_key(other, "vidu")
    queue_many(other, 2, key=key, provider="vidu")
    monkeypatch.setattr(limits, "may_send", lambda provider, *_: provider != "vidu")
    queue_many(user, 1)
    turns = Turns()
    assert sent_next(turns).user_id == user.pk
    assert sent_next(turns) is None
