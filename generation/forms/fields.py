"""A parameter of the catalogue as a form field: the only translation.

The fields only turn what a browser sends into native types. Whether a value is legal is asked of
`catalogue.rules` alone, so no limit is written twice and a refused value stays as it was typed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from generation.catalogue import rules
from generation.catalogue.params import PARAMS
from generation.catalogue.types import Counts, Limit, Offer, Param, Problem
from generation.forms.labels import allowed_label, unit_label, value_label
from generation.forms.parsing import decimal, integer, plain
from generation.forms.picks import is_picked, typed_instead
from generation.forms.row_fields import read_rows

ON, OFF = ("on", "true", "True", "1"), ("off", "false", "False", "0")
BIG = ("prompt", "text")  # texts with a box of their own
LONG = ("payload", "meta_data", "pronunciation", "prompt_text")
MOST_RADIOS = 4
SLIDES_FROM = 4  # neighbouring numbers; fewer are buttons
MOST_STEPS = 100  # of a slider; a seed has more
MOST_TICKS = 30
RATIO = re.compile(r"[1-9][0-9]?:[1-9][0-9]?")
WIDEST, TALLEST = 24, 20  # of the shape that stands for a ratio, in pixels of its drawing


class Text(forms.CharField):
    """Text as it was typed: browsers send CRLF for a line break, a person counts one sign."""

    def __init__(self, *, strip: bool = False) -> None:
        super().__init__(required=False, strip=strip, empty_value="")

    def to_python(self, value: Any) -> str:
        return plain(super().to_python(value) or "")


def read_field(param: Param, data: Any) -> Any:
    """One parameter out of what a browser sent, as a native value; what is no value of its kind
    stays text, for the rules to refuse. None when nothing was sent."""
    if param.kind in ("frames", "cues"):
        return read_rows(param, data)
    given = typed_instead(param.name, data) or data.get(param.name)
    if not isinstance(given, str):
        return given
    return native(param, given)


def native(param: Param, given: str) -> Any:
    text = given.strip()
    match param.kind:
        case "integer":
            return integer(text)
        case "number" | "decimal":
            return decimal(text)
        case "switch":
            return True if text in ON else False if text in OFF else None
        case "url" | "choice":
            return text
    return plain(given)


class Native(forms.Widget):
    """Hands a field its native value; templates draw it."""

    def __init__(self, param: Param) -> None:
        super().__init__()
        self.param = param

    def value_from_datadict(self, data: Any, _files: Any, _name: str) -> Any:
        return read_field(self.param, data)


@dataclass(frozen=True)
class RatioShape:
    """The rectangle that stands for an aspect ratio."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Option:
    """One value of a choice; `reason` says why it cannot be had now, empty when it can."""

    value: Any
    label: str
    reason: str = ""

    @property
    def shape(self) -> RatioShape | None:
        return shape(self.value) if RATIO.fullmatch(str(self.value)) else None


@dataclass(frozen=True)
class Missing:
    """Something that cannot be had now, and why."""

    label: str
    reason: str


