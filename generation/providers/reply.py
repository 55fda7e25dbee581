"""A provider's answer as the rest of the code reads it: unpacked, without the key, as JSON."""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from generation.providers.secret import Secret


@dataclass(frozen=True)
class Reply:
    """A complete answer, without the key. `data` is its JSON, None where it has none; `sent` is
    how many bytes the body of the request had."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    text: str = field(repr=False)
    data: Any = field(repr=False)
    sent: int = 0


def read_reply(
    status: int, headers: Iterable[tuple[str, str]], body: bytes, secret: Secret, sent: int = 0
) -> Reply:
    decoded = body.decode("utf-8-sig", "replace")
    text = tidy(decoded, secret)
    try:
        data = json.loads(text) if text else None
        # Without escapes and the key, each string within is a piece of a text that is clean.
        if text != decoded or "\\" in text:
            data = tidy(data, secret)
    except (ValueError, RecursionError):
        data = None
    return Reply(status, {name: secret.scrub(it) for name, it in headers}, text, data, sent)


def plain(body: bytes, packing: str, most: int) -> bytes:
    """The first `most` bytes of what a body says."""
    packed = packing.lower() in ("gzip", "deflate")
    return unpack(body, most) if packed else body[:most]


def unpack(body: bytes, most: int) -> bytes:
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, most)
    except zlib.error:
        return b""


def tidy(value: Any, secret: Secret) -> Any:
    """`value` without the key, also where an escape hid it, and without what no database takes."""
    if isinstance(value, str):
        clean = value.replace("\0", "").encode("utf-8", "replace").decode()
        return secret.scrub(clean)
    if isinstance(value, list):
        return [tidy(one, secret) for one in value]
    if isinstance(value, dict):
        return {tidy(name, secret): tidy(one, secret) for name, one in value.items()}
    return value
