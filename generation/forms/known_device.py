"""A cookie by which a browser shows that this account has logged in with it before.

It opens nothing: it only keeps the tries of strangers from counting. It is of one account, and
worth nothing once the password is another.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponseBase

from generation.models import User

LIFE = 400 * 24 * 3600  # the longest that browsers keep a cookie


def cookie_name(user: User) -> str:
    return f"{settings.COOKIE_PREFIX}device-{user.pk}"


def signer(user: User) -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=f"device {user.pk} {user.get_session_auth_hash()}")


def known_device(request: HttpRequest, user: User) -> str:
    """The name of this browser where the account knows it, else nothing."""
    try:
        return signer(user).unsign(request.COOKIES.get(cookie_name(user), ""), max_age=LIFE)
    except signing.BadSignature:
        return ""


def note_device(request: HttpRequest, user: User) -> None:
    """Have the answer to this request make its browser a known one."""
    request.device_of = user  # type: ignore[attr-defined]


def note_own_device(request: HttpRequest, user: User, **_facts: Any) -> None:
    """A new password makes all of them unknown, but for the one that it was set with."""
    note_device(request, user)


def set_device_cookie(request: HttpRequest, response: HttpResponseBase) -> None:
    user: User | None = getattr(request, "device_of", None)
    if user is None:
        return
    name = known_device(request, user) or secrets.token_urlsafe(12)
    response.set_cookie(
        cookie_name(user),
        signer(user).sign(name),
        max_age=LIFE,
        path=settings.COOKIE_PATH,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
