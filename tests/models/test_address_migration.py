"""What becomes of the accounts of before, which were asked for no proof."""

from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps

from generation.models import User
from generation.models.addresses import claimant_of, owns_address, who_logs_in_with
from generation.models.users import NOWHERE

MIGRATION = import_module("generation.migrations.0021_accounts")


def account(email: str, *proven: str, **fields) -> User:
    user = User.objects.create_user(email, "pass-1234-word", **fields)
    EmailAddress.objects.create(user=user, email=email, primary=True)
    for one in proven:
        EmailAddress.objects.update_or_create(user=user, email=one, defaults={"verified": True})
    return user


@pytest.fixture
def migrated(db):
    def run(*users: User) -> list[User]:
        MIGRATION.keep_old_accounts(apps, None)
        return [User.objects.get(pk=user.pk) for user in users]

    return run


def test_an_unproven_account_logs_in_and_owns_nothing(migrated):
    (user,) = migrated(account("old@example.test"))
    assert user.logs_in_unproven
    assert who_logs_in_with("old@example.test") == user
    assert not owns_address(user, "old@example.test")


def test_the_operator_vouched_for_the_staff(migrated):
    (user,) = migrated(account("boss@example.test", is_staff=True))
    assert owns_address(user, "boss@example.test")


def test_a_proven_main_address_stays(migrated):
    (user,) = migrated(account("old@example.test", "old@example.test", "b@example.test"))
    assert user.email == "old@example.test"
    assert user.emailaddress_set.get(primary=True).email == "old@example.test"


def test_a_proven_second_address_becomes_the_main_one(migrated):
    """The main one may be a victim's; it stays good for logging in, and for nothing else."""
    (user,) = migrated(account("victim@example.test", "mine@example.test"))
    assert user.email == "mine@example.test"
    assert user.emailaddress_set.get(primary=True).email == "mine@example.test"
    assert who_logs_in_with("victim@example.test") == user
    assert claimant_of("victim@example.test") is None


def test_a_claim_on_what_another_has_proven_ends(migrated):
    claimed = account("b@example.test")
    owner, claimant = migrated(account("a@example.test", "b@example.test"), claimed)
    assert owner.email == "b@example.test"
    assert claimant.email.endswith(NOWHERE)
