"""The page of an invitation: who joins, who is told what, and who is told nothing."""

import logging
import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user
from django.core import mail
from django.test import Client
from django.utils import timezone

from generation.engine.invitations import Standing, accept_invitation, end_overdue
from generation.models import AuditEvent, Invitation, Membership, Role, Team, User, Verb
from generation.web.log_redaction import RedactedLine
from tests.at_once import at_once
from tests.factories import make_invitation, make_member, make_user, team_of

CONSOLE = "django.core.mail.backends.console.EmailBackend"
PASSWORD = "harbour-lantern-42"
ADDRESS = "jonas@example.test"


@pytest.fixture
def team(user) -> Team:
    return team_of(user)


def person(email: str = ADDRESS, verified: bool = True) -> User:
    found = make_user(email)
    EmailAddress.objects.create(user=found, email=email, primary=True, verified=verified)
    return found


def browser_of(someone: User) -> Client:
    client = Client()
    client.force_login(someone)
    return client


def role_of(someone: User, team: Team) -> str | None:
    return Membership.objects.filter(user=someone, team=team).values_list("role", flat=True).first()


def who(client: Client):
    return get_user(client)  # a client has a session, as a request has


def without_request_parts(text: str) -> str:
    """The page without what differs between two requests for the same one."""
    return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", text)


# --- Opening it -----------------------------------------------------------------------------------


def test_who_is_not_logged_in_sees_who_invites_to_what_and_both_ways_on(visitor, team, user):
    _row, token = make_invitation(team, user, ADDRESS, role=Role.VIEWER, message="See <b>Flacon")
    page = visitor.get(f"/invite/{token}/").text
    assert f"Nadia Holm invites you to {team}" in page.replace("&#x27;", "'")
    assert ADDRESS in page
    assert "See &lt;b&gt;Flacon" in page
    assert "You come as a viewer" in page
    assert f'href="/signup/?next=%2Finvite%2F{token}%2F"' in page
    assert f'href="/login/?next=%2Finvite%2F{token}%2F"' in page


def test_opening_it_changes_nothing(team, user):
    _row, token = make_invitation(team, user, ADDRESS)
    before = list(Invitation.objects.values())
    for browser in (Client(), browser_of(person()), browser_of(make_user())):
        assert browser.get(f"/invite/{token}/").status_code == 200
        assert browser.head(f"/invite/{token}/").status_code == 200
    assert list(Invitation.objects.values()) == before
    assert not AuditEvent.objects.exists()
    assert team.memberships.count() == 1


@pytest.mark.parametrize("opens", [True, False])
def test_the_page_is_kept_nowhere_and_tells_nobody_its_address(visitor, team, user, opens):
    token = make_invitation(team, user)[1] if opens else "x" * 32
    answer = visitor.get(f"/invite/{token}/")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    known = browser_of(make_user()).get(f"/invite/{token}/")
    assert known.headers["Referrer-Policy"] == "strict-origin"  # with no-referrer no form is sent
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in answer.headers["Cache-Control"]


def test_all_that_opens_nothing_looks_the_same(visitor, team, user):
    def leaving():
        gone = Team.objects.create(name="Left", leaving_since=timezone.now())
        return make_invitation(gone, make_member(gone, Role.OWNER))[1]

    def deleted():
        gone = Team.objects.create(name="Gone")
        token = make_invitation(gone, make_member(gone, Role.OWNER))[1]
        gone.delete()
        return token

    demoted = make_member(team, Role.MEMBER)
    past = {"ended_at": timezone.now()}
    tokens = {
        "unknown": "x" * 32,
        "revoked": make_invitation(team, user, state="revoked", **past)[1],
        "used": make_invitation(team, user, state="accepted", uses=1, **past)[1],
        "expired": make_invitation(team, user, state="expired", days=-1)[1],
        "late": make_invitation(team, user, days=-1)[1],
        "void": make_invitation(team, user, state="void", **past)[1],
        "of a demoted inviter": make_invitation(team, demoted)[1],
        "of a team that leaves": leaving(),
        "of a deleted team": deleted(),
    }
    browsers = {"visitor": visitor, "person": browser_of(person())}
    for name, browser in browsers.items():
        pages = {}
        for state, token in tokens.items():
            for method in (browser.get, browser.post):
                answer = method(f"/invite/{token}/")
                assert answer.status_code == 404, (name, state)
                pages[state] = (
                    without_request_parts(answer.text),
                    {
                        key: value
                        for key, value in answer.headers.items()
                        if key not in ("X-Request-Id", "Expires", "Content-Length")
                    },
                )
        assert all(page == pages["unknown"] for page in pages.values()), name
    assert who(browsers["person"]).is_authenticated


