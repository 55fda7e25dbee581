"""How many polls a round does a second, and how late: run as `python -m tests.bench.in_flight`.

10,000 tasks run at a provider that answers after 50 ms, each to be asked about every 10 seconds.
Prints polls a second, how late they were, the CPU of one, and what an idle core could do by that.
Works in a temporary folder; DATABASE_URL measures another database.
"""

import argparse
import sys
import time
from datetime import timedelta

from tests.bench.polls import running_tasks, with_provider

from django.utils import timezone  # isort: skip

from generation.engine import poll  # isort: skip
from generation.engine.asker import Asker  # isort: skip
from generation.models import Task  # isort: skip

AGE = timedelta(seconds=100)  # a tenth of it is the time between two polls of a task
PROVIDER_SECONDS = 0.05


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=30)
    asked = parser.parse_args()
    with_provider(lambda address: measure(address, asked.tasks, asked.seconds), PROVIDER_SECONDS)
    return 0


def measure(address: str, count: int, seconds: float) -> None:
    running_tasks(address, count)
    now = timezone.now()
    tasks = list(Task.objects.all())
    Task.objects.update(accepted_at=now - AGE)
    for number, task in enumerate(tasks):
        task.next_poll_at = now + timedelta(seconds=10 * number / count)
    poll.write_unchanged(tasks)
    late: list[float] = []
    claim = poll.claim_due

    def note_lateness(now, *rest):
        tasks = claim(now, *rest)
        late.extend((now - task.next_poll_at).total_seconds() for task in tasks)
        return tasks

    poll.claim_due = note_lateness
    wall, cpu = time.perf_counter(), time.process_time()
    with Asker() as asker:
        poll.work(time.monotonic() + seconds, asker)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    late.sort()
    median, p99 = late[len(late) // 2], late[len(late) * 99 // 100]
    print(f"{len(late):,} polls in {wall:.0f} s: {len(late) / wall:.0f} a second")
    print(f"late by {median:.2f} s (median), {p99:.2f} s (p99)")
    print(f"CPU of one {cpu / len(late) * 1e6:.0f} us: a core does {len(late) / cpu:.0f} a second")


if __name__ == "__main__":
    sys.exit(main())