class Setting(forms.Field):
    """One parameter, given an offer, the other values and how many inputs there are.

    `off` says why it cannot be set now; `options` holds all that exist anywhere in the mode, and
    `open_options` those that can be had now.
    """

    def __init__(self, offer: Offer, name: str, values: Mapping[str, Any], counts: Counts) -> None:
        self.param = PARAMS[name]
        super().__init__(
            required=False,
            widget=Native(self.param),
            label=_(self.param.label),
            help_text=_(self.param.help) if self.param.help else "",
        )
        self.offer, self.values, self.counts = offer, values, counts

    @cached_property
    def off(self) -> str:
        return off_reason(self.offer, self.param.name, self.values, self.counts)

    @cached_property
    def rule(self) -> Limit:
        name = self.param.name
        if name not in self.offer.limits:
            return Limit()
        return rules.limit(self.offer, name, self.values, self.counts)

    @cached_property
    def options(self) -> list[Option]:
        if self.param.kind not in ("choice", "number") or self.off:
            return []
        return options(self.offer, self.param.name, self.values, self.counts)

    @property
    def default(self) -> Any:
        return self.rule.default

    @property
    def is_needed(self) -> bool:
        if self.param.name == "voice_name":  # an id typed in its place will do, too
            return True
        return self.rule.required or bool(self.rule.minimum and self.param.kind == "text")

    @cached_property
    def open_options(self) -> list[Option]:
        """The values that can be had now, and the one that is set, whatever it is."""
        given = self.values.get(self.param.name)
        return [one for one in self.options if not one.reason or one.value == given]

    @property
    def missing(self) -> list[Missing]:
        """What cannot be had now, with its reason."""
        if self.off:
            return [Missing(str(self.label), self.off)]
        found: dict[str, list[str]] = {}
        for option in self.options:
            if option.reason:
                found.setdefault(option.reason, []).append(option.label)
        return [
            Missing(f"{self.label}: {', '.join(labels)}", reason)
            for reason, labels in found.items()
        ]

    @property
    def control(self) -> str:
        """How it is drawn: the name of its template."""
        if self.off:
            return "off"
        match self.param.kind:
            case "switch" | "cues" | "frames":
                return self.param.kind
            case "text" if is_picked(self.offer.mode, self.param.name):
                return self.param.name
            case "text" if self.param.name == "voice_id":
                return "new_voice"
            case "choice" | "number" | "integer" | "decimal" if self.ends or self.options:
                return self.choosing
        return "area" if self.param.name in LONG else "line"

    @property
    def choosing(self) -> str:
        if self.param.name == "wm_position":
            return "places"
        if self.ends:
            return "slider"
        if self.param.name == "aspect_ratio":
            return "ratio"
        return "seg" if len(self.open_options) <= MOST_RADIOS else "select"

    @cached_property
    def ends(self) -> tuple[float, float] | None:
        """The first and last of neighbouring numbers that may be chosen, or of a short range."""
        allowed, low, high = self.rule.allowed, self.rule.minimum, self.rule.maximum
        match self.param.kind:
            case "number" if len(allowed) >= SLIDES_FROM:
                ends = allowed[0], allowed[-1]
                return ends if allowed == tuple(range(ends[0], ends[1] + 1)) else None
            case "number" | "integer" | "decimal" if low is not None and high is not None:
                return (low, high) if 0 < high - low <= MOST_STEPS else None
        return None

    @property
    def step(self) -> str:
        """Fine where any number will do; a length is one of a list or any, too."""
        any_length = bool(self.unit) and not self.rule.allowed
        return "0.1" if any_length or self.param.kind == "decimal" else "1"

    @property
    def at(self) -> str:
        """Where a slider stands."""
        first, last = self.ends or (0, 0)
        given = self.values.get(self.param.name)
        value = given if isinstance(given, int | float) else self.default
        return f"{min(last, max(first, value if isinstance(value, int | float) else first)):g}"

    @property
    def typed(self) -> str:
        """The number beside a slider, or whatever was typed in its place."""
        given = self.values.get(self.param.name)
        if isinstance(given, int | float):
            return f"{given:g}"
        return "" if given is None else str(given)

    @property
    def unit(self) -> str:
        return unit_label(self.param.name)

    @property
    def end_labels(self) -> list[str]:
        """The ends of a slider, without the unit that stands behind the number."""
        return [_("Auto") if self.is_auto(one) else f"{one:g}" for one in self.ends or ()]

    @property
    def zero(self) -> str:
        """What a length of nothing is called."""
        return _("Auto") if any(map(self.is_auto, self.ends or ())) else ""

    def is_auto(self, number: float) -> bool:
        return bool(self.unit) and number == 0

    @property
    def ticks(self) -> str:
        """A stroke for each number that can be had, as the path of a drawing one unit a number."""
        first, last = self.ends or (0, 0)
        if self.step != "1" or last - first > MOST_TICKS:
            return ""
        return "".join(f"M{place} 0v1" for place in range(int(last - first) + 1))

    @property
    def tick_box(self) -> str:
        first, last = self.ends or (0, 0)
        return f"0 0 {last - first:g} 1"

    @property
    def bounds(self) -> str:
        """What a number may be, in words."""
        low, high = self.rule.minimum, self.rule.maximum
        if self.control != "line" or low is None or high is None or self.param.kind == "text":
            return ""
        facts = {"low": f"{low:g}", "high": f"{high:g}", "default": self.default}
        if high > 1_000_000:  # a seed: nobody needs the number
            return ""
        if self.default is None:
            return _("From %(low)s to %(high)s.") % facts
        return _("From %(low)s to %(high)s, usually %(default)s.") % facts


