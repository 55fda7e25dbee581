"""Others never use more than the number of the week."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from generation.catalogue import estimate
from generation.catalogue.types import Price
from generation.engine import held_tasks, key_loans
from generation.engine.key_loans import LoanRefused
from generation.engine.loan_use import left_this_week, use_of, used_this_week
from generation.models import (
    AuditEvent,
    Batch,
    Registration,
    RegistrationState,
    Status,
    Task,
)
from generation.models.key_loans import week_of
from tests.at_once import at_once
from tests.engine.loans.orders import PRICE, end, membership, press
from tests.factories import (
    make_loan,
    make_member,
    make_subject,
    make_task,
)

pytestmark = pytest.mark.django_db


# --- The number of the week -----------------------------------------------------------------------


@pytest.mark.parametrize(("zone", "start"), [
    ("UTC", datetime(2026, 11, 30, tzinfo=UTC)),
    ("Asia/Shanghai", datetime(2026, 11, 29, 16, tzinfo=UTC)),
])  # fmt: skip
def test_a_week_begins_on_monday_by_the_clock_of_the_studio(settings, zone, start):
    settings.TIME_ZONE = zone
    timezone.get_default_timezone.cache_clear()
    try:
        with timezone.override(ZoneInfo("America/Lima")):  # whatever the reader's is
            assert week_of(start)[0] == week_of(start + timedelta(days=6, hours=23))[0] == start
            assert week_of(start - timedelta(seconds=1))[1] == start
    finally:
        settings.TIME_ZONE = "UTC"
        timezone.get_default_timezone.cache_clear()


COUNTED = [
    ({"status": Status.QUEUED, "estimate": 7}, 7),
    ({"status": Status.RUNNING, "estimate": 7, "credits": 3}, 7),
    ({"status": Status.RUNNING, "estimate": 7, "credits": 9}, 9),
    ({"status": Status.UNCERTAIN, "estimate": 7}, 7),
    ({"status": Status.SUCCEEDED, "estimate": 7, "credits": 4}, 4),
    ({"status": Status.SUCCEEDED, "estimate": 7, "sent": True}, 7),
    ({"status": Status.FAILED, "estimate": 7, "credits": 0, "sent": True}, 0),
    ({"status": Status.FAILED, "estimate": 7, "credits": 5, "sent": True}, 5),
    ({"status": Status.FAILED, "estimate": 7, "error_code": "GivenUp", "sent": True}, 7),
    ({"status": Status.FAILED, "estimate": 7, "error_code": "StoppedWaiting", "credits": 0}, 7),
    ({"status": Status.CANCELLED, "estimate": 7, "credits": 0}, 0),
    ({"status": Status.CANCELLED, "estimate": 7}, 0),
    ({"status": Status.QUEUED, "estimate": None}, 0),
    ({"status": Status.QUEUED, "estimate": 7, "subject_credits": 5}, 12),
]


@pytest.mark.parametrize(("facts", "counts"), COUNTED)
def test_what_a_task_counts_for(ben, team, key, facts, counts):
    loan = make_loan(key, team, 100)
    facts = dict(facts)
    if facts.pop("sent", False):
        facts["sent_at"] = timezone.now()
    make_task(ben, team=team, key=key, provider="vidu", loan=loan, **facts)
    assert used_this_week(loan) == counts
    assert left_this_week(loan) == 100 - counts
    (row,) = use_of(loan)
    assert (row.name, row.week_tasks, row.week_credits) == ("Ben Okri", 1, counts)


def test_last_week_counts_no_more_but_for_what_is_not_done_or_was_sent_since(ben, team, key):
    loan = make_loan(key, team, 100)
    before = week_of(timezone.now())[0] - timedelta(hours=1)
    facts = {"team": team, "key": key, "loan": loan, "estimate": 7}
    done = {"status": Status.SUCCEEDED, "credits": 7}
    make_task(ben, **facts, **done, sent_at=before)
    make_task(ben, **facts, **done, sent_at=timezone.now())
    make_task(ben, **facts, status=Status.QUEUED)
    Task.objects.update(created_at=before)
    assert used_this_week(loan) == 14
    (row,) = use_of(loan)
    assert (row.week_tasks, row.month_tasks, row.month_credits, row.running) == (2, 3, 21, 1)


def test_a_new_loan_in_the_same_week_is_no_new_number(ana, ben, team, key):
    first = make_loan(key, team, PRICE)
    press(ben, key, team).tasks.get().move(Status.FAILED, credits=PRICE)
    end(first)
    again = key_loans.lend(key, membership(team, ana).pk, PRICE)
    assert left_this_week(again) == 0


def test_the_number_is_for_all_others_together_and_the_lender_is_free(ana, ben, team, key):
    make_loan(key, team, 2 * PRICE)
    eva = make_member(team)
    press(ben, key, team)
    press(eva, key, team)
    for person in (ben, eva):
        with pytest.raises(LoanRefused):
            press(person, key, team, "two")
    press(ana, key, team)


def test_the_refusal_says_what_is_left_when_the_week_turns_and_whom_to_ask(ben, team, key):
    make_loan(key, team, 25)
    with pytest.raises(LoanRefused) as refused:
        press(ben, key, team, count=3)
    assert "Ana Costa's key has 25 credits left for the team this week" in refused.value.sentence
    assert "this needs 30. The week turns on Monday, " in refused.value.sentence
    assert "00:00 (UTC); until then ask Ana Costa. Nothing was started." in refused.value.sentence
    assert not Batch.objects.exists()
    assert not AuditEvent.objects.exists()
    assert press(ben, key, team, count=2).tasks.count() == 2


def test_an_unknown_price_is_refused_where_there_is_a_number(ben, team, key, monkeypatch):
    monkeypatch.setattr(estimate, "estimate", lambda *_: Price(None))
    loan = make_loan(key, team, 10_000)
    with pytest.raises(LoanRefused, match="price of this is not known, and Ana Costa's key has a"):
        press(ben, key, team)
    key_loans.change_weekly(loan, None)
    assert press(ben, key, team).tasks.get().estimate is None


def test_subjects_that_have_to_be_registered_count(ben, team, key):
    mira = make_subject(ben, "Mira", team=team)
    loan = make_loan(key, team, PRICE + 4)
    with pytest.raises(LoanRefused, match="this needs 15"):
        press(ben, key, team, subjects=[mira])
    row = Registration.objects.create(
        subject=mira, provider="vidu", key=key, state=RegistrationState.KEPT, server_id="1",
        shape=mira.shape,
    )  # fmt: skip
    press(ben, key, team, subjects=[mira], count=1)
    row.delete()
    key_loans.change_weekly(loan, 1000)
    press(ben, key, team, "two", subjects=[mira], count=2)
    assert used_this_week(loan) == 3 * PRICE + 5


def test_what_is_held_keeps_its_reserve_and_is_let_go_as_it_was_counted(ben, team, key):
    loan = make_loan(key, team, PRICE)
    task = press(ben, key, team).tasks.get()
    now = timezone.now()
    Task.objects.update(held_since=now, created_at=now - timedelta(days=8))
    team.held_since = now
    team.save()
    with pytest.raises(LoanRefused):
        press(ben, key, team, "two")
    assert held_tasks.send_held(membership(team, ben), now) == 1
    assert used_this_week(loan) == PRICE
    end(loan)
    task.refresh_from_db()
    assert task.status == Status.CANCELLED


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_run", range(3))
def test_ten_presses_at_once_never_pass_the_number(_run, ana, team, key):
    loan = make_loan(key, team, 3 * PRICE + 9)
    people = [make_member(team) for _ in range(10)]
    started = []

    def one():
        person = people.pop()
        try:
            started.append(press(person, key, team, f"of {person.pk}"))
        except LoanRefused:
            started.append(None)

    assert at_once(one, 10) == []
    assert len(started) == 10
    assert len([batch for batch in started if batch]) == Task.objects.count() == 3
    assert used_this_week(loan) == 3 * PRICE
