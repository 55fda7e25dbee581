"""What every model takes, as a page: the catalogue's rows with their labels."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from generation.catalogue import estimate, rules
from generation.catalogue.modes import ALL, MODES
from generation.catalogue.params import PARAMS
from generation.catalogue.types import Limit, Mode, Offer
from generation.forms.labels import allowed_label, value_label
from generation.models import NEEDS_KEY, Act, ProviderName
from generation.web.shortcuts import StudioRequest, studio_view

NONE = "–"


@dataclass(frozen=True)
class ModelRow:
    """One model: its name, its place on the page, a cell for each column, and its rules."""

    anchor: str
    offer: Offer
    strength: str
    cells: list[list[str]]
    rules: list[str]
    source: str


@dataclass(frozen=True)
class ProviderSection:
    """The models of one provider."""

    provider: str
    label: str
    rows: list[ModelRow]


@dataclass(frozen=True)
class Tab:
    """A mode to look at, and how many models it has."""

    mode: Mode
    label: str
    made: str
    count: int


@require_safe
@studio_view(Act.SEE)
def models_help(request: StudioRequest) -> HttpResponse:
    name = request.GET.get("mode") or ALL[0].name
    if name not in MODES:
        raise Http404
    mode = MODES[name]
    context = {
        "tabs": tabs(),
        "mode": mode,
        "hint": _(mode.hint),
        "columns": columns(name),
        "sections": sections(name),
    }
    return render(request, "generation/help/models.html", context)


def tabs() -> list[Tab]:
    made = {"image": _("Images"), "video": _("Videos"), "audio": _("Audio")}
    return [
        Tab(mode, _(mode.label), made[mode.makes], len(offers_to_show(mode.name))) for mode in ALL
    ]


def offers_to_show(mode: str, provider: str | None = None) -> list[Offer]:
    """The rows of a mode without those of the demo, which mirror Vidu's."""
    return [row for row in rules.offers(provider, mode) if row.provider in NEEDS_KEY]


def sections(mode: str) -> list[ProviderSection]:
    """The providers of a mode, in the order of the catalogue."""
    offering = dict.fromkeys(row.provider for row in offers_to_show(mode))
    return [
        ProviderSection(
            name,
            str(ProviderName(name).label),
            [model_row(row) for row in offers_to_show(mode, name)],
        )
        for name in offering
    ]


def columns(mode: str) -> list[str]:
    """The heads of the columns that this mode has, in the order of the cells."""
    heads = {
        "inputs": _("Inputs"),
        "characters": _("Characters"),
        "duration": _("Duration"),
        "resolution": _("Resolution"),
        "aspect_ratio": _("Aspect ratio"),
        "audio": _("Audio"),
        "bgm": _("Music"),
        "off_peak": _("Off-peak"),
        "price": _("Credits"),
    }
    return [label for name, label in heads.items() if has_column(mode, name)]


def has_column(mode: str, column: str) -> bool:
    params = MODES[mode].params
    if column == "characters":
        return any(PARAMS[name].kind == "text" and PARAMS[name].group == "usual" for name in params)
    if column == "inputs":
        return any(PARAMS[name].is_input for name in params)
    return column == "price" or column in params


def model_row(row: Offer) -> ModelRow:
    cells = {
        "inputs": inputs(row),
        "characters": prompt_lengths(row),
        "duration": lengths(row),
        "resolution": choice(row, "resolution"),
        "aspect_ratio": ratios(row),
        "audio": switch(row, "audio"),
        "bgm": switch(row, "bgm"),
        "off_peak": switch(row, "off_peak"),
        "price": prices(row),
    }
    return ModelRow(
        anchor=f"{row.provider}-{slugify(row.model_name.replace('.', '-'))}",
        offer=row,
        strength=_(row.strength),
        cells=[cells[name] or [NONE] for name in cells if has_column(row.mode, name)],
        rules=special_rules(row),
        source=row.source,
    )


