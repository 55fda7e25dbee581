"""The second step at log-in: set up, asked for, used once, lost, taken away."""

import base64
import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse

from generation import crypto
from generation.web.second_factor import has_second_factor
from tests.authenticator import code_at, current_step, secret_on
from tests.factories import make_user
from tests.mailbox import mailed_link

PASSWORD = "pass-1234-word"
PAGE, APP, CODES = "/settings/security/", "/settings/security/app/", "/settings/security/codes/"
NEW, SAVE, DONE = f"{CODES}new/", f"{CODES}recovery-codes.txt", f"{CODES}done/"
LOGIN, SECOND, CONFIRM = "/login/", "/login/second-step/", "/reauthenticate/code/"
A_CODE = re.compile(r"<li>(\d{4}-\d{4})</li>")


class Clock:
    """What the studio takes for the time of codes."""

    def __init__(self) -> None:
        self.step = current_step()

    def time(self) -> float:
        return self.step * 30 + 7.0


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time", clock)
    return clock


def log_in(user, browser=None):
    browser = browser or Client()
    answer = browser.post(LOGIN, {"login": user.email, "password": PASSWORD})
    return browser, answer


def set_up(browser, clock) -> str:
    """Turn on the codes of an app; returns its secret."""
    secret = secret_on(browser.get(APP).text)
    answer = browser.post(APP, {"code": code_at(secret, clock.step)})
    assert answer.status_code == 302, answer.text
    return secret


def is_in(browser) -> bool:
    return browser.get("/").url == reverse("create-home")


@pytest.fixture
def app(user, clock) -> str:
    """The secret of Nadia's app, a minute after it was set up."""
    browser, _ = log_in(user)
    secret = set_up(browser, clock)
    browser.post("/logout/")
    clock.step += 2
    return secret


# --- The app -----------------------------------------------------------------------------------


def test_the_page_shows_the_same_secret_as_text_and_as_a_picture(client, user, clock):
    page = client.get(APP).text
    assert re.search(r'<svg class="qr" viewBox="0 0 (\d+) \1"', page)
    assert "data:" not in page
    assert " style=" not in page
    assert "no-store" in client.get(APP).headers["Cache-Control"]


def test_a_wrong_code_turns_nothing_on_and_keeps_the_secret(client, user, clock):
    secret = secret_on(client.get(APP).text)
    wrong = client.post(APP, {"code": code_at(secret, clock.step + 9)})
    assert wrong.status_code == 422
    assert "That code is over or wrong." in wrong.text
    assert secret_on(wrong.text) == secret
    assert not has_second_factor(user)
    assert client.post(APP, {"code": code_at(secret, clock.step)}).status_code == 302
    assert has_second_factor(user)


def test_no_secret_lies_open_in_the_database(client, user, clock):
    secret = secret_on(client.get(APP).text).replace(" ", "")
    assert secret not in str([one.get_decoded() for one in Session.objects.all()])
    client.post(APP, {"code": code_at(secret, clock.step)})
    codes = [code.replace("-", "") for code in A_CODE.findall(client.get(CODES).text)]
    rows = str(list(Authenticator.objects.values()))
    rows += str([one.get_decoded() for one in Session.objects.all()])
    assert len(codes) == 10
    assert not [one for one in (secret, *codes) if one in rows]


def test_at_log_in_the_code_is_asked_for_after_the_password(user, app, clock):
    browser, answer = log_in(user)
    assert answer.url == SECOND
    assert not is_in_at_all(browser)
    page = browser.get(SECOND)
    assert 'autocomplete="one-time-code"' in page.text
    assert "no-store" in page.headers["Cache-Control"]
    assert browser.post(SECOND, {"code": code_at(app, clock.step + 5)}).status_code == 422
    assert not is_in_at_all(browser)
    assert browser.post(SECOND, {"code": code_at(app, clock.step)}).url == "/"
    assert is_in(browser)


def is_in_at_all(browser) -> bool:
    return not browser.get("/").url.startswith(LOGIN)


def test_where_one_wanted_to_go_is_not_lost(user, app, clock):
    browser = Client()
    facts = {"login": user.email, "password": PASSWORD, "next": "/library/"}
    browser.post(LOGIN, facts)
    assert browser.post(SECOND, {"code": code_at(app, clock.step)}).url == "/library/"


def test_a_code_works_once(user, app, clock):
    code = code_at(app, clock.step)
    first, second = log_in(user)[0], log_in(user)[0]
    assert first.post(SECOND, {"code": code}).status_code == 302
    assert second.post(SECOND, {"code": code}).status_code == 422
    clock.step += 1  # it would still be within what is allowed for
    assert second.post(SECOND, {"code": code}).status_code == 422
    older = code_at(app, clock.step - 1)
    assert second.post(SECOND, {"code": older}).status_code == 422
    assert second.post(SECOND, {"code": code_at(app, clock.step)}).status_code == 302


