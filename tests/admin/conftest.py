"""Somebody who runs the studio, at a browser, and what the studio holds."""

import pytest
from django.conf import settings
from django.test import Client

from generation.models import User
from tests.authenticator import add_passkey, grow_old
from tests.factories import make_user


def browser_of(user: User, *, recent: bool = True) -> Client:
    """One in which somebody logged in just now, or some time ago."""
    browser = Client()
    browser.force_login(user)
    if not recent:
        grow_old(browser, settings.ACCOUNT_REAUTHENTICATION_TIMEOUT + 1)
    return browser


@pytest.fixture
def operator(db) -> User:
    user = make_user("opal@example.test", name="Opal Operator", is_staff=True)
    add_passkey(user, "Key ring")
    return user


@pytest.fixture
def desk(operator) -> Client:
    return browser_of(operator)
