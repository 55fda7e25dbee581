"""A lent key is used in its team alone, and only while it is lent."""

import pytest
from django.utils import timezone

from generation.engine import key_loans, submit
from generation.engine.key_loans import CannotLend, LoanRefused
from generation.engine.loan_use import used_this_week
from generation.engine.start import key_for, retry
from generation.models import (
    ApiKey,
    AuditEvent,
    Batch,
    KeyLoan,
    Membership,
    Role,
    Status,
    Task,
    User,
    Verb,
)
from generation.models.key_loans import offered_providers
from tests.at_once import at_once
from tests.engine.loans.orders import PRICE, end, membership, press
from tests.factories import (
    make_key,
    make_loan,
    make_member,
    make_task,
    make_user,
    team_of,
)
from tests.simulator.server import Running

pytestmark = pytest.mark.django_db


# --- Who may use it -------------------------------------------------------------------------------


def test_a_lent_key_makes_its_provider_and_itself_usable_in_that_team_alone(ana, ben, team, key):
    assert offered_providers(ben, team) == ["demo"]
    make_loan(key, team)
    assert offered_providers(ben, team) == ["vidu", "demo"]
    other = team_of(make_user())
    Membership.objects.create(team=other, user=ben)
    assert offered_providers(ben, other) == ["demo"]
    task = press(ben, key, team).tasks.get()
    assert (task.key, task.loan.team, task.loan.key) == (key, team, key)
    with pytest.raises(LoanRefused):
        press(ben, key, other, "two")
    assert Task.objects.count() == 1


def test_the_lenders_own_tasks_are_under_no_loan(ana, team, key):
    loan = make_loan(key, team, 1)
    assert press(ana, key, team).tasks.get().loan is None
    assert used_this_week(loan) == 0


def spoil_end(loan):
    end(loan)


def spoil_row(loan):
    KeyLoan.objects.filter(pk=loan.pk).update(ended_at=timezone.now())


def spoil_suspend(loan):
    User.objects.filter(pk=loan.key.user_id).update(is_active=False)


def spoil_role(loan):
    Membership.objects.filter(team=loan.team, user=loan.key.user).update(role=Role.VIEWER)


def spoil_membership(loan):
    Membership.objects.filter(team=loan.team, user=loan.key.user).delete()


def spoil_secret(loan):
    ApiKey.objects.filter(pk=loan.key_id).update(sealed=b"")


SPOILED = [spoil_end, spoil_suspend, spoil_role, spoil_membership, spoil_secret]


@pytest.mark.parametrize("spoil", SPOILED)
def test_what_is_not_usable_any_more_is_refused_with_nothing_written(ben, team, key, spoil):
    loan = make_loan(key, team)
    spoil(loan)
    with pytest.raises(LoanRefused, match="not lent to your team now"):
        press(ben, key, team)
    assert not Batch.objects.exists()
    assert offered_providers(ben, team) == ["demo"]


@pytest.mark.parametrize("spoil", [spoil_row, *SPOILED[1:]])
def test_a_queued_task_whose_loan_is_gone_is_never_sent(
    ana, ben, team, key, spoil, simulator: Running
):
    key.base_url = simulator.url + "/vidu"
    key.save()
    loan = make_loan(key, team)
    task = press(ben, key, team).tasks.get()
    spoil(loan)
    submit.submit(task.pk)
    task.refresh_from_db()
    assert (task.status, task.credits) == (Status.CANCELLED, 0)
    assert simulator.ledger() == []


def test_a_loan_that_ends_after_the_last_look_stops_the_claim(
    ben, team, key, simulator, monkeypatch
):
    key.base_url = simulator.url + "/vidu"
    key.save()
    make_loan(key, team)
    task = press(ben, key, team).tasks.get()

    def too_late(_task):
        KeyLoan.objects.update(ended_at=timezone.now())
        return True

    monkeypatch.setattr(key_loans, "is_lent", too_late)
    submit.submit(task.pk)
    task.refresh_from_db()
    assert task.status == Status.QUEUED
    assert simulator.ledger() == []


def test_a_lent_key_goes_all_the_way(ben, team, key, simulator, engine):
    key.base_url = simulator.url + "/vidu"
    key.save()
    loan = make_loan(key, team)
    task = engine.finish(press(ben, key, team).tasks.get())
    assert task.status == Status.SUCCEEDED
    assert used_this_week(loan) == task.credits
    assert simulator.ledger()


def test_a_foreign_key_without_a_loan_is_never_sent(ana, ben, team, key, simulator):
    key.base_url = simulator.url + "/vidu"
    key.save()
    task = make_task(ben, team=team, key=key, provider="vidu", status=Status.QUEUED)
    submit.submit(task.pk)
    assert Task.objects.get().status == Status.CANCELLED
    assert simulator.ledger() == []


# --- Which key a repeat uses ----------------------------------------------------------------------


def test_a_repeat_uses_the_same_lent_key_then_the_own_one_then_any_that_is_lent(
    ana, ben, team, key
):
    loan = make_loan(key, team)
    task = press(ben, key, team).tasks.get()
    own = make_key(ben)
    assert key_for(task, ben) == key
    eva = make_member(team, Role.ADMIN)
    assert key_for(task, eva) == key
    evas = make_key(eva)
    assert key_for(task, eva) == evas
    assert key_for(task, ana) == key
    end(loan)
    task.refresh_from_db()
    assert key_for(task, ben) == own
    own.delete()
    assert key_for(task, ben) is None


def test_a_repeat_counts_like_any_other(ben, team, key):
    make_loan(key, team, 2 * PRICE)
    task = press(ben, key, team).tasks.get()
    task.move(Status.FAILED, credits=PRICE)
    assert retry(task, ben, "again").batch.tasks.get().loan is not None
    with pytest.raises(LoanRefused, match="0 credits left"):
        retry(task, ben, "and again", again=True)
    assert Task.objects.count() == 2


# --- Lending --------------------------------------------------------------------------------------


def test_lending_twice_is_one_loan(ana, team, key):
    first = key_loans.lend(key, membership(team, ana).pk, 50)
    assert key_loans.lend(key, membership(team, ana).pk, 90) == first
    event = AuditEvent.objects.get(verb=Verb.KEY_LENT)
    assert (event.team, event.target_name) == (team, "Studio")
    assert event.changes == {
        "provider": "vidu", "lender": "Ana Costa", "weekly credits": ["", 50]
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_two_presses_of_lend_at_once_are_one_loan(ana, team, key):
    assert at_once(lambda: key_loans.lend(key, membership(team, ana).pk, None), 4) == []
    assert KeyLoan.objects.count() == AuditEvent.objects.count() == 1


def test_a_viewer_and_a_stranger_cannot_lend(ana, team, key):
    viewer = make_member(team, Role.VIEWER)
    with pytest.raises(CannotLend):
        key_loans.lend(make_key(viewer), membership(team, viewer).pk, None)
    with pytest.raises(CannotLend):  # by the membership of somebody else
        key_loans.lend(make_key(make_user()), membership(team, ana).pk, None)
    assert not KeyLoan.objects.exists()


def test_another_number_is_written_down(team, key):
    loan = make_loan(key, team, 50)
    assert key_loans.change_weekly(loan, None)
    assert key_loans.change_weekly(loan, None)
    event = AuditEvent.objects.get(verb=Verb.KEY_LOAN_CHANGED)
    assert event.changes["weekly credits"] == [50, ""]
    end(loan)
    assert not key_loans.change_weekly(loan, 10)
