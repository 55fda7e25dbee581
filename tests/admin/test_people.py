"""Suspending people, letting them in again, and vouching for their addresses."""

import itertools
import re

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import transaction
from django.test import Client

from generation.engine import submit, suspend
from generation.models import (
    AuditEvent,
    Membership,
    Registration,
    Role,
    ShareLink,
    Task,
    Team,
    User,
)
from tests.admin.conftest import browser_of
from tests.at_once import at_once
from tests.factories import make_key, make_link, make_output, make_subject, make_task, make_user

PASSWORD = "pass-1234-word"
REASON = {"reason": "Left the company"}
PAUSED = "This account is paused"


@pytest.fixture
def person(db) -> User:
    return make_user("nadia@example.test", name="Nadia Holm")


def log_in(email: str, password: str = PASSWORD) -> Client:
    browser = Client()
    browser.answer = browser.post("/login/", {"login": email, "password": password}, follow=True)
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/settings/profile/").status_code == 200


def act(desk: Client, person: User, name: str, **body: str):
    return desk.post(f"/operator/people/{person.pk}/{name}/", REASON | body, follow=True)


def test_the_page_before_it_says_what_will_happen(desk, person):
    make_task(person)
    make_task(person, status="running")
    page = desk.get(f"/operator/people/{person.pk}/suspend/").text
    assert "Suspend Nadia Holm" in page
    assert "Nadia Holm&#x27;s team has no other owner" in page
    facts = re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page)
    assert dict(facts)["Queued, cancelled at once"] == "1"
    assert dict(facts)["Sent, finished for the team"] == "1"


def test_a_deleted_account_cannot_be_found_or_let_in_again(desk, operator, person):
    User.objects.filter(pk=person.pk).update(is_active=False, closed_at=person.date_joined)
    for name in ("suspend", "lift", "address", "link"):
        answer = act(desk, person, name, email="new@example.test")
        assert answer.status_code == 404, name
    assert desk.get(f"/operator/people/{person.pk}/").status_code == 404
    assert suspend.suspend(operator, person, "late") == 0
    assert not suspend.lift(operator, person, "late")
    assert not User.objects.get(pk=person.pk).is_active


def test_who_is_suspended_is_out_everywhere_at_once(desk, person):
    browsers = [log_in(person.email) for _ in range(2)]
    live = browsers[0]
    assert all(is_in(one) for one in browsers)
    page = act(desk, person, "suspend")
    assert "Nadia Holm is suspended and logged out." in page.text
    assert not any(is_in(one) for one in browsers)
    asked = live.get("/live/?scope=create", headers={"HX-Request": "true"})
    assert asked.status_code == 401
    assert not UserSession.objects.filter(user=person).exists()
    assert Session.objects.count() == 1  # the operator's
    person.refresh_from_db()
    assert (person.is_active, person.suspended_by.name) == (False, "Opal Operator")
    assert person.suspended_at is not None


def test_the_log_in_says_one_plain_sentence(desk, person):
    act(desk, person, "suspend")
    browser = log_in(person.email)
    assert PAUSED in browser.answer.text
    assert not is_in(browser)
    assert PAUSED not in log_in(person.email, "a wrong one").answer.text


def test_no_letter_opens_the_account_meanwhile(desk, person):
    act(desk, person, "suspend")
    Client().post("/password/reset/", {"email": person.email})
    assert not mail.outbox or "password/reset/key" not in mail.outbox[-1].body
    page = act(desk, person, "link")
    assert "no link works for now" in page.text


def test_what_is_queued_is_cancelled_in_every_team_and_what_is_sent_goes_on(desk, person):
    other = Team.objects.get(memberships__user=make_user())
    Membership.objects.create(team=other, user=person, role=Role.MEMBER)
    queued = [make_task(person, team=Team.objects.filter(memberships__user=person).first()),
              make_task(person, team=other, held_since=person.date_joined)]  # fmt: skip
    sent = make_task(person, team=other, status="running")
    mine = make_task(make_user())
    page = act(desk, person, "suspend")
    assert "2 queued tasks were cancelled" in page.text
    for task in queued:
        task.refresh_from_db()
        assert (task.status, task.credits, task.held_since) == ("cancelled", 0, None)
        assert str(task.events.get().note) == "The person who asked was suspended."
        submit.submit(task.pk)
        task.refresh_from_db()
        assert (task.status, task.sends, task.sent_at) == ("cancelled", 0, None)
    for task, state in ((sent, "running"), (mine, "queued")):
        task.refresh_from_db()
        assert task.status == state