def test_a_token_is_in_no_line_of_the_log():
    said = "Not Found: /invite/abcdefghijkl/ GET /login/?next=%2Finvite%2Fzyxwvutsrq%2F"
    line = logging.LogRecord("django.request", logging.WARNING, "", 0, said, None, None)
    text = RedactedLine().format(line)
    assert "/invite/[hidden]/" in text
    assert "%2Finvite%2F[hidden]%2F" in text
    assert "abcdef" not in text
    assert "zyxwvu" not in text


# --- Accepting ------------------------------------------------------------------------------------


def test_who_owns_the_address_joins_with_one_press(team, user):
    row, token = make_invitation(team, user, ADDRESS, role=Role.ADMIN)
    jonas = person("Jonas@Example.test".lower())
    browser = browser_of(jonas)
    browser.get("/create/")  # works in their own team
    answer = browser.post(f"/invite/{token}/")
    assert answer.url == "/create/"
    assert role_of(jonas, team) == Role.ADMIN
    assert f"You are in {team} now." in browser.get("/create/", follow=True).text.replace(
        "&#x27;", "'"
    )
    assert browser.session["membership"] == Membership.objects.get(user=jonas, team=team).pk
    row.refresh_from_db()
    assert (row.state, row.accepted_by, row.uses) == ("accepted", jonas, 1)
    events = AuditEvent.objects.filter(team=team).order_by("id")
    assert [event.verb for event in events] == [Verb.INVITATION_ACCEPTED, Verb.MEMBER_JOINED]
    assert {event.actor for event in events} == {jonas}
    assert events[1].changes == {"role": ["", "admin"]}


def test_a_second_confirmed_address_of_the_person_does_as_well(team, user):
    _row, token = make_invitation(team, user, ADDRESS)
    someone = person("other@example.test")
    EmailAddress.objects.create(user=someone, email=ADDRESS, verified=True)
    browser_of(someone).post(f"/invite/{token}/")
    assert role_of(someone, team) == Role.MEMBER


def test_logged_in_as_another_the_page_says_so_and_nothing_changes(team, user):
    row, token = make_invitation(team, user, ADDRESS)
    other = person("tomas@example.test")
    browser = browser_of(other)
    for answer in (browser.get(f"/invite/{token}/"), browser.post(f"/invite/{token}/")):
        assert "This invitation is for <b>j…@example.test</b>. You are logged in as" in answer.text
        assert ADDRESS not in answer.text
        assert "tomas@example.test" in answer.text
        assert role_of(other, team) is None
    row.refresh_from_db()
    assert (row.state, row.uses) == ("waiting", 0)
    assert who(browser) == other


def test_log_out_and_accept_leads_through_the_log_in_back_to_it(team, user):
    _row, token = make_invitation(team, user, ADDRESS)
    jonas = person()
    jonas.set_password(PASSWORD)
    jonas.save()
    browser = browser_of(person("tomas@example.test"))
    answer = browser.post(f"/invite/{token}/", {"switch": "1"})
    assert answer.url == f"/login/?next=%2Finvite%2F{token}%2F"
    assert not who(browser).is_authenticated
    typed = {"login": ADDRESS, "password": PASSWORD, "next": f"/invite/{token}/"}
    assert browser.post("/login/", typed).url == f"/invite/{token}/"
    assert f"Join {team}" in browser.get(f"/invite/{token}/").text.replace("&#x27;", "'")
    assert role_of(jonas, team) is None  # not before the press
    browser.post(f"/invite/{token}/")
    assert role_of(jonas, team) == Role.MEMBER


def test_an_unproven_address_has_to_be_confirmed_first(team, user):
    _row, token = make_invitation(team, user, ADDRESS, mailed_at=timezone.now())
    squatter = person(verified=False)
    browser = browser_of(squatter)
    for answer in (browser.get(f"/invite/{token}/"), browser.post(f"/invite/{token}/")):
        assert "Confirm your address first" in answer.text
        assert re.search(r'action="/email/".*?name="action_send"', answer.text, re.S)
        assert role_of(squatter, team) is None
    EmailAddress.objects.filter(user=squatter).update(verified=True)
    browser.post(f"/invite/{token}/")
    assert role_of(squatter, team) == Role.MEMBER


