"""Limits for strangers: counted before any hash, and no way to keep the owner out."""

from datetime import timedelta

import pytest
from django.contrib.auth import hashers
from django.core import mail
from django.db.models import Sum
from django.test import Client
from django.utils import timezone

from generation.engine import purge
from generation.forms.limits import Limit, Turn, network_of
from generation.models import LimitCount
from tests.factories import make_user
from tests.mailbox import mailed_link

PASSWORD, NEW = "pass-1234-word", "quiet-anchor-77"
TOO_MANY = "Too many tries."
LOGIN, RESET, CHANGE, SIGNUP = "/login/", "/password/reset/", "/password/change/", "/signup/"


def log_in(browser: Client, email: str, password: str = PASSWORD, network: str = "192.0.2.1"):
    return browser.post(LOGIN, {"login": email, "password": password}, REMOTE_ADDR=network)


def is_refused(answer) -> bool:
    return answer.status_code == 422 and TOO_MANY in answer.content.decode()


def known_browser(user, password: str = PASSWORD) -> Client:
    """One that the person has logged in with, and out again."""
    browser = Client()
    assert log_in(browser, user.email, password, "198.51.100.9").status_code == 302
    browser.post("/logout/")
    return browser


def fill(user, networks: int = 4, first: int = 0) -> None:
    """Wrong tries up to the limit of the account."""
    for number in range(first, first + networks):
        for _ in range(5):
            log_in(Client(), user.email, "wrong", f"203.0.113.{number}")


def end_windows() -> None:
    LimitCount.objects.update(ends_at=timezone.now() - timedelta(seconds=1))


def test_the_owner_gets_in_on_a_known_device_only(user):
    known, unknown = known_browser(user), Client()
    fill(user)
    assert is_refused(log_in(unknown, user.email))
    assert log_in(known, user.email).status_code == 302
    end_windows()
    assert log_in(unknown, user.email).status_code == 302


def test_one_networks_tries_leave_the_other_networks_theirs(user):
    for _ in range(30):
        log_in(Client(), user.email, "wrong", "203.0.113.1")
    assert is_refused(log_in(Client(), user.email, network="203.0.113.1"))
    assert log_in(Client(), user.email, network="203.0.113.2").status_code == 302


def test_a_device_is_known_to_its_own_account_alone(user):
    other = make_user()
    browser = known_browser(other)
    device = browser.cookies[f"device-{other.pk}"].value
    browser.cookies[f"device-{user.pk}"] = device
    fill(user)
    assert is_refused(log_in(browser, user.email))


@pytest.mark.parametrize("value", ["", "x", "x:y:z", "é", "a" * 4000])
def test_an_invented_device_is_not_known(user, value):
    fill(user)
    assert is_refused(
        Client(headers={"Cookie": f"device-{user.pk}={value}"}).post(
            LOGIN, {"login": user.email, "password": PASSWORD}
        )
    )


def test_a_known_device_has_tries_of_its_own_and_not_more(user):
    known = known_browser(user)
    for _ in range(10):
        assert not is_refused(log_in(known, user.email, "wrong"))
    assert is_refused(log_in(known, user.email, "wrong"))
    assert log_in(Client(), user.email).status_code == 302


def test_a_new_password_makes_devices_unknown_but_for_the_one_it_was_set_with(user):
    stolen, own = known_browser(user), known_browser(user)
    log_in(own, user.email)
    new = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert own.post(CHANGE, new).status_code == 302
    own.post("/logout/")
    fill(user)
    assert is_refused(log_in(stolen, user.email, NEW))
    assert log_in(own, user.email, NEW).status_code == 302


def test_a_reset_by_mail_opens_the_way_during_an_attack(user):
    fill(user)
    browser = Client()
    browser.post(RESET, {"email": user.email})
    form = browser.get(mailed_link()).url
    browser.post(form, {"password1": NEW, "password2": NEW})
    fill(user, first=100)
    assert is_refused(log_in(Client(), user.email, NEW))
    assert log_in(browser, user.email, NEW).status_code == 302


def test_the_device_cookie_is_for_the_server_alone_and_lasts(user):
    cookie = log_in(Client(), user.email).cookies[f"device-{user.pk}"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 400 * 24 * 3600


def test_over_https_the_device_cookie_belongs_to_the_host(user, settings):
    settings.HTTPS, settings.COOKIE_PREFIX = True, "__Host-"
    cookie = log_in(Client(), user.email).cookies[f"__Host-device-{user.pk}"]
    assert cookie["secure"]
    assert cookie["path"] == "/"
    assert not cookie["domain"]


@pytest.fixture
def hashed(monkeypatch):
    """How many passwords were hashed."""
    found = []
    verify, encode = (getattr(hashers.MD5PasswordHasher, name) for name in ("verify", "encode"))

    def counting(method):
        return lambda *given: found.append(method) or method(*given)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "verify", counting(verify))
    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", counting(encode))
    return found


