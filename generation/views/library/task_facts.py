"""Labels of a task's settings, its file and its cost, for the viewer and the task page."""

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
from generation.forms.picks import is_picked
from generation.forms.voices import name_of_voice
from generation.media.provenance.carried import AI, AIGC, C2PA
from generation.models import Media, MediaKind, Output, Task

SHOWN_LENGTH = 2_000
TEXT_PARAMS = ("prompt", "text")  # shown as text, not among the settings


def setting_rows(task: Task) -> list[tuple[str, str]]:
    """Every setting of the request with its label, in the order of the form."""
    mode = MODES.get(task.mode)
    order = [*(mode.params if mode else ()), *task.values]
    names = [name for name in dict.fromkeys(order) if not is_shown_elsewhere(name)]
    rows = [
        (param_label(name), shortened(setting_label(name, task)))
        for name in names
        if task.values.get(name) not in (None, "", [])
        and name != "seed"
        and (name != "voice_name" or task.mode == "voice")
    ]
    if "seed" in names or task.seed_used is not None:
        rows.append((param_label("seed"), seed_label(task)))
    return rows


def is_shown_elsewhere(name: str) -> bool:
    """Whether a page shows it as text or as images, not among the settings."""
    return name in TEXT_PARAMS or (name in PARAMS and PARAMS[name].is_input)


def setting_label(name: str, task: Task) -> str:
    value = task.values[name]
    if is_picked(task.mode, name) and name == "voice_id":
        return name_of_voice(task.values)
    kind = PARAMS[name].kind if name in PARAMS else ""
    if kind in ROW_LABELS and isinstance(value, list):
        return "\n".join(ROW_LABELS[kind](row) for row in value if isinstance(row, dict))
    return value_label(name, value)


def frame_row_label(row: dict[str, Any]) -> str:
    """What happens between two key frames: 5 s: she turns."""
    parts = [seconds_label(row["duration"])] if row.get("duration") else []
    return ": ".join([*parts, *([row["prompt"]] if row.get("prompt") else [])])


def cue_row_label(row: dict[str, Any]) -> str:
    """One timed sound effect: 0 to 2.5 s: rain."""
    span = _("%(from)s to %(to)s s") % {"from": row.get("from", 0), "to": row.get("to", 0)}
    return f"{span}: {row.get('prompt', '')}"


ROW_LABELS: dict[str, Callable[[dict[str, Any]], str]] = {
    "frames": frame_row_label,
    "cues": cue_row_label,
}


def shortened(text: str) -> str:
    if len(text) <= SHOWN_LENGTH:
        return text
    more = _("and %(count)s more characters") % {"count": intcomma(len(text) - SHOWN_LENGTH)}
    return f"{text[:SHOWN_LENGTH]}… ({more})"


def seed_label(task: Task) -> str:
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
        facts += [(_("Frame rate"), fps_label(media)), (_("Audio track"), audio_label(media))]
    if media.codec:
        facts.append((_("Codec"), CODECS.get(media.codec, media.codec)))
    return facts


def carried_labels(media: Media) -> list[tuple[str, str]]:
    """What a file said of itself when it came, each with a sentence that explains it."""
    known = {
        C2PA: (
            _("Content Credentials"),
            _("A signed C2PA manifest. The studio did not verify it."),
        ),
        AI: (_("Marked as AI"), _("IPTC DigitalSourceType: a model made it, or a part of it.")),
        AIGC: (_("AIGC label"), _("The Chinese label of files made by AI.")),
    }
    return [known[one] for one in (media.carried or "").split(",") if one in known]


CODECS = {
    "h264": "H.264", "hevc": "H.265", "vp9": "VP9", "av1": "AV1", "mpeg4": "MPEG-4", "aac": "AAC",
    "mp3": "MP3", "mp3float": "MP3", "opus": "Opus", "vorbis": "Vorbis", "flac": "FLAC",
}  # fmt: skip


def fps_label(media: Media) -> str:
    return plain_number(media.fps) if media.fps else _("Varies")


def audio_label(media: Media) -> str:
    return _("With audio") if media.has_sound else _("Silent")


def plain_number(number: float) -> str:
    """At most two decimals, and no more than it has."""
    return number_format(f"{number:.2f}".rstrip("0").rstrip("."))


def charge_label(task: Task) -> str:
    """What was charged, as far as the provider reports it."""
    if task.provider in FREE:
        return _("Free")
    if task.was_stopped:  # its end would tell
        return _("Not known")
    parts = []
    if task.credits is not None:
        parts.append(credits_label(task.credits))
    if task.cost is not None:
        parts.append(f"${plain_amount(task.cost)}")
    return ", ".join(parts) or _("Not known")


def estimate_label(task: Task) -> str:
    if task.provider in FREE:
        return _("Free")
    return _("Not published") if task.estimate is None else credits_label(task.estimate)


def credits_label(count: int) -> str:
    return ngettext("%(n)s credit", "%(n)s credits", count) % {"n": intcomma(count)}


def plain_amount(amount: Decimal) -> str:
    """At least two decimals, and no more than it has."""
    text = f"{amount.normalize():f}"
    units, _dot, rest = text.partition(".")
    return f"{units}.{rest:0<2}"
