"""Checking a password: the limits first, then at most one hash."""

from typing import Any

from allauth.account.stages import EmailVerificationStage
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from generation.forms import limits
from generation.forms.known_device import known_device
from generation.models import LimitCount, User
from generation.models.addresses import fold_address, who_logs_in_with
from generation.models.users import password_form


class TooManyTries(Exception):
    """The password was not looked at."""


class ProofStage(EmailVerificationStage):  # type: ignore[misc]
    """Asks for the code that was mailed, but not who had an account before there were codes."""

    def handle(self) -> Any:
        user = self.login.user
        return (None, True) if user and user.logs_in_unproven else super().handle()


def check_log_in(request: HttpRequest, email: str, password: str) -> User | None:
    """Whose address and password these are. Raises TooManyTries."""
    user = who_logs_in_with(email)
    turn = take_turn(request, email, user)
    if not turn.is_allowed:
        raise TooManyTries
    if user is None:
        make_password(password_form(password))  # as long as looking at one takes
        return None
    if not user.check_password(password):
        return None
    turn.give_back()
    if user.opened_as_typed:
        user.set_password(password)
        user.save(update_fields=["password"])
    return user


def take_turn(request: HttpRequest, email: str, user: User | None) -> limits.Turn:
    if user and (device := known_device(request, user)):
        return limits.Turn().take(limits.DEVICE, user.pk, device)
    network = limits.network_of(request)
    account = about_account(user) if user else fold_address(email)
    return (
        limits.Turn()
        .take(limits.EVERYBODY)
        .take(limits.NETWORK, network)
        .take(limits.PAIR, network, account)
        .take(limits.ACCOUNT, account)
    )


def about_account(user: User) -> str:
    return f"account {user.pk}"


def check_own_password(user: User, password: str) -> bool:
    """Whether who is logged in has this password. Raises TooManyTries."""
    turn = limits.Turn().take(limits.AGAIN, user.pk)
    if not turn.is_allowed:
        raise TooManyTries
    if not user.check_password(password):
        return False
    turn.give_back()
    return True


def forget_tries(user: User) -> None:
    """After a reset, which only the owner of the mailbox can make."""
    LimitCount.forget(limits.ACCOUNT.key(about_account(user)))
