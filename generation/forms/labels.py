"""Values of parameters in words, with their unit: forms, cards, facts and refusals share them."""

from typing import Any

from django.utils.translation import gettext as _

from generation.catalogue.params import PARAMS
from generation.catalogue.templates import TEMPLATES
from generation.catalogue.types import gettext_noop

AUTO = {"auto": gettext_noop("Auto")}
LABELS: dict[str, dict[Any, str]] = {
    "aspect_ratio": AUTO,
    "style": {"general": gettext_noop("General"), "anime": gettext_noop("Anime")},
    "movement_amplitude": AUTO
    | {
        "small": gettext_noop("Small"),
        "medium": gettext_noop("Medium"),
        "large": gettext_noop("Large"),
    },
    "audio_type": {
        "all": gettext_noop("All"),
        "speech_only": gettext_noop("Speech"),
        "sound_effect_only": gettext_noop("Effects"),
    },
    "wm_position": {
        1: gettext_noop("Top left"),
        2: gettext_noop("Top right"),
        3: gettext_noop("Bottom right"),
        4: gettext_noop("Bottom left"),
    },
    "area": AUTO
    | {
        "denmark": gettext_noop("Denmark"),
        "uk": gettext_noop("United Kingdom"),
        "africa": gettext_noop("Africa"),
        "china": gettext_noop("China"),
        "mexico": gettext_noop("Mexico"),
        "switzerland": gettext_noop("Switzerland"),
        "russia": gettext_noop("Russia"),
        "italy": gettext_noop("Italy"),
        "korea": gettext_noop("Korea"),
        "thailand": gettext_noop("Thailand"),
        "india": gettext_noop("India"),
        "japan": gettext_noop("Japan"),
    },
    "beast": AUTO
    | {
        "bear": gettext_noop("Bear"),
        "tiger": gettext_noop("Tiger"),
        "elk": gettext_noop("Elk"),
        "snake": gettext_noop("Snake"),
        "lion": gettext_noop("Lion"),
        "wolf": gettext_noop("Wolf"),
    },
    "story": {
        "love_story": gettext_noop("Love story"),
        "workday_feels": gettext_noop("Workday feels"),
        "monkey_king": gettext_noop("Monkey King"),
        "pigsy": gettext_noop("Pigsy"),
        "monk_tang": gettext_noop("Monk Tang"),
        "one_shot": gettext_noop("One shot"),
    },
    "emotion": {
        "happy": gettext_noop("Happy"),
        "sad": gettext_noop("Sad"),
        "angry": gettext_noop("Angry"),
        "fearful": gettext_noop("Fearful"),
        "disgusted": gettext_noop("Disgusted"),
        "surprised": gettext_noop("Surprised"),
        "calm": gettext_noop("Calm"),
    },
}


def param_label(name: str) -> str:
    return _(PARAMS[name].label) if name in PARAMS else name


def value_label(name: str, value: Any) -> str:
    """A value that left the catalogue, or is no word of a choice, is shown as it is."""
    if isinstance(value, bool):
        return _("On") if value else _("Off")
    if name == "template" and value in TEMPLATES:
        return _(TEMPLATES[value].label)
    if isinstance(value, str | int) and value in LABELS.get(name, {}):
        return _(LABELS[name][value])
    if isinstance(value, int | float) and unit_label(name):
        return seconds_label(value)
    return str(value)


def allowed_label(name: str, allowed: tuple[Any, ...]) -> str:
    """A row of neighbouring numbers as its ends, everything else one by one."""
    if name in LABELS or len(allowed) <= 3 or not all(isinstance(one, int) for one in allowed):
        return ", ".join(value_label(name, one) for one in allowed)
    if allowed != tuple(range(allowed[0], allowed[0] + len(allowed))):
        return ", ".join(value_label(name, one) for one in allowed)
    ends = f"{allowed[0]}–{allowed[-1]}"
    return _("%(seconds)s s") % {"seconds": ends} if unit_label(name) else ends


def unit_label(name: str) -> str:
    timed = name in PARAMS and PARAMS[name].unit == "s"
    return (_("%(seconds)s s") % {"seconds": ""}).strip() if timed else ""


def seconds_label(seconds: float) -> str:
    """As a length is set: 0 lets the model choose."""
    return _("%(seconds)s s") % {"seconds": f"{seconds:g}"} if seconds else _("Auto")
