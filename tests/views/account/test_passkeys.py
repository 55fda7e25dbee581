"""Passkeys: added, named, used at log-in with and without a password, removed."""

import json

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse

from generation.web.second_factor import has_second_factor
from tests.authenticator import Passkey, options_on
from tests.factories import make_user

PASSWORD = "pass-1234-word"
PAGE, ADD = "/settings/security/", "/settings/security/passkeys/add/"
LOGIN, SECOND, BY_PASSKEY = "/login/", "/login/second-step/", "/login/passkey/"
CONFIRM = "/reauthenticate/passkey/"
JSON = {"Accept": "application/json"}


@pytest.fixture
def device() -> Passkey:
    return Passkey()


def add(browser, device, name="Blue key"):
    credential = device.create(options_on(browser.get(ADD).text))
    return browser.post(ADD, {"name": name, "credential": credential})


def log_in(user):
    browser = Client()
    answer = browser.post(LOGIN, {"login": user.email, "password": PASSWORD})
    return browser, answer


def by_passkey(device, next_page=""):
    browser = Client()
    options = browser.get(BY_PASSKEY, headers=JSON).json()["request_options"]
    facts = {"credential": device.sign(options), "next": next_page}
    return browser, browser.post(BY_PASSKEY, facts)


def is_in(browser) -> bool:
    return browser.get("/").url == reverse("create-home")


def test_a_passkey_is_added_with_a_name_and_brings_recovery_codes(client, user, device):
    page = client.get(ADD)
    chosen = options_on(page.text)["publicKey"]
    assert chosen["rp"]["id"] == "testserver"
    assert chosen["authenticatorSelection"]["residentKey"] == "preferred"
    assert "no-store" in page.headers["Cache-Control"]
    assert add(client, device, "The blue <b>key</b>").url == reverse("mfa_view_recovery_codes")
    assert has_second_factor(user)
    shown = client.get(PAGE).text
    assert "The blue &lt;b&gt;key&lt;/b&gt;" in shown
    assert "10 of 10 left" in shown
    assert mail.outbox[-1].subject == "Vidu Studio: A passkey was added"


def test_a_second_passkey_shows_no_codes_again(client, user, device):
    add(client, device)
    assert add(client, Passkey(), "Other").url == PAGE
    page = client.get(ADD).text
    known = [one["id"] for one in options_on(page)["publicKey"]["excludeCredentials"]]
    assert len(known) == 2


def test_without_a_name_it_has_one_all_the_same_and_a_long_one_is_cut(client, user, device):
    add(client, device, "")
    add(client, Passkey(), "x" * 500)
    names = [row.wrap().name for row in Authenticator.objects.filter(type="webauthn")]
    assert names == ["Passkey", "x" * 80]


def test_after_the_password_the_passkey_is_the_second_step(client, user, device):
    add(client, device)
    browser, answer = log_in(user)
    assert answer.url == SECOND
    options = options_on(browser.get(SECOND).text)
    assert browser.post(SECOND, {"credential": Passkey().sign(options)}).status_code == 422
    options = options_on(browser.get(SECOND).text)
    assert browser.post(SECOND, {"credential": device.sign(options)}).url == "/"
    assert is_in(browser)


def test_a_passkey_logs_in_without_a_password_and_leads_on(client, user, device):
    add(client, device)
    browser, answer = by_passkey(device, "/library/")
    assert answer.url == "/library/"
    assert is_in(browser)
    browser, answer = by_passkey(device, "//evil.test")
    assert answer.url == "/"


def test_an_answer_is_good_for_one_question(client, user, device):
    add(client, device)
    first, second = Client(), Client()
    options = first.get(BY_PASSKEY, headers=JSON).json()["request_options"]
    second.get(BY_PASSKEY, headers=JSON)
    signed = device.sign(options)
    assert second.post(BY_PASSKEY, {"credential": signed}).url == LOGIN
    assert not is_logged_in(second)
    assert first.post(BY_PASSKEY, {"credential": signed}).url == "/"
    first.post("/logout/")
    assert first.post(BY_PASSKEY, {"credential": signed}).url == LOGIN
    assert not is_logged_in(first)


def is_logged_in(browser) -> bool:
    return not browser.get("/").url.startswith(LOGIN)


def test_a_passkey_used_at_another_address_is_refused(client, user, device):
    add(client, device)
    device.origin = "https://testserver.evil.test"
    browser, answer = by_passkey(device, "/library/")
    assert answer.url == f"{LOGIN}?next=%2Flibrary%2F"
    assert "This passkey did not work." in browser.get(answer.url).text
    assert not is_logged_in(browser)