def test_what_a_death_left_queued_is_never_sent(person, operator, monkeypatch):
    task = make_task(person)
    monkeypatch.setattr(suspend, "cancel_queued", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        suspend.suspend(operator, person, "x")
    assert not User.objects.get(pk=person.pk).is_active  # committed before the rest
    submit.submit(task.pk)
    task.refresh_from_db()
    assert (task.status, task.sends) == ("cancelled", 0)


def test_once_more_finishes_what_was_left(desk, person, operator):
    User.objects.filter(pk=person.pk).update(is_active=False, suspended_at=person.date_joined)
    task = make_task(person)
    suspend.suspend(operator, person, "x")
    task.refresh_from_db()
    assert task.status == "cancelled"
    assert not AuditEvent.objects.filter(verb="account.suspended").exists()


def test_subjects_that_wait_for_a_key_of_the_person_do_not_go_out(desk, person):
    key = make_key(person)
    row = Registration.objects.create(
        subject=make_subject(person), key=key, provider="vidu", state="waiting"
    )
    act(desk, person, "suspend")
    row.refresh_from_db()
    assert row.state == "failed"


def test_a_suspension_is_lifted(desk, person):
    before = log_in(person.email)
    task = make_task(person)
    act(desk, person, "suspend")
    page = act(desk, person, "lift")
    assert "Nadia Holm may log in again." in page.text
    assert not is_in(before)
    assert is_in(log_in(person.email))
    task.refresh_from_db()
    assert task.status == "cancelled"
    assert "is not suspended" in act(desk, person, "lift").text
    verbs = AuditEvent.objects.filter(actor__name="Opal Operator").order_by("pk")
    assert [one.verb for one in verbs] == ["account.suspended", "account.reinstated"]


def test_nobody_suspends_the_own_account(desk, operator):
    assert "Nobody can suspend the own account" in act(desk, operator, "suspend").text
    with pytest.raises(suspend.NotAllowed):
        suspend.suspend(operator, operator, "x")
    operator.refresh_from_db()
    assert operator.is_active
    assert "/suspend/" not in desk.get(f"/operator/people/{operator.pk}/").text


def test_of_two_operators_who_suspend_each_other_one_stays(operator):
    other = make_user(is_staff=True)
    suspend.suspend(operator, other, "first")
    with pytest.raises(suspend.NotAllowed), transaction.atomic():
        suspend.suspend(other, operator, "second")
    assert User.objects.get(pk=operator.pk).is_active


@pytest.mark.django_db(transaction=True)
def test_of_several_who_do_so_in_the_same_moment_one_stays():
    pairs = itertools.permutations([make_user(is_staff=True) for _ in range(3)], 2)
    turns = iter(list(pairs))
    at_once(lambda: suspend.suspend(*next(turns), "x"), count=6)
    assert User.objects.filter(is_staff=True, is_active=True).exists()


# --- Addresses ------------------------------------------------------------------------------------


def test_an_address_is_set_and_the_old_one_hears_of_it(desk, person):
    EmailAddress.objects.create(user=person, email="second@example.test", verified=True)
    browser = log_in(person.email)
    page = act(desk, person, "address", email="Nadia@New.Test")
    assert "nadia@new.test is the address of this account now" in page.text
    assert not is_in(browser)
    person.refresh_from_db()
    assert person.email == "nadia@new.test"
    row = EmailAddress.objects.get(user=person)
    assert (row.email, row.verified, row.primary) == ("nadia@new.test", True, True)
    (letter,) = mail.outbox
    assert letter.to == ["nadia@example.test"]
    assert "nadia@new.test" in letter.body
    assert is_in(log_in("nadia@new.test"))
    assert not is_in(log_in("nadia@example.test"))
    event = AuditEvent.objects.get(verb="account.email")
    assert event.changes["address"] == ["nadia@example.test", "nadia@new.test"]


def test_an_account_that_lost_its_claim_gets_one(desk, person):
    EmailAddress.objects.filter(user=person).delete()
    User.objects.filter(pk=person.pk).update(email="1f2e@no-address.invalid")
    act(desk, person, "address", email="nadia@new.test")
    assert is_in(log_in("nadia@new.test"))
    assert not mail.outbox


def test_a_proven_address_of_another_is_not_given_away(desk, person):
    other = make_user("taken@example.test")
    page = act(desk, person, "address", email="Taken@example.test")
    assert page.status_code == 422
    assert "Another account has proven this address." in page.text
    assert EmailAddress.objects.get(email="taken@example.test").user == other
    person.refresh_from_db()
    assert person.email == "nadia@example.test"


def test_a_link_sets_a_password_once_and_is_kept_nowhere(desk, person):
    page = act(desk, person, "link").text
    link = re.search(r"<code>(http[^<]+)</code>", page)[1]
    assert link not in desk.get(f"/operator/people/{person.pk}/link/").text
    assert link.rpartition("/key/")[2] not in str(list(AuditEvent.objects.values()))
    path = "/" + link.split("/", 3)[3]
    browser = Client()
    form = browser.get(path, follow=True)
    typed = {"password1": "other-5678-word", "password2": "other-5678-word"}
    browser.post(form.request["PATH_INFO"], typed)
    assert is_in(log_in(person.email, "other-5678-word"))
    assert "password1" not in Client().get(path, follow=True).text


def test_an_operator_who_is_none_any_more_changes_nothing(desk, person, operator):
    task = make_task(person)
    browser = browser_of(operator)
    User.objects.filter(pk=operator.pk).update(is_staff=False)
    assert browser.post(f"/operator/people/{person.pk}/suspend/", REASON).status_code == 404
    for act_of in (suspend.suspend, suspend.lift):
        with pytest.raises(suspend.NotAllowed):
            act_of(operator, person, "x")
    assert Task.objects.get(pk=task.pk).status == "queued"


def test_links_are_off_meanwhile_and_both_pages_say_so(desk, person):
    link = make_link(person, output=make_output(person))
    page = desk.get(f"/operator/people/{person.pk}/suspend/").text
    assert "1 share link shows nothing while this lasts." in page
    act(desk, person, "suspend")
    assert not ShareLink.objects.open().exists()
    page = desk.get(f"/operator/people/{person.pk}/lift/").text
    assert "1 share link of this person opens again" in page
    act(desk, person, "lift")
    assert list(ShareLink.objects.open()) == [link]
