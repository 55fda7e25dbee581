"""The values of one choice, with words, a drawing, and why some cannot be had now."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from generation.catalogue import rules
from generation.catalogue.params import PARAMS
from generation.catalogue.types import Counts, Offer
from generation.forms.labels import value_label

RATIO = re.compile(r"[1-9][0-9]?:[1-9][0-9]?")
WIDEST, TALLEST = 24, 20  # of the shape that stands for a ratio, in pixels of its drawing


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