def test_without_a_mail_server_the_inviter_vouches_unless_another_has_proven_the_address(
    team, user, settings
):
    settings.EMAIL_BACKEND = CONSOLE
    _row, token = make_invitation(team, user, ADDRESS)
    claims = person(verified=False)
    owner = person("owner@example.test")
    proof = EmailAddress.objects.create(user=owner, email=ADDRESS, verified=True)
    answer = browser_of(claims).post(f"/invite/{token}/")
    assert "This invitation is for someone else" in answer.text
    assert role_of(claims, team) is None
    proof.delete()
    browser_of(claims).post(f"/invite/{token}/")
    assert role_of(claims, team) == Role.MEMBER


def test_who_is_in_already_keeps_their_role_and_the_link_stays(team, user):
    row, token = make_invitation(team, user, role=Role.ADMIN)
    viewer = make_member(team, Role.VIEWER)
    browser = browser_of(viewer)
    for answer in (browser.get(f"/invite/{token}/"), browser.post(f"/invite/{token}/")):
        assert "You are already in" in answer.text
        assert "Your role is Viewer." in answer.text
    assert role_of(viewer, team) == Role.VIEWER
    row.refresh_from_db()
    assert (row.state, row.uses) == ("waiting", 0)


def test_a_second_press_of_who_has_just_joined_says_that_they_are_in(team, user):
    _row, token = make_invitation(team, user)
    browser = browser_of(make_user())
    browser.post(f"/invite/{token}/")
    assert "You are already in" in browser.post(f"/invite/{token}/").text
    assert browser_of(make_user()).post(f"/invite/{token}/").status_code == 404


@pytest.mark.parametrize("how", ["demoted", "below the role", "removed", "suspended", "deleted"])
def test_an_invitation_is_void_when_its_inviter_may_not_invite_so_any_more(team, user, how):
    admin = make_member(team, Role.OWNER)
    row, token = make_invitation(team, admin, role=Role.OWNER)
    membership = team.memberships.filter(user=admin)
    if how == "suspended":
        User.objects.filter(pk=admin.pk).update(is_active=False)
    elif how == "deleted":
        admin.delete()
    elif how == "removed":
        membership.delete()
    else:
        membership.update(role=Role.ADMIN if how == "below the role" else Role.MEMBER)
    someone = make_user()
    answer = browser_of(someone).post(f"/invite/{token}/")
    assert answer.status_code == 404
    assert "This invitation does not open" in answer.text
    assert role_of(someone, team) is None
    row.refresh_from_db()
    assert row.state == "void"
    assert [event.verb for event in AuditEvent.objects.all()] == [Verb.INVITATION_VOID]


def test_an_open_link_serves_as_many_as_it_says(team, user):
    row, token = make_invitation(team, user, max_uses=2)
    people = [make_user() for _ in range(3)]
    answers = [browser_of(one).post(f"/invite/{token}/").status_code for one in people]
    assert answers == [302, 302, 404]
    assert team.memberships.count() == 3
    row.refresh_from_db()
    assert (row.state, row.uses) == ("accepted", 2)


def test_a_suspended_person_joins_nothing(team, user):
    row, token = make_invitation(team, user)
    someone = make_user()
    browser = browser_of(someone)
    User.objects.filter(pk=someone.pk).update(is_active=False)
    assert browser.post(f"/invite/{token}/").url.startswith("/login/")
    assert (
        accept_invitation(row, someone) is Standing.OVER
    )  # suspended between the check and the press
    assert role_of(someone, team) is None


def test_the_invitations_of_a_team_that_is_kept_after_all_work_again(team, user):
    _row, token = make_invitation(team, user)
    someone = make_user()
    Team.objects.filter(pk=team.pk).update(leaving_since=timezone.now())
    assert browser_of(someone).post(f"/invite/{token}/").status_code == 404
    assert end_overdue(timezone.now()) == 0
    Team.objects.filter(pk=team.pk).update(leaving_since=None)
    browser_of(someone).post(f"/invite/{token}/")
    assert role_of(someone, team) == Role.MEMBER


