"""How fast messages reach the workers: run as `python -m tests.bench.brokers`.

Starts real clusters, on SQLite and, where DATABASE_URL and REDIS_URL are set, on PostgreSQL and
Redis, each in a temporary folder and a database of its own, with django-q2's broker and with the
studio's in turn. Prints

- jobs a second of 1, 2 and 4 clusters on PostgreSQL, whose jobs only sleep, and claims lost to
  another cluster for each job,
- the time from `async_task` to the start of the job on an idle cluster,
- the CPU of an idle cluster and of the process in it that waits for messages.

Exits with 1 when four clusters do less than three times the work of one, or a claim is lost.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

CLUSTERS = (1, 2, 4)
OURS, THEIRS = "studio", "django-q2"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nap", type=float, default=0.05, help="seconds that a job sleeps")
    parser.add_argument("--seconds", type=float, default=5, help="work for one cluster")
    parser.add_argument("--messages", type=int, default=100, help="of the delays")
    parser.add_argument("--idle", type=float, default=30, help="seconds of the idle CPU")
    parser.add_argument("--rounds", type=int, default=1, help="of the clusters")
    parser.add_argument("--only", choices=("clusters", "delays"))
    parser.add_argument("--inner", choices=("clusters", "delays"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inner:
        print(json.dumps(measure_clusters(options) if options.inner == "clusters" else
                         measure_delays(options)))  # fmt: skip
        return 0
    good = True
    if options.only != "delays" and os.environ.get("DATABASE_URL"):
        for _ in range(options.rounds):
            good &= compare_clusters()
    if options.only != "clusters":
        compare_delays()
    return 0 if good else 1


def compare_clusters() -> bool:
    print("PostgreSQL    clusters  jobs/s  ratio  lost claims/job  CPU ms/job")
    rates: dict[tuple[str, int], float] = {}
    lost = 0
    for count in CLUSTERS:
        for broker in (THEIRS, OURS):
            with place(broker, postgres=True) as environment:
                found = run_inner("clusters", environment | {"BENCH_CLUSTERS": str(count)})
            rates[broker, count] = found["rate"]
            lost += found["lost"] if broker == OURS else 0
            print(
                f"{broker:13} {count:8} {found['rate']:7.0f} "
                f"{found['rate'] / rates[broker, 1]:6.2f} {found['lost'] / found['jobs']:16.2f}"
                f"{found['cpu'] / found['jobs'] * 1000:12.1f}",
                flush=True,
            )
    return rates[OURS, 4] >= 3 * rates[OURS, 1] and lost == 0


def compare_delays() -> None:
    print("queue on    broker     p50 ms  p95 ms  idle CPU %  of the pusher")
    kinds = [("SQLite", THEIRS, {}), ("SQLite", OURS, {})]
    if os.environ.get("DATABASE_URL"):
        kinds += [("PostgreSQL", THEIRS, {"postgres": True}), ("PostgreSQL", OURS,
                                                               {"postgres": True})]  # fmt: skip
    if os.environ.get("REDIS_URL"):
        kinds.append(("Redis", OURS, {"redis": True}))
    for name, broker, services in kinds:
        with place(broker, **services) as environment:
            found = run_inner("delays", environment)
        print(
            f"{name:11} {broker:9} {found['p50']:7.1f} {found['p95']:7.1f} {found['idle']:11.2f} "
            f"{found['pusher']:14.3f}",
            flush=True,
        )


@contextmanager
def place(broker: str, postgres: bool = False, redis: bool = False) -> Iterator[dict[str, str]]:
    """The environment of a folder and a database that are gone afterwards."""
    from tests.studio import database

    url = os.environ.get("REDIS_URL", "") if redis else ""
    outer = {name: os.environ.get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}
    with tempfile.TemporaryDirectory(prefix="studio-bench-") as folder:
        environment = {
            **os.environ, "BENCH_BROKER": broker, "STUDIO_DATA_DIR": folder, "REDIS_URL": url,
            "DJANGO_SETTINGS_MODULE": "tests.bench.queue_settings", "DATABASE_URL": "",
            "STUDIO_QUEUE": f"bench-{os.getpid()}",
        }  # fmt: skip
        if not postgres:
            yield environment
        else:
            os.environ["DATABASE_URL"] = outer["DATABASE_URL"]
            with database() as address:
                yield environment | {"DATABASE_URL": address}


def run_inner(what: str, environment: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.brokers", "--inner", what, *sys.argv[1:]],
        env=environment, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


# --- In a process of its own, with the settings of what is measured -------------------------------


@contextmanager
def clusters(count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Clusters that wait for work: each has done a job."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, skip_checks=True)
    started = [
        subprocess.Popen([sys.executable, "manage.py", "qcluster"], start_new_session=True)
        for _ in range(count)
    ]
    try:
        while any(len(family(one.pid)) < 7 for one in started):
            time.sleep(0.1)
        time.sleep(2)
        yield started
    finally:
        for one in started:
            one.terminate()
        for one in started:
            one.wait()


def measure_clusters(options: argparse.Namespace) -> dict[str, float]:
    count = int(os.environ["BENCH_CLUSTERS"])
    with clusters(count) as started:
        from django.conf import settings
        from django.db import transaction
        from django_q.models import OrmQ
        from django_q.tasks import async_task

        from generation.brokers import queue_size

        jobs = int(options.seconds / options.nap * settings.WORKERS * count)
        before = sum(seconds_of(pid) for one in started for pid in family(one.pid))
        with transaction.atomic():
            for _ in range(jobs):
                async_task("tests.bench.queue_jobs.nap", options.nap, save=False)
        begun = time.perf_counter()
        while OrmQ.objects.exists():
            time.sleep(0.1)
        took = time.perf_counter() - begun
        assert queue_size() == 0
        spent = sum(seconds_of(pid) for one in started for pid in family(one.pid)) - before
    return {"rate": jobs / took, "jobs": jobs, "lost": len(lines("lost")), "cpu": spent}


def measure_delays(options: argparse.Namespace) -> dict[str, float]:
    with clusters(1) as (one,):
        from django.conf import settings
        from django_q.tasks import async_task

        # The first ones load what each worker needs.
        for messages in (settings.WORKERS * 3, options.messages):
            Path(os.environ["STUDIO_DATA_DIR"], "delays").unlink(missing_ok=True)
            for _ in range(messages):
                async_task("tests.bench.queue_jobs.note_delay", time.time(), save=False)
                time.sleep(random.uniform(0.15, 0.35))
            while len(lines("delays")) < messages:
                time.sleep(0.1)
        delays = [float(line) * 1000 for line in lines("delays")]
        pids = family(one.pid)
        before = {pid: seconds_of(pid) for pid in pids}
        time.sleep(options.idle)
        spent = {pid: seconds_of(pid) - before[pid] for pid in pids}
    cuts = quantiles(delays, n=20)
    return {
        "p50": cuts[9], "p95": cuts[18],
        "idle": sum(spent.values()) / options.idle * 100,
        "pusher": spent[max(pids)] / options.idle * 100,  # the last that is started
    }  # fmt: skip


def lines(name: str) -> list[str]:
    path = Path(os.environ["STUDIO_DATA_DIR"]) / name
    return path.read_text().splitlines() if path.exists() else []


def family(pid: int) -> list[int]:
    """A process and all below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(found for child in children for found in family(int(child)))]


def seconds_of(pid: int) -> float:
    """The CPU of all its threads."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(path.read_text().split()[0]) for path in threads) / 1e9


if __name__ == "__main__":
    sys.exit(main())
