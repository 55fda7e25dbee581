"""When tasks start: a few of one account at once, the others wait in the order they came."""

import heapq
import random
from collections.abc import Iterable, Mapping
from typing import Any

from generation.simulator.config import Options
from generation.simulator.tasks import Task

SLOWER = {"1080p": 1.0, "2K": 1.25, "4K": 1.6, "8K": 3.0}
VIDEO_SLOWER = 1.5
OFF_PEAK_SLOWER = 4  # how much longer such a task stands in the queue
chance = random.Random()  # noqa: S311  spread of durations, nothing secret


def times(
    options: Options, resolution: str, details: Mapping[str, Any], slow: float
) -> tuple[float, float]:
    """How long a task waits before it stands in the line, and how long it then runs.

    What is instant does neither.
    """
    if details.get("instant"):
        return 0.0, 0.0
    pace = options.pace * slow
    waits = options.queue * pace * chance.uniform(0.7, 1.3)
    lasts = options.processing * pace * chance.uniform(0.75, 1.25)
    lasts *= SLOWER.get(resolution, 1)
    if details.get("makes") == "video":
        lasts *= VIDEO_SLOWER
    if details.get("off_peak"):
        waits *= OFF_PEAK_SLOWER
    return waits, lasts


class AccountQueue:
    """The running places of one account, as the times when each becomes free."""

    def __init__(self, places: int, unfinished: Iterable[Task] = ()) -> None:
        self.places = max(places, 1)
        self.free: list[float] = []
        for task in unfinished:
            self.take(task.starts, task.lasts)

    def take(self, arrives: float, lasts: float) -> float:
        """Give a task the next free place; returns when it starts."""
        if len(self.free) < self.places:
            heapq.heappush(self.free, arrives + lasts)
            return arrives
        starts = max(arrives, self.free[0])
        heapq.heapreplace(self.free, starts + lasts)
        return starts
