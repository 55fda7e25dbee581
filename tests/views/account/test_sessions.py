"""Where one is logged in, and logging out from afar."""

import re
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from generation import setup_link
from generation.engine import purge
from generation.views.account.sessions import browser_name
from generation.web.sessions import BEGAN
from tests.factories import make_user

DAY = 24 * 3600
PAGE, END = "/settings/security/", "/settings/security/end/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"


def browser_of(user, agent: str = FIREFOX) -> Client:
    """A browser in which this person logged in with the form."""
    browser = Client(headers={"User-Agent": agent})
    person = {"login": user.email, "password": "pass-1234-word"}
    assert browser.post("/login/", person).status_code == 302
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/").url == reverse("create-home")


def named(page: str) -> list[str]:
    """The sessions that the page offers to end."""
    return re.findall(r'name="session" value="(\d+)"', page)


def shown(browser: Client) -> str:
    return browser.get(PAGE).content.decode()


def test_every_browser_one_is_logged_in_with_is_listed(user):
    scope, phone = browser_of(user), browser_of(user, IPHONE)
    browser_of(make_user())
    page = shown(scope)
    assert page.count("This device") == page.count("Firefox, Linux") == 1
    assert page.count("<b>Safari, iPhone</b>") == 1
    assert "from 127.0.0.1" in page
    assert len(named(page)) == 1
    phone.post("/logout/")
    assert "iPhone" not in shown(scope)
    assert "You are logged in nowhere else." in shown(scope)


def test_one_device_is_logged_out_and_the_others_stay(user):
    scope, phone, tablet = (browser_of(user) for _ in range(3))
    newest, oldest = named(shown(scope))
    assert scope.post(END, {"session": newest}).url == PAGE
    assert [is_in(browser) for browser in (scope, phone, tablet)] == [True, True, False]
    assert named(shown(scope)) == [oldest]


def test_all_other_devices_are_logged_out_at_once(user):
    scope, phone, tablet = (browser_of(user) for _ in range(3))
    stranger = browser_of(make_user())
    assert "Logged out on 2 other devices." in scope.post(END, follow=True).content.decode()
    assert [is_in(browser) for browser in (scope, phone, tablet)] == [True, False, False]
    assert is_in(stranger)


def test_nobody_ends_the_session_of_another(user):
    stranger = make_user()
    theirs, mine = browser_of(stranger), browser_of(user)
    for row in UserSession.objects.all():  # also the own one: that is what Log out is for
        assert mine.post(END, {"session": row.pk}).status_code == 404
    for garbage in ("x", "0", "9" * 40, "\u202e"):
        assert mine.post(END, {"session": garbage}).status_code == 404
    assert is_in(theirs)
    assert is_in(mine)


def test_what_a_new_password_closed_is_not_listed(user):
    scope, phone = browser_of(user), browser_of(user, IPHONE)
    new = {"password1": "quiet-anchor-77", "password2": "quiet-anchor-77"}
    scope.post("/password/change/", {"oldpassword": "pass-1234-word"} | new)
    assert not is_in(phone)
    assert named(shown(scope)) == []
    assert shown(scope).count("This device") == 1


def test_looking_ends_nothing(user, django_assert_max_num_queries):
    scope, _phone = browser_of(user), browser_of(user)
    user.set_password("quiet-anchor-77")
    user.save()
    other = Client()
    other.force_login(user)
    before = list(UserSession.objects.values_list("session_key", flat=True))
    with django_assert_max_num_queries(11):
        assert named(shown(other)) == []
    assert list(UserSession.objects.values_list("session_key", flat=True)) == before
    assert not is_in(scope)


def test_the_session_of_the_first_account_is_known_too(db, visitor, settings, tmp_path):
    settings.SECRETS_DIR = tmp_path
    facts = {"email": "first@example.test", "password": "harbour-lantern-42"}
    visitor.post(reverse("first-account", args=[setup_link.setup_token()]), facts)
    other = Client()
    other.post("/login/", {"login": facts["email"], "password": facts["password"]})
    assert len(named(shown(other))) == 1


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140 Safari/537.36 Edg/140",
         "Edge, Windows"),
        (IPHONE, "Safari, iPhone"), (FIREFOX, "Firefox, Linux"), ("curl/8", "Unknown browser"),
    ],
)  # fmt: skip
def test_a_browser_is_called_by_its_name(agent, name):
    assert browser_name(agent) == name


@pytest.fixture
def days(monkeypatch):
    """Lets days pass for the sessions."""
    real, passed = timezone.now, [0]
    monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(days=passed[0]))

    def pass_by(count: int) -> None:
        passed[0] += count

    return pass_by


def test_a_session_that_is_used_goes_on_until_30_days_after_the_log_in(user, days):
    scope = browser_of(user)
    for _ in range(2):
        days(13)
        assert is_in(scope)
    days(3)
    assert is_in(scope)
    days(1)
    assert not is_in(scope)


def test_a_session_ends_after_14_days_without_use(user, days):
    scope = browser_of(user)
    days(15)
    assert not is_in(scope)


def test_the_cookie_lasts_as_long_as_the_session(user, days):
    scope = browser_of(user)
    name = settings.SESSION_COOKIE_NAME
    for _ in range(2):
        days(13)
        answer = scope.get("/")
    assert 3 * DAY < int(answer.cookies[name]["max-age"]) <= 4 * DAY
    days(1)
    scope.get("/")
    assert name not in scope.get("/").cookies


def test_a_session_of_before_is_renewed_and_ends_as_well(user, days):
    scope = browser_of(user)
    session = scope.session
    del session[BEGAN]
    session.save()
    assert is_in(scope)
    days(13)
    assert is_in(scope)
    days(13)
    assert is_in(scope)
    days(5)
    assert not is_in(scope)


def test_sessions_that_are_over_are_deleted_and_no_others(user):
    scope, over = browser_of(user), browser_of(user)
    Session.objects.filter(pk=over.session.session_key).update(expire_date=timezone.now())
    purge.purge_sessions(timezone.now())
    assert list(Session.objects.values_list("pk", flat=True)) == [scope.session.session_key]
    assert UserSession.objects.count() == 2
    purge.purge_sessions(timezone.now() + timedelta(days=13) - timedelta(hours=1))
    assert is_in(scope)
    purge.purge_sessions(timezone.now() + timedelta(days=31))
    assert not UserSession.objects.exists()
