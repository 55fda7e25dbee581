"""Log-in, sign-up, log-out, passwords, and accounts made on the command line."""

import re
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from generation.models import Role, Team, User
from generation.models.addresses import owns_address
from tests.authenticator import grow_old
from tests.mailbox import mailed_code, mailed_link

PASSWORD = "harbour-lantern-42"
LOGIN, SIGNUP, CODE = "/login/", "/signup/", "/confirm-email/"


@pytest.fixture
def nadia(user):
    user.set_password(PASSWORD)
    user.save()
    return user


def test_the_right_password_leads_to_the_start_and_the_wrong_one_to_a_sentence(visitor, nadia):
    wrong = visitor.post(LOGIN, {"login": nadia.email, "password": "wrong"})
    assert wrong.status_code == 422
    page = wrong.content.decode()
    assert "No account has this e-mail address and password." in page
    assert f'value="{nadia.email}"' in page
    assert visitor.post(LOGIN, {"login": nadia.email, "password": PASSWORD}).url == "/"
    assert visitor.get("/").url == reverse("create-home")


def test_an_unknown_address_is_refused_with_the_same_sentence(visitor, nadia):
    known = visitor.post(LOGIN, {"login": nadia.email, "password": "wrong"})
    unknown = visitor.post(LOGIN, {"login": "x@example.test", "password": "wrong"})
    sentences = [
        re.findall(r'role="alert".*?</div>', a.content.decode(), re.S) for a in (known, unknown)
    ]
    assert sentences[0] == sentences[1] != []


def test_five_wrong_tries_stop_the_sixth_even_with_the_right_password(visitor, nadia):
    for _ in range(5):
        visitor.post(LOGIN, {"login": nadia.email, "password": "wrong"})
    refused = visitor.post(LOGIN, {"login": nadia.email, "password": PASSWORD})
    assert refused.status_code == 422
    assert "Too many tries." in refused.content.decode()


@pytest.mark.parametrize(
    "target",
    ["//evil.test", "/\\evil.test", "https:evil.test", "https://evil.test/", "/%0d%0a//evil.test"],
)
def test_after_log_in_nobody_is_sent_to_a_foreign_host(visitor, nadia, target):
    answer = visitor.post(f"{LOGIN}?next={target}", {"login": nadia.email, "password": PASSWORD})
    assert re.match(r"/(?![/\\])", answer.headers["Location"])


def test_log_in_hands_the_browser_the_persons_theme_and_language(visitor, nadia):
    User.objects.filter(pk=nadia.pk).update(theme="light", language="zh-hans")
    answer = visitor.post(LOGIN, {"login": nadia.email, "password": PASSWORD})
    assert answer.cookies["theme"].value == "light"
    assert answer.cookies["django_language"].value == "zh-hans"


def test_sign_up_makes_a_team_with_a_project_and_logs_in(visitor, db):
    answer = visitor.post(
        SIGNUP, {"email": "Jonas@Example.Test", "name": "Jonas", "password1": PASSWORD}
    )
    assert answer.url == CODE
    assert not Team.objects.exists()
    assert visitor.post(CODE, {"code": mailed_code(), "action": "verify"}).url == "/"
    user = User.objects.get(email="jonas@example.test")
    assert user.name == "Jonas"
    assert user.memberships.get().role == Role.OWNER
    assert user.teams.get().projects.count() == 1
    assert visitor.get("/").url == reverse("create-home")


def test_sign_up_takes_no_rights_from_the_form(visitor, db):
    visitor.post(
        SIGNUP,
        {"email": "a@example.test", "password1": PASSWORD, "is_staff": "1", "is_superuser": "1"},
    )
    visitor.post(CODE, {"code": mailed_code(), "is_staff": "1", "is_superuser": "1"})
    user = User.objects.get()
    assert not user.is_staff
    assert not user.is_superuser


