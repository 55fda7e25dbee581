"""Who gets in by a share link, and what everybody else sees: one page, whatever the reason."""

import logging
import re
import statistics
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generation.forms.limits import Limit
from generation.models import AuditEvent, LimitCount, Role, ShareLink, Team, Verb, Visitor
from generation.views.share import enter
from generation.views.share.gate import COOKIE, NEW_VISITORS
from generation.web.log_redaction import RedactedLine
from tests.factories import make_link, make_member, make_user, team_of
from tests.views.share.conftest import visitor_of

HOUR = timedelta(hours=1)
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
WRONG = "x" * 32


def status(browser, path):
    """A stream is closed by reading it."""
    answer = browser.get(path)
    answer.getvalue()
    return answer.status_code


def test_a_guest_gets_in_and_keeps_a_cookie_of_this_link_alone(guest, shared):
    page = guest.get(shared.path())
    assert page.status_code == 200
    assert "First selects" in page.content.decode()
    cookie = page.cookies[COOKIE]
    assert (cookie["path"], cookie["samesite"], cookie["max-age"]) == (shared.path(), "Lax", 43_200)
    assert cookie["httponly"]
    generation, secret = cookie.value.split(".")
    row = visitor_of(shared.link)
    assert (generation, row.generation) == ("1", 1)
    assert secret not in str(row.__dict__)
    assert "127.0.0.1" not in str(row.__dict__)
    again = guest.get(shared.path())
    assert COOKIE not in again.cookies
    assert shared.link.visitors.count() == 1


def test_a_look_within_half_an_hour_is_the_same_view(guest, shared):
    for _ in range(3):
        guest.get(shared.path())
        guest.get(shared.path("share-item", 1))
    shared.link.refresh_from_db()
    assert shared.link.views == 1
    assert shared.link.last_view_at is not None
    Visitor.objects.update(viewed_at=timezone.now() - timedelta(minutes=31))
    guest.get(shared.path("share-item", 1))
    shared.link.refresh_from_db()
    assert shared.link.views == 2


def test_the_first_page_may_be_that_of_a_piece(guest, shared):
    Client(headers={"user-agent": "Firefox"}).get(shared.path())  # which numbers them
    assert guest.get(shared.path("share-item", 2)).status_code == 200
    assert status(guest, shared.path("share-media", 2, "thumb")) == 200


def test_programs_see_a_door_and_count_nothing(guest, shared):
    for agent in (BOT, "Slackbot-LinkExpanding 1.0", "curl/8.5.0", "WhatsApp/2.23", "Twitterbot/1"):
        page = guest.get(shared.path(), headers={"user-agent": agent})
        assert page.status_code == 200
        assert "First selects" not in page.content.decode()
        assert COOKIE not in page.cookies
    assert "First selects" not in guest.head(shared.path()).content.decode()
    shared.link.refresh_from_db()
    assert (shared.link.views, shared.link.visitors.count()) == (0, 0)
    shared.set(social_preview=True)
    page = guest.get(shared.path(), headers={"user-agent": BOT}).content.decode()
    assert '<meta property="og:title" content="First selects">' in page
    assert f'content="http://testserver{shared.path("share-media", 1, "social")}"' in page
    assert "/thumb/" not in page


def test_a_person_behind_the_name_of_a_program_opens_the_door(guest, shared):
    answer = guest.post(shared.path("share-open"), headers={"user-agent": BOT})
    assert answer.url == shared.path()
    page = guest.get(shared.path(), headers={"user-agent": BOT})
    assert "First selects" in page.content.decode()


def test_another_generation_ends_every_visit(guest, shared):
    guest.get(shared.path())
    assert status(guest, shared.path("share-media", 1, "thumb")) == 200
    shared.set(generation=2)
    assert status(guest, shared.path("share-media", 1, "thumb")) == 404
    assert COOKIE in guest.get(shared.path()).cookies  # no password: a visit of its own
    assert shared.link.visitors.count() == 2


def test_a_cookie_opens_no_other_link(guest, shared, user):
    guest.get(shared.path())
    other = make_link(user, collection=shared.collection)
    other.items.create(output=shared.outputs[0], number=1)
    assert status(guest, f"/s/{other.token()}/m/1/thumb/") == 404
    forged = Client()
    for value in (
        "1.",
        f"1.{WRONG}",
        "",
        "9" * 5_000,
        "1.\x00",
        f"2.{guest.cookies[COOKIE].value}",
    ):
        forged.cookies[COOKIE] = value
        assert status(forged, shared.path("share-media", 1, "thumb")) == 404


