"""Questions to the catalogue: which offers, is this legal, and what would be."""

from collections.abc import Iterable, Mapping
from typing import Any

from generation.catalogue import mentions
from generation.catalogue.check_inputs import across, check_inputs, enlarged
from generation.catalogue.check_values import check_rows, check_value, is_empty, missing
from generation.catalogue.modes import MODES
from generation.catalogue.offers import ALL, OFFERS
from generation.catalogue.params import PARAMS
from generation.catalogue.types import (
    Counts,
    Inputs,
    Invalid,
    Limit,
    Offer,
    Problem,
    SubjectFacts,
    Variant,
    gettext_noop,
)

NOTHING: Counts = {}


def offer(provider: str, mode: str, model_name: str) -> Offer:
    """The one row; KeyError when nobody offers that."""
    return OFFERS[provider, mode, model_name]


def name_of(row: Offer) -> str:
    """How forms and addresses name one model of one provider."""
    return f"{row.provider}/{row.model_name}"


def split_name(name: str) -> tuple[str, str]:
    """The provider and the model that `name_of` put together."""
    provider, _slash, model_name = name.partition("/")
    return provider, model_name


def offer_named(mode: str, name: str) -> Offer | None:
    provider, model_name = split_name(name)
    return OFFERS.get((provider, mode, model_name))


def offers(provider: str | None = None, mode: str | None = None) -> list[Offer]:
    """All rows of a provider and a mode, in catalogue order: the first is the default."""
    return [
        row
        for row in ALL
        if (provider is None or row.provider == provider) and (mode is None or row.mode == mode)
    ]


def names_subjects(row: Offer, prompt: str, counts: Counts) -> bool:
    """Whether a request names its subjects instead of only showing images.

    It does when it has subjects, or when the prompt calls an image by its handle ("@image1") and
    this model takes images as subjects.
    """
    if "subjects" not in row.limits:
        return False
    return bool(counts.get("subjects")) or (
        row.subjects_inline and bool(mentions.mentioned_names(prompt, handles(counts)))
    )


def handles(counts: Counts) -> list[str]:
    """What the images and videos of a request are called in its prompt, in order."""
    return [
        *(f"{mentions.IMAGE}{place + 1}" for place in range(counts.get("images", 0))),
        *(f"{mentions.VIDEO}{place + 1}" for place in range(counts.get("videos", 0))),
    ]


def count_inputs(inputs: Inputs) -> Counts:
    return {name: len(given) for name, given in inputs.items()}


def limit(row: Offer, name: str, values: Mapping[str, Any], counts: Counts = NOTHING) -> Limit:
    """The limit of one parameter, given the other values and how many inputs there are."""
    found = narrowed(row, name, values, counts)
    return found[0] if found else row.limits[name]


def narrowed(
    row: Offer, name: str, values: Mapping[str, Any], counts: Counts = NOTHING
) -> tuple[Limit, str] | None:
    """The narrower limit in force and its reason, or None."""
    for variant in row.variants:
        if name in variant.limits and in_force(row, variant, values, counts):
            return variant.limits[name], variant.reason
    return None


def in_force(row: Offer, variant: Variant, values: Mapping[str, Any], counts: Counts) -> bool:
    def matches(wanted: Mapping[str, tuple[Any, ...]]) -> bool:
        return all(known(row, name, values, counts) in some for name, some in wanted.items())

    return matches(variant.when) and not (variant.unless and matches(variant.unless))


def known(row: Offer, name: str, values: Mapping[str, Any], counts: Counts) -> Any:
    """What counts for a parameter: what is set, else its default, else what a switch is without."""
    if name == "subject_form":
        return names_subjects(row, str(values.get("prompt") or ""), counts)
    if name in PARAMS and PARAMS[name].is_input:
        return counts.get(name, 0)
    value = values.get(name) if name in row.limits else None
    if is_empty(value) and name in row.limits:
        value = row.limits[name].default
    return False if is_empty(value) and PARAMS[name].kind == "switch" else value


