"""The banner about what waits for a person's decision, and its two answers."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generation.engine import hold
from generation.models import Role, Status, Task, Team
from tests.factories import make_member, make_task, make_user, team_of
from tests.markup import compact

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/create/image/"}


@pytest.fixture
def team(user):
    return team_of(user)


def held(user, count=2, **fields) -> list[Task]:
    tasks = [make_task(user, **fields) for _ in range(count)]
    hold.hold_all()
    return tasks


def browser_of(user) -> Client:
    found = Client()
    found.force_login(user)
    return found


def banner(client, path="/create/image/") -> str:
    page = client.get(path).content.decode()
    part = page.partition('<div id="held">')[2].partition('<div class="create')[0]
    return compact(part) if "banner" in part else ""


def press(client, act: str, until="", **headers):
    until = until or Team.objects.exclude(held_since=None).get().held_since.isoformat()
    return client.post(f"/tasks/held/{act}/", {"until": until}, headers=HTMX | headers)


def states() -> list[tuple[str, bool]]:
    """The state of each task, and whether it waits for a word."""
    return [
        (task.status, task.is_held and not task.send_asked_at)
        for task in Task.objects.order_by("pk")
    ]


def test_the_banner_says_how_many_wait_since_when_and_offers_two_answers(client, user):
    since = held(user)[0].created_at
    text = banner(client)
    assert f"2 tasks were waiting since {since:%H:%M}." in text
    assert re.findall(r'action="(.*?)"', text) == ["/tasks/held/send/", "/tasks/held/cancel/"]
    assert "Waiting for your decision" in client.get("/create/image/").content.decode()


def test_what_waits_for_days_is_shown_with_its_date(client, user):
    held(user)
    Task.objects.update(created_at=timezone.now() - timedelta(days=9))
    assert re.search(r"waiting since \w+\.? \d+, \d{4}, ", banner(client))


@pytest.mark.parametrize(
    ("act", "message", "left"),
    [
        ("send", "2 are being sent.", (Status.QUEUED, False)),
        ("cancel", "2 cancelled.", (Status.CANCELLED, False)),
    ],
)
def test_one_press_counts_and_every_further_one_changes_nothing(client, user, act, message, left):
    held(user)
    until = Team.objects.get(pk=team_of(user).pk).held_since.isoformat()
    answer = press(client, act, until)
    assert answer.status_code == 200
    assert message in answer.headers["HX-Trigger"]
    assert 'class="note' not in answer.content.decode()
    assert states() == [left] * 2
    for again in ("send", "cancel"):
        assert "Nothing of this waits any more." in press(client, again, until)["HX-Trigger"]
    assert states() == [left] * 2
    assert banner(client) == ""


def test_without_scripts_the_page_it_came_from_says_it(client, user):
    held(user)
    until = Team.objects.get(pk=team_of(user).pk).held_since.isoformat()
    referer = {"Referer": "http://testserver/library/", "Host": "testserver"}
    answer = client.post("/tasks/held/send/", {"until": until}, headers=referer)
    assert answer.url == "/library/"
    assert "2 are being sent." in client.get(answer.url).content.decode()


def test_an_old_page_decides_nothing_about_what_is_held_later(client, user):
    held(user, 1)
    old = Team.objects.get(pk=team_of(user).pk).held_since.isoformat()
    held(user, 1)
    assert "Nothing of this" in press(client, "send", old)["HX-Trigger"]
    assert states() == [(Status.QUEUED, True)] * 2


@pytest.mark.parametrize("until", ["never", "2026-13-45T00:00:00Z", "2126-01-01T00:00:00", "\x00"])
def test_a_form_that_was_changed_decides_nothing(client, user, until):
    held(user)
    assert press(client, "send", until).status_code == 200
    assert states() == [(Status.QUEUED, True)] * 2


def test_members_see_their_own_managers_all_and_viewers_nothing(user, team):
    held(user)
    people = {role: make_member(team, role) for role in (Role.ADMIN, Role.MEMBER, Role.VIEWER)}
    shown = {role: bool(banner(browser_of(person))) for role, person in people.items()}
    assert shown == {Role.ADMIN: True, Role.MEMBER: False, Role.VIEWER: False}
    assert press(browser_of(people[Role.VIEWER]), "send").status_code == 404
    press(browser_of(people[Role.MEMBER]), "send")
    assert states() == [(Status.QUEUED, True)] * 2
    press(browser_of(people[Role.ADMIN]), "send")
    assert states() == [(Status.QUEUED, False)] * 2


def test_another_team_is_not_asked(user):
    held(user)
    stranger = browser_of(make_user())
    assert banner(stranger) == ""
    press(stranger, "cancel")
    assert states() == [(Status.QUEUED, True)] * 2


def test_an_open_page_learns_of_it_and_of_its_end(client, user, team):
    held(user)
    page = client.get("/live/?c=0&b=0&n=2000&scope=feed", headers=HTMX).content.decode()
    assert 'id="held" hx-swap-oob="true"' in page
    assert "2 tasks were waiting" in page
    press(client, "send")
    page = client.get("/live/?c=0&b=0&n=2000&scope=feed", headers=HTMX).content.decode()
    assert re.search(r'id="held" hx-swap-oob="true">\s*</div>', page)


@pytest.mark.parametrize("path", ["/create/image/", "/library/", "/live/?scope=feed"])
def test_a_team_without_any_pays_no_query_for_it(client, user, path):
    make_task(user)
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    asked = [one["sql"] for one in queries if "generation_membership" not in one["sql"]]
    conditions = [sql.partition(" WHERE ")[2] for sql in asked]
    assert conditions
    assert not [one for one in conditions if "held_since" in one]
