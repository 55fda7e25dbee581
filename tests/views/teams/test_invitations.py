"""Inviting to a team: the form, its limits, the list, new links, revoking, and what is recorded."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from generation.engine import invitations
from generation.models import AuditEvent, Invitation, InvitationState, Role, Team, Verb
from generation.models.invitations import token_hash
from generation.web.mail import MailFailed
from tests.factories import make_invitation, make_member, team_of

PAGE = "/team/invitations/"
CONSOLE = "django.core.mail.backends.console.EmailBackend"
LINK = re.compile(r"http://testserver/invite/([\w-]+)/")
TYPED = {"email": "jonas@example.test", "role": "member", "days": "7", "max_uses": "1"}


@pytest.fixture
def team(user) -> Team:
    return team_of(user)


def shown_token(answer) -> str:
    return LINK.search(answer.text)[1]


def mailed_token() -> str:
    return re.search(r"/invite/([\w-]+)/", mail.outbox[-1].body)[1]


def verbs(team: Team) -> list[str]:
    return list(AuditEvent.objects.filter(team=team).order_by("id").values_list("verb", flat=True))


def browser_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_an_invitation_to_an_address_goes_there_by_mail_and_its_link_is_shown_to_nobody(
    client, team, user
):
    answer = client.post(PAGE, TYPED | {"email": " Jonas@Example.TEST ", "message": "See Flacon"})
    assert answer.url == PAGE
    row = Invitation.objects.get()
    assert (row.email, row.role, row.created_by) == ("jonas@example.test", Role.MEMBER, user)
    assert timedelta(days=6, hours=23) < row.expires_at - timezone.now() < timedelta(days=7)
    (letter,) = mail.outbox
    assert letter.to == ["jonas@example.test"]
    assert letter.subject == f"Vidu Studio: Nadia Holm invites you to {team}"
    assert "See Flacon" in letter.body
    assert token_hash(mailed_token()) == row.token_hash
    assert row.mailed_at
    page = client.get(PAGE).text
    assert "jonas@example.test" in page
    assert mailed_token() not in page


def test_the_mail_is_in_the_language_that_the_inviter_reads(client, user):
    client.cookies["django_language"] = "zh-hans"
    client.post(PAGE, TYPED)
    assert "邀请" in mail.outbox[0].subject
    assert "邀请" in mail.outbox[0].body


def test_the_mail_never_leads_to_the_host_of_the_request(client, settings):
    settings.ALLOWED_HOSTS = ["studio.example.test", "*"]
    client.post(PAGE, TYPED, headers={"Host": "evil.test"})
    assert "http://studio.example.test/invite/" in mail.outbox[0].body


def test_without_a_mail_server_the_link_is_shown_once(client, settings):
    settings.EMAIL_BACKEND = CONSOLE
    answer = client.post(PAGE, TYPED)
    token = shown_token(answer)
    assert "no mail server is set up" in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    assert Invitation.objects.get().token_hash == token_hash(token)
    assert len(token) >= 32
    assert token not in client.get(PAGE).text


def test_where_the_mail_server_refuses_the_link_is_shown_and_vouches_for_nobody(
    client, monkeypatch
):
    def refuse(*_):
        raise MailFailed

    monkeypatch.setattr("allauth.account.adapter.DefaultAccountAdapter.send_mail", refuse)
    answer = client.post(PAGE, TYPED)
    assert "did not take the mail" in answer.text
    assert Invitation.objects.get(token_hash=token_hash(shown_token(answer))).mailed_at is None


def test_an_open_link_may_serve_twenty_people_and_no_more(client):
    assert client.post(PAGE, TYPED | {"email": "", "max_uses": "21"}).status_code == 422
    assert not Invitation.objects.exists()
    shown_token(client.post(PAGE, TYPED | {"email": "", "max_uses": "20"}))
    assert Invitation.objects.get().max_uses == 20


def test_an_address_is_invited_once_however_many_uses_are_typed(client):
    client.post(PAGE, TYPED | {"max_uses": "9"})
    assert Invitation.objects.get().max_uses == 1


def test_a_second_invitation_for_an_address_ends_the_first(client, team):
    client.post(PAGE, TYPED)
    first = mailed_token()
    client.post(PAGE, TYPED | {"email": "JONAS@example.test", "role": "viewer"})
    assert Client().get(f"/invite/{first}/").status_code == 404
    assert Client().get(f"/invite/{mailed_token()}/").status_code == 200
    assert Invitation.objects.waiting().get().role == Role.VIEWER
    assert verbs(team) == [Verb.INVITED, Verb.INVITATION_REVOKED, Verb.INVITED]


def test_the_same_address_in_another_team_is_another_invitation(client, team):
    client.post(PAGE, TYPED)
    other = Team.objects.create(name="Maison Odile")
    make_invitation(other, make_member(other, Role.OWNER), "jonas@example.test")
    assert Invitation.objects.waiting().count() == 2


@pytest.mark.parametrize(
    ("role", "offered"),
    [("owner", ["viewer", "member", "admin", "owner"]), ("admin", ["viewer", "member", "admin"])],
)
def test_a_role_goes_up_to_the_own_one(team, role, offered):
    browser = browser_of(make_member(team, role))
    page = browser.get(PAGE).text
    choice = re.search(r'<select name="role".*?</select>', page, re.S)[0]
    assert re.findall(r'value="(\w+)"', choice) == offered
    answer = browser.post(PAGE, TYPED | {"role": "owner"})
    assert Invitation.objects.exists() == (role == "owner")
    assert answer.status_code == (302 if role == "owner" else 422)


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_who_may_not_invite_sees_neither_page_nor_tab_nor_button(team, role):
    browser = browser_of(make_member(team, role))
    assert browser.get(PAGE).status_code == browser.post(PAGE, TYPED).status_code == 404
    assert PAGE not in browser.get("/team/members/").text


def test_fifty_wait_at_most_and_what_was_typed_stays(client, team, user):
    for number in range(50):
        make_invitation(team, user, f"n{number}@example.test")
    answer = client.post(PAGE, TYPED | {"message": "See Flacon", "days": "30", "role": "admin"})
    assert answer.status_code == 422
    page = answer.text
    assert re.search(r'id="id_email_error".*?50 invitations wait already', page, re.S)
    assert 'value="jonas@example.test"' in page
    assert "See Flacon</textarea>" in page
    assert '<option value="30" selected>' in page
    assert '<option value="admin" selected>' in page
    # One that takes the place of another is not one more.
    assert client.post(PAGE, TYPED | {"email": "n7@example.test"}).status_code == 302


def test_what_is_past_its_time_does_not_count_as_waiting(client, team, user):
    for number in range(50):
        make_invitation(team, user, f"n{number}@example.test", days=-1)
    assert client.post(PAGE, TYPED).status_code == 302


def test_twenty_a_day_for_a_person_in_all_their_teams_and_new_links_count(
    client, team, user, monkeypatch
):
    other = Team.found("Maison Odile", user)
    member = other.memberships.select_related("team", "user").get()
    facts = {"role": "member", "days": 7, "max_uses": 1, "message": ""}
    for number in range(19):
        invitations.invite(member, email=f"n{number}@example.test", **facts)
    row, _token = make_invitation(team, user, "a@example.test")
    assert LINK.search(client.post(f"{PAGE}{row.pk}/renew/").text)
    answer = client.post(PAGE, TYPED)
    assert answer.status_code == 422
    assert re.search(r'id="id_email_error".*?20 invitations within a day', answer.text, re.S)
    page = client.post(f"{PAGE}{row.pk}/renew/", follow=True).text
    assert "20 invitations within a day" in page
    assert not LINK.search(page)
    assert len(mail.outbox) == 0
    later = timezone.now() + timedelta(days=1, seconds=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert client.post(PAGE, TYPED).status_code == 302


@pytest.mark.parametrize("address", ["member@example.test", "Second@Example.test"])
def test_who_is_in_the_team_is_not_invited(client, team, address):
    person = make_member(team)
    person.email = "member@example.test"
    person.save()
    EmailAddress.objects.create(user=person, email="second@example.test", verified=True)
    answer = client.post(PAGE, TYPED | {"email": address})
    assert answer.status_code == 422
    assert "in the team already" in answer.text


def test_an_address_with_an_account_is_invited_like_one_without(client):
    make_member(Team.objects.create(name="Other")).emailaddress_set.create(
        email="known@example.test", verified=True
    )
    known, unknown = (
        client.post(PAGE, TYPED | {"email": email})
        for email in ("known@example.test", "unknown@example.test")
    )
    assert known.status_code == unknown.status_code == 302
    letters = [letter.body.split("http")[0] for letter in mail.outbox]
    assert letters[0] == letters[1]


def test_a_new_link_ends_the_old_one_and_is_the_word_of_who_made_it(client, team, user):
    admin = make_member(team, Role.ADMIN)
    row, old = make_invitation(team, admin, "jonas@example.test", mailed_at=timezone.now())
    new = shown_token(client.post(f"{PAGE}{row.pk}/renew/"))
    assert Client().get(f"/invite/{old}/").status_code == 404
    assert Client().get(f"/invite/{new}/").status_code == 200
    row.refresh_from_db()
    assert (row.created_by, row.mailed_at) == (user, None)
    assert verbs(team) == [Verb.INVITATION_RENEWED]
    assert not mail.outbox


def test_send_again_mails_a_new_link(client, team, user):
    row, old = make_invitation(team, user, "jonas@example.test")
    assert client.post(f"{PAGE}{row.pk}/renew/", {"mail": "1"}).url == PAGE
    assert mailed_token() != old
    row.refresh_from_db()
    assert row.token_hash == token_hash(mailed_token())
    assert row.mailed_at


def test_an_admin_gets_no_link_that_makes_owners(team, user):
    row, token = make_invitation(team, user, "jonas@example.test", role=Role.OWNER)
    browser = browser_of(make_member(team, Role.ADMIN))
    page = browser.post(f"{PAGE}{row.pk}/renew/", follow=True).text
    assert "You may not invite anybody as owner." in page
    assert not LINK.search(page)
    assert Client().get(f"/invite/{token}/").status_code == 200
    assert browser.post(f"{PAGE}{row.pk}/again/").status_code == 422


def test_a_revoked_link_opens_nothing(client, team, user):
    row, token = make_invitation(team, user)
    assert client.post(f"{PAGE}{row.pk}/revoke/").url == PAGE
    assert Client().get(f"/invite/{token}/").status_code == 404
    client.post(f"{PAGE}{row.pk}/revoke/")
    assert verbs(team) == [Verb.INVITATION_REVOKED]
    assert "Revoked" in client.get(PAGE).text


def test_invite_again_is_like_the_first_time_with_a_new_link(client, team, user):
    row, _token = make_invitation(
        team, user, role="viewer", max_uses=5, message="Hello", state="revoked",
        ended_at=timezone.now(),
    )  # fmt: skip
    token = shown_token(client.post(f"{PAGE}{row.pk}/again/"))
    new = Invitation.objects.get(token_hash=token_hash(token))
    assert (new.role, new.max_uses, new.message) == ("viewer", 5, "Hello")


def test_rows_of_another_team_are_not_there(client, db):
    other = Team.objects.create(name="Maison Odile")
    row, token = make_invitation(other, make_member(other, Role.OWNER), "jonas@example.test")
    for act in ("renew", "again", "revoke"):
        assert client.post(f"{PAGE}{row.pk}/{act}/").status_code == 404
    assert "jonas@example.test" not in client.get(PAGE).text
    assert Client().get(f"/invite/{token}/").status_code == 200


def test_the_list_says_how_each_stands(client, team, user):
    admin = make_member(team, Role.ADMIN, name="Kenji Watanabe")
    make_invitation(team, user, "waits@example.test")
    make_invitation(team, user, "late@example.test", days=-1)
    make_invitation(team, admin, "void@example.test")
    make_invitation(
        team, user, "in@example.test", state="accepted", accepted_by=make_member(team, name="Ines")
    )
    make_invitation(team, user, uses=2, max_uses=5)
    team.memberships.filter(user=admin).update(role=Role.MEMBER)
    page = client.get(PAGE).text
    rows = re.findall(r'<li(?: class="gone")?>\s*<div class="whois">.*?</li>', page, re.S)
    states = {
        re.search(r"<(?:b|small)>\s*([^\s<]+@[^\s<]+|\d of \d used)", row)[1]: re.search(
            r"</svg>([A-Z][a-z ]+)</span>\s*<small class", row
        )[1]
        for row in rows
    }
    assert states == {
        "waits@example.test": "Waiting", "late@example.test": "Ended",
        "void@example.test": "Not valid", "in@example.test": "Accepted", "2 of 5 used": "Waiting",
    }  # fmt: skip
    assert "Kenji Watanabe may no longer invite so" in page
    only = client.get(f"{PAGE}?state=waiting").text
    assert "waits@example.test" in only
    assert "late@example.test" not in only


def test_the_tab_has_the_number_of_those_who_wait(client, team, user):
    make_invitation(team, user)
    make_invitation(team, user, days=-1)
    tab = re.search(r'<a href="/team/invitations/".*?</a>', client.get("/team/members/").text, re.S)
    assert re.search(r'class="n">1<', tab[0])


def test_a_page_of_many_asks_the_database_little(client, team, user, django_assert_max_num_queries):
    for number in range(100):
        inviter = make_member(team, Role.ADMIN)
        make_invitation(team, inviter, f"n{number}@example.test")
    client.get(PAGE)
    with django_assert_max_num_queries(12):
        assert client.get(PAGE).text.count('class="whois"') == 100


def test_no_token_is_stored_or_recorded(client, settings):
    settings.EMAIL_BACKEND = CONSOLE
    token = shown_token(client.post(PAGE, TYPED))
    values = [str(row) for row in (*Invitation.objects.values(), *AuditEvent.objects.values())]
    assert values
    assert not any(token in value for value in values)
    (event,) = AuditEvent.objects.all()
    assert (event.target_name, event.changes["role"]) == ("jonas@example.test", ["", "member"])


def test_the_sweep_ends_what_is_late_and_what_nobody_stands_behind(team, user):
    late, _t = make_invitation(team, user, "late@example.test", days=-1)
    demoted, gone = make_member(team, Role.ADMIN), make_member(team, Role.ADMIN)
    void, _t = make_invitation(team, demoted, "void@example.test")
    paused, _t = make_invitation(team, gone, "paused@example.test")
    right, _t = make_invitation(team, user, "right@example.test", role="owner")
    above, _t = make_invitation(
        team, make_member(team, Role.ADMIN), "above@example.test", role="owner"
    )
    team.memberships.filter(user=demoted).update(role=Role.MEMBER)
    gone.is_active = False
    gone.save()
    assert invitations.end_overdue(timezone.now()) == 4
    assert invitations.end_overdue(timezone.now()) == 0
    states = dict(Invitation.objects.values_list("pk", "state"))
    assert states == {
        late.pk: InvitationState.EXPIRED, void.pk: InvitationState.VOID,
        paused.pk: InvitationState.VOID, right.pk: InvitationState.WAITING,
        above.pk: InvitationState.VOID,
    }  # fmt: skip
    assert sorted(verbs(team)) == [Verb.INVITATION_EXPIRED, *[Verb.INVITATION_VOID] * 3]
    assert set(AuditEvent.objects.values_list("actor_kind", flat=True)) == {"system"}


def test_what_waits_stands_before_what_is_over(client, team, user):
    make_invitation(team, user, "waits@example.test")
    for number in range(2):
        make_invitation(team, user, f"over{number}@example.test", state=InvitationState.REVOKED)
    lines = client.get(PAGE).context["lines"]
    assert [line.row.email.partition("@")[0] for line in lines] == ["waits", "over1", "over0"]