def test_a_paused_account_does_not_get_in_by_passkey(client, user, device):
    add(client, device)
    user.is_active = False
    user.save()
    browser, answer = by_passkey(device)
    assert answer.url == reverse("account_inactive")
    assert not is_logged_in(browser)


ODD = ("", "null", "[]", "{}", "1", '"x"', "{", '{"response":null}', '{"response":{}}',
       '{"id":"x","rawId":"x","type":"public-key","response":{"clientDataJSON":"e30"}}',
       '{"id":"eA","rawId":"eA","type":"public-key","response":{"clientDataJSON":"e30",'
       '"authenticatorData":"","signature":"","userHandle":"/w"}}',
       '{"id":"eA","rawId":"eA","type":"public-key","response":{"clientDataJSON":"e30",'
       '"attestationObject":"oA"}}', "[" * 100)  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_nonsense_is_refused_everywhere(client, user, device, odd):
    assert client.get(ADD).status_code == 200
    assert client.post(ADD, {"name": "x", "credential": odd}).status_code == 422
    assert not has_second_factor(user)
    add(client, device)
    browser = Client()
    browser.get(BY_PASSKEY, headers=JSON)
    assert browser.post(BY_PASSKEY, {"credential": odd}).url == LOGIN
    browser, _ = log_in(user)
    browser.get(SECOND)
    assert browser.post(SECOND, {"credential": odd}).status_code == 422
    client.get(CONFIRM)
    assert client.post(CONFIRM, {"credential": odd}).status_code == 422
    assert not is_logged_in(browser)


def test_nobody_uses_renames_or_removes_the_passkey_of_another(client, user, device):
    stranger, theirs = make_user(), Passkey()
    other, _ = log_in(stranger)
    add(other, theirs)
    row = Authenticator.objects.get(user=stranger, type="webauthn")
    for act in ("rename", "remove"):
        path = f"/settings/security/passkeys/{row.pk}/{act}/"
        assert client.get(path).status_code == client.post(path).status_code == 404
    add(client, device)
    browser, _ = log_in(user)
    options = options_on(browser.get(SECOND).text)
    assert browser.post(SECOND, {"credential": theirs.sign(options)}).status_code == 422
    device.person = theirs.person  # hers, said to be the stranger's
    assert by_passkey(device)[1].url == LOGIN


def test_a_passkey_is_renamed(client, user, device):
    add(client, device)
    path = f"/settings/security/passkeys/{Authenticator.objects.get(type='webauthn').pk}/rename/"
    assert 'value="Blue key"' in client.get(path).text
    assert client.post(path, {"name": ""}).status_code == 422
    assert client.post(path, {"name": "Key ring"}).url == PAGE
    assert "Key ring" in client.get(PAGE).text


def test_removed_it_opens_nothing_and_the_codes_go_with_the_last(client, user, device):
    add(client, device)
    path = f"/settings/security/passkeys/{Authenticator.objects.get(type='webauthn').pk}/remove/"
    assert "“Blue key”" in client.get(path).text
    assert client.post(path).url == PAGE
    assert not Authenticator.objects.exists()
    assert by_passkey(device)[1].url == LOGIN
    assert log_in(user)[1].url == "/"
    assert mail.outbox[-1].subject == "Vidu Studio: A passkey was removed"


@pytest.mark.parametrize(
    ("public", "host", "name"),
    [("", "127.0.0.1:8000", ""), ("", "localhost:8000", "localhost"),
     ("studio.example.test", "localhost:8000", "studio.example.test"),
     ("127.0.0.1", "localhost:8000", "localhost"), ("", "[::1]:8000", "")],
)  # fmt: skip
def test_passkeys_are_made_for_a_name(client, user, settings, public, host, name):
    settings.PUBLIC_HOST, settings.ALLOWED_HOSTS = public, ["*"]
    page = client.get(ADD, headers={"Host": host}).text
    if name:
        assert options_on(page)["publicKey"]["rp"]["id"] == name
    else:
        assert "A passkey is made for a name" in page
        assert "data-passkey" not in page
    assert ("data-passkey" in Client().get(LOGIN, headers={"Host": host}).text) == bool(name)


def test_options_are_no_place_for_what_somebody_typed(client, user):
    user.name = "</script><script>alert(1)</script>"
    user.save()
    page = client.get(ADD).text
    assert "<script>alert" not in page
    assert json.dumps(user.name)[1:-1] not in page