def test_a_weak_password_is_refused_at_its_field_and_the_rest_is_kept(visitor, db):
    answer = visitor.post(
        SIGNUP, {"email": "a@example.test", "name": "Ana", "password1": "12345678"}
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'aria-describedby="id_password1_helptext id_password1_error"' in page
    assert 'value="Ana"' in page
    assert re.search(r"<input[^>]*name=.password1[^>]* autofocus", page)
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("harb7", "This is too short. Use at least 8 characters."),
        ("password1", "Many people use this password. Choose another one."),
        ("8305719462", "Digits alone are easy to guess. Add some letters."),
        ("annemarie.holm", "This is too close to your e-mail address. Choose another password."),
    ],
)
def test_a_refused_password_says_what_to_do(visitor, db, password, sentence):
    typed = {"email": "annemarie.holm@example.test", "password1": password}
    assert sentence in visitor.post(SIGNUP, typed).content.decode()
    assert not User.objects.exists()


def test_several_wrong_fields_are_listed_with_links(visitor, db):
    page = visitor.post(SIGNUP, {"email": "no", "password1": "123"}).content.decode()
    assert 'href="#id_email"' in page
    assert 'href="#id_password1"' in page
    assert page.count(" autofocus") == 1


def test_closed_sign_up_makes_no_account(visitor, db, settings):
    settings.SIGNUP_OPEN = False
    assert SIGNUP not in visitor.get(LOGIN).content.decode()
    answer = visitor.post(SIGNUP, {"email": "a@example.test", "password1": PASSWORD})
    page = answer.content.decode()
    assert "Sign-up is closed" in page
    assert "Ask whoever runs this studio for an invitation." in page
    assert not User.objects.exists()


def test_log_out_needs_a_post(client):
    client.get("/logout/")
    assert client.get("/").url == reverse("create-home")
    client.post("/logout/")
    assert client.get("/").url == LOGIN


def test_the_password_is_reset_by_the_mailed_link_once(visitor, nadia):
    visitor.post("/password/reset/", {"email": nadia.email})
    path = mailed_link()
    form = visitor.get(path).url
    new = {"password1": "quiet-anchor-77", "password2": "quiet-anchor-77"}
    assert visitor.post(form, new).status_code == 302
    nadia.refresh_from_db()
    assert nadia.check_password("quiet-anchor-77")
    assert "does not work any more" in Client().get(path).content.decode()


def test_the_mailed_link_uses_the_configured_address(visitor, nadia, settings):
    settings.PUBLIC_URL = "https://studio.example"
    visitor.post("/password/reset/", {"email": nadia.email})
    assert "https://studio.example/password/reset/key/" in mail.outbox[0].body
    assert "testserver" not in mail.outbox[0].body


def test_reset_answers_alike_for_known_and_unknown_addresses(visitor, nadia):
    answers = [visitor.post("/password/reset/", {"email": e}) for e in (nadia.email, "x@y.test")]
    assert [a.status_code for a in answers] == [302, 302]
    assert answers[0].url == answers[1].url


def test_without_a_mail_server_the_page_promises_no_mail(visitor, db, settings):
    visitor.post(SIGNUP, {"email": "a@example.test", "password1": PASSWORD})
    pages = ("/password/reset/", "/password/reset/done/", CODE)
    with_mail = [visitor.get(path).content.decode() for path in pages]
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    without = [visitor.get(path).content.decode() for path in pages]
    assert ["sends no mail yet" in page for page in with_mail + without] == [False] * 3 + [True] * 3
    assert not any("Look into your mail" in page or "We sent" in page for page in without)


def test_who_borrows_a_browser_cannot_add_an_address(visitor, nadia):
    """With an own address on the account they could reset its password."""
    visitor.post(LOGIN, {"login": nadia.email, "password": PASSWORD})
    grow_old(visitor, 301)
    mine = {"action_add": "", "email": "mine@example.test"}
    asked = visitor.post("/email/", mine)
    assert asked.url == "/reauthenticate/?next=%2Femail%2F"
    assert visitor.post(asked.url, {"password": "wrong"}).status_code == 422
    assert not EmailAddress.objects.filter(email=mine["email"]).exists()
    for action in ("action_primary", "action_remove"):
        assert visitor.post("/email/", {action: "", "email": nadia.email}).url == asked.url
    visitor.post("/email/", mine)
    assert visitor.post(asked.url, {"password": PASSWORD, "next": "/email/"}).url == CODE
    visitor.post(CODE, {"code": mailed_code()})
    assert EmailAddress.objects.filter(user=nadia, email=mine["email"]).exists()


