"""Sentences for a person that wait for their reader: which language it takes is known only then."""

from collections.abc import Callable
from datetime import datetime
from typing import Self, Union

Value = Union[str, int, float, datetime, "Message"]
LITERAL = "%(text)s"


def unchanged(text: str) -> str:
    return text


class Message:
    """The English of a sentence, as it is marked for translation, and what fills its places.

    Import it as `_`, and its texts are found by makemessages. As a string it is English, for logs.
    """

    def __init__(self, text: str = "", /, **params: Value) -> None:
        self.text, self.params = text, params

    @classmethod
    def of(cls, found: "str | Message") -> "Message":
        """A message; a string is a text that was marked for translation and has no places."""
        return found if isinstance(found, Message) else cls(found)

    @classmethod
    def literal(cls, text: str) -> Self:
        """What is shown as it is in every language, such as a provider's own sentence."""
        return cls(LITERAL, text=text) if text else cls()

    def render(self, translate: Callable[[str], str], show: Callable[[object], str] = str) -> str:
        if not self.text or not self.params:
            return translate(self.text) if self.text else ""
        return translate(self.text) % {
            name: value.render(translate, show) if isinstance(value, Message) else show(value)
            for name, value in self.params.items()
        }

    def __str__(self) -> str:
        return self.render(unchanged)

    def __repr__(self) -> str:
        return f"Message({self.text!r}, {self.params!r})"

    def __len__(self) -> int:
        return len(str(self))

    def __contains__(self, part: str) -> bool:
        return part in str(self)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Message):
            return (self.text, self.params) == (other.text, other.params)
        return isinstance(other, str) and str(self) == other

    def __hash__(self) -> int:
        return hash(self.text)
