"""Drawings over a picture, as a browser sends them: checked strictly, kept as plain numbers."""

import json
import math
from typing import Any, NoReturn

from django.utils.translation import gettext as _

TOOLS = ("pen", "arrow", "box", "ellipse")
INKS = range(1, 6)
MOST_SHAPES = 100
MOST_POINTS = 2_000
MOST_BYTES = 64 * 1024
DIGITS = 4  # a ten-thousandth of the picture's side


class BadDrawing(Exception):
    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def read_drawing(text: str) -> list[dict[str, Any]] | None:
    """The shapes, or None where there are none. Raises BadDrawing.

    [{"tool": "box", "ink": 1, "points": [[0.1, 0.2], [0.3, 0.4]]}, ...]: coordinates are of the
    picture, 0 to 1. All but the pen have two points: corners, or where an arrow begins and ends.
    """
    if not text.strip():
        return None
    if len(text.encode(errors="replace")) > MOST_BYTES:
        raise BadDrawing(_("This drawing is too large. Draw less, or in several comments."))
    try:
        shapes = json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        raise BadDrawing(unreadable()) from None
    if not isinstance(shapes, list):
        raise BadDrawing(unreadable())
    if len(shapes) > MOST_SHAPES:
        raise BadDrawing(_("This drawing has too many shapes. 100 are the most."))
    found = [read_shape(shape) for shape in shapes]
    if sum(len(shape["points"]) for shape in found) > MOST_POINTS:
        raise BadDrawing(_("This drawing is too large. Draw less, or in several comments."))
    return found or None


def unreadable() -> str:
    return _("The drawing could not be read. Draw it again.")


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)  # NaN and Infinity, which are no JSON


def read_shape(shape: Any) -> dict[str, Any]:
    known = isinstance(shape, dict) and shape.keys() == {"tool", "ink", "points"}
    if not known or shape["tool"] not in TOOLS:
        raise BadDrawing(unreadable())
    if type(shape["ink"]) is not int or shape["ink"] not in INKS:
        raise BadDrawing(unreadable())
    points = shape["points"]
    if not isinstance(points, list) or not points or len(points) > MOST_POINTS:
        raise BadDrawing(unreadable())
    if shape["tool"] != "pen" and len(points) != 2:
        raise BadDrawing(unreadable())
    kept = [read_point(point) for point in points]
    return {"tool": shape["tool"], "ink": shape["ink"], "points": kept}


def read_point(point: Any) -> list[float]:
    if not isinstance(point, list) or len(point) != 2:
        raise BadDrawing(unreadable())
    return [read_coordinate(value) for value in point]


def read_coordinate(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value) or not 0 <= value <= 1:
        raise BadDrawing(unreadable())
    return round(float(value), DIGITS)
