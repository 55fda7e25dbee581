"""What a task was asked and what it cost, in words: the viewer and the task page share it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.catalogue.modes import MODES
from generation.catalogue.params import PARAMS
from generation.catalogue.prices import FREE
from generation.forms.labels import param_label, seconds_label, value_label
from generation.models import Media, MediaKind, Output, Task

SHOWN_LENGTH = 2_000
WORDS = ("prompt", "text")  # shown as text, not among the settings


def setting_rows(task: Task) -> list[tuple[str, str]]:
    """Every setting of the request with its label, in the order of the form."""
    mode = MODES.get(task.mode)
    order = [*(mode.params if mode else ()), *task.values]
    names = [name for name in dict.fromkeys(order) if not elsewhere(name)]
    rows = [
        (param_label(name), short(in_words(name, task.values[name])))
        for name in names
        if task.values.get(name) not in (None, "", []) and name != "seed"
    ]
    if "seed" in names or task.seed_used is not None:
        rows.append((param_label("seed"), seed_of(task)))
    return rows


def elsewhere(name: str) -> bool:
    """What a page shows as text and as pictures."""
    return name in WORDS or (name in PARAMS and PARAMS[name].is_input)


def in_words(name: str, value: Any) -> str:
    kind = PARAMS[name].kind if name in PARAMS else ""
    if kind in ROWS and isinstance(value, list):
        return "\n".join(ROWS[kind](row) for row in value if isinstance(row, dict))
    return value_label(name, value)


def frame_words(row: dict[str, Any]) -> str:
    """What happens between two pictures: 5 s: she turns."""
    said = [seconds_label(row["duration"])] if row.get("duration") else []
    return ": ".join([*said, *([row["prompt"]] if row.get("prompt") else [])])


def cue_words(row: dict[str, Any]) -> str:
    """A sound and its time: 0 to 2.5 s: rain."""
    span = _("%(from)s to %(to)s s") % {"from": row.get("from", 0), "to": row.get("to", 0)}
    return f"{span}: {row.get('prompt', '')}"


ROWS: dict[str, Callable[[dict[str, Any]], str]] = {"frames": frame_words, "cues": cue_words}


def short(text: str) -> str:
    if len(text) <= SHOWN_LENGTH:
        return text
    more = _("and %(count)s more characters") % {"count": intcomma(len(text) - SHOWN_LENGTH)}
    return f"{text[:SHOWN_LENGTH]}… ({more})"


def seed_of(task: Task) -> str:
    asked = task.values.get("seed")
    if task.seed_used is not None:
        return str(task.seed_used)
    return _("Random") if asked in (None, "") else str(asked)


def file_facts(output: Output) -> list[tuple[str, str]]:
    """What the file really is, whatever was asked for."""
    media, facts = output.media, []
    if output.marked:
        facts.append((_("Watermark"), _("This copy carries it")))
    if media.seconds:
        facts.append((_("Length"), _("%(n)s s") % {"n": plain_number(media.seconds)}))
    if media.kind == MediaKind.VIDEO:
        facts += [(_("Frames a second"), frames_words(media)), (_("Heard"), audio_words(media))]
    if media.codec:
        facts.append((_("Coded as"), CODECS.get(media.codec, media.codec)))
    return facts


CODECS = {
    "h264": "H.264", "hevc": "H.265", "vp9": "VP9", "av1": "AV1", "mpeg4": "MPEG-4", "aac": "AAC",
    "mp3": "MP3", "mp3float": "MP3", "opus": "Opus", "vorbis": "Vorbis", "flac": "FLAC",
}  # fmt: skip


def frames_words(media: Media) -> str:
    return plain_number(media.fps) if media.fps else _("Varies")


def audio_words(media: Media) -> str:
    return _("With sound") if media.has_sound else _("Silent")


def plain_number(number: float) -> str:
    """At most two decimals, and no more than it has."""
    return number_format(f"{number:.2f}".rstrip("0").rstrip("."))


def charge_words(task: Task) -> str:
    """What was charged, as far as the provider said."""
    if task.provider in FREE:
        return _("Free")
    said = []
    if task.credits is not None:
        said.append(credits_words(task.credits))
    if task.cost is not None:
        said.append(f"${plain(task.cost)}")
    return ", ".join(said) or _("Not known")


def estimate_of(task: Task) -> str:
    if task.provider in FREE:
        return _("Free")
    return _("Not published") if task.estimate is None else credits_words(task.estimate)


def credits_words(count: int) -> str:
    return ngettext("%(n)s credit", "%(n)s credits", count) % {"n": intcomma(count)}


def plain(amount: Decimal) -> str:
    """At least two decimals, and no more than it has."""
    text = f"{amount.normalize():f}"
    whole, _dot, rest = text.partition(".")
    return f"{whole}.{rest:0<2}"
