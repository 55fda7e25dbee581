"""Keyset paging: a page starts after the last row of the one before, as fast at any depth."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
Rows = TypeVar("Rows", bound=QuerySet[Any])
# Without a time in it: the same page has the same address each time it is drawn.
CURSORS = signing.Signer(salt="library.after")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Cursor:
    """The last row of a page and the number of the next page, signed: a guess starts anew."""

    at: datetime
    pk: int
    page: int

    @classmethod
    def read(cls, token: str) -> "Cursor | None":
        try:
            micros, pk, page = CURSORS.unsign_object(token)
            return cls(EPOCH + timedelta(microseconds=micros), pk, page)
        except (signing.BadSignature, TypeError, ValueError, OverflowError):
            return None

    @classmethod
    def of(cls, at: datetime, pk: int, page: int) -> str:
        micros = (at - EPOCH) // timedelta(microseconds=1)
        return CURSORS.sign_object([micros, pk, page])


@dataclass(frozen=True)
class Page(Generic[Row]):
    """`more` is the cursor of the next page, empty on the last one; `after` where this begins."""

    rows: list[Row]
    number: int
    more: str
    after: Cursor | None


def page_of(
    rows: QuerySet[Row], token: str, size: int, column: str = "created_at", *, later: bool = False
) -> Page[Row]:
    """One page of `rows`, which are in the order of `column` and id; `later`: oldest first."""
    cursor = Cursor.read(token)
    number = cursor.page if cursor else 1
    if cursor:
        rows = beyond(rows, cursor.at, cursor.pk, column, later=later)
    found = list(rows[: size + 1])
    last = found[size - 1] if len(found) > size else None
    more = Cursor.of(getattr(last, column), last.pk, number + 1) if last else ""
    return Page(found[:size], number, more, cursor)


def beyond(rows: Rows, at: datetime, pk: int, column: str = "created_at", *, later: bool) -> Rows:
    """Both bounds, because an index can seek to the first and not to an OR."""
    bound, seen = ("gte", "lte") if later else ("lte", "gte")
    return rows.filter(**{f"{column}__{bound}": at}).exclude(**{column: at, f"id__{seen}": pk})
