"""What a submit button called "edit" asks for, as its value says it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ButtonAction:
    """An act, as "act", "act:name" or "act:name:id"; the form is shown again, nothing starts."""

    act: str
    name: str = ""
    id: str = ""

    @classmethod
    def parse(cls, value: str) -> "ButtonAction":
        return cls(*value.split(":", 2))

    def __str__(self) -> str:
        return ":".join((self.act, self.name, self.id)).rstrip(":")
