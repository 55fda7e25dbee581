"""Projects: list, page, settings, archive, and who may do what."""

import re
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from generation.models import Project, Role
from tests.factories import (
    make_member,
    make_output,
    make_task,
    make_user,
    make_video,
    project_of,
    team_of,
)
from tests.markup import compact
from tests.views.library.test_grid import many, shown


def browser_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_list_shows_names_counts_and_the_newest_four_images(client, user):
    project = project_of(user)
    outputs = [make_output(user) for _ in range(5)]
    make_output(user, trashed_at=timezone.now())
    page = client.get("/projects/").content.decode()
    assert project.name in page
    assert "5 items" in page
    assert page.count("<img") == 4
    assert f"/media/{outputs[0].media_id}/" not in page


def test_many_projects_cost_no_more_queries_than_one(client, user, django_assert_max_num_queries):
    make_output(user)
    with django_assert_max_num_queries(12) as few:
        client.get("/projects/")
    for n in range(6):
        project = team_of(user).projects.create(name=f"Project {n}", created_by=user)
        make_output(user, make_task(user, project=project, status="succeeded"))
    with django_assert_max_num_queries(len(few)):
        client.get("/projects/")


def test_a_new_project_is_made_in_the_current_team(client, user):
    answer = client.post("/projects/new/", {"name": "Harbour", "description": "Night shots."})
    made = Project.objects.get(name="Harbour")
    assert answer.url == made.get_absolute_url()
    assert made.team == team_of(user)
    assert made.created_by == user
    assert "Night shots." in client.get(answer.url).content.decode()


def test_a_project_needs_a_name_and_keeps_the_description(client):
    answer = client.post("/projects/new/", {"name": " ", "description": "Night shots."})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Give the project a name." in page
    assert "Night shots." in page


def test_the_project_page_shows_its_own_outputs_and_leads_on(client, user):
    project = team_of(user).projects.create(name="Harbour", created_by=user)
    mine = make_output(user, make_task(user, project=project, status="succeeded"))
    other = make_output(user)
    page = client.get(project.get_absolute_url()).content.decode()
    assert mine.media.thumb_url in page
    assert other.media.thumb_url not in page
    assert f"/create/?project={project.slug}" in page
    assert f"/library/?project={project.slug}" in page


def test_the_project_page_has_the_tiles_of_the_library_and_all_of_them(client, user):
    project = team_of(user).projects.create(name="Harbour", created_by=user)
    task = make_task(user, project=project, mode="text-video", status="succeeded")
    video = make_output(user, task, media=make_video(user))
    page = client.get(project.get_absolute_url()).content.decode()
    assert f'data-video="{video.media.url}"' in page
    assert f'formaction="/a/{video.pk}/trash/"' in page
    assert 'class="badge"' in page
    viewer_page = client.get(re.search(rf'href="(/a/{video.pk}/\?ctx=[^"]+)"', page)[1])
    make_output(user)  # newer, and of another project
    assert 'rel="prev"' not in viewer_page.content.decode()


def test_the_project_page_goes_on_with_and_without_scripts(client, user):
    project = project_of(user)
    outputs = many(user, 61)
    other = team_of(user).projects.create(name="Elsewhere", created_by=user)
    make_output(user, make_task(user, project=other, status="succeeded"))
    page = client.get(project.get_absolute_url())
    assert shown(page) == [output.pk for output in outputs[:0:-1]]
    plain, live = re.search(
        r'class="more" href="([^"]+)" hx-get="([^"]+)"', compact(page.content.decode())
    ).groups()
    full_page = client.get(f"{project.get_absolute_url()}{unescape(plain)}")
    assert shown(full_page) == [outputs[0].pk]
    assert "Back to the start" in full_page.content.decode()
    part = client.get(unescape(live), headers={"HX-Request": "true"})
    assert shown(part) == [outputs[0].pk]


def test_what_is_written_in_a_project_stays_text(client, user):
    evil = '<img src=x onerror=alert(1)><div hx-get="/x" hx-trigger="load">'
    project = team_of(user).projects.create(name=evil, description=evil, created_by=user)
    for path in (
        "/projects/",
        project.get_absolute_url(),
        f"{project.get_absolute_url()}settings/",
    ):
        page = client.get(path).content.decode()
        assert "<img src=x" not in page
        assert '<div hx-get="/x"' not in page


@pytest.mark.parametrize("tail", ["", "settings/"])
def test_a_foreign_project_is_not_there(client, tail):
    foreign = project_of(make_user())
    assert client.get(f"/projects/{foreign.slug}/{tail}").status_code == 404


def test_a_viewer_reads_and_changes_nothing(user):
    project = project_of(user)
    viewer = browser_of(make_member(team_of(user), Role.VIEWER))
    page = viewer.get(project.get_absolute_url())
    assert page.status_code == 200
    assert "/create/?project=" not in page.content.decode()
    assert viewer.get("/projects/new/").status_code == 404
    assert viewer.post("/projects/new/", {"name": "X"}).status_code == 404
    assert viewer.post(f"/projects/{project.slug}/settings/", {"name": "X"}).status_code == 404
    assert viewer.post(f"/projects/{project.slug}/archive/", {"to": "archive"}).status_code == 404


@pytest.mark.parametrize(("role", "status"), [(Role.MEMBER, 404), (Role.ADMIN, 302)])
def test_only_its_maker_owners_and_admins_change_a_project(user, role, status):
    team = team_of(user)
    project = team.projects.create(name="Harbour", created_by=user)
    other = browser_of(make_member(team, role))
    answer = other.post(f"/projects/{project.slug}/settings/", {"name": "Pier"})
    assert answer.status_code == status
    assert other.post(f"/projects/{project.slug}/archive/", {"to": "archive"}).status_code == status
    project.refresh_from_db()
    assert (project.name == "Pier") == (status == 302)


def test_a_member_changes_the_project_they_made(user):
    team = team_of(user)
    member = make_member(team)
    project = team.projects.create(name="Harbour", created_by=member)
    browser_of(member).post(f"/projects/{project.slug}/settings/", {"name": "Pier"})
    project.refresh_from_db()
    assert project.name == "Pier"


def test_archive_and_back(client, user):
    project = team_of(user).projects.create(name="Harbour", created_by=user)
    client.post(f"/projects/{project.slug}/archive/", {"to": "archive"})
    assert project.slug not in client.get("/projects/").content.decode()
    assert project.slug in client.get("/projects/?archived").content.decode()
    assert "/create/?project=" not in client.get(project.get_absolute_url()).content.decode()
    client.post(f"/projects/{project.slug}/archive/", {"to": "open"})
    assert project.slug in client.get("/projects/").content.decode()


def test_the_last_open_project_stays_open(client, user):
    project = project_of(user)
    client.post(f"/projects/{project.slug}/archive/", {"to": "archive"})
    project.refresh_from_db()
    assert project.archived_at is None


def test_archiving_needs_a_post(client, user):
    assert client.get(f"/projects/{project_of(user).slug}/archive/").status_code == 405


def test_a_team_without_an_open_project_gets_instructions(client, user):
    Project.objects.update(archived_at=timezone.now())
    assert "No open project" in client.get("/projects/").content.decode()
