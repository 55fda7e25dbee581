"""The page on which people delete their account."""

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from generation.engine import close_account
from generation.engine.close_account import plans_of, signature_of
from generation.models import AuditEvent, Membership, Role, Team, User
from tests.factories import make_member, make_output, make_user, team_of
from tests.mailbox import mailed_code, mails_to

PASSWORD, PAGE, SECURITY = "pass-1234-word", "/settings/security/delete/", "/settings/security/"


def log_in(user: User) -> Client:
    browser = Client()
    answer = browser.post("/login/", {"login": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return browser


@pytest.fixture
def person(db) -> User:
    return make_user("kenji@example.test", name="Kenji Watanabe")


@pytest.fixture
def team(person) -> Team:
    return team_of(person)


def typed(person: User, **more: str) -> dict[str, str]:
    return {"seen": signature_of(plans_of(person)), "confirm": person.email, **more}


def test_the_page_says_what_happens_and_deletes_nothing(person, team):
    make_output(person)
    browser = log_in(person)
    assert f'href="{PAGE}"' in browser.get(SECURITY).text
    page = browser.get(PAGE)
    assert "It is deleted with the account, for good, with 1 result" in page.text
    assert "Nobody else has an account in this studio" in page.text
    make_user()
    assert "Nobody else has an account" not in browser.get(PAGE).text
    assert User.objects.get(pk=person.pk).is_active


def test_a_session_of_this_person_ends_everywhere_at_once(person):
    browser, other = log_in(person), log_in(person)
    answer = browser.post(PAGE, typed(person), follow=True)
    assert "Your account is deleted." in answer.text
    assert answer.request["PATH_INFO"] == "/login/"
    for one in (browser, other):
        assert one.get("/settings/profile/").status_code == 302
        assert one.get("/settings/profile/").url.startswith("/login/")
    device = [value for name, value in browser.cookies.items() if name.startswith("device-")]
    assert [morsel.value for morsel in device] == [""]
    [letter] = mails_to("kenji@example.test")
    assert "was deleted, as you asked" in letter
    assert AuditEvent.objects.get(verb="account.deleted").actor_name == "Kenji Watanabe"


def test_the_password_opens_nothing_any_more(person):
    log_in(person).post(PAGE, typed(person))
    visitor = Client()
    answer = visitor.post("/login/", {"login": "kenji@example.test", "password": PASSWORD})
    assert answer.status_code in (200, 422)
    assert "No account has this e-mail address" in answer.text


def test_the_address_can_sign_up_again_and_begins_anew(person, team, settings):
    settings.SIGNUP_OPEN = True
    heir = make_member(team)
    make_output(person)
    choice = str(team.memberships.get(user=heir).pk)
    log_in(person).post(PAGE, typed(person, **{f"team-{team.pk}": choice}))
    browser = Client()
    facts = {"email": "kenji@example.test", "password1": "another-5678-word"}
    browser.post("/signup/", facts)
    browser.post(reverse("account_email_verification_sent"), {"code": mailed_code()})
    again = User.objects.get(email="kenji@example.test")
    assert browser.get("/library/").status_code == 200
    assert [one.name for one in again.teams.all()] == ["kenji's team"]
    assert not again.outputs.exists()


@pytest.mark.parametrize("wrong", ["", "kenji@example.com", "Kenji Watanabe"])
def test_nothing_typed_is_lost_when_it_is_refused(person, team, wrong):
    heir = make_member(team)
    choice = str(team.memberships.get(user=heir).pk)
    answer = log_in(person).post(PAGE, typed(person, confirm=wrong, **{f"team-{team.pk}": choice}))
    assert answer.status_code == 422
    assert f'<option value="{choice}" selected>' in answer.text
    assert not wrong or f'value="{wrong}"' in answer.text
    assert User.objects.get(pk=person.pk).is_active


def test_a_sole_owner_has_to_choose(person, team):
    make_member(team)
    answer = log_in(person).post(PAGE, typed(person))
    assert answer.status_code == 422
    assert "Choose who owns the team then" in answer.text


def test_who_inherits_a_team_hears_of_it(person, team):
    heir, other = make_member(team, name="Ana"), make_member(team, Role.ADMIN)
    choice = str(team.memberships.get(user=heir).pk)
    log_in(person).post(PAGE, typed(person, **{f"team-{team.pk}": choice}))
    [letter] = mails_to(heir.email)
    assert "Kenji Watanabe deleted their account and left the team" in letter
    assert not mails_to(other.email)


def test_who_may_still_keep_a_team_hears_of_it(person, team):
    admin = make_member(team, Role.ADMIN)
    log_in(person).post(PAGE, typed(person, **{f"team-{team.pk}": "delete"}))
    [letter] = mails_to(admin.email)
    assert "press Keep the team" in letter
    assert "Keep the team" in log_in(admin).get("/team/members/").text


def test_teams_that_changed_meanwhile_are_asked_about_again(person, team):
    before = typed(person)
    make_member(team)
    answer = log_in(person).post(PAGE, before)
    assert answer.status_code == 422
    assert "Your teams have changed meanwhile" in answer.text
    assert f'name="seen" value="{signature_of(plans_of(person))}"' in answer.text
    assert 'value="kenji@example.test"' in answer.text
    assert Membership.objects.filter(user=person).exists()


def test_teams_that_change_in_the_last_moment_are_asked_about_again(person, team, monkeypatch):
    lock = close_account.plans_of

    def plans(user: User) -> list:
        make_member(team)
        return lock(user)

    monkeypatch.setattr(close_account, "plans_of", plans)
    answer = log_in(person).post(PAGE, typed(person))
    assert answer.status_code == 422
    assert "Your teams have changed meanwhile" in answer.text


def test_a_log_in_of_long_ago_is_asked_for_the_password_and_keeps_the_choice(person, team):
    heir = make_member(team)
    choice = str(team.memberships.get(user=heir).pk)
    browser = Client()
    browser.force_login(person)
    session = browser.session
    session["account_authentication_methods"] = []
    session.save()
    assert browser.get(PAGE).url.startswith("/reauthenticate/")
    asked = browser.post(PAGE, typed(person, **{f"team-{team.pk}": choice}))
    assert asked.url.startswith("/reauthenticate/")
    back = browser.post(asked.url, {"password": PASSWORD}, follow=True)
    assert back.request["PATH_INFO"] == PAGE
    assert f'<option value="{choice}" selected>' in back.text
    assert 'value="kenji@example.test"' in back.text
    assert User.objects.get(pk=person.pk).is_active


def test_a_mail_server_that_is_away_keeps_nobody(person, monkeypatch):
    def fail(*_args, **_named):
        raise OSError

    monkeypatch.setattr("django.core.mail.EmailMultiAlternatives.send", fail)
    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    answer = log_in(person).post(PAGE, typed(person))
    assert answer.status_code == 302
    assert not User.objects.get().is_active
    assert not mail.outbox


def test_who_is_in_no_team_can_go_too(person, team):
    make_member(team, Role.OWNER)
    Membership.objects.filter(user=person).delete()
    assert log_in(person).post(PAGE, typed(person)).status_code == 302
    assert not User.objects.filter(email="kenji@example.test").exists()