def test_a_changed_password_logs_out_the_other_devices(client, nadia):
    other = Client()
    for browser in (client, other):
        browser.post("/logout/")
        browser.post(LOGIN, {"login": nadia.email, "password": PASSWORD})
    facts = {
        "oldpassword": PASSWORD,
        "password1": "quiet-anchor-77",
        "password2": "quiet-anchor-77",
    }
    assert client.post("/password/change/", facts).status_code == 302
    assert client.get("/").url == reverse("create-home")
    assert other.get("/").url == LOGIN


@pytest.mark.parametrize(
    "path", ["/login/", "/signup/", "/password/reset/", "/password/reset/done/", "/inactive/",
             "/password/reset/key/done/"],
)  # fmt: skip
def test_every_page_before_log_in_has_the_studio_frame(visitor, db, path):
    page = visitor.get(path).content.decode()
    assert 'class="brand"' in page
    assert "css/studio.css" in page


@pytest.mark.parametrize(
    "path", ["/login/", "/signup/", "/password/reset/", "/password/change/", "/email/",
             "/reauthenticate/", "/password/reset/key/x-y/"],
)  # fmt: skip
def test_no_cache_keeps_a_page_about_the_account(client, visitor, path):
    for browser in (client, visitor):
        assert "no-store" in browser.get(path).headers["Cache-Control"], path


def wrong_tries(browser, count, **headers):
    """As a stranger tries many accounts, each from an address of its own as far as one believes."""
    return [
        browser.post(
            LOGIN, {"login": f"p{n}@example.test", "password": "wrong"},
            headers={name: value.format(n) for name, value in headers.items()},
        ).content.decode()
        for n in range(count)
    ]  # fmt: skip


def test_an_invented_address_does_not_get_more_tries(visitor, db):
    pages = wrong_tries(visitor, 12, x_forwarded_for="10.0.0.{}")
    assert "Too many tries." in pages[-1]


def test_behind_a_proxy_one_persons_tries_do_not_stop_another(visitor, nadia, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    pages = wrong_tries(visitor, 12, x_forwarded_for="10.0.0.{}, 192.0.2.1")
    assert "Too many tries." in pages[-1]
    person = {"login": nadia.email, "password": PASSWORD}
    answer = visitor.post(LOGIN, person, headers={"X-Forwarded-For": "192.0.2.2"})
    assert answer.status_code == 302


@pytest.mark.parametrize("path", ["/password/change/", "/email/", "/reauthenticate/", "/logout/"])
def test_every_account_page_has_the_studio_frame(client, path):
    assert "css/studio.css" in client.get(path).content.decode()


def test_create_user_makes_a_person_who_can_log_in(visitor, db, monkeypatch):
    monkeypatch.setenv("STUDIO_PASSWORD", PASSWORD)
    call_command("create_user", "Mira@Example.test", "--name", "Mira", stdout=StringIO())
    user = User.objects.get(email="mira@example.test")
    assert Team.objects.visible_to(user).count() == 1
    assert owns_address(user, "MIRA@example.test")
    assert visitor.post(LOGIN, {"login": user.email, "password": PASSWORD}).url == "/"
    assert not user.is_staff


@pytest.mark.parametrize(
    ("email", "password"), [("nadia@example.test", PASSWORD), ("b@b.test", "123"), ("no", PASSWORD)]
)
def test_create_user_refuses_what_the_page_would_refuse(user, monkeypatch, email, password):
    monkeypatch.setenv("STUDIO_PASSWORD", password)
    with pytest.raises(CommandError):
        call_command("create_user", email)
    assert User.objects.count() == 1


def test_verify_address_vouches_for_an_account(user):
    EmailAddress.objects.update(verified=False)
    call_command("verify_address", "NADIA@example.test", stdout=StringIO())
    assert owns_address(user, user.email)
    with pytest.raises(CommandError):
        call_command("verify_address", "nobody@example.test")