def why_off(row: Offer, name: str, values: Mapping[str, Any], counts: Counts = NOTHING) -> str:
    """Why a parameter may not be set now, as a sentence to translate; empty when it may.

    The sentence may have the place %(model)s.
    """
    if name not in row.limits:
        return row.reasons.get(name) or NOT_TAKEN
    found = narrowed(row, name, values, counts)
    if found and found[0].off:
        return found[1]
    return row.reasons.get(name, NOT_TAKEN) if row.limits[name].off else ""


NOT_TAKEN = gettext_noop("%(model)s does not take this setting.")
CLEAR = gettext_noop("%(model)s does not take this setting. Clear it.")
NOT_USED = gettext_noop("%(model)s does not work with this. Remove it or choose another model.")


def check(row: Offer, values: Mapping[str, Any], inputs: Inputs | None = None) -> dict[str, Any]:
    """Return the canonical values to send, defaults filled in and empty ones left out.

    `values` maps parameter names to native types (text, int, float, bool, lists of rows); inputs
    are given by name in `inputs` and not part of the answer. A switch that is off where off is
    the default is left out. Raises Invalid with every problem found.
    """
    given = inputs or {}
    counts = count_inputs(given)
    problems = list(unknown(row, values, counts))
    clean: dict[str, Any] = {}
    for name in MODES[row.mode].params:
        if name not in row.limits:
            continue
        rule = limit(row, name, values, counts)
        if PARAMS[name].is_input:
            problems += check_input(row, name, rule, given, values)
            continue
        found, value = check_one(row, name, rule, values, given)
        problems += found
        if not found and not is_empty(value):
            clean[name] = value
    if not problems:
        problems += check_combination(row, clean, given)
    if problems:
        raise Invalid(problems)
    return clean


def check_combination(row: Offer, clean: Mapping[str, Any], inputs: Inputs) -> Iterable[Problem]:
    """What is wrong only when legal inputs and values are seen together."""
    prompt = str(clean.get("prompt") or "")
    if names_subjects(row, prompt, count_inputs(inputs)) and (
        subject := row.limits["subjects"].subject
    ):
        yield from across(subject, inputs)
    if "resolution" in row.limits and row.limits["resolution"].enlarges:
        yield from enlarged(clean["resolution"], inputs.get("videos", ()))


def check_input(
    row: Offer, name: str, rule: Limit, inputs: Inputs, values: Mapping[str, Any]
) -> list[Problem]:
    """Everything wrong with one kind of input."""
    given, counts = inputs.get(name, ()), count_inputs(inputs)
    if not given and (rule.off or not rule.minimum):
        return []
    if rule.off:
        return [Problem(name, why_off(row, name, values, counts), {"model": row.label})]
    return check_inputs(PARAMS[name], rule, given)


def check_one(
    row: Offer, name: str, rule: Limit, values: Mapping[str, Any], inputs: Inputs
) -> tuple[list[Problem], Any]:
    """What is wrong with one value, and the value with its default filled in."""
    param, counts, value = PARAMS[name], count_inputs(inputs), values.get(name)
    if rule.off:
        if is_unset(row, name, value):
            return [], None
        return [Problem(name, why_off(row, name, values, counts), {"model": row.label})], None
    value = rule.default if is_empty(value) else value
    if is_empty(value):
        return (missing_value(row, name, values, counts) if rule.required else []), None
    if param.kind in ("frames", "cues"):
        lasts = {"duration": known(row, "duration", values, counts)}
        return check_rows(param, rule, value, lasts, counts)
    if param.kind == "switch" and value is False and not rule.default:
        return [], None
    seen = wire_text(row, value, inputs) if name == "prompt" else value
    found = list(check_value(row, param, rule, seen))
    if found and not rule.off:
        found = with_variant_reason(row, name, values, counts, found)
    return found, value