def test_a_used_code_stays_used_when_the_cache_forgets(user, app, clock):
    from django.core.cache import cache

    code = code_at(app, clock.step)
    first, second = log_in(user)[0], log_in(user)[0]
    assert first.post(SECOND, {"code": code}).status_code == 302
    cache.clear()
    assert second.post(SECOND, {"code": code}).status_code == 422


def test_the_code_that_proved_the_app_does_not_also_log_in(user, clock):
    browser, _ = log_in(user)
    secret = set_up(browser, clock)
    other, _ = log_in(user)
    assert other.post(SECOND, {"code": code_at(secret, clock.step)}).status_code == 422


def test_tries_at_the_second_step_are_counted(user, app, clock):
    browser, _ = log_in(user)
    for wrong in range(5):
        browser.post(SECOND, {"code": f"00000{wrong}"})
    refused = browser.post(SECOND, {"code": code_at(app, clock.step)})
    assert refused.status_code == 422
    assert "Too many tries." in refused.text
    assert not is_in_at_all(browser)


def test_a_sealed_secret_opens_for_its_owner_alone(user, app, clock):
    stranger = make_user()
    theirs = Authenticator.objects.get(user=user, type="totp")
    copied = Authenticator.objects.create(user=stranger, type="totp", data=dict(theirs.data))
    browser, answer = log_in(stranger)
    assert answer.url == SECOND
    refused = browser.post(SECOND, {"code": code_at(app, clock.step)})
    assert refused.status_code == 422
    assert "The studio cannot open what it needs" in refused.text
    sealed = base64.b64decode(copied.data["secret"])
    assert crypto.open_sealed(sealed, f"factor:{user.pk}") == app.replace(" ", "")
    with pytest.raises(crypto.Broken):
        crypto.open_sealed(sealed, f"factor:{stranger.pk}")


def test_a_new_app_takes_the_place_of_the_old_one(user, app, clock):
    browser, _ = log_in(user)
    browser.post(SECOND, {"code": code_at(app, clock.step)})
    clock.step += 1
    newer = set_up(browser, clock)
    clock.step += 1
    other, _ = log_in(user)
    assert other.post(SECOND, {"code": code_at(app, clock.step)}).status_code == 422
    assert other.post(SECOND, {"code": code_at(newer, clock.step)}).status_code == 302


def test_turned_off_nothing_is_asked_and_no_recovery_code_is_left(user, app, clock):
    browser, _ = log_in(user)
    browser.post(SECOND, {"code": code_at(app, clock.step)})
    assert "Turn off the code from an app?" in browser.get(f"{APP}remove/").text
    assert Authenticator.objects.count() == 2
    assert browser.post(f"{APP}remove/").url == PAGE
    assert not Authenticator.objects.exists()
    assert is_in(browser)
    assert log_in(user)[1].url == "/"


def test_on_an_address_that_nobody_confirmed_no_second_step_is_set_up(client, user, clock):
    """Who signs up with the address of a stranger must not lock the stranger out."""
    EmailAddress.objects.filter(user=user).update(verified=False)
    for path in (APP, "/settings/security/passkeys/add/"):
        for answer in (client.get(path), client.post(path, {"code": "123456"})):
            assert answer.url == reverse("account_email")
    assert not Authenticator.objects.exists()


# --- Recovery codes ----------------------------------------------------------------------------


def test_recovery_codes_are_shown_once_and_may_be_saved_until_put_away(client, user, clock):
    set_up(client, clock)
    codes = A_CODE.findall(client.get(CODES).text)
    assert len(set(codes)) == 10
    again = client.get(CODES).text
    assert not A_CODE.findall(again)
    assert "They were shown already" in again
    saved = client.get(SAVE)
    assert [line for line in saved.text.splitlines() if line in codes] == codes
    assert saved.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in saved.headers["Cache-Control"]
    assert client.post(DONE).url == PAGE
    assert client.get(CODES).url == PAGE
    assert client.get(SAVE).status_code == 404


def test_only_the_session_that_made_the_codes_sees_them(user, clock):
    maker, _ = log_in(user)
    secret = set_up(maker, clock)
    clock.step += 1
    other, _ = log_in(user)
    other.post(SECOND, {"code": code_at(secret, clock.step)})
    assert other.get(CODES).url == PAGE
    assert other.get(SAVE).status_code == 404


