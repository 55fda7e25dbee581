"""Search by words: each has to stand somewhere in the text of a row."""

import unicodedata
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.db.models import Q, QuerySet

Rows = TypeVar("Rows", bound=QuerySet[Any])
LONGEST_SEARCH, MOST_WORDS = 100, 6


def clean_query(text: str) -> str:
    shown = "".join(sign if sign.isprintable() else " " for sign in text[:LONGEST_SEARCH])
    return " ".join(unicodedata.normalize("NFC", shown).split())


def holding(rows: Rows, query: str, *columns: str) -> Rows:
    """The rows where every word stands in at least one of the columns."""
    for word in query.split()[:MOST_WORDS]:
        rows = rows.filter(reduce(or_, (Q(**{f"{name}__icontains": word}) for name in columns)))
    return rows
