"""The end of a loan: nothing more is sent, what was sent is finished."""

import pytest
from django.db import connection

from generation.engine import delete_team, departures, keys, submit
from generation.engine.departures import NotAllowed
from generation.models import (
    AuditEvent,
    KeyLoan,
    Registration,
    RegistrationState,
    Role,
    Status,
    Task,
    TaskSubject,
    Verb,
)
from tests.at_once import at_once
from tests.engine.loans.orders import end, membership, press, press_of
from tests.factories import (
    make_key,
    make_loan,
    make_member,
    make_subject,
    make_task,
    make_user,
    team_of,
)

pytestmark = pytest.mark.django_db


# --- The end --------------------------------------------------------------------------------------


def test_the_end_cancels_what_is_queued_and_leaves_what_is_sent(ana, ben, team, key):
    loan = make_loan(key, team)
    states = [Status.QUEUED, Status.SUBMITTING, Status.RUNNING, Status.STORING, Status.UNCERTAIN]
    tasks = {
        state: make_task(ben, team=team, key=key, provider="vidu", loan=loan, status=state)
        for state in states
    }
    own = make_task(ana, key=key, provider="vidu", status=Status.QUEUED)
    assert end(loan) == 1
    found = {state: Task.objects.get(pk=task.pk) for state, task in tasks.items()}
    cancelled = found.pop(Status.QUEUED)
    assert (cancelled.status, cancelled.credits) == (Status.CANCELLED, 0)
    assert str(cancelled.events.last().note) == "Ana Costa no longer lends this key."
    assert all(state == task.status for state, task in found.items())
    assert Task.objects.get(pk=own.pk).status == Status.QUEUED
    loan.refresh_from_db()
    assert (loan.ended_by, loan.ended_at is None) == (ana, False)
    event = AuditEvent.objects.get(verb=Verb.KEY_LOAN_ENDED)
    assert (event.team, event.actor, event.changes["cancelled"]) == (team, ana, 1)
    assert end(loan) == 0
    assert AuditEvent.objects.filter(verb=Verb.KEY_LOAN_ENDED).count() == 1


def test_what_was_sent_before_the_end_is_finished_and_stored(ben, team, key, simulator, engine):
    key.base_url = simulator.url + "/vidu"
    key.save()
    loan = make_loan(key, team)
    task = engine.submit(press(ben, key, team).tasks.get())
    end(loan)
    assert engine.store(engine.poll(task)).status == Status.SUCCEEDED


def test_a_task_that_comes_back_to_the_queue_after_the_end_is_not_sent_again(
    ben, team, key, simulator
):
    key.base_url = simulator.url + "/vidu"
    key.save()
    loan = make_loan(key, team)
    task = press(ben, key, team).tasks.get()
    task.move(Status.SUBMITTING, claim="x")
    assert end(loan) == 0
    task.move(Status.QUEUED, claim="")
    submit.submit(task.pk)
    task.refresh_from_db()
    assert task.status == Status.CANCELLED
    assert simulator.ledger() == []


def test_a_registration_that_only_cancelled_tasks_waited_for_is_not_paid(ana, ben, team, key):
    loan = make_loan(key, team)
    mira, nova = make_subject(ben, "Mira", team=team), make_subject(ben, "Nova", team=team)
    task = make_task(ben, team=team, key=key, provider="vidu", loan=loan, status=Status.QUEUED)
    own = make_task(ana, key=key, provider="vidu", status=Status.QUEUED)
    for place, subject in enumerate((mira, nova)):
        TaskSubject.objects.create(task=task, subject=subject, name=subject.name, position=place)
        Registration.objects.create(subject=subject, provider="vidu", key=key)
    TaskSubject.objects.create(task=own, subject=nova, name="Nova", position=0)
    end(loan)
    found = dict(Registration.objects.values_list("subject__name", "state"))
    assert found == {"Mira": RegistrationState.FAILED, "Nova": RegistrationState.WAITING}


