"""Send many fields in one request and still judge each of them."""

from collections.abc import Callable, Collection
from typing import Any

Status = Callable[[dict[str, Any]], Any]  # sends the fields, asserts, and returns the status


def grouped(status: Status, singly: Collection[str], fields: dict[str, Any]) -> None:
    """Send the fields named in `singly` alone and the others together.

    Where a group fails or changes the status of the plain request, its halves are sent: one
    refused field hides what the others would do.
    """
    plain = status({})
    for name in singly:
        if name in fields:
            status({name: fields[name]})
    bisect(status, {name: fields[name] for name in fields if name not in singly}, plain)


def bisect(status: Status, fields: dict[str, Any], plain: Any) -> None:
    if len(fields) <= 1:
        if fields:
            status(fields)
        return
    try:
        alike = status(fields) == plain
    except AssertionError:
        halves(status, fields, plain)
        raise  # only together are they a fault
    if not alike:
        halves(status, fields, plain)


def halves(status: Status, fields: dict[str, Any], plain: Any) -> None:
    names = [*fields]
    for part in (names[: len(names) // 2], names[len(names) // 2 :]):
        bisect(status, {name: fields[name] for name in part}, plain)
