"""The password of a share link: few tries, all counted before any is looked at."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils import timezone

from generation.models import LimitCount, Notice, NoticeKind, Visitor
from generation.views.share import enter
from generation.views.share.gate import COOKIE

RIGHT, WRONG = "Glass-and-Amber-7", "glass-and-amber-7"


@pytest.fixture
def locked(shared):
    shared.set(password_hash=make_password(RIGHT))
    return shared


def send(browser, shared, password, ip="192.0.2.1"):
    return browser.post(shared.path("share-open"), {"password": password}, REMOTE_ADDR=ip)


def test_the_page_shows_neither_title_nor_sender(guest, locked):
    for path in (locked.path(), locked.path("share-item", 1), locked.path("share-name")):
        page = guest.get(path)
        text = page.content.decode()
        assert page.status_code == 200
        assert "This link has a password" in text
        assert "First selects" not in text
        assert "Nadia" not in text
        assert COOKIE not in page.cookies
    assert guest.get(locked.path("share-media", 1, "thumb")).status_code == 404


def test_the_right_one_opens_and_stands_in_no_address(guest, locked):
    answer = send(guest, locked, RIGHT)
    assert answer.status_code == 302
    assert answer.url == locked.path()
    assert answer.cookies[COOKIE]["path"] == locked.path()
    assert "First selects" in guest.get(locked.path()).content.decode()
    locked.link.refresh_from_db()
    assert locked.link.views == 1


def test_a_wrong_one_is_refused(guest, locked):
    answer = send(guest, locked, WRONG)
    assert answer.status_code == 422
    assert "Capitals count." in answer.content.decode()
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert not Visitor.objects.exists()


def test_after_five_wrong_ones_the_right_one_waits_too(guest, locked, monkeypatch):
    answers = [send(guest, locked, WRONG).status_code for _ in range(5)]
    assert answers == [422, 422, 422, 422, 429]
    monkeypatch.setattr(enter, "check_password", lambda *_: pytest.fail("hashed"))
    for password in (RIGHT, WRONG):
        answer = send(guest, locked, password)
        text = answer.content.decode()
        assert answer.status_code == 429
        assert COOKIE not in answer.cookies
    end = LimitCount.objects.get(pk=enter.WRONG_OF_NETWORK.key(locked.link.pk, "192.0.2.1")).ends_at
    assert re.search(r"<time[^>]*>(\d\d:\d\d) UTC", text)[1] == end.strftime("%H:%M")


def test_once_the_time_is_over_the_right_one_opens(guest, locked):
    for _ in range(5):
        send(guest, locked, WRONG)
    LimitCount.objects.update(ends_at=timezone.now())
    assert send(guest, locked, RIGHT).status_code == 302


def test_others_are_not_kept_out_by_one_network(guest, locked):
    for _ in range(6):
        send(guest, locked, WRONG)
    assert send(Client(), locked, RIGHT, "198.51.100.7").status_code == 302


def test_fifty_wrong_ones_shut_it_for_all_and_its_maker_hears_once(guest, locked, user):
    for place in range(50):
        send(guest, locked, WRONG, f"198.51.100.{place}")
    for place in range(3):
        assert send(Client(), locked, RIGHT, f"203.0.113.{place}").status_code == 429
    notice = Notice.objects.get()
    assert (notice.user, notice.kind) == (user, NoticeKind.LINK_LOCKED)
    assert "First selects" in str(notice.text)
    assert locked.token not in str(notice.__dict__)


def test_right_ones_do_not_count(locked):
    for _ in range(7):
        assert send(Client(), locked, RIGHT).status_code == 302


def test_another_password_ends_what_is_open_at_once(guest, locked):
    send(guest, locked, RIGHT)
    guest.get(locked.path())
    assert guest.get(locked.path("share-item", 1)).context["visitor"]
    locked.set(password_hash=make_password("another"), generation=2)
    assert guest.get(locked.path("share-media", 1, "thumb")).status_code == 404
    assert "This link has a password" in guest.get(locked.path()).content.decode()


def test_the_form_needs_its_token(locked):
    strict = Client(enforce_csrf_checks=True)
    assert send(strict, locked, RIGHT).status_code == 403


def test_a_cookie_that_was_copied_ends_with_its_time(guest, shared):
    shared.set(password_hash=make_password("amber"))
    guest.post(shared.path("share-open"), {"password": "amber"})
    assert "First selects" in guest.get(shared.path()).content.decode()
    shared.link.visitors.update(first_at=timezone.now() - timedelta(hours=12, seconds=1))
    page = guest.get(shared.path())
    assert "First selects" not in page.content.decode()
    assert guest.get(shared.path("share-media", 1, "thumb")).status_code == 404
