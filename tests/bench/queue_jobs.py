"""What the clusters of `tests.bench.brokers` do, and django-q2's broker with a count."""

import os
import time
from pathlib import Path

from django_q.brokers.orm import ORM


def nap(seconds: float) -> None:
    time.sleep(seconds)


def note_delay(sent: float) -> None:
    write_line("delays", str(time.time() - sent))


def write_line(name: str, line: str) -> None:
    with (Path(os.environ["STUDIO_DATA_DIR"]) / name).open("a") as file:
        file.write(f"{line}\n")


class CountingOrm(ORM):
    """An empty list, and not None, is a message that another cluster had claimed before."""

    def dequeue(self):
        taken = super().dequeue()
        if taken == []:
            write_line("lost", "1")
        return taken
