"""Whether the tables agree with themselves; a system check asks."""

import pkgutil
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

from generation.catalogue import offers
from generation.catalogue.check_values import check_value, is_empty
from generation.catalogue.modes import ALL as ALL_MODES
from generation.catalogue.modes import MODES
from generation.catalogue.offers import ALL, OFFERS
from generation.catalogue.params import PARAMS
from generation.catalogue.prices import ALL as PRICES
from generation.catalogue.prices import PriceRow
from generation.catalogue.templates import ALL as TEMPLATES
from generation.catalogue.templates import GROUPS
from generation.catalogue.types import Limit, Offer, Variant
from generation.catalogue.voices import ALL as VOICES
from generation.catalogue.voices.types import GENDERS, LANGUAGES, STYLES

# What each kind of parameter needs to be bounded by.
BOUNDS = {
    "choice": "allowed",
    "integer": "maximum",
    "decimal": "maximum",
    "text": "maximum",
    "url": "maximum",
    "frames": "row",
    "cues": "row",
    "images": "image",
    "videos": "video",
    "sounds": "audio",
    "subjects": "subject",
}

# Whose price list is known: what they offer needs a row in prices.py, but for these exceptions.
PRICED_PROVIDERS = ("vidu", "vidu-cn")
UNPRICED_MODES = (
    "multiframe", "extend", "upscale", "lip-sync", "template", "sound", "timed-sound", "speech",
    "voice",
)  # fmt: skip
UNPRICED_MODELS = (("start-end", "viduq2-pro-fast"), ("reference", "viduq2-pro"))


def incoherent() -> list[str]:
    """What is wrong with the tables themselves; empty when coherent."""
    return [
        *(f"{row.key} is there twice" for row in ALL if OFFERS.get(row.key, row) is not row),
        *(fault for row in ALL for fault in offer_faults(row)),
        *(f"{row.key} has no row in prices.py" for row in unpriced()),
        *mode_faults(),
        *price_faults(),
        *(fault for module in mode_files() for fault in unlisted(module)),
    ]


def unpriced() -> Iterable[Offer]:
    """Offers without a price that should have one."""
    for row in ALL:
        has_price = any(price.speaks_of(row) for price in PRICES)
        is_exempt = (
            row.provider not in PRICED_PROVIDERS
            or row.mode in UNPRICED_MODES
            or (row.mode, row.model_name) in UNPRICED_MODELS
        )
        if not has_price and not is_exempt:
            yield row


def mode_files() -> Iterable[ModuleType]:
    for found in pkgutil.walk_packages(offers.__path__, f"{offers.__name__}."):
        yield import_module(found.name)


def unlisted(module: ModuleType) -> Iterable[str]:
    """Offers that a mode file defines or collects and that no list takes up."""
    listed = {row.key for row in ALL}
    for name, value in vars(module).items():
        for row in value if isinstance(value, tuple) else (value,):
            if isinstance(row, Offer) and row.key not in listed:
                yield f"{row.key} stands in {module.__name__} as {name}, but no list has it"


def texts() -> Iterable[str]:
    """Every text of the catalogue that people read in their language."""
    for mode in ALL_MODES:
        yield from (mode.label, mode.hint)
    for param in PARAMS.values():
        yield from (param.label, param.help)
    for voice in VOICES:
        yield voice.name
    for template in TEMPLATES:
        yield from (template.label, template.needs)
    for labels in (GENDERS, STYLES, LANGUAGES, GROUPS):
        yield from labels.values()
    for row in ALL:
        yield row.strength
        yield from row.reasons.values()
        yield from (variant.reason for variant in row.variants)


def mode_faults() -> Iterable[str]:
    for mode in ALL_MODES:
        rows = [row for row in ALL if row.mode == mode.name]
        for name in mode.params:
            if name not in PARAMS:
                yield f"{mode.name}: no such parameter as {name}"
            elif not any(name in row.limits for row in rows):
                yield f"{mode.name}: nobody offers {name}"


def offer_faults(row: Offer) -> Iterable[str]:
    if row.mode not in MODES:
        yield f"{row.key}: no such mode"
        return
    for name, rule in row.limits.items():
        yield from limit_faults(row, name, rule)
        if rule.off and not row.reasons.get(name):
            yield f"{row.key}: {name} is off without a reason"
    for variant in row.variants:
        yield from variant_faults(row, variant)
    for name in row.reasons:
        if name not in MODES[row.mode].params:
            yield f"{row.key}: a reason for {name}, which is no parameter of the mode"
    if bool(row.mention) != ("subjects" in row.limits) or "{name}" not in (row.mention or "{name}"):
        yield f"{row.key}: subjects and how they are mentioned do not go together"


