"""Keyset paging: a page starts after the last row of the one before, as fast at any depth."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Model, QuerySet
from django.http import QueryDict

from generation.forms.parsing import parse_id

Row = TypeVar("Row", bound=Model)
Rows = TypeVar("Rows", bound=QuerySet[Any])
# Without a time in it: the same page has the same address each time it is drawn.
CURSORS = signing.Signer(salt="library.after")
ABOVE = 30  # rows before a place: more than fit above it on a screen
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
    """`more` is the cursor of the next page, empty on the last one; `after` where this begins.
    Where the address names a place or an earlier page: `earlier` is the cursor of the page before
    this, empty on the first; `place` the row that was asked for, or its neighbour; `before` where
    this ends."""

    rows: list[Row]
    number: int
    more: str
    after: Cursor | None
    earlier: str = ""
    place: Row | None = None
    before: Cursor | None = None

    @property
    def is_first(self) -> bool:
        return self.after is None and not self.earlier


def asked_page(
    rows: QuerySet[Row],
    query: QueryDict,
    size: int,
    every: QuerySet[Row],
    column: str = "created_at",
    *,
    later: bool = False,
) -> Page[Row]:
    """The page that an address asks for: around a row (`at`), before one or after one. `every` are
    the rows among which a place is looked for, also where `rows` does not show it."""
    if place := row_place(every, parse_id(query.get("at", "")), column):
        return page_around(rows, place, size, column, later=later)
    if before := Cursor.read(query.get("before", "")):
        return page_before(rows, before, size, column, later=later)
    return page_of(rows, query.get("after", ""), size, column, later=later)


def row_place(every: QuerySet[Row], pk: int, column: str) -> tuple[datetime, int] | None:
    """Where a row stands; of one that is gone, where the one made before it stands."""
    if not pk:
        return None
    places = every.filter(pk__lte=pk, **{f"{column}__isnull": False}).order_by("-pk")
    return places.values_list(column, "pk").first()


def page_around(
    rows: QuerySet[Row], place: tuple[datetime, int], size: int, column: str, *, later: bool
) -> Page[Row]:
    """The page that begins at a place, with a few rows above it."""
    found = list(beyond(rows, *place, column, later=later, inclusive=True)[: size + 1])
    above = list(beyond(rows.reverse(), *place, column, later=not later)[: ABOVE + 1])
    shown = [*reversed(above[:ABOVE]), *found[:size]]
    last = found[size - 1] if len(found) > size else None
    more = Cursor.of(getattr(last, column), last.pk, 2) if last else ""
    first = shown[0] if len(above) > ABOVE else None
    earlier = Cursor.of(getattr(first, column), first.pk, 2) if first else ""
    at = found[0] if found else shown[-1] if shown else None
    return Page(shown, 1, more, None, earlier, at)


def page_before(
    rows: QuerySet[Row], cursor: Cursor, size: int, column: str, *, later: bool
) -> Page[Row]:
    back = beyond(rows.reverse(), cursor.at, cursor.pk, column, later=not later)
    found = list(back[: size + 1])
    shown = found[:size][::-1]
    first = shown[0] if len(found) > size else None
    earlier = Cursor.of(getattr(first, column), first.pk, cursor.page + 1) if first else ""
    more = Cursor.of(getattr(shown[-1], column), shown[-1].pk, 2) if shown else ""
    return Page(shown, cursor.page, more, None, earlier, before=cursor)


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


def beyond(
    rows: Rows,
    at: datetime,
    pk: int,
    column: str = "created_at",
    *,
    later: bool,
    inclusive: bool = False,
) -> Rows:
    """Both bounds, because an index can seek to the first and not to an OR."""
    bound, seen = ("gte", "lt") if later else ("lte", "gt")
    seen = seen if inclusive else f"{seen}e"
    return rows.filter(**{f"{column}__{bound}": at}).exclude(**{column: at, f"id__{seen}": pk})
