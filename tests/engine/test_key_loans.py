"""A key that is lent: used by the team alone, never beyond its number, ended at once."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from generation.catalogue import rules
from generation.engine import delete_team, departures, held_tasks, key_loans, keys, submit
from generation.engine.departures import NotAllowed
from generation.engine.key_loans import CannotLend, LoanRefused
from generation.engine.loan_use import left_this_week, use_of, used_this_week
from generation.engine.start import Start, key_for, retry, start_once
from generation.models import (
    ApiKey,
    AuditEvent,
    Batch,
    KeyLoan,
    Membership,
    Registration,
    RegistrationState,
    Role,
    Status,
    Task,
    TaskSubject,
    User,
    Verb,
)
from generation.models.key_loans import offered_providers, week_of
from tests.at_once import at_once
from tests.factories import (
    make_key,
    make_loan,
    make_member,
    make_subject,
    make_task,
    make_user,
    team_of,
)
from tests.simulator.server import Running

pytestmark = pytest.mark.django_db
OFFER = rules.offer("vidu", "image", "viduq2")
VALUES = rules.check(OFFER, {"prompt": "A hill", "resolution": "1080p"})


@pytest.fixture
def ana():
    return make_user(name="Ana Costa")


@pytest.fixture
def team(ana):
    return team_of(ana)


@pytest.fixture
def ben(team):
    return make_member(team, name="Ben Okri")


@pytest.fixture
def key(ana):
    return make_key(ana, label="Studio")


def order(user, key, team, intent="one", **changes) -> Start:
    facts = {"offer": OFFER, "values": VALUES} | changes
    project = team.projects.first()
    return Start(user=user, team=team, project=project, intent=intent, key=key, **facts)


def press(user, key, team, intent="one", **changes) -> Batch:
    return start_once(order(user, key, team, intent, **changes), again=True).batch


PRICE = 10  # what the tasks here are made to cost


@pytest.fixture(autouse=True)
def _known_price(monkeypatch):
    from generation.catalogue import estimate
    from generation.catalogue.types import Price

    monkeypatch.setattr(estimate, "estimate", lambda *_: Price(PRICE))


def end(loan, actor=None):
    return key_loans.end(KeyLoan.objects.filter(pk=loan.pk), actor or loan.key.user)


def membership(team, user):
    return Membership.objects.select_related("team", "user").get(team=team, user=user)


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
    from generation.catalogue import estimate
    from generation.catalogue.types import Price

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


def press_of(person, key, team):
    def act():
        with suppress(LoanRefused):
            press(person, key, team)

    return act


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