def missing_value(
    row: Offer, name: str, values: Mapping[str, Any], counts: Counts
) -> list[Problem]:
    """What is needed only now is said with its reason; rows come with the images they lead to."""
    if name == "frames" and counts.get("images", 0) < (row.limits["images"].minimum or 0):
        return []
    narrow = None if row.limits[name].required else narrowed(row, name, values, counts)
    if narrow:
        return [Problem(name, narrow[1], {"model": row.label})]
    return missing(name, MODES[row.mode].makes)


def is_unset(row: Offer, name: str, value: Any) -> bool:
    """Whether nobody asked for this: it is empty, a switch that is off, or as it is by itself."""
    if is_empty(value) or value is False:
        return True
    return value is not True and value == row.limits[name].default


def with_variant_reason(
    row: Offer, name: str, values: Mapping[str, Any], counts: Counts, found: list[Problem]
) -> list[Problem]:
    """What the model allows in general and not now is refused with the reason for that."""
    narrow = narrowed(row, name, values, counts)
    if narrow is None or list(check_value(row, PARAMS[name], row.limits[name], values.get(name))):
        return found
    return [Problem(name, narrow[1], {"model": row.label})]


def names_of(row: Offer, prompt: str, inputs: Inputs) -> list[str]:
    """Every name that the prompt of this request may mention; none in the plain form."""
    counts = count_inputs(inputs)
    if not names_subjects(row, prompt, counts):
        return []
    subjects = [one.name for one in inputs.get("subjects", ()) if isinstance(one, SubjectFacts)]
    return [*subjects, *handles(counts)] if row.subjects_inline else subjects


def wire_text(row: Offer, prompt: Any, inputs: Inputs) -> Any:
    """The prompt as it goes out, with mentions as this model reads them: that is what counts."""
    if not isinstance(prompt, str) or not row.mention:
        return prompt
    return mentions.rewrite_mentions(prompt, names_of(row, prompt, inputs), row.mention)


def unknown(row: Offer, values: Mapping[str, Any], counts: Counts) -> Iterable[Problem]:
    """What the model does not take is refused, never dropped in silence."""
    for name, value in values.items():
        if name not in row.limits and not is_empty(value) and value is not False:
            yield Problem(name, row.reasons.get(name, CLEAR), {"model": row.label})
    for name, count in counts.items():
        if count and name not in row.limits:
            yield Problem(name, row.reasons.get(name, NOT_USED), {"model": row.label})


def snap(
    row: Offer, values: Mapping[str, Any], counts: Counts = NOTHING
) -> tuple[dict[str, Any], list[tuple[str, Any, Any]]]:
    """Keep what `row` allows, set the rest to its default.

    Returns the values and, for what changed, (parameter, old value, new value). A value that does
    not exist here at all is left out of the answer without being listed: the caller sees it gone.
    """
    kept: dict[str, Any] = {}
    changed: list[tuple[str, Any, Any]] = []
    # In the mode's order: what others depend on comes first.
    for name in MODES[row.mode].params:
        if name not in values or name not in row.limits or PARAMS[name].is_input:
            continue
        value = values[name]
        rule = limit(row, name, {**values, **kept}, counts)
        new = nearest_legal(rule, PARAMS[name].kind, value)
        if new != value and not (rule.off and is_unset(row, name, value)):
            changed.append((name, value, new))
        kept[name] = new
    return kept, changed


def nearest_legal(rule: Limit, kind: str, value: Any) -> Any:
    """The value itself where it is legal; the nearest length; else the default."""
    if is_empty(value):
        return value
    if rule.off:
        return False if kind == "switch" else None
    if not rule.allowed or value in rule.allowed:
        return value
    if kind == "number" and isinstance(value, int) and value:  # 0 s has a meaning: auto
        return min(rule.allowed, key=lambda one: abs(one - value))
    return rule.default
