"""What history costs: run as `python -m tests.bench.history`.

Fills a database step by step (1,000, 100,000 and 1,000,000 finished tasks) beside a few that are in
flight, and measures the CPU of what runs all the time at each step. Exits with 1 when something
grows by more than the bar. Works in a temporary folder; DATABASE_URL measures another database.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.models import Model  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from generation.engine import due, figures, metrics, queue, sweep  # noqa: E402
from generation.engine.turns import Turns  # noqa: E402
from generation.models import Batch, Status, Task, User  # noqa: E402
from tests.factories import make_task, make_user  # noqa: E402

STEPS = (1_000, 100_000, 1_000_000)
MEASURE = "log-in page (the measure)"
BAR, SLACK = 1.3, 0.3  # times the first step, and milliseconds that no clock can tell apart


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, nargs="+", default=STEPS)
    parser.add_argument("--rounds", type=int, default=30)
    asked = parser.parse_args()
    call_command("migrate", verbosity=0, skip_checks=True)
    user = make_user()
    for status, fields in IN_FLIGHT.items():
        make_task(user, status=status, **fields)
    queue.async_task = lambda *_, **__: None  # no message is of interest here
    found: dict[str, list[float]] = {}
    for step in asked.steps:
        fill(user, step)
        for name, work in works(user).items():
            found.setdefault(name, []).append(cpu_of(work, asked.rounds))
    return report(asked.steps, found)


LATER = timezone.now() + timedelta(hours=1)
IN_FLIGHT = {
    Status.QUEUED: {"not_before": LATER},
    Status.RUNNING: {"next_poll_at": LATER, "remote_id": "1", "sent_at": timezone.now()},
    Status.STORING: {"next_store_at": LATER},
    Status.UNCERTAIN: {"next_look_at": LATER},
}


def fill(user: User, count: int) -> None:
    """Copies of one finished task, each in a batch of its own, made by the database itself."""
    now = timezone.now()
    first = Task.objects.filter(status=Status.SUCCEEDED).first() or make_task(
        user, status=Status.SUCCEEDED, sent_at=now, accepted_at=now, finished_at=now
    )
    have = Task.objects.filter(status=Status.SUCCEEDED).count()
    with connection.cursor() as cursor:
        while have < count:
            share = min(count - have, 50_000)
            for statement in copies(first, have, have + share):
                cursor.execute(statement)
            have += share
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")


def copies(first: Task, start: int, end: int) -> Iterator[str]:
    """In one batch, its card alone would be all that the Create page has time for."""
    batch, task = Batch._meta.db_table, Task._meta.db_table
    columns = columns_of(Batch, "intent")
    yield (
        f"WITH RECURSIVE n(i) AS (SELECT {start} UNION ALL SELECT i + 1 FROM n WHERE i < {end - 1})"  # noqa: S608
        f" INSERT INTO {batch} (intent, {columns}) SELECT 'bench-' || n.i, {columns} FROM n"
        f" CROSS JOIN (SELECT * FROM {batch} WHERE id = {first.batch_id}) AS one"
    )
    columns = columns_of(Task, "marker", "batch_id")
    yield (
        f"INSERT INTO {task} (marker, batch_id, {columns}) SELECT new.intent, new.id, {columns}"  # noqa: S608
        f" FROM (SELECT id, intent FROM {batch} ORDER BY id DESC LIMIT {end - start}) AS new"
        f" CROSS JOIN (SELECT {columns} FROM {task} WHERE id = {first.pk}) AS one"
    )


def columns_of(model: type[Model], *others: str) -> str:
    names = [field.column for field in model._meta.concrete_fields]
    return ", ".join(f'"{name}"' for name in names if name not in ("id", *others))


def works(user: User) -> dict[str, Callable[[], object]]:
    client = Client()
    client.force_login(user)
    pages = {"the Create page": "/create/image/", MEASURE: "/login/"}

    def asked_for(address: str, reader: Client) -> Callable[[], object]:
        return lambda: reader.get(address)

    return {
        "what is due when": lambda: due.due_times(timezone.now()),
        "a sweep": sweep.sweep,
        "whose turn it is to send": lambda: Turns().next_task(timezone.now()),
        "what /readyz adds": figures.readiness_details,
        "/metrics": metrics.metrics_text,
        **{
            name: asked_for(address, client if "create" in address else Client())
            for name, address in pages.items()
        },
    }


def cpu_of(work: Callable[[], object], rounds: int) -> float:
    """The median of the CPU milliseconds of one call, with the database's own in SQLite."""
    work()
    times = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        times.append((time.process_time() - began) * 1000)
    return sorted(times)[rounds // 2]


def report(steps: list[int], found: dict[str, list[float]]) -> int:
    print(f"{connection.vendor}; CPU milliseconds with so many finished tasks")
    print(f"{'':28}" + "".join(f"{step:>12,}" for step in steps) + "   ratio")
    over = []
    for name, times in found.items():
        ratio = times[-1] / times[0] if times[0] else 1.0
        if name != MEASURE and times[-1] > times[0] * BAR + SLACK:
            over.append(name)
        print(f"{name:28}" + "".join(f"{one:12.2f}" for one in times) + f"{ratio:8.2f}")
    print("grows: " + ", ".join(over) if over else "all flat")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