def test_views_are_used_up_but_who_is_in_goes_on(guest, shared):
    shared.set(max_views=1)
    assert guest.get(shared.path()).status_code == 200
    other = Client(headers={"user-agent": "Firefox"})
    assert other.get(shared.path()).status_code == 404
    assert guest.get(shared.path("share-item", 1)).status_code == 200
    assert status(guest, shared.path("share-media", 1, "thumb")) == 200
    Visitor.objects.update(viewed_at=timezone.now() - HOUR)
    assert guest.get(shared.path()).status_code == 200


def test_a_network_makes_only_so_many_visitors(guest, shared):
    key = NEW_VISITORS.key(shared.link.pk, "127.0.0.1")
    LimitCount.objects.create(key=key, count=NEW_VISITORS.most, ends_at=timezone.now() + HOUR / 12)
    answer = guest.get(shared.path())
    assert answer.status_code == 429
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert not Visitor.objects.exists()


# --- One page for everything that does not open ---------------------------------------------------


def close_it(shared, how):
    now = timezone.now()
    if how == "team":
        Team.objects.filter(pk=shared.link.team_id).update(leaving_since=now)
    elif how == "demand":
        Team.objects.filter(pk=shared.link.team_id).update(share_password=True)
    elif how == "suspended":
        shared.link.created_by.suspended_at = now
        shared.link.created_by.save()
    else:
        shared.set(**{
            "expired": {"expires_at": now - HOUR},
            "not started": {"starts_at": now + HOUR},
            "revoked": {"revoked_at": now},
            "views": {"max_views": 3, "views": 3},
        }[how])  # fmt: skip


WAYS = ("expired", "not started", "revoked", "views", "team", "demand", "suspended")
HIDES = re.compile(rb"/s/[\w-]+/|nonce-\w+")


def facts_of(page):
    headers = {name: value for name, value in page.headers.items()
               if name not in ("X-Request-Id", "Content-Length")}  # fmt: skip
    return page.status_code, page.content, headers, dict(page.cookies)


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("place", ["share", "share-item", "share-name"])
def test_every_link_that_does_not_open_looks_the_same(guest, shared, how, place):
    close_it(shared, how)
    args = (1,) if place == "share-item" else ()
    wrong = shared.path(place, *args).replace(shared.token, WRONG)
    with CaptureQueriesContext(connection) as of_wrong:
        nothing = facts_of(guest.get(wrong))
    with CaptureQueriesContext(connection) as of_closed:
        closed = facts_of(guest.get(shared.path(place, *args)))
    assert closed == nothing
    assert closed[0] == 404
    assert len(of_closed) == len(of_wrong)  # what takes time is as much
    assert "First selects" not in closed[1].decode()


@pytest.mark.parametrize("how", WAYS)
def test_a_password_is_not_looked_at_behind_a_closed_door(guest, shared, how, monkeypatch):
    from generation.views.share import enter

    monkeypatch.setattr(enter, "check_password", lambda *_: pytest.fail("hashed"))
    shared.set(password_hash="argon2$nothing")
    close_it(shared, "expired" if how == "demand" else how)
    closed = guest.post(shared.path("share-open"), {"password": "x"})
    nothing = guest.post(shared.path("share-open").replace(shared.token, WRONG), {"password": "x"})
    assert facts_of(closed) == facts_of(nothing)


def test_wrong_and_ended_take_the_same_time(guest, shared):
    """The questions are counted above; this finds work that asks the database nothing."""
    shared.set(expires_at=timezone.now() - HOUR)
    wrong, ended = shared.path().replace(shared.token, WRONG), shared.path()
    spans = {wrong: [], ended: []}
    for _ in range(40):
        for path, found in spans.items():
            begin = time.perf_counter()
            guest.get(path)
            found.append(time.perf_counter() - begin)
    middle = [statistics.median(found) for found in spans.values()]
    assert abs(middle[0] - middle[1]) < 0.01


# --- Members of the team --------------------------------------------------------------------------


def test_a_member_looks_without_being_counted_and_is_told_so(client, shared):
    shared.set(password_hash="argon2$nothing")
    page = client.get(shared.path())
    assert "You see what guests see." in page.content.decode()
    assert status(client, shared.path("share-media", 1, "thumb")) == 200
    shared.link.refresh_from_db()
    assert (shared.link.views, shared.link.visitors.count()) == (0, 0)


