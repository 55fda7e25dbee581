"""Looks for one secret in everything that leaves the memory of the program."""

import base64
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from django.apps import apps
from django.conf import settings
from django.core import mail, signing
from django.db import connection
from django_q.brokers import get_broker


def encodings(secret: str) -> list[bytes]:
    """The secret as it is, reversed, quoted, as hex, and inside any base64 text."""
    raw = secret.encode()
    found = {raw, raw[::-1], quote(secret, safe="").encode(), quote_plus(secret).encode()}
    found |= {raw.hex().encode(), raw.hex().upper().encode()}
    for offset in range(3):
        code = base64.b64encode(bytes(offset) + raw)
        middle = code[4 if offset else 0 : -4]  # what stays the same wherever it stands
        found |= {middle, middle.translate(bytes.maketrans(b"+/", b"-_"))}
    return sorted(found, key=len)


def assert_absent(secret: str, *places: Any) -> None:
    wanted = encodings(secret)
    for place in places:
        data = place if isinstance(place, bytes) else str(place).encode("utf-8", "replace")
        for encoding in wanted:
            at = data.find(encoding)
            assert at < 0, f"found in {data[max(0, at - 200) : at + 80]!r}"


def table_values() -> Iterator[str]:
    """Every value of every row of every table, binary ones as text and as bytes."""
    for model in apps.get_models(include_auto_created=True):
        for row in model._default_manager.values():
            for value in row.values():
                raw = bytes(value) if isinstance(value, (bytes, memoryview)) else None
                yield f"{model._meta.label}: {value!r} {raw!r}"


def queue_messages() -> Iterator[str]:
    """What is in the queue's messages once they are opened."""
    for payload in messages():
        packed = signing.b64_decode(payload.rsplit(":", 2)[0].lstrip(".").encode())
        yield f"{payload} {packed!r}"


def messages() -> list[str]:
    """The queue's raw messages, from whichever broker the suite runs with."""
    if not settings.REDIS_URL:
        return list(apps.get_model("django_q", "OrmQ").objects.values_list("payload", flat=True))
    broker = get_broker()
    return [one.decode() for one in broker.connection.lrange(broker.list_key, 0, -1)]


def database_file() -> bytes:
    """The bytes that a copy of the database would hold (SQLite), else nothing."""
    if connection.vendor != "sqlite":
        return b""
    connection.ensure_connection()
    return bytes(connection.connection.serialize())


def files() -> Iterator[bytes]:
    """Every file in the data folder: media, cache, what else there may be."""
    for path in Path(settings.DATA_DIR).rglob("*"):
        if path.is_file():
            yield str(path).encode() + path.read_bytes()


def mails() -> Iterator[str]:
    return (str(letter.message()) for letter in mail.outbox)


def records(caught: list[logging.LogRecord]) -> Iterator[str]:
    """Log records with their arguments and tracebacks, before any filter."""
    plain = logging.Formatter("%(name)s %(message)s")
    for record in caught:
        yield f"{plain.format(record)} {record.args!r} {record.exc_text}"


def assert_stored_nowhere(secret: str) -> None:
    assert_absent(secret, *table_values(), *queue_messages(), database_file(), *files(), *mails())
