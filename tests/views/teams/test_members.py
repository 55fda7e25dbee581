"""The pages of a team: who is in it, roles, switching, and the end of a membership."""

import pytest
from django.test import Client
from django.utils import timezone

from generation.models import AuditEvent, Membership, Role, Team
from tests.authenticator import grow_old
from tests.factories import make_member, make_user, team_of

pytestmark = pytest.mark.django_db


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def owner():
    return make_user(name="Nadia Herz")


@pytest.fixture
def team(owner):
    return team_of(owner)


def membership(team, user) -> Membership:
    return Membership.objects.get(team=team, user=user)


def set_role(client, team, user, role):
    return client.post(f"/team/members/{membership(team, user).pk}/role/", {"role": role})


# --- Roles ---------------------------------------------------------------------------------------


def test_an_owner_gives_another_role_and_the_log_says_so(owner, team):
    person = make_member(team)
    set_role(browser_of(owner), team, person, "admin")
    assert membership(team, person).role == Role.ADMIN
    event = AuditEvent.objects.get(team=team)
    assert (event.verb, event.actor) == ("member.role", owner)
    assert event.changes == {"role": ["member", "admin"]}


def test_the_same_role_again_writes_nothing(owner, team):
    person = make_member(team)
    set_role(browser_of(owner), team, person, "member")
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("actor", "target", "role"),
    [
        ("admin", "member", "owner"),  # above their own
        ("admin", "owner", "member"),  # of somebody above them
        ("member", "viewer", "member"),
        ("viewer", "viewer", "member"),
        ("admin", "member", "boss"),
    ],
)
def test_a_role_that_one_may_not_give_is_refused(team, actor, target, role):
    acting, other = make_member(team, actor), make_member(team, target)
    assert set_role(browser_of(acting), team, other, role).status_code == 404
    assert membership(team, other).role == target


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_nobody_changes_their_own_role(team, role):
    person = make_member(team, role)
    assert set_role(browser_of(person), team, person, "viewer").status_code == 404
    assert membership(team, person).role == role


def test_a_page_that_was_open_while_its_reader_was_demoted_changes_nothing(owner, team):
    admin, person = make_member(team, Role.ADMIN), make_member(team)
    client = browser_of(admin)
    client.get("/team/members/")
    membership(team, admin).set_role(Role.MEMBER)
    assert set_role(client, team, person, "viewer").status_code == 404
    assert membership(team, person).role == Role.MEMBER


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_who_may_not_change_anything_sees_no_controls(owner, team, role):
    page = browser_of(make_member(team, role)).get("/team/members/").content.decode()
    assert "Nadia Herz" in page
    assert "<select" not in page
    assert page.count("/remove/") == 2  # the address of Leave, twice in one link


def test_the_list_finds_people_by_name_and_address(owner, team):
    person = make_member(team, name="Kenji Watanabe")
    client = browser_of(owner)
    for wanted in ("kenji", person.email[:9]):
        page = client.get("/team/members/", {"q": wanted}).content.decode()
        assert "Kenji Watanabe" in page
        assert "nadia" not in page.split('class="people"')[1].lower()
    assert "Show everybody" in client.get("/team/members/", {"q": "zzz"}).content.decode()


def test_fifty_members_take_no_more_queries_than_three(owner, team, django_assert_max_num_queries):
    for _ in range(49):
        make_member(team)
    client = browser_of(owner)
    client.get("/team/members/")
    with django_assert_max_num_queries(12):
        client.get("/team/members/")


# --- Switching -----------------------------------------------------------------------------------


def test_the_next_log_in_begins_in_the_team_that_was_chosen_last(owner):
    other = Team.found("Maison Odile", owner)
    client = browser_of(owner)
    client.post("/team/switch/", {"team": other.pk})
    assert "Maison Odile" in browser_of(owner).get("/team/members/").content.decode()


def test_a_team_of_others_cannot_be_chosen(owner, team):
    foreign = team_of(make_user())
    assert browser_of(owner).post("/team/switch/", {"team": foreign.pk}).status_code == 404


def test_two_browsers_of_one_person_work_in_different_teams(owner, team):
    other = Team.found("Maison Odile", owner)
    first, second = browser_of(owner), browser_of(owner)
    first.get("/create/")
    second.post("/team/switch/", {"team": other.pk})
    make_member(team)
    assert first.get("/team/members/").context["total"] == 2
    assert second.get("/team/members/").context["total"] == 1


