"""What a person types to search, read once for every page that searches."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from django.db.models import QuerySet

from generation.catalogue.folding import Group, Part, holds, pairs, runs, spelled
from generation.models import Project
from generation.models.search import Found, project_mark

Rows = TypeVar("Rows", bound=QuerySet[Any])
LONGEST_SEARCH, MOST_WORDS = 100, 12
CHUNK = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')


def clean_query(text: str) -> str:
    shown = "".join(sign if sign.isprintable() else " " for sign in text[:LONGEST_SEARCH])
    return " ".join(unicodedata.normalize("NFC", shown).split())


def read_search(query: str) -> list[Group]:
    """The parts that a text must hold, or with a - before them must not: words by their beginning,
    "phrases" as they stand, and parts of any run of Chinese, Japanese, Thai and their kind."""
    found = []
    for minus, phrase, word in CHUNK.findall(query):
        given = [phrase_of(phrase)] if phrase else [part_of(*run) for run in runs(word)]
        parts = tuple(part for part in given if part.tokens)
        if parts:
            found.append(Group(parts, negative=bool(minus)))
    return found[:MOST_WORDS]


def part_of(run: str, is_unspaced: bool) -> Part:
    if is_unspaced and len(run) > 1:
        return Part(tuple(map(spelled, pairs(run))))
    return Part((spelled(run),), is_beginning=True)


def phrase_of(text: str) -> Part:
    found: list[str] = []
    parts = list(runs(text))
    for number, (run, is_unspaced) in enumerate(parts, 1):
        if not is_unspaced:
            found.append(spelled(run))
            continue
        found += map(spelled, pairs(run))
        if number < len(parts) or len(run) == 1:
            found.append(spelled(run[-1]))
    return Part(tuple(found))


def searched(rows: Rows, query: str, team_id: int) -> Rows:
    """The rows of a team that the index of their table finds; all of them where nothing is asked.

    A word that begins the name of a project finds what is in it.
    """
    groups = read_search(query)
    if not groups:
        return rows
    projects = list(Project.objects.filter(team=team_id).values_list("pk", "name"))
    marked = tuple(replace(group, parts=with_projects(group.parts, projects)) for group in groups)
    return rows.filter(Found(rows.model._meta.db_table, team_id, marked))


def with_projects(parts: Sequence[Part], projects: Sequence[tuple[int, str]]) -> tuple[Part, ...]:
    def marks(part: Part) -> tuple[str, ...]:
        asked = [Group((part,))]
        return tuple(project_mark(pk) for pk, name in projects if holds([name], asked))

    return tuple(replace(part, marks=marks(part)) for part in parts)


def holding(rows: Rows, query: str, *columns: str) -> Rows:
    """The rows that hold what is asked for in these columns, which have no index: few rows."""
    groups = read_search(query)
    if not groups:
        return rows
    texts = rows.order_by().values_list("pk", *columns)
    return rows.filter(pk__in=[pk for pk, *found in texts if holds(found, groups)])
