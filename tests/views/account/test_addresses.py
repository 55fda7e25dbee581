"""Who owns an address, and every order in which a stranger may try to take an account over."""

from datetime import timedelta

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from django.core import mail
from django.test import Client
from django.utils import timezone

from generation import setup_link
from generation.engine import purge
from generation.forms.account import ResetPasswordKeyForm
from generation.models import Team, User
from generation.models.addresses import (
    NotProven,
    owner_of,
    owns_address,
    prove_address,
    who_logs_in_with,
    who_may_reset,
)
from tests.authenticator import grow_old
from tests.factories import make_user
from tests.mailbox import mailed_code, mailed_link, mails_to

PASSWORD, OTHER = "harbour-lantern-42", "quiet-anchor-77"
VICTIM, STRANGER = "victim@example.test", "stranger@example.test"
SIGNUP, LOGIN, CODE, RESET, EMAIL = (
    "/signup/", "/login/", "/confirm-email/", "/password/reset/", "/email/",
)  # fmt: skip


def sign_up(email: str, password: str = PASSWORD) -> Client:
    browser = Client()
    answer = browser.post(SIGNUP, {"email": email, "password1": password})
    assert answer.url == CODE
    return browser


def type_code(browser: Client, email: str):
    return browser.post(CODE, {"code": mailed_code(email), "action": "verify"})


def reset(email: str, password: str = OTHER) -> Client:
    """As the reader of this mailbox does."""
    browser = Client()
    browser.post(RESET, {"email": email})
    form = browser.get(mailed_link(email)).url
    browser.post(form, {"password1": password, "password2": password})
    return browser


def log_in(email: str, password: str) -> Client:
    browser = Client()
    browser.post(LOGIN, {"login": email, "password": password})
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/").url != LOGIN


def old_account(email: str, *others: str, password: str = PASSWORD, **fields) -> User:
    """As versions made them that asked for no proof, with addresses added to it."""
    user = User.objects.create_user(email, password, logs_in_unproven=True, **fields)
    Team.create_personal(user)
    for one in (email, *others):
        EmailAddress.objects.create(user=user, email=one, primary=one == email)
    return user


def add_address(browser: Client, email: str, password: str) -> None:
    grow_old(browser, 301)
    asked = browser.post(EMAIL, {"action_add": "", "email": email})
    answer = browser.post(asked.url, {"password": password, "next": EMAIL})
    assert answer.url == CODE


def test_a_sign_up_owns_nothing_and_makes_nothing_before_the_code(db):
    browser = sign_up(VICTIM)
    assert not is_in(browser)
    assert owner_of(VICTIM) is None
    assert not Team.objects.exists()
    assert not is_in(log_in(VICTIM, PASSWORD))
    assert type_code(browser, VICTIM).url == "/"
    assert is_in(browser)
    assert owns_address(User.objects.get(), "Victim@Example.TEST")


def test_a_code_that_was_mailed_opens_only_the_browser_that_asked_for_it(db):
    """A victim who types what came by mail proves nothing for the stranger."""
    stranger, victim = sign_up(VICTIM), sign_up(VICTIM, OTHER)
    assert type_code(victim, VICTIM).url == "/"
    mail.outbox.pop()
    for one in (stranger, Client()):
        type_code(one, VICTIM)
        assert not is_in(one)
    assert not is_in(log_in(VICTIM, PASSWORD))
    assert is_in(log_in(VICTIM, OTHER))


def test_who_proves_it_first_has_it_whoever_began_first(db):
    stranger = sign_up(VICTIM)
    first_code = mailed_code(VICTIM)
    victim = sign_up(VICTIM, OTHER)
    type_code(victim, VICTIM)
    answer = stranger.post(CODE, {"code": first_code, "action": "verify"})
    assert answer.status_code == 422
    assert not is_in(stranger)
    assert owner_of(VICTIM).check_password(OTHER)


def test_three_wrong_codes_end_the_sign_up(db):
    browser = sign_up(VICTIM)
    for _ in range(3):
        browser.post(CODE, {"code": "BCDF-GHJK", "action": "verify"})
    type_code(browser, VICTIM)
    assert owner_of(VICTIM) is None