def test_a_refused_try_costs_no_hash(user, hashed):
    fill(user)
    hashed.clear()
    for email in (user.email, "nobody@example.test"):
        for number in range(6):
            log_in(Client(), email, "wrong", "203.0.113.99")
            if number == 4:
                hashed.clear()
    assert not hashed


def test_right_passwords_use_up_nothing(user):
    for _ in range(30):
        assert log_in(Client(), user.email).status_code == 302
    assert LimitCount.objects.aggregate(Sum("count"))["count__sum"] == 0


def test_all_wrong_tries_together_have_a_limit(user, monkeypatch):
    monkeypatch.setattr("generation.forms.limits.EVERYBODY", Limit("everybody", 3, 60))
    known = known_browser(user)
    for number in range(3):
        log_in(Client(), f"p{number}@example.test", "wrong", f"203.0.113.{number}")
    assert is_refused(log_in(Client(), user.email, network="192.0.2.77"))
    assert log_in(known, user.email).status_code == 302


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_of_ipv6_the_64_is_counted(rf, address, network):
    assert network_of(rf.get("/", REMOTE_ADDR=address)) == network


def test_a_full_window_ends_by_itself_and_a_refused_turn_counts_nowhere(db):
    first, second = Limit("first", 2, 60), Limit("second", 1, 60)
    assert Turn().take(first, "a").take(second, "a").is_allowed
    assert not Turn().take(first, "a").take(second, "a").is_allowed
    assert Turn().take(first, "a").is_allowed
    assert not Turn().take(first, "a").is_allowed
    assert Turn().take(first, "b").is_allowed
    end_windows()
    assert Turn().take(first, "a").take(second, "a").is_allowed


def test_a_clock_that_was_set_back_keeps_no_window_open(db):
    limit = Limit("one", 1, 60)
    Turn().take(limit)
    LimitCount.objects.update(ends_at=timezone.now() + timedelta(days=300))
    assert Turn().take(limit).is_allowed


def test_the_rows_name_nobody_and_are_purged(user):
    fill(user, networks=2)
    rows = str(list(LimitCount.objects.values()))
    assert "203.0.113" not in rows
    assert user.email not in rows
    purge.purge_counts(timezone.now())
    assert LimitCount.objects.exists()
    purge.purge_counts(timezone.now() + timedelta(minutes=6))
    assert not LimitCount.objects.exists()


def test_more_resets_than_a_mailbox_should_get_are_answered_alike_and_the_last_link_works(user):
    answers = [
        Client().post(RESET, {"email": user.email}, REMOTE_ADDR=f"203.0.113.{number}")
        for number in range(8)
    ]
    assert {(one.status_code, one.url) for one in answers} == {(302, "/password/reset/done/")}
    assert len(mail.outbox) == 5
    assert "Set a new password" in Client().get(mailed_link(), follow=True).content.decode()


@pytest.mark.parametrize(
    ("path", "form"),
    [(RESET, {"email": "p{}@e.test"}), (SIGNUP, {"email": "p{}@e.test", "password1": NEW})],
)
def test_a_network_asks_for_so_many_mails_and_no_more(db, path, form):
    for number in range(20):
        facts = {name: value.format(number) for name, value in form.items()}
        assert Client().post(path, facts).status_code == 302
    facts = {name: value.format("x") for name, value in form.items()}
    assert is_refused(Client().post(path, facts))
    assert Client().post(path, facts, REMOTE_ADDR="192.0.2.5").status_code == 302


def test_nobody_mails_codes_to_an_address_without_end_and_a_reset_stays_open(user):
    for number in range(30):
        browser, network = Client(), f"203.0.113.{number}"
        facts = {"email": user.email, "password1": NEW}
        answer = browser.post(SIGNUP, facts, REMOTE_ADDR=network)
    assert answer.status_code == 429
    assert len(mail.outbox) == 20
    assert Client().post(RESET, {"email": user.email}).status_code == 302
    assert len(mail.outbox) == 21


def test_a_borrowed_browser_has_few_tries_at_the_password(client, user):
    user.set_password(PASSWORD)
    user.save()
    client.force_login(user)
    new = {"password1": NEW, "password2": NEW}
    for _ in range(5):
        client.post(CHANGE, {"oldpassword": "wrong"} | new)
        client.post("/reauthenticate/", {"password": "wrong"})
    assert is_refused_at_field(client.post("/reauthenticate/", {"password": PASSWORD}))
    assert log_in(Client(), user.email).status_code == 302


def is_refused_at_field(answer) -> bool:
    return TOO_MANY in answer.content.decode()
