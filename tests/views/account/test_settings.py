"""Profile, appearance, security, shortcuts, and the team switch."""

import re

import pytest
from django.test import Client

from generation.models import Membership, Role
from tests.factories import make_user, team_of
from tests.markup import compact

PAGES = ["profile", "appearance", "security", "shortcuts"]


@pytest.mark.parametrize("name", PAGES)
def test_every_settings_page_marks_where_one_is(client, name):
    page = compact(client.get(f"/settings/{name}/").content.decode())
    assert f'<a href="/settings/{name}/" aria-current="page">' in page
    assert page.count("<h1>") == 1


@pytest.mark.parametrize("name", [*PAGES, ""])
def test_settings_ask_for_a_log_in(visitor, db, name):
    path = f"/settings/{name}/" if name else "/settings/"
    assert visitor.get(path).url == f"/login/?next={path}"


def test_name_and_language_are_saved_and_shown(client, user):
    answer = client.post("/settings/profile/", {"name": "Nadia H.", "language": "zh-hans"})
    assert answer.status_code == 302
    user.refresh_from_db()
    assert (user.name, user.language) == ("Nadia H.", "zh-hans")
    assert '<html lang="zh-hans"' in client.get("/settings/profile/").content.decode()


def test_a_language_that_does_not_exist_is_refused_and_nothing_saved(client, user):
    answer = client.post("/settings/profile/", {"name": "New", "language": "tlh"})
    assert answer.status_code == 422
    assert 'value="New"' in answer.content.decode()
    user.refresh_from_db()
    assert user.name == "Nadia Holm"


def test_the_profile_changes_no_other_field(client, user):
    client.post("/settings/profile/", {"name": "N", "email": "x@y.test", "is_staff": "on"})
    user.refresh_from_db()
    assert user.email == "nadia@example.test"
    assert not user.is_staff


@pytest.mark.parametrize(
    ("theme", "shown"),
    [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"'), ("system", "")],
)
def test_the_theme_is_in_the_first_byte_of_the_page(client, theme, shown):
    client.post("/settings/appearance/", {"theme": theme})
    assert f'<html lang="en"{shown}>' in client.get("/settings/profile/").content.decode()
    client.post("/logout/")
    assert f'<html lang="en"{shown}>' in client.get("/login/").content.decode()


def test_previews_and_single_keys_are_switched_off_for_every_page_of_this_browser(client, visitor):
    off = ('data-single="off"', 'data-previews="off"')
    page = client.get("/library/").content.decode()
    assert not any(mark in page for mark in off)
    client.post("/settings/appearance/", {"theme": "dark"})
    client.post("/settings/shortcuts/", {})
    for path in ("/library/", "/create/image/", "/trash/"):
        page = client.get(path).content.decode()
        assert all(mark in page for mark in off)
    assert 'name="previews" class="switch" role="switch" id="id_previews">' in re.sub(
        r" aria-describedby=\"\w+\"", "", client.get("/settings/appearance/").content.decode()
    )
    client.post("/settings/appearance/", {"theme": "dark", "previews": "on"})
    assert off[1] not in client.get("/library/").content.decode()


def test_another_browser_shows_the_saved_theme_too(client, user):
    client.post("/settings/appearance/", {"theme": "light"})
    other = Client()
    other.force_login(user)
    assert 'data-theme="light"' in other.get("/settings/profile/").content.decode()


def test_a_forged_theme_cookie_stays_out_of_the_page(client):
    client.cookies["theme"] = '"><script>'
    assert "<script>" not in client.get("/settings/profile/").content.decode()


def test_single_keys_can_be_switched_off(client):
    assert '"keys": "g l"' in client.get("/settings/shortcuts/").content.decode()
    client.post("/settings/shortcuts/", {})
    page = client.get("/settings/shortcuts/").content.decode()
    assert '"keys": "g l"' not in page
    assert '"keys": "Mod+k"' in page
    client.post("/settings/shortcuts/", {"on": "on"})
    assert '"keys": "g l"' in client.get("/settings/shortcuts/").content.decode()


def test_the_list_of_keys_opens_alone_in_the_dialog(client):
    answer = client.get("/settings/shortcuts/", headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert 'id="dialog-title"' in page
    assert "<html" not in page
    assert "HX-Request" in answer.headers["Vary"]


def test_switching_the_team_changes_what_one_sees(client, user):
    other = team_of(make_user())
    Membership.objects.create(team=other, user=user, role=Role.MEMBER)
    client.post("/team/switch/", {"team": other.pk})
    assert other.projects.get().slug in client.get("/projects/").content.decode()


@pytest.mark.parametrize("team", ["", "999999", "x", "9" * 40])
def test_no_team_but_ones_own_can_be_entered(client, team):
    assert client.post("/team/switch/", {"team": team}).status_code == 404


def test_a_foreign_team_cannot_be_entered(client, user):
    foreign = team_of(make_user())
    assert client.post("/team/switch/", {"team": foreign.pk}).status_code == 404
    assert foreign.projects.get().slug not in client.get("/projects/").content.decode()
