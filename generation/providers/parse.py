"""Reading values that a provider sent: what cannot be understood counts as absent."""

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

ID = re.compile(r"[!-~]{1,120}")
MOST_CREDITS = 2**31 - 1
MOST_SEED = 2**63 - 1
MOST_COST = Decimal(999_999)
MOST_URL = 8_000


def text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def first_text(data: dict[str, Any], *names: str) -> str:
    return next((found for name in names if (found := text(data.get(name)))), "")


def identity(value: Any) -> str:
    """An id, as text; empty when it is none. It will stand in paths, so dots alone are none."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    word = text(value)
    return word if ID.fullmatch(word) and word.strip(".") else ""


def rows(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; one object alone counts as a list of one."""
    if isinstance(value, dict):
        return [value]
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def parse_count(value: Any, most: int = MOST_CREDITS) -> int | None:
    """A whole number from 0 to `most`, also written as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= most else None


def money(value: Any) -> Decimal | None:
    """An amount; providers send it as text so that nothing is rounded."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount <= MOST_COST else None


def share(value: Any) -> float | None:
    """Progress from 0 to 1; numbers up to 100 are per cent."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        return None
    return float(value) if value <= 1 else value / 100


def when(value: Any) -> datetime | None:
    """A moment: RFC 3339 text or seconds since 1970."""
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def web_url(value: Any) -> str:
    """An http(s) address, or empty."""
    address = text(value)
    try:
        parts = urlsplit(address)
        fine = parts.scheme in ("http", "https") and parts.hostname and address.isprintable()
    except ValueError:
        return ""
    return address if fine and " " not in address and len(address) <= MOST_URL else ""
