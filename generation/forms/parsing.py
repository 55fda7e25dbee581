"""What a browser sends, as native values; what is no value of its kind stays text."""

import math
import re
from dataclasses import dataclass

WHOLE = re.compile(r"[+-]?[0-9]{1,40}")
DECIMAL = re.compile(r"[+-]?[0-9]{1,12}([.,][0-9]{1,12})?")


def plain(text: str) -> str:
    """Browsers send CRLF for a line break; a person counts one sign."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse_id(text: str) -> int:
    """The id that a text names; 0, which no row has, for what can be none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def integer(text: str) -> int | str | None:
    return int(text) if WHOLE.fullmatch(text) else text or None


def decimal(text: str) -> int | float | str | None:
    if not DECIMAL.fullmatch(text):
        return text or None
    number = float(text.replace(",", "."))
    return int(number) if number == math.floor(number) else number


@dataclass(frozen=True)
class ButtonAction:
    """What a submit button called "edit" asks for: "act", "act:name" or "act:name:id"."""

    act: str
    name: str = ""
    id: str = ""

    @classmethod
    def parse(cls, value: str) -> "ButtonAction":
        return cls(*value.split(":", 2))