def test_a_new_team_has_an_owner_a_project_and_a_line_in_its_log(owner):
    client = browser_of(owner)
    answer = client.post("/team/new/", {"name": "Maison Odile"})
    team = Team.objects.get(name="Maison Odile")
    assert answer.url == "/team/members/"
    assert membership(team, owner).role == Role.OWNER
    assert team.projects.count() == 1
    assert AuditEvent.objects.get(team=team).verb == "team.created"
    assert client.get("/team/members/").context["total"] == 1


# --- When a membership ends ----------------------------------------------------------------------


def test_who_was_removed_is_told_so_and_does_not_slip_into_another_team(owner, team):
    person = make_user()
    Membership.objects.create(team=team, user=person)
    client = browser_of(person)
    client.post("/team/switch/", {"team": team.pk})
    assert client.get("/create/").status_code == 302
    membership(team, person).delete()
    answer = client.get("/library/")
    assert answer.url == "/team/ended/"
    page = client.get("/team/ended/").content.decode()
    assert f"You are no longer in {team.name}" in page.replace("&#x27;", "'")
    assert "Go to" in page  # their own team


def test_the_live_poll_of_who_was_removed_ends(owner, team):
    person = make_member(team)
    client = browser_of(person)
    client.get("/create/image/")
    membership(team, person).delete()
    answer = client.get("/live/?c=0", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer["HX-Redirect"] == "/team/ended/"


def test_who_is_in_no_team_can_still_use_the_account_and_make_a_team(team):
    person = make_member(team)
    membership(team, person).delete()
    client = browser_of(person)
    assert client.get("/create/").url == "/team/ended/"
    assert "You are in no team" in client.get("/team/ended/").content.decode()
    for path in ("/settings/profile/", "/settings/keys/", "/settings/security/", "/team/new/"):
        assert client.get(path).status_code == 200, path
    client.post("/team/new/", {"name": "Own"})
    assert client.get("/team/members/").status_code == 200


# --- Removing, leaving, handing over, deleting ---------------------------------------------------


def test_removing_asks_first_and_goes_back_to_the_members(owner, team):
    person = make_member(team, name="Kenji")
    client = browser_of(owner)
    path = f"/team/members/{membership(team, person).pk}/remove/"
    assert "Remove Kenji from" in client.get(path).content.decode()
    assert membership(team, person)
    answer = client.post(path, {"heir": membership(team, owner).pk}, follow=True)
    assert "Kenji is no longer in this team." in answer.content.decode()
    assert not Membership.objects.filter(user=person).exists()


def test_who_leaves_lands_in_another_team_of_theirs(owner, team):
    person = make_user()
    Membership.objects.create(team=team, user=person, chosen_at=timezone.now())
    client = browser_of(person)
    path = f"/team/members/{membership(team, person).pk}/remove/"
    assert "Leave " in client.get(path).content.decode()
    answer = client.post(path, {"heir": membership(team, owner).pk}, follow=True)
    assert f"You have left {team.name}." in answer.content.decode().replace("&#x27;", "'")
    assert client.get("/team/members/").context["total"] == 1


def test_the_last_owner_is_told_what_to_do_instead_of_leaving(owner, team):
    make_member(team, name="Kenji")
    client = browser_of(owner)
    path = f"/team/members/{membership(team, owner).pk}/remove/"
    for answer in (client.get(path), client.post(path)):
        assert "You cannot leave yet" in answer.content.decode()
    assert membership(team, owner)


def test_a_team_is_handed_over_when_the_other_one_agrees(owner, team):
    person = make_member(team)
    client, other = browser_of(owner), browser_of(person)
    client.post("/team/transfer/", {"to": membership(team, person).pk})
    assert "asks you to take" in other.get("/library/").content.decode()
    assert "asks you to take" not in client.get("/library/").content.decode()
    other.post("/team/transfer/answer/", {"answer": "yes"})
    assert membership(team, person).role == Role.OWNER
    assert membership(team, owner).role == Role.ADMIN
    assert "asks you to take" not in other.get("/library/").content.decode()


def test_a_team_is_deleted_only_by_its_name(owner, team):
    client = browser_of(owner)
    assert client.post("/team/delete/", {"name": "another"}).status_code == 422
    assert Team.objects.get(pk=team.pk).leaving_since is None
    client.post("/team/delete/", {"name": team.name.upper()})
    assert "will be deleted on" in client.get("/library/").content.decode()
    assert client.get("/projects/new/").status_code == 404
    client.post("/team/keep/")
    assert client.get("/projects/new/").status_code == 200


@pytest.mark.parametrize("path", ["/team/transfer/", "/team/delete/"])
def test_what_decides_over_a_team_asks_for_the_password_again(owner, path):
    client = browser_of(owner)
    assert client.get(path).status_code == 200
    grow_old(client, 301)
    assert client.get(path).url.startswith("/reauthenticate/")
