"""Voices that a person can choose: those of the team first, then those that are published."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from generation.catalogue import rules
from generation.catalogue.voices import PROVIDERS, VOICES, voices_at
from generation.catalogue.voices.types import CHARACTER, GENDERS, LANGUAGES, STYLES, Voice
from generation.models import Media, Output, Status, Task, Team

MOST = 200  # of a team's own voices, and of the speech that is looked through for samples
READERS = {"zh-hans": ("zh", "yue")}  # which languages come first; English for all others
SEPARATOR = " · "
EVERY = tuple(dict.fromkeys((*PROVIDERS, *(row.provider for row in rules.offers(mode="voice")))))


@dataclass(frozen=True)
class VoiceChoice:
    """One voice as it is shown. `sample` is a file of the team in which it is heard."""

    id: str
    name: str
    language: str = ""
    gender: str = ""
    style: str = ""
    own: bool = False
    sample: Media | None = None
    maker: str = ""
    key: UUID | None = None  # with which one's own was made
    provider: str = ""

    @property
    def facts(self) -> str:
        """Language and gender; of a voice of the team, who made it."""
        if self.own:
            return _("Cloned by %(name)s") % {"name": self.maker} if self.maker else _("Cloned")
        return SEPARATOR.join(one for one in (self.language_label, self.gender_label) if one)

    @property
    def language_label(self) -> str:
        return _(LANGUAGES[self.language]) if self.language else ""

    @property
    def gender_label(self) -> str:
        return _(GENDERS[self.gender]) if self.gender else ""

    @property
    def style_label(self) -> str:
        return _(STYLES[self.style]) if self.style else ""

    @property
    def label(self) -> str:
        return f"{self.name}{SEPARATOR}{self.facts}" if self.facts else self.name

    @property
    def label_in_group(self) -> str:
        """In a list below the name of its language."""
        return f"{self.name}{SEPARATOR}{self.gender_label}" if self.gender else self.label


def published(voice: Voice, sample: Media | None = None) -> VoiceChoice:
    return VoiceChoice(
        voice.id, _(voice.name), voice.language, voice.gender, voice.style, sample=sample
    )


def name_of_voice(values: Mapping[str, Any]) -> str:
    """What the voice of a task is called, out of its settings alone: no database is asked."""
    ident = str(values.get("voice_id") or "")
    if name := values.get("voice_name"):
        return str(name)
    return published(VOICES[ident]).label if ident in VOICES else ident


class Voices:
    """The voices of a team at some providers. The database is asked once, when it is needed."""

    def __init__(self, team: Team, providers: Iterable[str] = EVERY) -> None:
        self.team, self.providers = team, tuple(providers)

    @cached_property
    def own(self) -> list[VoiceChoice]:
        """What the team cloned and keeps, the newest first. What lies in the trash is left out."""
        rows = Output.objects.filter(
            team=self.team, task__provider__in=self.providers, task__mode="voice",
            task__status=Status.SUCCEEDED,
        )  # fmt: skip
        rows = rows.kept().select_related("task__user", "media", "user").order_by("-pk")[:MOST]
        found: dict[str, VoiceChoice] = {}
        for output in rows:
            task = output.task
            ident = str(task.values.get("voice_id") or "")
            if ident:
                choice = VoiceChoice(
                    ident, name_of_voice(task.values), own=True, sample=output.media,
                    maker=output.maker_name, key=task.key_id, provider=task.provider,
                )  # fmt: skip
                found.setdefault(ident, choice)
        return list(found.values())

    @cached_property
    def samples(self) -> dict[str, Media]:
        """By voice: the newest speech of the team that it was heard in."""
        rows = Output.objects.filter(
            team=self.team, task__provider__in=self.providers, task__mode="speech",
            task__status=Status.SUCCEEDED,
        )  # fmt: skip
        found: dict[str, Media] = {}
        for output in rows.kept().select_related("task", "media").order_by("-pk")[:MOST]:
            found.setdefault(str(output.task.values.get("voice_id")), output.media)
        return found

    @cached_property
    def public(self) -> list[Voice]:
        """The published ones, each once: those in the reader's language first, and of a language
        the voices of people before those of characters."""
        found = {voice.id: voice for name in self.providers for voice in voices_at(name)}
        first, order = first_languages(), list(LANGUAGES)

        def place(voice: Voice) -> tuple[bool, int, bool, bool]:
            away, sure = voice.language not in first, voice.source.confidence == "client"
            return away, order.index(voice.language), voice.style == CHARACTER, not sure

        return sorted(found.values(), key=place)

    def named(self, ident: str) -> VoiceChoice | None:
        """The voice of this id, if it is in the list."""
        if ident in VOICES and set(self.providers) & set(PROVIDERS):
            return published(VOICES[ident])
        return next((one for one in self.own if one.id == ident), None) if ident else None

    def label(self, ident: str) -> str:
        found = self.named(ident)
        return found.label if found else ident

    def is_of_others(self, ident: str) -> bool:
        """Whether only another team of this studio cloned a voice of this id."""
        if self.named(ident):
            return False
        rows = Task.objects.filter(
            provider__in=self.providers, mode="voice", status=Status.SUCCEEDED,
            values__voice_id=ident,
        )  # fmt: skip
        teams = set(rows.values_list("team", flat=True))
        return bool(teams) and self.team.pk not in teams

    def groups(self, chosen: str, every: bool = False) -> list[tuple[str, list[VoiceChoice]]]:
        """For a plain list: the team's, then those in the reader's language, or in `every` one;
        the one that is `chosen` is always there."""
        own_language = first_languages()[0]
        shown = [v for v in self.public if every or own_language == v.language or v.id == chosen]
        by_language: dict[str, list[VoiceChoice]] = {}
        for voice in shown:
            by_language.setdefault(_(LANGUAGES[voice.language]), []).append(published(voice))
        own = [(_("Your team's voices"), self.own)] if self.own else []
        return [*own, *by_language.items()]


@dataclass(frozen=True)
class VoicePicker:
    """What a form shows of its voice: the one chosen, those to choose from, and what was typed."""

    voices: Voices
    value: str
    every: bool = False  # the plain list holds every language

    @property
    def chosen(self) -> VoiceChoice | None:
        return self.voices.named(self.value)

    @property
    def typed(self) -> str:
        """An id that is in no list."""
        return "" if self.chosen else self.value

    @property
    def groups(self) -> list[tuple[str, list[VoiceChoice]]]:
        return self.voices.groups(self.value, self.every)


def first_languages() -> Sequence[str]:
    return READERS.get(get_language() or "", ("en",))


@dataclass(frozen=True)
class VoiceFilter:
    """What the list is narrowed to."""

    q: str = ""
    language: str = ""
    gender: str = ""
    style: str = ""

    @classmethod
    def parse(cls, asked: Mapping[str, str]) -> "VoiceFilter":
        return cls(
            " ".join(asked.get("q", "").split())[:100],
            allowed_or_empty(asked.get("language", ""), LANGUAGES),
            allowed_or_empty(asked.get("gender", ""), GENDERS),
            allowed_or_empty(asked.get("style", ""), STYLES),
        )

    def fits(self, voice: VoiceChoice) -> bool:
        wanted = {name: getattr(self, name) for name in FACTS}
        if not voice.own and any(one not in ("", getattr(voice, n)) for n, one in wanted.items()):
            return False
        text = f"{voice.label} {voice.style_label} {voice.id}".casefold()
        return all(word in text for word in self.q.casefold().split())


FACTS = ("language", "gender", "style")


def allowed_or_empty(value: str, allowed: Mapping[str, str]) -> str:
    return value if value in allowed else ""
