"""Vidu's signature under a callback. It does not cover the body: a callback is only a hint."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

ACCESS_KEY = "vidu"
ALGORITHM = "hmac-sha256"
NONCE = "x-request-nonce"
FRESH = timedelta(seconds=300)


class Invalid(Exception):
    """Not signed with this key, or not now."""


def verify(
    method: str, path: str, query: str, headers: Mapping[str, str], key: str, now: datetime
) -> str:
    """Return the nonce, to be remembered by the caller. Raises Invalid.

    `path` and `query` are those of the callback address as the provider was given it.
    """
    told = {name.lower(): value.strip() for name, value in headers.items()}
    signed = [name.strip() for name in told.get("x-hmac-signed-headers", "").split(";")]
    date, nonce = told.get("date", ""), told.get(NONCE, "")
    if told.get("x-hmac-algorithm", "").lower() != ALGORITHM:
        raise Invalid("another algorithm")
    if told.get("x-hmac-access-key", "") != ACCESS_KEY:
        raise Invalid("another access key")
    if not nonce or NONCE not in [name.lower() for name in signed]:
        raise Invalid("no signed nonce")
    if not is_fresh(date, now):
        raise Invalid("not now")
    text = signed_text(
        method, path, query, date, [(name, told.get(name.lower(), "")) for name in signed]
    )
    if not hmac.compare_digest(sign(text, key).encode(), told.get("x-hmac-signature", "").encode()):
        raise Invalid("another key, or another request")
    return nonce


def signed_text(
    method: str, path: str, query: str, date: str, signed: list[tuple[str, str]]
) -> str:
    """What the signature is made over; every line ends with a line feed."""
    path = path if path.startswith("/") else f"/{path}"
    lines = [method.upper(), path, query, ACCESS_KEY, date]
    return "".join(f"{line}\n" for line in [*lines, *(f"{name}:{value}" for name, value in signed)])


def sign(text: str, key: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), hashlib.sha256)).decode()


def is_fresh(date: str, now: datetime) -> bool:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return False
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return abs(now - moment) <= FRESH