def test_an_invitation_ends_with_its_time(team, user):
    row, token = make_invitation(team, user)
    Invitation.objects.filter(pk=row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    someone = make_user()
    assert browser_of(someone).post(f"/invite/{token}/").status_code == 404
    assert role_of(someone, team) is None


@pytest.mark.django_db(transaction=True)
def test_of_ten_who_come_at_once_with_a_link_for_one_one_joins():
    owner = make_user()
    team = team_of(owner)
    row, _token = make_invitation(team, owner)
    people, answers = [make_user() for _ in range(10)], []

    def come() -> None:
        mine = Invitation.objects.select_related("team", "created_by").get(pk=row.pk)
        answers.append(accept_invitation(mine, people.pop()))

    assert at_once(come, 10) == []
    assert sorted(answers, key=str) == [Standing.OPEN] + [Standing.OVER] * 9
    assert team.memberships.count() == 2
    row.refresh_from_db()
    assert (row.state, row.uses) == ("accepted", 1)
    verbs = AuditEvent.objects.values_list("verb", flat=True)
    assert list(verbs).count(Verb.MEMBER_JOINED) == 1


# --- Signing up with it ---------------------------------------------------------------------------


def sign_up(browser: Client, token: str, email: str = ADDRESS):
    typed = {"name": "Jonas", "email": email, "password1": PASSWORD, "next": f"/invite/{token}/"}
    return browser.post("/signup/", typed)


@pytest.mark.parametrize("is_open", [True, False])
def test_a_new_person_signs_up_and_is_in_at_once_even_where_sign_up_is_closed(
    visitor, team, user, settings, is_open
):
    settings.SIGNUP_OPEN = is_open
    row, token = make_invitation(team, user, ADDRESS, mailed_at=timezone.now())
    page = visitor.get(f"/signup/?next=/invite/{token}/").text
    assert f'value="{ADDRESS}"' in page
    answer = sign_up(visitor, token)
    jonas = User.objects.get(email=ADDRESS)
    assert answer.url == "/create/"
    assert role_of(jonas, team) == Role.MEMBER
    assert visitor.get("/team/members/").text.count('class="whois"') == 2
    assert EmailAddress.objects.get(user=jonas).verified
    row.refresh_from_db()
    assert row.accepted_by == jonas


def test_closed_sign_up_stays_closed_with_a_link_that_opens_nothing(visitor, team, user, settings):
    settings.SIGNUP_OPEN = False
    for state in ("revoked", "accepted", "expired", "void"):
        _row, token = make_invitation(team, user, state=state)
        assert "Sign-up is closed" in visitor.get(f"/signup/?next=/invite/{token}/").text
        sign_up(visitor, token)
    assert not User.objects.filter(email=ADDRESS).exists()


def test_an_invitation_to_an_address_makes_an_account_with_that_address_alone(
    visitor, team, user, settings
):
    settings.SIGNUP_OPEN = False
    _row, token = make_invitation(team, user, ADDRESS, mailed_at=timezone.now())
    sign_up(visitor, token, email="victim@example.test")
    assert not EmailAddress.objects.filter(email="victim@example.test").exists()
    assert EmailAddress.objects.get(email=ADDRESS).verified


@pytest.mark.parametrize("mails", [True, False])
def test_a_link_that_was_shown_proves_an_address_only_where_no_mail_can(
    visitor, team, user, settings, mails
):
    if not mails:
        settings.EMAIL_BACKEND = CONSOLE
    _row, token = make_invitation(team, user, ADDRESS)
    sign_up(visitor, token)
    jonas = User.objects.get(email=ADDRESS)
    assert EmailAddress.objects.get(user=jonas).verified is not mails
    assert role_of(jonas, team) == (None if mails else Role.MEMBER)
    if mails:  # the page says what is missing
        assert "Confirm your address first" in visitor.get(f"/invite/{token}/").text


def test_an_open_link_proves_no_address_where_mail_can(visitor, team, user):
    _row, token = make_invitation(team, user, mailed_at=None)
    sign_up(visitor, token)
    jonas = User.objects.get(email=ADDRESS)
    assert not EmailAddress.objects.get(user=jonas).verified
    assert role_of(jonas, team) == Role.MEMBER


def test_registering_first_with_the_address_of_somebody_invited_gains_nothing(visitor, team, user):
    """The mail goes to the owner of the address; who only claims it is not let in."""
    attacker = person(verified=False)
    browser = browser_of(user)
    browser.post("/team/invitations/", {"email": ADDRESS, "role": "member", "days": "7"})
    token = re.search(r"/invite/([\w-]+)/", mail.outbox[-1].body)[1]
    browser_of(attacker).post(f"/invite/{token}/")
    assert role_of(attacker, team) is None
    assert not EmailAddress.objects.get(user=attacker).verified


def test_signing_up_without_the_invitation_joins_nothing(visitor, team, user):
    _row, token = make_invitation(team, user)
    visitor.get(f"/invite/{token}/")
    visitor.get(f"/signup/?next=/invite/{token}/")
    visitor.post("/signup/", {"email": ADDRESS, "password1": PASSWORD})
    assert role_of(User.objects.get(email=ADDRESS), team) is None
