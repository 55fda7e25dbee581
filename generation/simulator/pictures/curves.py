"""Curves through given points."""

from collections.abc import Sequence

from generation.simulator.pictures.brush import Point


def smoothed(points: Sequence[Point], steps: int = 8) -> list[Point]:
    """A curve through all points (Catmull and Rom)."""
    line = [points[0], *points, points[-1]]
    found: list[Point] = []
    for a, b, c, d in zip(line, line[1:], line[2:], line[3:], strict=False):
        for step in range(steps):
            t = step / steps
            found.append((bend(a[0], b[0], c[0], d[0], t), bend(a[1], b[1], c[1], d[1], t)))
    return [*found, points[-1]]


def bend(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3
    )
