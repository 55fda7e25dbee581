"""The part of the composer's form that is about voices and templates."""

from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from generation.catalogue import rules
from generation.catalogue.signs import is_blank
from generation.catalogue.templates import ALL, GROUPS, TEMPLATES, Template
from generation.catalogue.types import Offer
from generation.catalogue.voices import id_for_name
from generation.forms.create_scope import CreateScope
from generation.forms.picks import PICKED, is_picked, typed_instead
from generation.forms.voices import VoicePicker, Voices

EVERY_LANGUAGE = "voices"  # the button that has a plain list show them


def grouped_templates(query: str = "") -> list[tuple[str, list[Template]]]:
    """The published templates under the names of their groups, those that fit a search."""
    wanted = query.casefold().split()
    found: dict[str, list[Template]] = {}
    for one in ALL:
        text = f"{_(one.label)} {_(GROUPS[one.group])} {_(one.needs)} {one.name}".casefold()
        if all(word in text for word in wanted):
            found.setdefault(_(GROUPS[one.group]), []).append(one)
    return list(found.items())


class PickedFields(forms.Form):
    """`raw` are the native values as they stand, `values` those that are to be sent."""

    raw: dict[str, Any]
    values: dict[str, Any]
    scope: CreateScope
    sent: QueryDict

    @property
    def shown_offer(self) -> Offer:
        raise NotImplementedError

    @property
    def has_picks(self) -> bool:
        return any(name in self.fields for name in PICKED)

    @property
    def picked(self) -> list[forms.BoundField]:
        """What is chosen from a list here, and what a developer can type instead."""
        names = [
            name for name in PICKED if name in self.fields and is_picked(self.scope.mode, name)
        ]
        return [self[name] for name in names if not getattr(self.fields[name], "off", "")]

    @property
    def has_typed_pick(self) -> bool:
        typed = {"template": self.typed_template, "voice_id": self.voice_picker.typed}
        return any(typed[field.name] for field in self.picked)

    @property
    def shown_name(self) -> str:
        return rules.name_of(self.shown_offer)

    @cached_property
    def voices(self) -> Voices:
        """Those that can be chosen with the model that the form shows."""
        return self.scope.voices(self.shown_offer.provider)

    @property
    def voice_picker(self) -> VoicePicker:
        every = bool(self.initial.get("every_voice")) or self.asks_for_every_voice
        return VoicePicker(self.voices, str(self.raw.get("voice_id") or ""), every)

    @property
    def asks_for_every_voice(self) -> bool:
        return self.sent.get("edit") == EVERY_LANGUAGE

    @property
    def template_field(self) -> forms.BoundField | None:
        """Drawn before the images, as it says which ones are needed; None where there is none."""
        field = self.fields.get("template")
        return self["template"] if field and not getattr(field, "off", "") else None

    @property
    def chosen_template(self) -> Template | None:
        return TEMPLATES.get(str(self.raw.get("template") or ""))

    @property
    def typed_template(self) -> str:
        """A name that is in no list."""
        return "" if self.chosen_template else str(self.raw.get("template") or "")

    @property
    def template_groups(self) -> list[tuple[str, list[Template]]]:
        return grouped_templates()

    def new_voice(self) -> dict[str, str]:
        """The id of a voice that is to be cloned, made of its name unless one was typed."""
        name = str(self.raw.get("voice_name") or "")
        if self.scope.mode != "voice" or is_blank(name) or self.raw.get("voice_id"):
            return {}
        seed = f"{self.scope.team.pk} {self.cleaned_data.get('intent', '')}"
        return {"voice_id": id_for_name(name, seed)}

    def name_of_voice(self) -> dict[str, str]:
        """Kept with the task, so that it is shown wherever the task is, also when it is gone."""
        if self.scope.mode == "voice" or not (ident := self.values.get("voice_id")):
            return {}
        found = self.voices.named(ident)
        return {"voice_name": found.name} if found and found.own else {}

    def say_wrong_choices(self) -> None:
        """A voice or a template that is not in its list, and was not typed on purpose."""
        for name in PICKED:
            value, typed = str(self.raw.get(name) or ""), typed_instead(name, self.sent)
            if not value or not is_picked(self.scope.mode, name):
                continue
            if typed and self.sent.get(name) not in (None, "", typed):
                self.add_error(name, _("Choose one from the list or type one, not both."))
            elif name == "template" and not typed and value not in TEMPLATES:
                self.add_error(name, _("This template is not in the list. Choose another."))
            elif name == "voice_id" and self.is_foreign(value, typed):
                self.add_error(name, _("This voice is not in the list. Choose another."))

    def is_foreign(self, ident: str, typed: str) -> bool:
        if typed:
            return self.voices.is_of_others(ident)
        return self.voices.named(ident) is None
