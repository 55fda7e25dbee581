"""The state machine: one writer, one arrow at a time, each with its event."""

import pytest
from django.db.models import Q

from generation.models import MOVES, IllegalMove, Status, Task
from tests.factories import make_task

EVERY_ARROW = [(start, end) for start in Status.values for end in Status.values]


@pytest.mark.parametrize(("start", "end"), EVERY_ARROW)
def test_only_the_drawn_arrows_exist(user, start, end):
    task = make_task(user, status=start)
    if end in MOVES[start]:
        assert task.move(end)
    else:
        with pytest.raises(IllegalMove):
            task.move(end)
    assert Task.objects.get(pk=task.pk).status == (end if end in MOVES[start] else start)


def test_a_move_writes_its_event_and_the_teams_change_number(user):
    task = make_task(user)
    task.move(Status.SUBMITTING, "because")
    event = task.events.get()
    assert (event.from_status, event.to_status, event.note) == ("queued", "submitting", "because")
    task.team.refresh_from_db()
    assert Task.objects.get(pk=task.pk).change == task.team.change_seq == 1


def test_who_comes_second_changes_nothing(user):
    task = make_task(user)
    other = Task.objects.get(pk=task.pk)
    assert task.move(Status.SUBMITTING, claim="first")
    assert not other.move(Status.CANCELLED)
    task.refresh_from_db()
    assert (task.status, task.claim, task.events.count()) == ("submitting", "first", 1)


def test_a_lost_claim_moves_nothing(user):
    task = make_task(user, status=Status.SUBMITTING, claim="theirs")
    assert not task.move(Status.FAILED, where=Q(claim="mine"), error="late")
    task.refresh_from_db()
    assert (task.status, task.error, task.events.count()) == ("submitting", "", 0)


def test_record_keeps_the_state_and_refuses_to_write_it(user):
    task = make_task(user, status=Status.RUNNING)
    assert task.record("seen", progress=0.5)
    with pytest.raises(IllegalMove):
        task.record(status=Status.SUCCEEDED)
    assert Task.objects.get(pk=task.pk).progress == 0.5


def test_change_numbers_grow_with_every_change_of_a_team(user):
    first, second = make_task(user), make_task(user)
    first.move(Status.SUBMITTING)
    second.move(Status.SUBMITTING)
    first.record("again")
    assert Task.objects.get(pk=first.pk).change > Task.objects.get(pk=second.pk).change
