"""Stored sentences: what is said and what fills it; words in the language of the reader."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext

from generation.catalogue.message import LITERAL, Message, Value

START = '{"text": '
MOST = 600  # characters of a plain text, and of each value
UNREADABLE = (AttributeError, KeyError, RecursionError, TypeError, ValueError)

if TYPE_CHECKING:
    TextField = models.TextField["Message | str", "Sentence"]
else:
    TextField = models.TextField


class Sentence(Message, Promise):
    """A message as it is read from a row: as a string it is in the language that is active."""

    def __str__(self) -> str:
        return self.render(gettext, shown)


def shown(value: object) -> str:
    """A value within a sentence; a moment is shown by the clock of the reader."""
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "H:i")
    return str(value)


def sentence_of(found: Message | str) -> str:
    """For an answer that is given at once, in the language that is active."""
    return found.render(gettext, shown) if isinstance(found, Message) else found


def stored_form(message: Message) -> str:
    """As it stands in the database. What is not to be translated stands there as it is."""
    if not message.text:
        return ""
    if message.text == LITERAL:
        text = str(message)[:MOST]
        if not text.startswith(START):
            return text
    return json.dumps(as_json(message), ensure_ascii=False)


def as_json(value: Value) -> Any:
    if isinstance(value, Message):
        params = {name: as_json(one) for name, one in sorted(value.params.items())}
        return {"text": value.text, "with": params}
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    return value if isinstance(value, int | float) else str(value)[:MOST]


def read_stored(stored: str) -> Sentence:
    """What a column holds; a sentence from before there were messages is shown as it is.

    What cannot be read is shown as nothing: a page must not fail because of a row.
    """
    if not stored.startswith(START):
        return Sentence.literal(stored)
    try:
        found = from_json(json.loads(stored))
        found.render(checked, shown)
    except UNREADABLE:
        return Sentence()
    return found


def checked(text: str) -> str:
    if not isinstance(text, str):
        raise TypeError("not a text")
    return text


def from_json(data: Any) -> Sentence:
    params = {name: value_from(one) for name, one in data["with"].items()}
    return Sentence(data["text"], **params)


def value_from(data: Any) -> Any:
    if not isinstance(data, dict):
        return data
    return datetime.fromisoformat(data["at"]) if "at" in data else from_json(data)


class MessageAttribute(DeferredAttribute):
    """What is assigned reads as it will when it comes from the database."""

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = self.field.to_python(value)


class MessageField(TextField):
    """Holds a `Message`, or a sentence that is shown as it is; reads as a `Sentence`."""

    descriptor_class = MessageAttribute

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs

    def from_db_value(self, value: str | None, *_where: Any) -> Sentence | None:
        return None if value is None else read_stored(value)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            return read_stored(value)
        if isinstance(value, Message) and not isinstance(value, Sentence):
            return Sentence(value.text, **value.params)
        return value

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Message):
            return stored_form(value)
        return value[:MOST] if isinstance(value, str) and not value.startswith(START) else value

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.get_prep_value(self.value_from_object(obj)))
