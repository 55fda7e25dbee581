"""What a browser that somebody left open does not do: it asks who is there, and loses no work."""

import re

import pytest
from django.conf import settings as studio_settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from generation.models import ApiKey
from tests.authenticator import (
    Passkey,
    code_at,
    current_step,
    grow_old,
    options_on,
    secret_on,
)
from tests.factories import make_key

PASSWORD = "pass-1234-word"
SECRET = "vda_9f8e7d6c5b4a3210"
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/settings/keys/"}
ADD, CONFIRM = "/settings/keys/add/", "/reauthenticate/"
MINUTES = studio_settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
ASKED = (
    "mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes",
    "mfa_download_recovery_codes", "mfa_generate_recovery_codes", "key-add",
)  # fmt: skip


@pytest.fixture
def browser(user) -> Client:
    """Nadia's, in which she logged in more than five minutes ago."""
    browser = Client()
    browser.post("/login/", {"login": user.email, "password": PASSWORD})
    grow_old(browser, MINUTES + 1)
    return browser


def asks(answer) -> bool:
    target = answer.headers.get("HX-Redirect") or answer.headers.get("Location") or ""
    return target.startswith(f"{CONFIRM}?next=")


def confirm(browser, answer):
    """Type the password; returns where that leads."""
    page = browser.get(answer.headers.get("HX-Redirect") or answer.headers["Location"])
    field = re.search(r'name="next" value="([^"]*)"', page.text)
    back = {"next": field[1].replace("&amp;", "&")}
    return browser.post(CONFIRM, {"password": PASSWORD} | back)


def test_five_minutes_are_meant():
    assert MINUTES == 300


@pytest.mark.parametrize("name", ASKED)
def test_what_is_delicate_asks_and_then_leads_back(browser, name):
    path = reverse(name)
    answer = browser.get(path)
    assert asks(answer)
    assert confirm(browser, answer).url == path
    assert not asks(browser.get(path))
    grow_old(browser, MINUTES + 1)
    assert asks(browser.get(path))


@pytest.mark.parametrize("name", ["replace", "remove"])
def test_keys_are_changed_by_who_is_there(browser, user, name):
    key = make_key(user, secret=SECRET)
    path = reverse(f"key-{name}", args=[key.pk])
    for answer in (browser.get(path), browser.post(path, {"secret": "vda_other_key_123"}),
                   browser.get(path, headers=HTMX), browser.post(path, headers=HTMX)):  # fmt: skip
        assert asks(answer)
    assert ApiKey.objects.get().secret() == SECRET
    assert confirm(browser, browser.post(path, {"secret": "vda_other_key_123"})).url == path
    assert ApiKey.objects.get().secret() == SECRET
    assert browser.get(path).status_code == 200


def test_a_log_in_counts(user):
    browser = Client()
    browser.post("/login/", {"login": user.email, "password": PASSWORD})
    assert browser.get(ADD).status_code == 200
    grow_old(browser, MINUTES - 20)
    assert browser.get(ADD).status_code == 200


def test_the_page_of_keys_offers_the_form_only_to_who_is_there(browser):
    page = browser.get("/settings/keys/").text
    assert 'name="secret"' not in page
    assert f'href="{ADD}"' in page
    confirm(browser, browser.get(ADD))
    assert 'name="secret"' in browser.get("/settings/keys/").text


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_was_typed_is_there_again_but_no_secret_was_kept(browser, headers):
    typed = {"provider": "kkiai", "label": "Spring film", "secret": SECRET}
    answer = browser.post(ADD, typed, headers=headers)
    assert asks(answer)
    kept = str([one.get_decoded() for one in Session.objects.all()])
    assert "Spring film" in kept
    assert SECRET not in kept
    assert confirm(browser, answer).url == ADD
    assert not ApiKey.objects.exists()
    page = browser.get(ADD).text
    assert 'value="Spring film"' in page
    assert re.search(r'<option value="kkiai" selected', page)
    assert "Enter the key again." in page
    assert SECRET not in page
    assert 'value="Spring film"' not in browser.get(ADD).text


def test_the_wrong_password_leads_nowhere(browser):
    answer = browser.get(ADD)
    assert browser.post(answer.url, {"password": "wrong"}).status_code == 422
    assert asks(browser.get(ADD))


def test_a_code_of_the_app_confirms_as_well(browser, monkeypatch):
    confirm(browser, browser.get(reverse("mfa_activate_totp")))
    secret = secret_on(browser.get(reverse("mfa_activate_totp")).text)
    step = current_step()
    browser.post(reverse("mfa_activate_totp"), {"code": code_at(secret, step)})
    grow_old(browser, MINUTES + 1)
    answer = browser.get(ADD)
    other = reverse("mfa_reauthenticate")
    assert f'href="{other}?next=' in browser.get(answer.url).text
    page = f"{other}?next={ADD}"
    assert browser.post(page, {"code": code_at(secret, step)}).status_code == 422  # used
    assert asks(browser.get(ADD))
    assert browser.post(page, {"code": code_at(secret, step + 1)}).url == ADD
    assert browser.get(ADD).status_code == 200


def test_a_passkey_confirms_as_well(browser):
    device, add = Passkey(), reverse("mfa_add_webauthn")
    confirm(browser, browser.get(add))
    browser.post(add, {"credential": device.create(options_on(browser.get(add).text))})
    grow_old(browser, MINUTES + 1)
    page = f"{reverse('mfa_reauthenticate_webauthn')}?next={ADD}"
    wrong = Passkey().sign(options_on(browser.get(page).text))
    assert browser.post(page, {"credential": wrong}).status_code == 422
    assert asks(browser.get(ADD))
    right = device.sign(options_on(browser.get(page).text))
    assert browser.post(page, {"credential": right}).url == ADD
    assert browser.get(ADD).status_code == 200


def test_nobody_is_led_to_a_foreign_page(browser):
    answer = browser.post(f"{CONFIRM}?next=//evil.test", {"password": PASSWORD})
    assert answer.url == "/"
