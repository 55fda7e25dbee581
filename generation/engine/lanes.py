"""Lanes: each kind of work takes its rows itself, in so many places of each cluster at once."""

import time
from collections.abc import Callable

from django.conf import settings

from generation.engine.queue import Job, wake
from generation.engine.worker_state import slot, stopping
from generation.models import Lane

SECONDS = 20.0  # a lane works that long for one message, then others get their turn
# The slow ones, storing and looking, are fewer than the workers: they never hold a fast one.
PLACES: dict[Job, int] = {
    Job.SEND: settings.WORKERS,
    Job.POLL: 1,
    Job.STORE: 1,
    Job.LOOK: 2,
    Job.ASK: 1,
    Job.SWEEP: 1,
    Job.MAIL: 1,
}


def run(lane: Job, work: Callable[[float], bool]) -> None:
    """Answer a message: do what the lane has to do, in one of its places.

    `work` gets the time.monotonic() at which to stop, and tells whether it left work undone.
    """
    Lane.answer(lane)
    with slot(lane, PLACES[lane]) as is_free:
        if not is_free:
            Lane.miss(lane)
            return
        left = work(time.monotonic() + SECONDS) and not stopping()
    # A message that came meanwhile may have found no place: its row is looked for once more.
    if Lane.was_missed(lane) or left:
        wake(lane)
