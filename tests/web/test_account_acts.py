"""What people do to their accounts is in the audit log, in no team."""

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from generation import setup_link
from generation.models import AuditEvent, User, Verb
from tests.audit_flush import unguarded
from tests.authenticator import code_at, current_step, secret_on
from tests.factories import make_user
from tests.mailbox import mailed_code
from tests.security.verbs import VERBS

PASSWORD = "pass-1234-word"


def new_verbs() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))


@pytest.mark.django_db
def test_the_first_account_is_noted(visitor):
    path = reverse("first-account", args=[setup_link.setup_token()])
    person = {"email": "first@example.test", "name": "Fay", "password": "a-fine-pass-word"}
    assert visitor.post(path, person).status_code == 302
    assert new_verbs() == [VERBS["first-account"]]
    assert AuditEvent.objects.get().actor_name == "Fay"


@pytest.mark.django_db
def test_a_confirmed_address_is_noted(visitor):
    person = {"email": "new@example.test", "password1": "a-fine-pass-word"}
    visitor.post(reverse("account_signup"), person)
    code = {"code": mailed_code(person["email"]), "action": "verify"}
    visitor.post(reverse("account_email_verification_sent"), code)
    assert new_verbs() == [VERBS["account_signup"], VERBS["account_email_verification_sent"]]
    assert AuditEvent.objects.latest("pk").changes["address"] == ["", person["email"]]


@pytest.mark.django_db
def test_a_first_password_is_noted(user, client):
    User.objects.filter(pk=user.pk).update(password="!")
    client.force_login(User.objects.get(pk=user.pk))
    client.post(
        reverse("account_set_password"),
        {"password1": "other-5678-word", "password2": "other-5678-word"},
    )
    assert new_verbs() == [VERBS["account_set_password"]]


@pytest.mark.django_db
def test_a_password_by_letter_is_noted(user, visitor):
    visitor.post(reverse("account_reset_password"), {"email": user.email})
    (letter,) = mail.outbox
    link = next(part for part in str(letter.body).split() if "/password/reset/" in part)
    form = visitor.get(link[link.index("/password/") :], follow=True)
    password = {"password1": "other-5678-word", "password2": "other-5678-word"}
    visitor.post(form.request["PATH_INFO"], password)
    assert VERBS["account_reset_password_from_key"] in new_verbs()


def test_an_address_is_noted_when_it_comes_becomes_the_main_one_and_goes(user):
    browser = log_in(user)
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    old, new = user.email, "other@example.test"
    browser.post(reverse("account_email"), {"action_add": "", "email": new})
    code = {"code": mailed_code(new), "action": "verify"}
    browser.post(reverse("account_email_verification_sent"), code)
    browser.post(reverse("account_email"), {"action_primary": "", "email": new})
    browser.post(reverse("account_email"), {"action_remove": "", "email": old})
    changes = AuditEvent.objects.filter(verb=Verb.EMAIL_CHANGED).order_by("pk")
    assert [event.changes for event in changes] == [
        {"how": "confirmed", "address": ["", new]},
        {"how": "main", "address": [old, new]},
        {"how": "removed", "address": [old, ""]},
    ]


# --- New devices ----------------------------------------------------------------------------------


def log_in(user: User, browser: str = "Browser A", ip: str = "192.0.2.7") -> Client:
    client = Client(headers={"User-Agent": browser}, REMOTE_ADDR=ip)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert client.session[SESSION_KEY] == str(user.pk)
    return client


def count_log_ins() -> int:
    return AuditEvent.objects.filter(verb=Verb.LOGGED_IN).count()


def test_a_log_in_is_noted_once_for_each_browser_and_network(user):
    log_in(user)
    event = AuditEvent.objects.get()
    assert (event.actor, event.team, event.ip) == (user, None, "192.0.2.0/24")
    assert event.user_agent == "Browser A"
    log_in(user, ip="192.0.2.99")  # the same network
    assert count_log_ins() == 1
    log_in(user, browser="Browser B")
    log_in(user, ip="198.51.100.7")
    assert count_log_ins() == 3


def test_a_device_stays_known_when_its_session_has_ended(user):
    log_in(user).post(reverse("account_logout"))
    UserSession.objects.all().delete()  # as the next look at them does
    log_in(user)
    assert count_log_ins() == 1


def test_a_session_from_before_there_was_a_log_makes_a_device_known(user):
    log_in(user)
    with unguarded(connection):
        AuditEvent.objects.all().delete()
    log_in(user)
    assert not count_log_ins()


def test_one_persons_device_is_new_for_another(user):
    log_in(user)
    log_in(make_user())
    assert count_log_ins() == 2


def test_a_wrong_password_is_no_log_in(user, visitor):
    visitor.post(reverse("account_login"), {"login": user.email, "password": "wrong"})
    assert not AuditEvent.objects.exists()


def test_who_signs_up_has_a_known_device(visitor, db):
    person = {"email": "new@example.test", "password1": "a-fine-pass-word"}
    visitor.post(reverse("account_signup"), person)
    code = {"code": mailed_code(person["email"]), "action": "verify"}
    visitor.post(reverse("account_email_verification_sent"), code)
    visitor.post(reverse("account_logout"))
    visitor.post(
        reverse("account_login"), {"login": person["email"], "password": person["password1"]}
    )
    assert visitor.session[SESSION_KEY]
    assert Verb.LOGGED_IN not in new_verbs()


# --- Factors --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)  # allauth tells of factors when they are committed
def test_an_app_and_its_codes_are_noted():
    user = make_user()
    browser, page = log_in(user), reverse("mfa_activate_totp")
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    secret = secret_on(browser.get(page).text)
    browser.post(page, {"code": code_at(secret, current_step())})
    browser.post(reverse("mfa_generate_recovery_codes"))
    browser.post(reverse("mfa_deactivate_totp"), {"password": PASSWORD})
    acts = AuditEvent.objects.filter(verb=Verb.FACTOR_CHANGED).order_by("pk")
    assert [act.changes["how"] for act in acts] == ["totp added", "codes", "totp removed"]
    assert all(act.request_id and act.ip == "192.0.2.0/24" for act in acts)
    assert secret not in str(list(AuditEvent.objects.values()))
