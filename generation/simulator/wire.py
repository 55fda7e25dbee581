"""What goes over the wire: one request as read, one reply as it is to be sent."""

import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MOST_BODY = 20 * 1024 * 1024
MOST_DRAINED = 96 * 1024 * 1024


class Refusal(Exception):
    """The request is refused; each dialect has its own form of it. `reason` is the official one.

    `is_empty` tells of a list that nothing was in at all.
    """

    is_empty = False

    def __init__(self, status: int, reason: str, message: str, field: str = "") -> None:
        super().__init__(message)
        self.status, self.reason, self.message, self.field = status, reason, message, field


@dataclass
class Request:
    """One request; `path` is below the dialect's prefix once the dialect is known."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    base: str
    scope: Scope = field(repr=False)
    length: int = 0
    dialect: str = ""
    prefix: str = ""
    key: str = ""
    account: str = ""
    received_at: float = 0.0  # when its first byte was read, by the monotonic clock

    @property
    def too_large(self) -> bool:
        return self.length > MOST_BODY

    @property
    def site(self) -> str:
        """Where this dialect lives, for addresses in replies."""
        return self.base + self.prefix

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    def questions(self) -> dict[str, list[str]]:
        """The query string; names with and without a trailing [] are the same."""
        found: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            found.setdefault(name.removesuffix("[]"), []).append(value)
        return found

    @cached_property
    def data(self) -> dict[str, Any]:
        """The JSON object in the body; raises Refusal when there is none."""
        try:
            data = json.loads(self.body)
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict):
            raise Refusal(400, "BadRequest", "the body is not a JSON object")
        return data


@dataclass
class HttpReply:
    """One reply. `length` is announced in place of the real one, `ending` says how it ends."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    file: Path | None = None
    length: int | None = None
    ending: str = "complete"  # complete, cut, drip, endless, drop
    chunk: int = 64
    pause: float = 0.2

    def content(self) -> bytes:
        return self.file.read_bytes() if self.file else self.body


def reply_json(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> HttpReply:
    body = json.dumps(data, ensure_ascii=False).encode()
    return HttpReply(status, {"content-type": "application/json", **(headers or {})}, body)


async def read_http_request(scope: Scope, receive: Receive, public_url: str = "") -> Request:
    """Read the request; of a body over the limit only its length."""
    received_at = time.monotonic()
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    body, length = await read_body(receive, int_or(headers.get("content-length", ""), 0))
    host = headers.get("host") or "{}:{}".format(*scope["server"])
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=body,
        base=public_url or f"{scope['scheme']}://{host}",
        scope=scope,
        length=length,
        received_at=received_at,
    )


async def read_body(receive: Receive, announced: int) -> tuple[bytes, int]:
    # A refusal is only seen by a client that could send all it had, so drain what is too much.
    parts: list[bytes] = []
    length = 0
    while announced <= MOST_DRAINED:
        message = await receive()
        part = message.get("body", b"")
        length += len(part)
        if length <= MOST_BODY:
            parts.append(part)
        if not message.get("more_body") or length > MOST_DRAINED:
            break
    length = max(length, announced if announced > MOST_DRAINED else 0)
    return (b"" if length > MOST_BODY else b"".join(parts)), length


def int_or(text: str, other: int) -> int:
    try:
        return int(text)
    except ValueError:
        return other