def special_rules(row: Offer) -> list[str]:
    """What narrows the limits: of which parameter, with the reason that a refusal gives."""
    reasons = [(tuple(variant.limits), variant.reason) for variant in row.variants]
    reasons += [((name,), row.reasons[name]) for name, rule in row.limits.items() if rule.off]
    return [
        f"{', '.join(_(PARAMS[name].label) for name in names if name in row.limits)}: "
        f"{_(reason) % {'model': row.label}}"
        for names, reason in dict.fromkeys(reasons)
    ]


def inputs(row: Offer) -> list[str]:
    return [
        f"{count_range(rule)} {noun(name, rule)}{length_range(rule)}"
        for name in MODES[row.mode].params
        if PARAMS[name].is_input and (rule := row.limits.get(name)) and not rule.off
    ]


def count_range(rule: Limit) -> str:
    low, high = int(rule.minimum or 0), int(rule.maximum or 0)
    return str(high) if low == high else f"{low}–{high}"


def noun(name: str, rule: Limit) -> str:
    count = int(rule.maximum or 0)
    match PARAMS[name].kind:
        case "images":
            return ngettext("image", "images", count)
        case "videos":
            return ngettext("video", "videos", count)
        case "sounds":
            return ngettext("audio file", "audio files", count)
    return ngettext("subject", "subjects", count)


def length_range(rule: Limit) -> str:
    """How long a video or audio file may be."""
    limits = rule.video or rule.audio
    if not limits:
        return ""
    low, high = limits.min_seconds, limits.max_seconds
    return f", {low:g}–{high:g} s" if low else _(", to %(high)s s") % {"high": f"{high:g}"}


def prompt_lengths(row: Offer) -> list[str]:
    """How many characters a person may write, and where that is not the prompt, of what."""
    return [
        f"{int(rule.maximum or 0):,}" + ("" if name == "prompt" else f" ({_(PARAMS[name].label)})")
        for name, rule in row.limits.items()
        if name in ("prompt", "text")
    ]


def lengths(row: Offer) -> list[str]:
    rule = row.limits.get("duration")
    if rule is None:
        return []
    if not rule.allowed:
        return [f"{rule.minimum:g}–{rule.maximum:g} s"]
    labels = [allowed_label("duration", rule.allowed)]
    if 0 in rule.allowed:
        labels.append(_("0 lets Vidu choose"))
    return labels


def choice(row: Offer, name: str) -> list[str]:
    rule = row.limits.get(name)
    return [value_label(name, value) for value in rule.allowed] if rule else []


def ratios(row: Offer) -> list[str]:
    """Three to a line: a table of nine lines a model is hard to read."""
    found = choice(row, "aspect_ratio")
    return [", ".join(found[start : start + 3]) for start in range(0, len(found), 3)]


def switch(row: Offer, name: str) -> list[str]:
    rule = row.limits.get(name)
    if rule is None or rule.off:
        return []
    return [_("on by itself") if rule.default else _("on request")]


def prices(row: Offer) -> list[str]:
    """Credits by resolution for the usual length, from the fewest pictures to the most."""
    seconds = row.limits["duration"].default if "duration" in row.limits else None
    shown = row.limits["resolution"].allowed if "resolution" in row.limits else ("",)
    labels = [
        f"{resolution} {found}".strip()
        for resolution in shown
        if (found := price_range(row, {"resolution": resolution, "duration": seconds}))
    ]
    if not labels:
        return [_("unknown")]
    return [*labels, _("for %(seconds)s s") % {"seconds": seconds}] if seconds else labels


def price_range(row: Offer, values: dict[str, Any]) -> str:
    found = set(known_prices(row, values))
    low, high = min(found, default=None), max(found, default=None)
    return "" if low is None else str(low) if low == high else f"{low}–{high}"


def known_prices(row: Offer, values: dict[str, Any]) -> Iterable[int]:
    """The prices that are known, with as many pictures as the model takes."""
    images = row.limits.get("images", Limit())
    for count in range(int(images.minimum or 0), int(images.maximum or 0) + 1):
        credits = estimate.estimate(row, values, {"images": count}).credits
        if credits is not None:
            yield credits