def test_a_reset_takes_an_old_account_from_who_registered_it(db):
    """Registered by a stranger with the victim's address and an own second one."""
    account = old_account(VICTIM, STRANGER)
    stranger = log_in(VICTIM, PASSWORD)
    assert is_in(stranger)
    victim = reset(VICTIM)
    assert owns_address(account, VICTIM)
    assert list(EmailAddress.objects.values_list("email", flat=True)) == [VICTIM]
    assert not is_in(stranger)
    assert not is_in(log_in(VICTIM, PASSWORD))
    assert is_in(log_in(VICTIM, OTHER))
    mail.outbox.clear()
    victim.post(RESET, {"email": STRANGER})
    assert who_may_reset(STRANGER) is None
    assert "password/reset/key" not in mails_to(STRANGER)[-1]


def test_an_address_that_was_never_proven_resets_nothing(db):
    old_account(VICTIM, STRANGER)
    prove_address(User.objects.get(), VICTIM)
    EmailAddress.objects.create(user=User.objects.get(), email=STRANGER)
    Client().post(RESET, {"email": STRANGER})
    assert "password/reset/key" not in mails_to(STRANGER)[-1]


def test_a_code_asked_for_before_the_victims_reset_adds_nothing_after_it(db):
    old_account(VICTIM)
    stranger = log_in(VICTIM, PASSWORD)
    add_address(stranger, STRANGER, PASSWORD)
    reset(VICTIM)
    type_code(stranger, STRANGER)
    assert owner_of(STRANGER) is None
    assert not is_in(stranger)


def test_a_strangers_own_proof_costs_an_old_account_the_victims_address(db):
    account = old_account(VICTIM)
    stranger = log_in(VICTIM, PASSWORD)
    add_address(stranger, STRANGER, PASSWORD)
    type_code(stranger, STRANGER)
    account.refresh_from_db()
    assert account.email == STRANGER
    assert who_logs_in_with(VICTIM) is None
    victim = sign_up(VICTIM, OTHER)
    type_code(victim, VICTIM)
    assert owner_of(VICTIM) != account
    assert is_in(stranger)


def test_who_signs_up_for_an_address_of_an_old_account_gets_it_by_the_mail(db):
    account = old_account(VICTIM, STRANGER)
    victim = sign_up(VICTIM, OTHER)
    form = victim.get(mailed_link(VICTIM)).url
    victim.post(form, {"password1": OTHER, "password2": OTHER})
    assert owns_address(account, VICTIM)
    assert not is_in(log_in(VICTIM, PASSWORD))


def test_an_address_change_takes_it_from_who_registered_it(db):
    squatter = old_account(VICTIM)
    stranger = log_in(VICTIM, PASSWORD)
    owner = make_user("first@example.test")
    browser = log_in(owner.email, "pass-1234-word")
    add_address(browser, VICTIM, "pass-1234-word")
    type_code(browser, VICTIM)
    assert owns_address(owner, VICTIM)
    assert browser.post(EMAIL, {"action_primary": "", "email": VICTIM}).url == EMAIL
    owner.refresh_from_db()
    assert owner.email == VICTIM
    assert not is_in(log_in(VICTIM, PASSWORD))
    squatter.refresh_from_db()
    assert squatter.teams.count() == 1
    assert is_in(stranger)
    stranger.post("/logout/")
    reset(VICTIM)
    squatter.refresh_from_db()
    assert squatter.check_password(PASSWORD)


def test_what_another_claims_beside_his_own_keeps_nobody_from_signing_up(db):
    stranger = make_user(STRANGER)
    EmailAddress.objects.create(user=stranger, email=VICTIM)
    victim = sign_up(VICTIM, OTHER)
    assert type_code(victim, VICTIM).url == "/"
    assert owns_address(User.objects.get(email=VICTIM), VICTIM)
    assert not EmailAddress.objects.filter(user=stranger, email=VICTIM).exists()


def test_no_address_has_two_owners(db):
    prove_address(make_user(), VICTIM)
    with pytest.raises(NotProven):
        prove_address(make_user(), VICTIM)


def test_a_proof_that_began_before_the_victims_reset_fails_after_it(db):
    account = old_account(VICTIM)
    before = User.objects.get(pk=account.pk)
    reset(VICTIM)
    with pytest.raises(NotProven):
        prove_address(before, STRANGER)
    assert owner_of(STRANGER) is None


