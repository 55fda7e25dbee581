"""Addresses of rows. A page shows hundreds, and looking each up costs more than the rest of it."""

from functools import cache

from django.urls import get_script_prefix, reverse

PLACE = 987_654_321_987


def path_of(name: str, pk: int, *rest: str) -> str:
    """As `reverse` has it, for a pattern whose first argument is the number of a row."""
    before, after = around(name, rest, get_script_prefix())
    return f"{before}{pk}{after}"


@cache
def around(name: str, rest: tuple[str, ...], _prefix: str) -> tuple[str, str]:
    before, _place, after = reverse(name, args=[PLACE, *rest]).partition(str(PLACE))
    return before, after
