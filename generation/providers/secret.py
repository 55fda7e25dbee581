"""A key in memory: it shows itself nowhere, and is taken out of whatever a provider says."""

import base64
import html
import json
import re
from typing import NoReturn
from urllib.parse import quote, quote_plus

HIDDEN = "[key]"
# Replacing shorter pieces would tear ordinary words apart and protect nothing.
SHORTEST = 6


class Secret:
    """A key whose `repr` hides it and that refuses to be pickled."""

    __slots__ = ("_shapes", "_value")

    def __init__(self, value: str) -> None:
        self._value = value.strip()
        self._shapes = shapes(self._value)

    def __repr__(self) -> str:
        return "Secret(hidden)"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never written down")

    @property
    def is_sendable(self) -> bool:
        """Whether it can stand in a header at all."""
        return all("!" <= letter <= "~" for letter in self._value)

    def reveal(self) -> str:
        return self._value

    def scrub(self, text: str) -> str:
        """`text` without the key in any of the shapes that an echo gives it."""
        for shape in self._shapes:
            text = text.replace(shape, HIDDEN)
        return text


def shapes(value: str) -> tuple[str, ...]:
    """The key as it is, reversed, and in the encodings that replies use; longest first."""
    data = value.encode("utf-8", "replace")
    quoted = {quote(value, safe="", errors="replace"), quote_plus(value, errors="replace")}
    found = {
        value,
        value[::-1],
        value.lower(),
        value.upper(),
        html.escape(value),
        *letter_by_letter(value),
        json.dumps(value)[1:-1],
        json.dumps(value)[1:-1].replace("/", "\\/"),
        data.hex(),
        data.hex().upper(),
        *quoted,
        *(quote(one) for one in quoted),
        *(re.sub("%..", lambda code: code[0].lower(), one) for one in quoted),
        base64.b32encode(data).decode().rstrip("=")[:-1],
        *base64_shapes(data),
        *base64_shapes(base64.b64encode(data)),
    }
    return tuple(sorted((one for one in found if len(one) >= SHORTEST), key=len, reverse=True))


def letter_by_letter(value: str) -> set[str]:
    """Every letter as its number, in the ways that pages, addresses and programs write numbers."""
    ways = ("%{:02x}", "%{:02X}", "&#{};", "&#x{:x};", "&#x{:X};", "\\u{:04x}", "\\x{:02x}")
    found = {"".join(way.format(ord(letter)) for letter in value) for way in ways}
    codes = [f"{code:02x}" for code in value.encode("utf-8", "replace")]
    apart = {sign.join(codes) for sign in (" ", ":", "-")}
    return found | apart | {one.upper() for one in apart}


def base64_shapes(data: bytes) -> set[str]:
    """The part of its base64 that stays the same wherever in a longer text the key stands."""
    found = set()
    for offset, first in ((0, 0), (1, 2), (2, 3)):
        code = base64.b64encode(bytes(offset) + data).decode().rstrip("=")
        last = len(code) if (offset + len(data)) % 3 == 0 else len(code) - 1
        found.add(code[first:last])
    return found | {one.replace("+", "-").replace("/", "_") for one in found}