def test_a_recovery_code_logs_in_once(user, clock):
    maker, _ = log_in(user)
    set_up(maker, clock)
    code, *_rest = A_CODE.findall(maker.get(CODES).text)
    browser, _ = log_in(user)
    page = browser.get(f"{SECOND}?recovery").text
    assert "Recovery code" in page
    assert browser.post(SECOND, {"code": code, "recovery": "1"}).url == "/"
    assert "9 of 10 left" in browser.get(PAGE).text
    other, _ = log_in(user)
    refused = other.post(SECOND, {"code": code, "recovery": "1"})
    assert refused.status_code == 422
    assert not is_in_at_all(other)


def test_new_codes_end_the_old_ones(user, clock):
    maker, _ = log_in(user)
    set_up(maker, clock)
    old = A_CODE.findall(maker.get(CODES).text)
    assert "The 10 that are left stop working" in maker.get(NEW).text
    assert maker.post(NEW).url == CODES
    new = A_CODE.findall(maker.get(CODES).text)
    assert len(new) == 10
    assert not set(old) & set(new)
    browser, _ = log_in(user)
    assert browser.post(SECOND, {"code": old[0]}).status_code == 422
    assert browser.post(SECOND, {"code": new[0]}).status_code == 302


def test_without_a_second_step_there_are_no_codes_to_make(client, user):
    assert client.get(NEW).status_code == client.post(NEW).status_code == 404
    assert not Authenticator.objects.exists()


# --- Sessions and notices ----------------------------------------------------------------------


def act_on(name):
    def turn_on(browser, clock, _secret):
        set_up(browser, clock)

    def turn_off(browser, clock, _secret):
        browser.post(f"{APP}remove/")

    def renew(browser, clock, _secret):
        browser.post(NEW)

    return {"turn on": turn_on, "turn off": turn_off, "new codes": renew}[name]


@pytest.mark.parametrize("name", ["turn on", "turn off", "new codes"])
def test_a_change_ends_the_other_sessions_and_renews_the_key_of_this_one(user, clock, name):
    secret = ""
    here, _ = log_in(user)
    if name != "turn on":
        secret = set_up(here, clock)
        clock.step += 1
    there, _ = log_in(user)
    if secret:
        there.post(SECOND, {"code": code_at(secret, clock.step)})
    assert is_in(here)
    assert is_in(there)
    stale = here.cookies["session"].value
    act_on(name)(here, clock, secret)
    assert is_in(here)
    assert not is_in_at_all(there)
    assert here.cookies["session"].value != stale
    thief = Client()
    thief.cookies["session"] = stale
    assert not is_in_at_all(thief)
    assert UserSession.objects.get(user=user).session_key == here.cookies["session"].value


def test_the_session_key_is_another_after_the_second_step(user, app, clock):
    browser, _ = log_in(user)
    before = browser.cookies["session"].value
    browser.post(SECOND, {"code": code_at(app, clock.step)})
    assert browser.cookies["session"].value != before


def test_a_new_password_renews_the_key_of_the_session(user):
    browser, _ = log_in(user)
    before = browser.cookies["session"].value
    new = {"password1": "quiet-anchor-77", "password2": "quiet-anchor-77"}
    browser.post("/password/change/", {"oldpassword": PASSWORD} | new)
    assert is_in(browser)
    assert browser.cookies["session"].value != before


def test_a_reset_by_mail_does_not_get_around_the_second_step(user, app, clock):
    browser = Client()
    browser.post("/password/reset/", {"email": user.email})
    form = browser.get(mailed_link()).url
    new = {"password1": "quiet-anchor-77", "password2": "quiet-anchor-77"}
    assert browser.post(form, new).status_code == 302
    answer = browser.post(LOGIN, {"login": user.email, "password": "quiet-anchor-77"})
    assert answer.url == SECOND
    assert not is_in_at_all(browser)
    assert browser.post(SECOND, {"code": code_at(app, clock.step)}).url == "/"


@pytest.mark.django_db(transaction=True)
def test_each_change_is_told_by_mail(user, clock):
    browser, _ = log_in(user)
    set_up(browser, clock)
    browser.post(NEW)
    browser.post(f"{APP}remove/")
    subjects = [letter.subject.removeprefix("Vidu Studio: ") for letter in mail.outbox]
    assert subjects == ["A second step was turned on", "New recovery codes",
                        "A second step was turned off"]  # fmt: skip
    assert {letter.to[0] for letter in mail.outbox} == {user.email}
    assert all("If this was not you" in letter.body for letter in mail.outbox)


@pytest.mark.django_db(transaction=True)
def test_a_notice_that_cannot_be_sent_undoes_nothing(user, clock, settings):
    settings.EMAIL_BACKEND = "generation.web.mail.SmtpBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    browser, _ = log_in(user)
    set_up(browser, clock)
    assert has_second_factor(user)
    assert is_in(browser)
