"""The one-time link that makes the first account, while there is none."""

import hmac
import os
from pathlib import Path

from django.conf import settings

from generation.models import Team, User
from generation.models.users import NOWHERE
from vidustudio import secret_files


def path() -> Path:
    return settings.SECRETS_DIR / "setup_token"


def has_accounts() -> bool:
    """Whether somebody has an account, or left a team with work behind: who only began to sign up
    must not spend the link, and a stranger must not get what the last person deletes."""
    has_address = User.objects.exclude(email__endswith=NOWHERE)
    return has_address.exists() or Team.objects.exists()


def setup_token() -> str | None:
    """The token of the link, made when it is missing; None once an account exists."""
    if has_accounts():
        path().unlink(missing_ok=True)
        return None
    return secret_files.read_or_make(path(), data_exist=False)


def opens(token: str) -> bool:
    """Whether the link with this token still works. Never makes a token."""
    try:
        right = path().read_text().strip()
    except OSError:
        return False
    return hmac.compare_digest(right.encode(), token.encode()) and not has_accounts()


def use_up(token: str) -> bool:
    """Spend the token. False when it is wrong or somebody else was first."""
    if not opens(token):
        return False
    spent = path().with_name(f"setup_token.{os.getpid()}.spent")
    try:
        path().rename(spent)  # of two at once only one finds the file
    except FileNotFoundError:
        return False
    spent.unlink()
    return True
