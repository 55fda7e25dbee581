"""Whether a Chinese reader can read what a row says."""

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext, override

from generation.catalogue.message import LITERAL, Message
from generation.models import ApiKey, Notice, ProviderName, Registration, Task, TaskEvent
from generation.models.messages import MessageField

NAMES = frozenset(str(one) for one in ProviderName.labels)  # the same in every language
HOLDERS: tuple[type[models.Model], ...] = (Task, TaskEvent, Registration, ApiKey, Notice)


def fault_of(sentence: Message) -> str:
    """What is not in Chinese of it; values that are no sentences are left as they are."""
    if not sentence.text:
        return ""
    with override("zh-hans"):
        if sentence.text == LITERAL or gettext(sentence.text) == sentence.text:
            return str(sentence)
    inside = (one for one in sentence.params.values() if isinstance(one, Message))
    return next(filter(None, (fault_of(one) for one in inside if one.text not in NAMES)), "")


def faults() -> Iterator[str]:
    for model in HOLDERS:
        names = [one.name for one in model._meta.fields if isinstance(one, MessageField)]
        for row in model._default_manager.values_list(*names):
            for name, sentence in zip(names, row, strict=True):
                if fault := fault_of(sentence):
                    yield f"{model.__name__}.{name}: {fault}"
