"""Saved filters: what is kept, for whom, and who may change it."""

import pytest
from django.test import Client

from generation.engine.departures import remove_member
from generation.models import AuditEvent, MediaKind, Role, SavedFilter, Verb
from tests.factories import (
    make_media,
    make_member,
    make_output,
    make_saved_filter,
    make_user,
    team_of,
)

pytestmark = pytest.mark.django_db


def browser_of(person):
    client = Client()
    client.force_login(person)
    return client


def test_a_filter_is_saved_as_its_address_and_leads_to_the_same_tiles(client, user):
    video = make_output(user, media=make_media(user, kind=MediaKind.VIDEO, uploaded=False))
    make_output(user)
    page = client.get("/library/", {"type": "video", "model": "nobody-offers-this"})
    assert f'href="/library/saved/new/?{page.context["query"]}"' in page.text
    query = {"name": "Videos", "query": "type=video&model=nobody-offers-this&after=x"}
    saved = client.post("/library/saved/new/", query)
    row = SavedFilter.objects.get()
    assert (row.query, row.user, row.is_shared) == ("type=video", user, False)
    assert saved.url == "/library/?type=video"
    opened = client.get(saved.url)
    assert [tile.output.pk for tile in opened.context["tiles"]] == [video.pk]
    assert "Videos" in client.get("/library/saved/", headers={"HX-Request": "true"}).text


def test_nothing_is_saved_without_a_filter_or_a_name(client):
    assert client.post("/library/saved/new/", {"name": "All", "query": ""}).url == "/library/"
    page = client.post("/library/saved/new/", {"name": " ", "query": "type=video"})
    assert page.status_code == 422
    assert "Give the filter a name." in page.text
    assert 'name="query" value="type=video"' in page.text
    assert not SavedFilter.objects.exists()


def test_the_team_sees_what_was_saved_for_it_among_its_collections(client, user):
    query = {"name": "Hero picks", "query": "favourite=1", "audience": "team"}
    client.post("/library/saved/new/", query)
    client.post("/library/saved/new/", query | {"name": "My own", "audience": "me"})
    viewer = browser_of(make_member(team_of(user), Role.VIEWER))
    for path in ("/collections/", "/library/saved/"):
        page = viewer.get(path).text
        assert "Hero picks" in page
        assert "My own" not in page
    assert AuditEvent.objects.filter(verb=Verb.FILTER_SAVED).count() == 1
    stranger = browser_of(make_user())
    assert "Hero picks" not in stranger.get("/collections/").text


def test_a_viewer_saves_only_for_themselves(user):
    viewer = make_member(team_of(user), Role.VIEWER)
    query = {"name": "Mine", "query": "type=image", "audience": "team"}
    browser_of(viewer).post("/library/saved/new/", query)
    assert SavedFilter.objects.get().user == viewer


def test_members_change_their_own_and_admins_all(user):
    team = team_of(user)
    maker, member, admin = (
        make_member(team, role) for role in (Role.MEMBER, Role.MEMBER, Role.ADMIN)
    )
    row = make_saved_filter(team, maker)
    own = make_saved_filter(team, maker, user=maker, name="Private")
    for number in (row.pk, own.pk):
        assert browser_of(member).post(f"/library/saved/{number}/delete/").status_code == 404
    assert browser_of(admin).get(f"/library/saved/{own.pk}/").status_code == 404
    change = {"name": "All videos", "audience": "team"}
    browser_of(admin).post(f"/library/saved/{row.pk}/", change)
    row.refresh_from_db()
    assert (row.name, row.is_shared) == ("All videos", True)
    browser_of(maker).post(f"/library/saved/{own.pk}/delete/")
    assert not SavedFilter.objects.filter(pk=own.pk).exists()


def test_there_is_room_for_fifty(client, user, monkeypatch):
    monkeypatch.setattr("generation.forms.saved_filters.MOST_SAVED", 1)
    make_saved_filter(team_of(user), user, user=user)
    page = client.post("/library/saved/new/", {"name": "Two", "query": "type=image"})
    assert page.status_code == 422
    assert "Delete one first." in page.text
    row = SavedFilter.objects.get()
    client.post(f"/library/saved/{row.pk}/", {"name": "Renamed", "audience": "me"})
    row.refresh_from_db()
    assert row.name == "Renamed"


def test_what_the_team_uses_stays_when_its_maker_leaves(user):
    team = team_of(user)
    maker = make_member(team, name="Ana Lima")
    shared = make_saved_filter(team, maker)
    make_saved_filter(team, maker, user=maker)
    leaving = team.memberships.get(user=maker)
    owner = team.memberships.get(user=user)
    remove_member(owner, leaving.pk, owner.pk)
    shared.refresh_from_db()
    assert SavedFilter.objects.get() == shared
    assert (shared.created_by, shared.maker_name) == (user, "Ana Lima")
