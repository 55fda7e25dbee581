"""What a person may see but not do is shown disabled, and says whom to ask."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from generation.models import Role
from generation.models.teams import Team
from tests.factories import make_member, make_output, make_subject, make_task, make_user, team_of

pytestmark = pytest.mark.django_db
ASK = "Ask Ana Prado, who owns this team."
REFUSED = re.compile(r'<button type="button"[^>]*?aria-disabled="true"[^>]*?>.*?</button>', re.S)


@pytest.fixture
def owner():
    return make_user(name="Ana Prado")


@pytest.fixture
def team(owner):
    return team_of(owner)


def page_as(team, role, path, person=None):
    client = Client()
    client.force_login(person or make_member(team, role))
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def refused_on(page):
    """Label and sentence of each disabled control; every one is described by what is there."""
    found = {}
    for button in REFUSED.findall(page):
        why = re.search(r'aria-describedby="([^"]+)"', button)[1]
        (sentence,) = re.findall(rf'id="{why}"[^>]*>([^<]*)<', page)
        assert "formaction" not in button
        found[re.sub(r"<[^>]+>", " ", button).strip()] = sentence
    assert len(set(re.findall(r' id="(why-[^"]+)"', page))) == page.count(' id="why-')
    return found


def test_a_viewer_sees_the_feed_and_why_there_is_no_composer(team):
    page = page_as(team, Role.VIEWER, "/create/image/")
    assert 'id="results"' in page
    assert 'id="compose"' not in page
    assert refused_on(page) == {"Generate": f"Viewers cannot generate or add anything. {ASK}"}


def test_a_viewer_sees_what_others_may_do(owner, team):
    subject, project = make_subject(owner), team.projects.get()
    task = make_task(owner, status="succeeded")
    output = make_output(owner, task)
    expected = {
        "/library/": {"Create", "Share", "Move to trash"},
        "/projects/": {"New project"},
        f"/projects/{project.slug}/": {
            "Settings of this project",
            "Create",
            "Share",
            "Move to trash",
        },
        "/subjects/": {"New subject"},
        f"/subjects/{subject.pk}/": {"Edit", "Register"},
        f"/tasks/{task.pk}/": {"Run again"},
        f"/a/{output.pk}/": {"Share", "Move to trash"},
        "/team/members/": {"Invitations", "Audit log", "Team settings", "Invite"},
    }
    for path, labels in expected.items():
        found = refused_on(page_as(team, Role.VIEWER, path))
        assert set(found) == labels, path
        assert all(sentence.endswith(ASK) for sentence in found.values())


def test_a_member_is_told_whose_row_it_is(owner, team):
    person = make_member(team)
    project = team.projects.get()
    task = make_task(owner, status="succeeded")
    make_output(owner, task)
    make_output(person, make_task(person, team=team, status="succeeded"))
    page = page_as(team, Role.MEMBER, "/library/", person)
    trash = "Only Ana Prado, or an admin, can move this to the trash."
    assert refused_on(page) == {"Move to trash": trash}
    assert page.count(trash) == 2  # of one tile: its sentence, and the title of the button
    page = page_as(team, Role.MEMBER, f"/projects/{project.slug}/", person)
    sentence = "Only Ana Prado, or an admin, can change this project."
    assert refused_on(page)["Settings of this project"] == sentence
    page = page_as(team, Role.MEMBER, f"/tasks/{task.pk}/", person)
    sentence = "Only Ana Prado, or an admin, can decide over this task."
    assert refused_on(page) == {"Run again": sentence}


def test_what_nobody_owns_any_more_is_for_admins(owner, team):
    project = team.projects.get()
    type(project).objects.filter(pk=project.pk).update(created_by=None)
    page = page_as(team, Role.MEMBER, f"/projects/{project.slug}/")
    sentence = "Only an admin can change this project."
    assert refused_on(page)["Settings of this project"] == sentence


def test_an_admin_is_led_to_an_owner_for_the_settings_alone(team):
    sentence = f"Only owners change the settings of the team. {ASK}"
    assert refused_on(page_as(team, Role.ADMIN, "/team/members/")) == {"Team settings": sentence}


def test_in_a_team_that_is_being_deleted_even_its_owner_is_told_why(owner, team):
    Team.objects.filter(pk=team.pk).update(leaving_since="2026-11-29T12:00Z")
    page = page_as(team, Role.OWNER, "/projects/", owner)
    assert refused_on(page)["New project"].startswith("This team is being deleted")


def test_only_who_is_refused_costs_a_query_more(owner, team):
    viewer = make_member(team, Role.VIEWER)
    assert queries_as(viewer, "/projects/") <= queries_as(owner, "/projects/") + 1


def queries_as(person, path):
    client = Client()
    client.force_login(person)
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    return len(asked)


def test_a_task_in_trouble_says_who_decides(owner, team):
    make_task(owner, status="failed")
    page = page_as(team, Role.VIEWER, "/create/image/")
    assert refused_on(page)["Try again"].endswith(ASK)
    make_task(owner, status="uncertain")
    page = page_as(team, Role.MEMBER, "/create/image/")
    sentence = "Only Ana Prado, or an admin, can decide over this task."
    assert refused_on(page)["Check again"] == sentence
