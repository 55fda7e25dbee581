"""What the studio mails about an account: notices of changes, and links nobody can forge."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from generation.forms.links import link_to
from generation.models.addresses import prove_address
from tests.factories import make_user
from tests.mailbox import mailed_code, mailed_link, mails_to

PASSWORD, NEW = "pass-1234-word", "quiet-anchor-77"
EMAIL, CODE, RESET, SIGNUP = "/email/", "/confirm-email/", "/password/reset/", "/signup/"
SECOND = "second@example.test"
EVIL = "evil.example"


@pytest.fixture
def person(user):
    """A browser in which Nadia has just typed her password."""
    browser = Client()
    browser.post("/login/", {"login": user.email, "password": PASSWORD})
    again = {"password": PASSWORD, "next": EMAIL}
    assert browser.post("/reauthenticate/", again).status_code == 302
    mail.outbox.clear()
    return browser


def subjects_to(email: str) -> list[str]:
    return [one.subject for one in mail.outbox if email in one.to]


def test_a_new_address_is_proven_and_the_main_one_is_told(person, user):
    assert person.post(EMAIL, {"action_add": "", "email": SECOND}).url == CODE
    assert SECOND in person.get(CODE).content.decode()
    assert not EmailAddress.objects.filter(email=SECOND).exists()
    assert person.post(CODE, {"code": mailed_code(SECOND), "action": "verify"}).url == EMAIL
    assert subjects_to(user.email) == ["Vidu Studio: An address was added"]
    assert SECOND in mails_to(user.email)[0]


def test_the_old_main_address_is_told_of_the_new_one(person, user):
    prove_address(user, SECOND)
    person.post(EMAIL, {"action_primary": "", "email": SECOND})
    assert subjects_to(user.email) == ["Vidu Studio: Your main address was changed"]
    assert f"from {user.email} to {SECOND}" in mails_to(user.email)[0]
    user.refresh_from_db()
    assert user.email == SECOND


def test_the_main_address_is_told_of_a_removed_one(person, user):
    prove_address(user, SECOND)
    person.post(EMAIL, {"action_remove": "", "email": SECOND})
    assert subjects_to(user.email) == ["Vidu Studio: An address was removed"]
    assert not EmailAddress.objects.filter(email=SECOND).exists()


def test_the_address_of_the_account_cannot_be_removed(person, user):
    prove_address(user, SECOND)
    EmailAddress.objects.filter(user=user).update(primary=False)
    person.post(EMAIL, {"action_remove": "", "email": user.email})
    assert EmailAddress.objects.filter(email=user.email).exists()


def test_a_changed_password_is_told_with_where_it_was_done(person, user):
    new = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    person.post("/password/change/", new, headers={"User-Agent": "Firefox"})
    assert subjects_to(user.email) == ["Vidu Studio: Your password was changed"]
    assert "From: 127.0.0.1, Firefox." in mails_to(user.email)[0]


def test_a_reset_password_is_told(user):
    Client().post(RESET, {"email": user.email})
    browser = Client()
    form = browser.get(mailed_link()).url
    browser.post(form, {"password1": NEW, "password2": NEW})
    assert subjects_to(user.email)[-1] == "Vidu Studio: Your password was reset"


def test_a_notice_is_in_the_language_of_the_person(person, user):
    user.language = "zh-hans"
    user.save()
    new = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    person.post("/password/change/", new, headers={"Accept-Language": "en"})
    assert subjects_to(user.email) == ["Vidu Studio: 密码已修改"]
    assert "其他设备均已退出登录" in mails_to(user.email)[0]


def test_a_password_changes_also_where_no_notice_can_be_sent(person, user, settings):
    settings.EMAIL_BACKEND = "generation.web.mail.SmtpBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 2
    new = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    assert person.post("/password/change/", new).status_code == 302
    user.refresh_from_db()
    assert user.check_password(NEW)


def links() -> list[str]:
    return [link for one in mail.outbox for link in re.findall(r"\w+://\S+", one.body)]


def all_mails_with_links(user) -> None:
    """From browsers that name an allowed host which is not the studio's address."""
    host = {"Host": EVIL, "X-Forwarded-Host": EVIL}
    for path, form in (
        (RESET, {"email": user.email}),
        (RESET, {"email": "nobody@example.test"}),
        (SIGNUP, {"email": user.email, "password1": NEW}),
        (SIGNUP, {"email": "nobody@example.test", "password1": NEW}),
    ):
        assert Client().post(path, form, headers=host).status_code == 302
    assert len(mail.outbox) == 4


def test_no_link_has_the_host_of_the_request(user, settings):
    settings.ALLOWED_HOSTS = ["studio.example", EVIL]
    settings.LOCAL_URL = "http://127.0.0.1:8123"
    all_mails_with_links(user)
    assert len(links()) == 2
    assert all(link.startswith("http://studio.example:8123/password/reset/") for link in links())
    assert not any(EVIL in one.body + one.subject for one in mail.outbox)


def test_every_link_has_the_public_address(user, settings):
    settings.ALLOWED_HOSTS = ["studio.example", EVIL]
    settings.PUBLIC_URL = "https://studio.example"
    all_mails_with_links(user)
    assert len(links()) == 2
    assert all(link.startswith("https://studio.example/password/") for link in links())


@pytest.mark.parametrize(
    ("hosts", "local", "address"),
    [
        (["studio.example", "b.example"], "", "http://studio.example/x/"),
        ([".example.com"], "", "http://example.com/x/"),
        (["*"], "http://127.0.0.1:8000", "http://localhost:8000/x/"),
        (["*", "b.example"], "", "http://b.example/x/"),
        ([], "", "http://localhost/x/"),
    ],
)
def test_without_a_public_address_the_first_allowed_host_is_it(settings, hosts, local, address):
    settings.ALLOWED_HOSTS, settings.LOCAL_URL = hosts, local
    assert link_to("/x/") == address


def test_known_and_unknown_addresses_get_the_same_answers(db):
    """Also those of an account that is paused, and of one of before that was never proven."""
    known, paused = make_user(), make_user(is_active=False)
    old = make_user(logs_in_unproven=True)
    EmailAddress.objects.filter(user=old).update(verified=False)
    emails = [known.email, paused.email, old.email, "nobody@example.test"]
    for path, form in (
        ("/login/", {"login": "{}", "password": "wrong"}),
        (RESET, {"email": "{}"}),
        (SIGNUP, {"email": "{}", "password1": NEW}),
    ):
        assert len({seen(path, form, email) for email in emails}) == 1, path


def seen(path: str, form: dict[str, str], email: str) -> tuple[int, str]:
    """The status and the page that follows, without what differs each time."""
    browser = Client()
    answer = browser.post(path, {name: value.format(email) for name, value in form.items()})
    page = browser.get(answer.url) if answer.status_code == 302 else answer
    text = page.content.decode().replace(email, "EMAIL")
    return answer.status_code, re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)


def test_a_code_page_takes_no_code_for_an_address_of_another(user):
    browser = Client()
    browser.post(SIGNUP, {"email": user.email, "password1": NEW})
    for _ in range(2):
        answer = browser.post(CODE, {"code": "BCDF-GHJK", "action": "verify"})
        assert answer.status_code == 422
    assert browser.post(CODE, {"code": "BCDF-GHJK", "action": "verify"}).url == "/login/"
    assert browser.get("/").url == reverse("account_login")
