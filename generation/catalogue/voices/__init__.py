"""The voices that Vidu publishes, and ids for voices of one's own.

Vidu's page on speech links a list of 303 voices that is no page of its own. Its ids are those of
MiniMax's system voices: public clients of Vidu's API name the Mandarin and Cantonese ones and
some others; the rest is what that list has in common with it. The list tells names and languages.
Gender and style are read off the names, and gender is left open where a name does not tell.
"""

import re
from hashlib import blake2b

from generation.catalogue.voices.chinese import CANTONESE, MANDARIN
from generation.catalogue.voices.eastern import (
    ENGLISH,
    INDONESIAN,
    JAPANESE,
    KOREAN,
    VIETNAMESE,
)
from generation.catalogue.voices.european import (
    ARABIC,
    DUTCH,
    FRENCH,
    GERMAN,
    ITALIAN,
    RUSSIAN,
    TURKISH,
    UKRAINIAN,
)
from generation.catalogue.voices.portuguese import PORTUGUESE
from generation.catalogue.voices.spanish import SPANISH
from generation.catalogue.voices.types import Source, Voice, VoiceRow

READ_ON = "2026-11-30"
CLIENTS = Source("public clients of api.vidu.cn/ent/v2/audio-tts", READ_ON, "client")
SAME_LIST = Source("platform.minimaxi.com/docs/faq/system-voice-id", READ_ON, "inferred")
# Named by a public client besides the Chinese ones.
NAMED = (
    "English_Trustworthy_Man", "English_Graceful_Lady", "Japanese_GentleButler",
    "Japanese_KindLady", "Korean_SweetGirl", "Korean_CheerfulBoyfriend",
)  # fmt: skip
PROVIDERS = ("vidu", "vidu-cn", "demo", "vtrix")
LISTS: dict[str, tuple[VoiceRow, ...]] = {
    "en": ENGLISH, "zh": MANDARIN, "yue": CANTONESE, "ja": JAPANESE, "ko": KOREAN,
    "es": SPANISH, "pt": PORTUGUESE, "fr": FRENCH, "de": GERMAN, "it": ITALIAN,
    "ru": RUSSIAN, "uk": UKRAINIAN, "nl": DUTCH, "tr": TURKISH, "ar": ARABIC,
    "id": INDONESIAN, "vi": VIETNAMESE,
}  # fmt: skip


def source_of(language: str, ident: str) -> Source:
    return CLIENTS if language in ("zh", "yue") or ident in NAMED else SAME_LIST


ALL = tuple(
    Voice(ident, name, language, gender, style, source_of(language, ident))
    for language, rows in LISTS.items()
    for ident, name, gender, style in rows
)
VOICES = {voice.id: voice for voice in ALL}

LONGEST_STEM = 40
UNFIT = re.compile(r"[^A-Za-z0-9]+")


def voices_at(provider: str) -> tuple[Voice, ...]:
    return ALL if provider in PROVIDERS else ()


def id_for_name(name: str, seed: str) -> str:
    """A legal id for a new voice of this name; another one for another `seed`."""
    stem = UNFIT.sub("-", name).strip("-")[:LONGEST_STEM].strip("-")
    stem = stem if stem[:1].isalpha() else f"voice-{stem}".strip("-")
    return f"{stem}-{blake2b(seed.encode(), digest_size=4).hexdigest()}"