def test_somebody_of_another_team_is_a_guest(shared):
    browser = Client(headers={"user-agent": "Firefox"})
    browser.force_login(make_user())
    page = browser.get(shared.path())
    assert "You see what guests see." not in page.content.decode()
    assert COOKIE in page.cookies
    shared.set(expires_at=timezone.now() - HOUR)
    assert "Only you see this" not in browser.get(shared.path()).content.decode()


@pytest.mark.parametrize("how", WAYS)
def test_a_member_is_told_why(client, shared, how, user):
    close_it(shared, how)
    if how == "suspended":  # who made it cannot ask
        client = Client()
        client.force_login(make_member(team_of(user), Role.ADMIN))
    page = client.get(shared.path())
    text = page.content.decode()
    assert page.status_code == 404
    assert "Only you see this" in text
    assert "First selects" in text
    assert ("Extend by 30 days" in text) == (how == "expired")


def test_its_maker_extends_a_link_that_ended(client, guest, shared):
    shared.set(expires_at=timezone.now() - HOUR)
    answer = client.post(shared.path("share-longer"))
    assert answer.url == shared.path()
    shared.link.refresh_from_db()
    days = (shared.link.expires_at - timezone.now()).days
    assert 29 <= days <= 30
    assert AuditEvent.objects.get().verb == Verb.LINK_EXTENDED
    assert guest.get(shared.path()).status_code == 200


def test_others_extend_nothing(guest, shared, user):
    shared.set(expires_at=timezone.now() - HOUR)
    before = ShareLink.objects.get().expires_at
    browsers = [guest]
    for person in (make_user(), make_member(team_of(user), Role.MEMBER),
                   make_member(team_of(user), Role.VIEWER)):  # fmt: skip
        browser = Client()
        browser.force_login(person)
        browsers.append(browser)
        assert "Extend by" not in browser.get(shared.path()).content.decode()
    for browser in browsers:
        assert browser.post(shared.path("share-longer")).status_code == 404
    assert ShareLink.objects.get().expires_at == before


# --- Headers and logs -----------------------------------------------------------------------------


def test_every_answer_keeps_the_address_to_itself(guest, shared):
    guest.get(shared.path())
    for path in (shared.path(), shared.path("share-item", 1), shared.path("share-name"),
                 shared.path("share-item", 99), "/s/nothing/"):  # fmt: skip
        answer = guest.get(path)
        headers = answer.headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
        assert headers["Cache-Control"] == "private, no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        page = answer.content.decode()
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page)
        assert not re.search(r"<script(?![^>]* src=)|style=|\son\w+=", page)


def test_no_log_line_and_no_row_has_the_token(guest, shared, caplog, client):
    caplog.set_level(logging.DEBUG)
    guest.get(shared.path())
    guest.get(shared.path("share-item", 99))
    shared.set(expires_at=timezone.now() - HOUR)
    guest.get(shared.path())
    client.post(shared.path("share-longer"))
    lines = [RedactedLine().format(record) for record in caplog.records]
    assert any("/s/" in line for line in lines)
    assert not [line for line in lines if shared.token in line]
    assert shared.token not in str(list(AuditEvent.objects.values()))
    assert shared.token not in str(list(Visitor.objects.values()))


def test_a_person_behind_the_name_of_a_program_is_let_in_and_counted(shared):
    browser = Client(headers={"user-agent": "Mozilla/5.0 (iPhone; Mobile) WhatsApp/2.23"})
    shared.set(max_views=1)
    assert "First selects" not in browser.get(shared.path()).content.decode()
    browser.post(shared.path("share-open"))
    assert browser.head(shared.path()).status_code == 200
    shared.link.refresh_from_db()
    assert shared.link.views == 0
    assert "First selects" in browser.get(shared.path()).content.decode()
    assert status(browser, shared.path("share-media", 1, "thumb")) == 200
    shared.link.refresh_from_db()
    assert shared.link.views == 1
    other = Client(headers={"user-agent": BOT})
    assert other.post(shared.path("share-open")).status_code == 404


def test_a_name_is_changed_a_few_times_an_hour(guest, shared, monkeypatch):
    """It may stand in the marks of every preview, which are made anew for another name."""
    monkeypatch.setattr(enter, "NAMES", Limit("names of a guest", 2, 3_600))
    guest.get(shared.path())
    page = shared.path("share-name")
    for name in ("Ana", "Ana L", "Ana L"):
        assert guest.post(page, {"name": name}).status_code == 302
    refused = guest.post(page, {"name": "Ana Lima"})
    assert refused.status_code == 422
    assert "You changed your name many times." in refused.text
    assert 'value="Ana Lima"' in refused.text
    assert visitor_of(shared.link).name == "Ana L"
