"""Opening and closing sign-up, and telling everybody something."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generation.models import Announcement, AuditEvent, Switches
from tests.admin.conftest import browser_of
from tests.factories import make_user

TEXT = "Maintenance at noon: <b>save</b> your work."
ESCAPED = "Maintenance at noon: &lt;b&gt;save&lt;/b&gt; your work."
PAGE = "/settings/profile/"


def say(desk, text: str = TEXT, **more: str):
    body = {"text": text, "level": "info", "hours": "1"} | more
    return desk.post("/operator/message/", body, follow=True)


def may_sign_up() -> bool:
    page = Client().get("/signup/")
    return 'name="password1"' in page.text


@pytest.mark.parametrize("environment", [True, False])
def test_the_switch_counts_at_once_and_over_the_environment(desk, settings, environment):
    settings.SIGNUP_OPEN = environment
    assert may_sign_up() is environment
    page = desk.get("/operator/signup/").text
    assert f"The environment says {'open' if environment else 'closed'}" in page
    for word, is_open in (("open", True), ("closed", False), ("", environment)):
        desk.post("/operator/signup/", {"signup": word})
        assert may_sign_up() is is_open
        assert ('href="/signup/' in Client().get("/login/").text) is is_open
    row = Switches.objects.get()
    assert row.signup_open is None


def test_the_same_again_writes_nothing(desk):
    for _ in range(2):
        desk.post("/operator/signup/", {"signup": "closed"})
    event = AuditEvent.objects.get(verb="studio.signup")
    assert event.changes == {"signup": ["environment", "closed"]}
    assert desk.post("/operator/signup/", {"signup": "wide"}).status_code == 422


def test_everybody_who_is_logged_in_reads_the_message(desk, client):
    say(desk)
    for path in (PAGE, "/create/image/", "/library/", "/operator/"):
        page = desk.get(path).text
        assert ESCAPED in page
    assert ESCAPED in client.get(PAGE).text
    assert ESCAPED not in Client().get("/login/").text
    event = AuditEvent.objects.get(verb="studio.announced")
    assert event.target_name == TEXT


def test_who_is_in_no_team_reads_it_too(desk):
    lone = make_user()
    lone.memberships.all().delete()
    say(desk)
    assert ESCAPED in browser_of(lone).get(PAGE).text


def test_the_log_in_page_tells_only_what_is_meant_for_it(desk):
    say(desk, at_login="on", level="warn")
    page = Client().get("/login/").text
    assert ESCAPED in page
    assert 'class="note warn"' in page


def test_who_put_it_away_does_not_see_it_again_but_the_next_one(desk, client):
    say(desk)
    number = Announcement.objects.get().pk
    answer = client.post("/message/dismiss/", {"announcement": number})
    assert answer.status_code == 302
    assert ESCAPED not in client.get(PAGE).text
    assert ESCAPED in desk.get(PAGE).text
    say(desk, "Back again.")
    assert "Back again." in client.get(PAGE).text
    assert client.post("/message/dismiss/", {"announcement": "x"}).status_code == 302
    assert "Back again." in client.get(PAGE).text


def test_it_goes_at_once_when_it_ends_and_by_itself_in_time(desk, client):
    say(desk)
    desk.post("/operator/message/end/")
    assert ESCAPED not in client.get(PAGE).text
    say(desk)
    assert ESCAPED in client.get(PAGE).text
    Announcement.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert ESCAPED not in client.get(PAGE).text
    verbs = AuditEvent.objects.values_list("verb", flat=True)
    assert list(verbs).count("studio.quiet") == 1


def test_a_new_one_replaces_the_one_before(desk, client):
    say(desk)
    say(desk, "Second.")
    desk.post("/operator/message/end/")
    page = client.get(PAGE).text
    assert "Second." not in page
    assert ESCAPED not in page


def queries(client) -> int:
    client.get(PAGE)
    with CaptureQueriesContext(connection) as asked:
        client.get(PAGE)
    return len(asked)


def test_no_message_costs_no_query(desk, client, monkeypatch):
    without = queries(client)
    with CaptureQueriesContext(connection) as asked:
        client.get(PAGE)
    about = [one["sql"] for one in asked if "generation_announcement" in one["sql"]]
    assert len(about) == 1
    assert "generation_membership" in about[0]  # the row that every page reads anyway
    say(desk)
    assert queries(client) == without + 1


@pytest.mark.parametrize(
    ("text", "status"), [("", 422), ("x" * 301, 422), ("x" * 300, 302), ("a\u202eb", 422)]
)
def test_a_message_is_one_sentence(desk, text, status):
    body = {"text": text, "level": "info", "hours": "1"}
    assert desk.post("/operator/message/", body).status_code == status
    assert Announcement.objects.count() == (status == 302)


def test_lines_become_one(desk):
    say(desk, "One\n  two\tthree")
    assert Announcement.objects.get().text == "One two three"