def options(offer: Offer, name: str, values: Mapping[str, Any], counts: Counts) -> list[Option]:
    """Every value that any model of the mode offers; what this one lacks carries the reason.

    Of numbers only those of this model: the lengths of all models together help nobody.
    """
    every = values_everywhere(offer.mode, name)
    if PARAMS[name].kind == "number":
        every = offer.limits[name].allowed
    found = [
        Option(value, value_label(name, value), missing_reason(offer, name, value, values, counts))
        for value in every
    ]
    rule = offer.limits[name]
    if rule.default is None and not rule.required and found:
        found.insert(0, Option("", _("Not set")))
    return found


@cache
def values_everywhere(mode: str, name: str) -> tuple[Any, ...]:
    rows = [row for row in rules.offers(mode=mode) if name in row.limits]
    found = dict.fromkeys(value for row in rows for value in row.limits[name].allowed)
    return tuple(sorted(found, key=resolution_height) if name == "resolution" else found)


def resolution_height(resolution: str) -> int:
    """A resolution by its size: "540p" comes before "2K"."""
    number = int("".join(sign for sign in resolution if sign.isdigit()) or 0)
    return number * 1_000 if resolution.endswith("K") else number


def missing_reason(
    offer: Offer, name: str, value: Any, values: Mapping[str, Any], counts: Counts
) -> str:
    if value in rules.limit(offer, name, values, counts).allowed:
        return ""
    narrow = rules.narrowed(offer, name, values, counts)
    if narrow and value in offer.limits[name].allowed:
        return _(narrow[1]) % {"model": offer.label}
    own = ", ".join(value_label(name, each) for each in offer.limits[name].allowed)
    return _("%(model)s offers %(values)s.") % {"model": offer.label, "values": own}


def shape(ratio: str) -> RatioShape:
    """A rectangle of `ratio` on a 26 x 24 drawing."""
    wide, high = (int(part) for part in ratio.split(":"))
    scale = min(WIDEST / wide, TALLEST / high)
    width, height = round(wide * scale, 1), round(high * scale, 1)
    return RatioShape(round((26 - width) / 2, 1), round((24 - height) / 2, 1), width, height)


def off_reason(offer: Offer, name: str, values: Mapping[str, Any], counts: Counts) -> str:
    """Why a parameter may not be set now, in the person's language; empty when it may."""
    reason = rules.why_off(offer, name, values, counts)
    return _(reason) % {"model": offer.label} if reason else ""


def field_for(offer: Offer, name: str, values: Mapping[str, Any], counts: Counts) -> Setting:
    return Setting(offer, name, values, counts)


def values_in(names: list[str], data: QueryDict) -> dict[str, Any]:
    """Every parameter of `names` that the browser sent, as native values."""
    found = {name: read_field(PARAMS[name], data) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def sentence(problem: Problem) -> str:
    """A refusal of the catalogue in the person's language."""
    facts = {name: fact(problem.param, name, value) for name, value in problem.values.items()}
    return _(problem.message) % facts


def fact(param: str, name: str, value: Any) -> Any:
    match name:
        case "value":
            return value_label(param, value)
        case "allowed":
            return allowed_label(param, value)
    return _(value) if isinstance(value, str) and value else value
