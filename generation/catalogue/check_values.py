"""Whether one value that a person set is legal."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from generation.catalogue.mentions import has_han
from generation.catalogue.signs import is_blank
from generation.catalogue.types import Counts, Limit, Offer, Param, Problem, gettext_noop

NEEDED = {
    "prompt": gettext_noop("Describe what you want to see."),
    "text": gettext_noop("Type the text to speak."),
    "template": gettext_noop("Choose a template."),
    "voice_id": gettext_noop("Choose a voice."),
    "story": gettext_noop("Choose a story."),
    "frames": gettext_noop("Say what happens between the images."),
    "cues": gettext_noop("Add at least one sound effect."),
}
ROW_PARTS = {
    "prompt": Param("prompt", "text", gettext_noop("Prompt")),
    "duration": Param("duration", "number", gettext_noop("Duration"), unit="s"),
    "from": Param("from", "decimal", gettext_noop("From"), unit="s"),
    "to": Param("to", "decimal", gettext_noop("To"), unit="s"),
}


def is_empty(value: Any) -> bool:
    """Text of spaces and of signs that nobody sees is none."""
    return value is None or value == [] or (isinstance(value, str) and is_blank(value))


def missing(name: str, makes: str) -> list[Problem]:
    if name == "prompt" and makes == "audio":
        return [Problem(name, gettext_noop("Describe what you want to hear."))]
    return [Problem(name, NEEDED.get(name, gettext_noop("This is needed.")))]


def check_value(row: Offer, param: Param, rule: Limit, value: Any) -> Iterable[Problem]:
    """What is wrong with one value, apart from its being missing."""
    match param.kind:
        case "choice":
            yield from check_choice(row, param.name, rule, value)
        case "number" if rule.allowed:
            yield from check_choice(row, param.name, rule, value)
        case "integer":
            yield from check_integer(param.name, rule, value)
        case "number" | "decimal":
            yield from check_decimal(param.name, rule, value)
        case "text" | "url":
            yield from check_text(param, rule, value)
        case "switch":
            if not isinstance(value, bool):
                yield Problem(param.name, gettext_noop("Switch this on or off."))


def check_choice(row: Offer, name: str, rule: Limit, value: Any) -> Iterable[Problem]:
    if value in rule.allowed and not isinstance(value, bool):
        return
    yield Problem(
        name,
        gettext_noop("%(model)s does not offer %(value)s. Choose one of %(allowed)s."),
        {"model": row.label, "value": value, "allowed": rule.allowed},
    )


def check_integer(name: str, rule: Limit, value: Any) -> Iterable[Problem]:
    is_integer = isinstance(value, int) and not isinstance(value, bool)
    if not is_integer or not within(rule, value):
        yield Problem(
            name,
            gettext_noop("Enter a whole number from %(low)s to %(high)s."),
            {"low": rule.minimum, "high": rule.maximum},
        )


def check_decimal(name: str, rule: Limit, value: Any) -> Iterable[Problem]:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or value != value or not within(rule, value):
        yield Problem(
            name,
            gettext_noop("Enter a number from %(low)s to %(high)s."),
            {"low": rule.minimum, "high": rule.maximum},
        )


def within(rule: Limit, value: float) -> bool:
    low, high = rule.minimum, rule.maximum
    return (low is None or value >= low) and (high is None or value <= high)


def check_text(param: Param, rule: Limit, value: Any) -> Iterable[Problem]:
    if not isinstance(value, str):
        yield Problem(param.name, gettext_noop("Enter text."))
    elif "\0" in value:  # no database and no provider keeps it
        yield Problem(param.name, gettext_noop("This holds a sign that is no text. Type it anew."))
    else:
        yield from check_string(param, rule, value)


def check_string(param: Param, rule: Limit, value: str) -> Iterable[Problem]:
    low, high = rule.minimum, rule.maximum
    if rule.han and has_han(value):
        low, high = rule.han
    facts = {"length": f"{len(value):,}", "least": low, "most": f"{high or 0:,}"}
    if high is not None and len(value) > high:
        sentence = gettext_noop("This is %(length)s characters long. Shorten it to %(most)s.")
        yield Problem(param.name, sentence, facts)
    elif low is not None and len(value) < low:
        sentence = gettext_noop("This is too short. Write at least %(least)s characters.")
        yield Problem(param.name, sentence, facts)
    elif param.kind == "url" and not is_web_address(value):
        yield Problem(param.name, gettext_noop("Enter an address that starts with https://."))
    elif rule.pattern and not re.fullmatch(rule.pattern, value):
        sentence = gettext_noop(
            "Use 8 to 256 letters, digits, - and _. "
            "Begin with a letter, end with a letter or digit."
        )
        yield Problem(param.name, sentence)


def is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def check_rows(
    param: Param, rule: Limit, value: Any, values: Mapping[str, Any], counts: Counts
) -> tuple[list[Problem], Any]:
    """What is wrong with rows of values, and the rows with their defaults filled in."""
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        return [Problem(param.name, gettext_noop("This is not a list."))], None
    rows = [filled(rule, row) for row in value]
    problems = list(count_problems(param, rule, rows, counts))
    for position, row in enumerate(rows):
        for name, part in rule.row.items():
            found = list(row_problems(param.name, name, part, row.get(name)))
            problems += [Problem(one.param, one.message, one.values, position) for one in found]
    if param.kind == "cues" and not problems:
        problems += cue_problems(param.name, rows, values)
    return problems, rows


def filled(rule: Limit, row: Mapping[str, Any]) -> dict[str, Any]:
    complete = {
        name: part.default if is_empty(row.get(name)) else row.get(name)
        for name, part in rule.row.items()
    }
    return {name: value for name, value in complete.items() if not is_empty(value)}


def count_problems(
    param: Param, rule: Limit, rows: list[dict[str, Any]], counts: Counts
) -> Iterable[Problem]:
    low, high = rule.minimum or 0, rule.maximum or 0
    wanted = counts.get("images", 0) - 1  # a wrong number of images is reported at the images
    if param.kind == "frames" and low <= wanted <= high and len(rows) != wanted:
        yield Problem(param.name, gettext_noop("Each image after the first needs its own row."))
    elif not low <= len(rows) <= high:
        sentence = gettext_noop("There are %(count)s rows. %(low)s to %(high)s are allowed.")
        yield Problem(param.name, sentence, {"count": len(rows), "low": low, "high": high})


def row_problems(param: str, name: str, rule: Limit, value: Any) -> Iterable[Problem]:
    if is_empty(value):
        if rule.required:
            yield Problem(param, gettext_noop("This row is not complete."))
        return
    part = ROW_PARTS[name]
    if rule.allowed and value not in rule.allowed:
        sentence = gettext_noop("Choose a length of %(allowed)s s.")
        yield Problem(param, sentence, {"allowed": rule.allowed})
    elif part.kind == "text":
        yield from renamed(param, check_text(part, rule, value))
    elif not rule.allowed:
        yield from renamed(param, check_decimal(name, rule, value))


def renamed(param: str, found: Iterable[Problem]) -> Iterable[Problem]:
    """The same problems, reported of the list that the row is in."""
    return [Problem(param, one.message, one.values) for one in found]


def cue_problems(
    param: str, rows: list[dict[str, Any]], values: Mapping[str, Any]
) -> Iterable[Problem]:
    """Sounds may overlap, but lie inside the total length."""
    total = values.get("duration")
    for position, row in enumerate(rows):
        if row["to"] <= row["from"]:
            yield Problem(
                param, gettext_noop("This sound effect ends before it begins."), {}, position
            )
        elif isinstance(total, int | float) and row["to"] > total:
            sentence = gettext_noop(
                "This sound effect ends after the whole, which lasts %(whole)s s."
            )
            yield Problem(param, sentence, {"whole": total}, position)