def test_who_lends_leaves_and_the_loans_end(ana, ben, team, key):
    boss = make_member(team, Role.OWNER)
    loan, elsewhere = make_loan(key, team), make_loan(key, team_of(make_user()))
    task = press(ben, key, team).tasks.get()
    heir = membership(team, boss)
    departures.remove_member(heir, membership(team, ana).pk, heir.pk)
    loan.refresh_from_db()
    task.refresh_from_db()
    assert (task.status, loan.ended_by) == (Status.CANCELLED, boss)
    assert str(task.events.last().note) == "Ana Costa, whose key it was, left the team."
    assert KeyLoan.objects.live().get() == elsewhere


def test_who_borrowed_leaves_and_the_loan_goes_on(ana, ben, team, key):
    loan = make_loan(key, team)
    task = press(ben, key, team).tasks.get()
    departures.remove_member(membership(team, ana), membership(team, ben).pk, None)
    task.refresh_from_db()
    assert task.status == Status.CANCELLED
    assert KeyLoan.objects.live().get() == loan


def test_a_removal_that_is_refused_ends_nothing(ben, team, key):
    loan = make_loan(key, team)
    with pytest.raises(NotAllowed):
        departures.remove_member(membership(team, ben), membership(team, key.user).pk, None)
    assert KeyLoan.objects.live().get() == loan


def test_a_team_that_is_deleted_ends_its_loans(ana, ben, team, key):
    make_loan(key, team)
    task = press(ben, key, team).tasks.get()
    delete_team.delete_team(membership(team, ana))
    task.refresh_from_db()
    assert task.status == Status.CANCELLED
    assert not KeyLoan.objects.live().exists()


def test_a_key_that_is_removed_ends_its_loans_unless_something_of_it_is_out(ben, team, key):
    make_loan(key, team)
    task = press(ben, key, team).tasks.get()
    task.move(Status.SUBMITTING)
    waits = press(ben, key, team, "two").tasks.get()
    with pytest.raises(keys.KeyRefused):
        keys.remove(key)
    waits.refresh_from_db()
    assert waits.status == Status.QUEUED
    assert KeyLoan.objects.live().exists()
    task.move(Status.FAILED)
    keys.remove(key)
    waits.refresh_from_db()
    assert (waits.status, waits.key) == (Status.CANCELLED, None)
    assert AuditEvent.objects.filter(verb=Verb.KEY_LOAN_ENDED).count() == 1


@pytest.mark.parametrize(("secret", "sentence"), [
    ("vda_wrong_0123456789", "Vidu did not take Ana Costa's key."),
    ("vda_empty_0123456789", "Ana Costa's key has no credits left at Vidu."),
])  # fmt: skip
def test_what_is_wrong_with_a_lent_key_names_whom_to_ask(
    ana, ben, team, simulator, engine, secret, sentence
):
    key = make_key(ana, secret=secret)
    make_loan(key, team)
    task = engine.submit(press(ben, key, team).tasks.get())
    assert (task.status, str(task.error)) == (Status.FAILED, sentence)
    assert str(task.advice) == "Ask Ana Costa, or choose another key."
    own = engine.submit(press(ana, key, team).tasks.get())
    assert "Ana Costa" not in str(own.error)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_run", range(3))
def test_presses_and_the_end_at_once_leave_nothing_queued(_run, ana, team, key):
    loan = make_loan(key, team)
    work = [lambda: end(loan), *[press_of(make_member(team), key, team) for _ in range(7)]]

    assert at_once(lambda: work.pop()(), 8) == []
    assert not Task.objects.filter(status=Status.QUEUED).exists()
    assert not KeyLoan.objects.live().exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_run", range(3))
def test_claims_removal_and_presses_at_once_do_not_block_each_other(_run, ana, team, key):
    if connection.vendor != "postgresql":
        return
    boss = make_member(team, Role.OWNER)
    loan = make_loan(key, team)
    people = [make_member(team) for _ in range(4)]
    tasks = [press(one, key, team).tasks.get() for one in people]
    claims = [lambda task=task: task.move(Status.SUBMITTING, claim="x") for task in tasks]
    heir = membership(team, boss)
    leave = [lambda: departures.remove_member(heir, membership(team, ana).pk, heir.pk)]
    work = [*leave, *claims, *[press_of(make_member(team), key, team) for _ in range(3)]]
    assert at_once(lambda: work.pop()(), len(work)) == []
    assert not Task.objects.filter(status=Status.QUEUED).exists()
    assert not KeyLoan.objects.live().filter(pk=loan.pk).exists()
