"""Making a share link: from a selection and from pages, with what a person is told on the way."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from generation.engine.share_terms import end_of_day, shown_moment, today_in
from generation.models import Collection, Role, ShareLink, Team, Verb
from tests.factories import (
    make_collection,
    make_link,
    make_member,
    make_output,
    make_stack,
    make_task,
    make_user,
    project_of,
    team_of,
)

HTMX = {"HX-Request": "true"}
PROMPT = "A secret flacon on wet stone"


def browser_of(person):
    client = Client()
    client.force_login(person)
    return client


def intent_of(page):
    return re.search(r'name="intent" value="([\w-]+)"', page.text)[1]


def demand(user, **fields):
    Team.objects.filter(pk=team_of(user).pk).update(**fields)


@pytest.fixture
def output(user):
    return make_output(user, make_task(user, status="succeeded", prompt=PROMPT))


@pytest.mark.parametrize("kind", ["output", "collection", "project", "stack"])
def test_each_kind_of_thing_is_shared_from_its_form(client, user, output, kind):
    targets = {
        "output": output.pk,
        "collection": make_collection(user, [output]).pk,
        "project": project_of(user).slug,
        "stack": make_stack(user, [output], name="Hero").pk,
    }
    asked = {kind: targets[kind]}
    page = client.get("/share/new/", asked)
    sent = asked | {"title": "For Claire", "intent": intent_of(page), "ends": "30"}
    answer = client.post("/share/new/", sent)
    link = ShareLink.objects.get()
    assert answer.url == f"/share/{link.pk}/?made=1"
    assert getattr(link, kind) is not None
    assert (link.title, link.created_by) == ("For Claire", user)
    made = client.get(answer.url)
    assert f"/s/{link.token()}/" in made.text
    assert "The link is ready" in made.text


def test_a_prompt_is_no_title(client, user, output):
    page = client.get("/share/new/", {"output": output.pk})
    assert page.context["form"]["title"].value() == project_of(user).name
    title = re.search(r'name="title"[^>]*value="([^"]*)"', page.text)[1]
    assert "secret" not in title


def test_a_selection_says_that_it_becomes_a_collection(client, user):
    outputs = [make_output(user) for _ in range(3)]
    ids = [str(one.pk) for one in outputs]
    page = client.post("/share/new/", {"ids": ids}, headers=HTMX)
    assert "These 3 items become a collection" in page.text
    assert not Collection.objects.exists()
    sent = {"ids": ",".join(ids), "title": "Round 1", "intent": intent_of(page)}
    made = client.post("/share/new/", sent, headers=HTMX)
    link = ShareLink.objects.get()
    assert link.collection.name == "Round 1"
    assert link.token() in made.text


def test_a_selection_of_one_is_that_output(client, output):
    page = client.post("/share/new/", {"ids": [output.pk]})
    assert page.context["shared"].target == output
    assert "become a collection" not in page.text


def test_a_form_that_is_sent_twice_makes_one_link(client, user):
    outputs = [make_output(user) for _ in range(2)]
    ids = ",".join(str(one.pk) for one in outputs)
    page = client.post("/share/new/", {"ids": ids})
    sent = {"ids": ids, "title": "Round 1", "intent": intent_of(page)}
    assert client.post("/share/new/", sent).url == client.post("/share/new/", sent).url
    assert ShareLink.objects.count() == Collection.objects.count() == 1


def test_nothing_selected_is_said(client):
    assert "Select something first." in client.post("/share/new/", {}, follow=True).text


def test_what_is_shared_already_is_offered_first(client, user, output):
    link = make_link(user, output=output, views=12)
    page = client.get("/share/new/", {"output": output.pk})
    assert f"…{link.hint}" in page.text
    assert "opened 12 times" in page.text
    assert f'href="/share/{link.pk}/"' in page.text
    ShareLink.objects.update(revoked_at=timezone.now())
    assert "opened 12 times" not in client.get("/share/new/", {"output": output.pk}).text


def test_the_chosen_day_is_stored_and_shown_in_the_zone_of_the_team(client, user, output):
    demand(user, time_zone="Asia/Shanghai")
    team = team_of(user)
    day = today_in(team) + timedelta(days=12)
    sent = {"output": output.pk, "title": "One", "ends": "day", "day": day.isoformat()}
    page = client.post("/share/new/", sent, follow=True)
    link = ShareLink.objects.get()
    assert link.expires_at == end_of_day(day, team)
    assert (link.expires_at.hour, link.expires_at.minute, link.expires_at.second) == (15, 59, 59)
    assert shown_moment(link.expires_at, team) in page.text
    assert "23:59 (Shanghai)" in page.text
    form = client.get(f"/share/{link.pk}/edit/").context["form"]
    assert form["day"].value() == day
    client.post(f"/share/{link.pk}/edit/", {"title": "Two", "ends": "day", "day": day.isoformat()})
    link.refresh_from_db()
    assert (link.title, link.expires_at) == ("Two", end_of_day(day, team))


def test_the_form_shows_when_each_choice_ends(client, user, output):
    team = team_of(user)
    page = client.get("/share/new/", {"output": output.pk})
    for days in (7, 30, 90):
        end = end_of_day(today_in(team) + timedelta(days=days), team)
        assert f'value="{days}" data-end="{shown_moment(end, team)}"' in page.text.replace("\n", "")
    assert 'value="never"' not in page.text


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"title": " "}, "Give the link a title"),
        ({"ends": "day"}, "Choose a day."),
        ({"ends": "day", "day": "2020-01-01"}, "Choose a day from today on."),
        ({"ends": "day", "day": "2199-01-01"}, "Your team allows 90 days."),
        ({"ends": "day", "day": "9999-12-31"}, "Your team allows 90 days."),
        ({"ends": "never"}, "Select a valid choice"),
        ({"downloads": "everything"}, "Select a valid choice"),
        ({"password": "abc"}, "at least 4"),
        ({"max_views": "0"}, "greater than or equal to 1"),
        ({"starts": "2199-01-01"}, "It would start after its end."),
        ({"note": "x" * 1001}, "at most 1000"),
    ],
    ids=str,
)
def test_what_is_wrong_is_said_at_its_field_and_the_rest_stays(client, output, sent, told):
    given = {"output": output.pk, "title": "First selects", "note": "Look at the label"} | sent
    page = client.post("/share/new/", given, headers=HTMX)
    assert page.status_code == 422
    assert told in page.text
    if "note" not in sent:
        assert "Look at the label" in page.text
    assert not ShareLink.objects.exists()


def test_what_the_team_demands_is_shown_and_kept(client, user, output):
    demand(user, share_days=10, share_originals=False, share_password=True)
    page = client.get("/share/new/", {"output": output.pk})
    assert "Your team allows no originals." in page.text
    assert [value for value, _label in page.context["form"].lengths] == ["7", "10", "day"]
    assert page.context["form"].usual == "10"
    sent = {"output": output.pk, "title": "One", "downloads": "original"}
    answer = client.post("/share/new/", sent)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"downloads", "password"}
    sent |= {"downloads": "preview", "password": "lavender"}
    assert client.post("/share/new/", sent).status_code == 302


def test_a_link_without_end_where_the_team_allows_it(client, user, output):
    demand(user, share_forever=True)
    client.post("/share/new/", {"output": output.pk, "title": "One", "ends": "never"})
    assert ShareLink.objects.get().expires_at is None


def test_a_password_is_changed_and_removed_by_its_form(client, user, output):
    link = make_link(user, output=output, password_hash="x", expires_at=None)
    demand(user, share_forever=True)
    path = f"/share/{link.pk}/edit/"
    client.post(path, {"title": "One", "ends": "never"})
    link.refresh_from_db()
    assert link.password_hash == "x"
    client.post(path, {"title": "One", "ends": "never", "no_password": "on"})
    link.refresh_from_db()
    assert (link.password_hash, link.generation) == ("", 2)


def test_viewers_see_why_they_cannot_share(user, output):
    viewer = browser_of(make_member(team_of(user), Role.VIEWER))
    row = make_collection(user, [output])
    for path in ("/library/", f"/a/{output.pk}/", f"/collections/{row.pk}/"):
        page = viewer.get(path)
        assert "Viewers cannot share anything by link." in page.text, path
        assert "/share/new/" not in page.text, path
    assert viewer.get("/share/").status_code == 404
    assert viewer.get("/share/new/", {"output": output.pk}).status_code == 404
    answer = viewer.post("/share/new/", {"output": output.pk, "title": "Mine"})
    assert answer.status_code == 404
    assert not ShareLink.objects.exists()


def test_every_page_of_a_thing_leads_to_its_form_and_its_links(client, user, output):
    row, project = make_collection(user, [output]), project_of(user)
    pages = {
        f"/a/{output.pk}/": {"output": output},
        f"/collections/{row.pk}/": {"collection": row},
        f"/projects/{project.slug}/": {"project": project},
    }
    for path, target in pages.items():
        kind = next(iter(target))
        value = project.slug if kind == "project" else target[kind].pk
        assert f"/share/new/?{kind}={value}" in client.get(path).text
        make_link(user, **target)
        make_link(user, **target)
        page = client.get(path)
        assert "Shared 2 times" in page.text
        found = client.get("/share/", {kind: value})
        assert len(found.context["lines"]) == 2


def test_things_of_another_team_are_not_found(client, user):
    stranger = make_user()
    output = make_output(stranger)
    row = make_collection(stranger, [output])
    stack = make_stack(stranger, [output])
    for named in (
        {"output": output.pk}, {"collection": row.pk}, {"project": project_of(stranger).slug},
        {"stack": stack.pk}, {"ids": output.pk}, {"output": "x"}, {"collection": 10**20},
    ):  # fmt: skip
        assert client.get("/share/new/", named).status_code == 404, named
        assert client.post("/share/new/", named | {"title": "One"}).status_code == 404, named
    assert not ShareLink.objects.exists()


def test_the_policy_is_the_owners(client, user, output):
    link = make_link(user, output=output, downloads="original", expires_at=None)
    sent = {"share_days": "14", "share_password": "on"}
    admin = browser_of(make_member(team_of(user), Role.ADMIN))
    assert admin.post("/team/settings/sharing/", sent).status_code == 404
    page = client.post("/team/settings/sharing/", {"share_days": "0"})
    assert page.status_code == 422
    assert client.post("/team/settings/sharing/", sent).status_code == 302
    team, found = team_of(user), ShareLink.objects.get(pk=link.pk)
    assert (team.share_days, team.share_password, team.share_originals) == (14, True, False)
    assert found.downloads == "preview"
    assert found.expires_at == end_of_day(today_in(team) + timedelta(days=14), team)
    event = team.audit.get(verb=Verb.TEAM_CHANGED)
    assert event.changes["link days"] == [90, 14]
    assert (event.changes["shortened"], event.changes["without originals"]) == (1, 1)
    again = client.post("/team/settings/sharing/", sent)
    assert again.status_code == 302
    assert team.audit.filter(verb=Verb.TEAM_CHANGED).count() == 1


@pytest.mark.parametrize("fields", [{"starts": "0001-01-01"}, {"ends": "day", "day": "9999-12-31"}])
def test_the_first_and_the_last_day_of_all_are_days(user, fields):
    Team.objects.update(time_zone="Asia/Tokyo", share_forever=True)
    client = browser_of(user)
    form = {"output": make_output(user).pk, "title": "Far", "ends": "30"} | fields
    answer = client.post(reverse("link-new"), form)
    assert answer.status_code == 302
    link = ShareLink.objects.get()
    assert client.get(link.get_absolute_url()).status_code == 200
    before = link.expires_at
    assert client.post(reverse("link-extend", args=[link.pk])).status_code == 302
    link.refresh_from_db()
    assert link.expires_at >= before