def limit_faults(row: Offer, name: str, rule: Limit) -> Iterable[str]:
    if name not in PARAMS or name not in MODES[row.mode].params:
        yield f"{row.key}: {name} is no parameter of the mode"
        return
    param = PARAMS[name]
    if rule.minimum is not None and rule.maximum is not None and rule.minimum > rule.maximum:
        yield f"{row.key}: bounds of {name} are crossed"
    if not rule.off and not is_bounded(param.kind, rule):
        yield f"{row.key}: {name} has no bounds"
    if not is_empty(rule.default) and list(check_value(row, param, rule, rule.default)):
        yield f"{row.key}: default of {name} is not allowed"
    for part, inner in rule.row.items():
        if inner.default is not None and inner.default not in inner.allowed:
            yield f"{row.key}: default of {part} in {name} is not allowed"


def is_bounded(kind: str, rule: Limit) -> bool:
    if kind == "number":
        return bool(rule.allowed) or rule.maximum is not None
    return kind == "switch" or bool(getattr(rule, BOUNDS[kind]))


def variant_faults(row: Offer, variant: Variant) -> Iterable[str]:
    if not variant.reason:
        yield f"{row.key}: a variant without a reason"
    for name, rule in variant.limits.items():
        if name not in row.limits or not narrows(rule, row.limits[name]):
            yield f"{row.key}: a variant widens {name}"
        yield from limit_faults(row, name, rule)
    for wanted in (variant.when, variant.unless):
        yield from condition_faults(row, wanted)


def narrows(rule: Limit, general: Limit) -> bool:
    """Whether all that a variant allows is allowed in general."""
    if rule.off:
        return True
    if not set(rule.allowed) <= set(general.allowed) or (general.allowed and not rule.allowed):
        return False
    low, high = general.minimum or 0, general.maximum
    return (rule.minimum or 0) >= low and (
        high is None or (rule.maximum is not None and rule.maximum <= high)
    )


def condition_faults(row: Offer, wanted: Mapping[str, tuple[Any, ...]]) -> Iterable[str]:
    for name, some in wanted.items():
        if name == "subject_form":
            if "subjects" not in row.limits:
                yield f"{row.key}: a variant looks at subjects, which it does not have"
        elif name not in row.limits:
            yield f"{row.key}: a variant looks at {name}, which it does not have"
        elif not all(can_be(name, row.limits[name], value) for value in some):
            yield f"{row.key}: a variant waits for a {name} that cannot be"


def can_be(name: str, rule: Limit, value: Any) -> bool:
    """Whether a parameter can have this value, or so many inputs."""
    kind = PARAMS[name].kind
    if kind == "switch":
        return isinstance(value, bool)
    if PARAMS[name].is_input:
        return isinstance(value, int) and 0 <= value <= (rule.maximum or 0)
    return value in rule.allowed if rule.allowed else isinstance(value, str)


def price_faults() -> Iterable[str]:
    seen: set[tuple[Any, ...]] = set()
    for price in PRICES:
        rows = list({row.key: row for row in ALL if price.speaks_of(row)}.values())
        yield from unheard(price, rows)
        for row in rows:
            shown = row.limits["resolution"].allowed if "resolution" in row.limits else ("",)
            for name in {*price.credits, *price.off_peak} - set(shown):
                yield f"a price for {name}, a resolution that {row.key} does not have"
            if not set(price.seconds) <= set(row.limits.get("duration", Limit()).allowed):
                yield f"a price for a length that {row.key} does not have"
            if price.off_peak and "off_peak" not in row.limits:
                yield f"an off-peak price for {row.key}, which has none"
            case = (row.key, price.images, price.seconds)
            if case in seen:
                yield f"{row.key} is priced twice"
            seen.add(case)


def unheard(price: PriceRow, rows: list[Offer]) -> Iterable[str]:
    """Providers, modes and models of a price that no offer has."""
    for provider in set(price.providers) - {row.provider for row in rows}:
        yield f"a price at {provider}, which nobody offers"
    for mode in set(price.modes) - {row.mode for row in rows}:
        yield f"a price of {mode}, which nobody offers"
    for model in set(price.models) - {row.model_name for row in rows}:
        yield f"a price for {model}, which nobody offers"
