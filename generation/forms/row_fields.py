"""Rows of values in a form: the way between key frames, and sounds in time.

Each part of a row is posted under "<parameter>.<part>", once for every row, in order.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from generation.catalogue.types import Param
from generation.forms.parsing import decimal, plain

PARTS = {"frames": ("prompt", "duration"), "cues": ("from", "to", "prompt")}
TEXTS = ("prompt",)
MOST = 50  # rows that are read; more than any mode takes


def read_rows(param: Param, data: Any) -> list[dict[str, Any]] | None:
    """The rows that a browser sent, or a list that is one already."""
    if not hasattr(data, "getlist"):
        rows: list[dict[str, Any]] | None = data.get(param.name)
        return rows
    columns = {part: data.getlist(f"{param.name}.{part}") for part in PARTS[param.kind]}
    count = min(max(map(len, columns.values())), MOST)
    rows = [
        {
            part: value_of(part, texts[place])
            for part, texts in columns.items()
            if place < len(texts)
        }
        for place in range(count)
    ]
    return rows if count else None


def value_of(part: str, text: str) -> Any:
    return plain(text) if part in TEXTS else decimal(text.strip())


def is_blank(row: Mapping[str, Any]) -> bool:
    return all(value in (None, "") for value in row.values())


def rows_for_images(rows: Sequence[Mapping[str, Any]], images: int) -> list[Mapping[str, Any]]:
    """One row for each picture, the first for none: what stands in the tiles of key frames."""
    padded = [{}, *rows] if len(rows) < images else list(rows)
    return [*padded, *({} for _ in range(images - len(padded)))][:images]
