"""Operators in a search of the library: by:ana, model:q3, rating:>=4, is:approved,
before:2026-11-01, after:2026-10.

What they ask for becomes a filter like those of the menus. What is no operator stays text.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from generation.catalogue.folding import holds
from generation.forms.days import read_day
from generation.forms.search import read_search

OPERATOR = re.compile(r"(?:^|(?<=\s))(by|model|rating|is|before|after):(\S+)", re.IGNORECASE)
STARS = re.compile(r"(?:>=|=)?([3-5])")
STATES: Mapping[str, dict[str, Any]] = {
    "approved": {"review": "approved"},
    "changes": {"review": "changes"},
    "review": {"review": "in_review"},
    "mine": {"review": "mine"},
    "favourite": {"favourite": True},
    "favorite": {"favourite": True},
    "rejected": {"rejected": "only"},
    "unrated": {"stars": "unrated"},
}


def read_operators(
    text: str, people: Iterable[tuple[int, str]], models: Mapping[str, str]
) -> tuple[str, dict[str, Any]]:
    """The rest of a search, and the fields of a filter that its operators set. `people` are ids and
    names, `models` values and labels."""
    found: dict[str, Any] = {}

    def take(match: re.Match[str]) -> str:
        name, value = match[1].lower(), match[2]
        asked = fields_of(name, value, people, models)
        found.update(asked)
        return "" if asked else match[0]

    rest = OPERATOR.sub(take, text)
    return " ".join(rest.split()), found


def fields_of(
    name: str, value: str, people: Iterable[tuple[int, str]], models: Mapping[str, str]
) -> dict[str, Any]:
    if name == "is":
        return STATES.get(value.lower(), {})
    if name == "rating":
        stars = STARS.fullmatch(value)
        return {"stars": stars[1]} if stars else {}
    if name in ("before", "after"):
        day = read_day(value)
        if not day:
            return {}
        last = (day - timedelta(days=1)).isoformat()
        return {"until": last} if name == "before" else {"since": day.isoformat()}
    groups = read_search(value)
    if not groups:
        return {}
    if name == "by":
        fit = tuple(pk for pk, who in people if holds([who], groups))
        return {"people": fit} if fit else {}
    named = tuple(key for key, label in models.items() if holds([key, label], groups))
    return {"models": named} if named else {}