def test_a_reset_that_began_before_the_strangers_proof_fails_after_it(db):
    """Else the victim would have the account, and the stranger an address of it."""
    account = old_account(VICTIM)
    before = User.objects.get(pk=account.pk)
    token = default_token_generator.make_token(before)
    prove_address(account, STRANGER)
    new = {"password1": OTHER, "password2": OTHER}
    form = ResetPasswordKeyForm(new, user=before, temp_key=token)
    assert form.is_valid()
    with pytest.raises(ImmediateHttpResponse):
        form.save()
    account.refresh_from_db()
    assert (account.email, account.check_password(PASSWORD)) == (STRANGER, True)


def test_a_code_for_an_address_of_another_adds_nothing(db):
    make_user(VICTIM)
    stranger = make_user(STRANGER)
    browser = log_in(STRANGER, "pass-1234-word")
    add_address(browser, VICTIM, "pass-1234-word")
    assert type_code(browser, VICTIM).status_code == 422
    assert not owns_address(stranger, VICTIM)


def test_an_unproven_address_cannot_be_the_main_one(db):
    account = old_account(STRANGER, VICTIM)
    browser = log_in(STRANGER, PASSWORD)
    asked = browser.post(EMAIL, {"action_primary": "", "email": VICTIM})
    browser.post(asked.url, {"password": PASSWORD, "next": EMAIL})
    account.refresh_from_db()
    assert account.email == STRANGER


def test_an_invitation_is_only_for_who_has_proven_its_address(db):
    account = old_account(VICTIM)
    assert not owns_address(account, VICTIM)
    reset(VICTIM)
    assert owns_address(account, VICTIM.upper())
    assert not owns_address(account, STRANGER)


def test_old_accounts_log_in_with_every_address_as_before(db):
    old_account(VICTIM, STRANGER)
    assert is_in(log_in(VICTIM.upper(), PASSWORD))
    assert is_in(log_in(STRANGER, PASSWORD))


def test_an_unfinished_sign_up_is_forgotten_and_nothing_else(db):
    sign_up(VICTIM)
    made = [make_user(), old_account(STRANGER)]
    User.objects.update(date_joined=timezone.now() - timedelta(hours=23), last_login=None)
    assert purge.purge_sign_ups(timezone.now()) == 0
    assert purge.purge_sign_ups(timezone.now() + timedelta(hours=2)) == 1
    assert list(User.objects.order_by("pk")) == made


def test_a_strangers_sign_up_does_not_spend_the_link_of_the_first_account(db, settings, tmp_path):
    settings.SECRETS_DIR = tmp_path
    token = setup_link.setup_token()
    sign_up(VICTIM)
    assert setup_link.opens(token)


def test_the_first_account_owns_its_address(visitor, db, settings, tmp_path):
    settings.SECRETS_DIR = tmp_path
    facts = {"email": VICTIM, "password": PASSWORD}
    visitor.post(f"/welcome/{setup_link.setup_token()}/", facts)
    assert owns_address(User.objects.get(), VICTIM)


def test_a_new_code_replaces_the_old_one(db):
    browser = sign_up(VICTIM)
    old = mailed_code(VICTIM)
    browser.post(CODE, {"action": "resend"})
    assert browser.post(CODE, {"code": old, "action": "verify"}).status_code == 422
    assert type_code(browser, VICTIM).url == "/"


def test_who_took_the_wrong_address_signs_up_with_another(db):
    browser = sign_up(STRANGER)
    assert browser.post("/logout/", {"next": SIGNUP}).url == SIGNUP
    assert browser.get(SIGNUP).status_code == 200
    browser.post(SIGNUP, {"email": VICTIM, "password1": PASSWORD})
    assert type_code(browser, VICTIM).url == "/"
    assert [one.email for one in User.objects.filter(teams__isnull=False)] == [VICTIM]


def test_who_was_made_in_a_shell_logs_in_without_a_code(db):
    User.objects.create_superuser("boss@example.test", PASSWORD)
    browser = log_in("boss@example.test", PASSWORD)
    assert "_auth_user_id" in browser.session


def test_a_paused_account_is_led_to_its_page_and_resets_nothing(db):
    user = make_user(VICTIM, is_active=False)
    right = {"login": VICTIM, "password": "pass-1234-word"}
    assert Client().post(LOGIN, right).url == "/inactive/"
    assert who_may_reset(VICTIM) is None
    assert owns_address(user, VICTIM)
