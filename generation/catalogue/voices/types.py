"""The shape of a published voice, and what it is told apart by."""

from dataclasses import dataclass

from generation.catalogue.types import gettext_noop

FEMALE, MALE, UNSTATED = "female", "male", ""
CHILD, WARM, LIVELY, FIRM = "child", "warm", "lively", "firm"
NARRATION, CHARACTER, EVERYDAY = "narration", "character", "everyday"

GENDERS = {FEMALE: gettext_noop("Female"), MALE: gettext_noop("Male")}
STYLES = {
    NARRATION: gettext_noop("Narration"),
    WARM: gettext_noop("Warm"),
    LIVELY: gettext_noop("Lively"),
    FIRM: gettext_noop("Firm"),
    EVERYDAY: gettext_noop("Everyday"),
    CHILD: gettext_noop("Child"),
    CHARACTER: gettext_noop("Character"),
}
LANGUAGES = {
    "en": gettext_noop("English"),
    "zh": gettext_noop("Mandarin"),
    "yue": gettext_noop("Cantonese"),
    "ja": gettext_noop("Japanese"),
    "ko": gettext_noop("Korean"),
    "es": gettext_noop("Spanish"),
    "pt": gettext_noop("Portuguese"),
    "fr": gettext_noop("French"),
    "de": gettext_noop("German"),
    "it": gettext_noop("Italian"),
    "ru": gettext_noop("Russian"),
    "uk": gettext_noop("Ukrainian"),
    "nl": gettext_noop("Dutch"),
    "tr": gettext_noop("Turkish"),
    "ar": gettext_noop("Arabic"),
    "id": gettext_noop("Indonesian"),
    "vi": gettext_noop("Vietnamese"),
}

VoiceRow = tuple[str, str, str, str]  # its id, name, gender and style


@dataclass(frozen=True)
class Source:
    """Where rows were read, on which day, and how sure that makes them."""

    page: str
    read_on: str
    confidence: str  # client: in use with Vidu's API; inferred: part of the same list elsewhere


@dataclass(frozen=True)
class Voice:
    """One voice that anybody with a key may use."""

    id: str
    name: str
    language: str
    gender: str
    style: str
    source: Source
