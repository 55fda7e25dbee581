"""What it costs to send, and how soon it is sent: run as `python -m tests.bench.submit`.

Prints the CPU and the queries of one task in the engine, beside a bare POST in the same minute.
Then somebody presses Generate, again and again, while a real cluster with three senders works
against a simulator: the time from the press to the arrival at the provider, beside that of a bare
job in the same queue, whose ratio alone says something on a busy machine. Works in a temporary
folder, on SQLite or on DATABASE_URL and REDIS_URL.
"""

import argparse
import asyncio
import logging
import os
import random
import secrets
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles

from tests.chaos.node import Site, running_site, wait_for
from tests.studio import database

SENDERS = "3"
FIRST = 10  # of the presses: they load what each worker needs
REPLY = b'{"task_id":"1","state":"created","credits":4}'


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    asked = parser.parse_args()
    with database() as url:
        apart(lambda: engine(url, asked.rounds))
    with running_site() as site:
        apart(lambda: presses(site, asked.rounds))
    return 0


def apart(measured: Callable[[], None]) -> None:
    """Each has settings and connections of its own."""
    if (child := os.fork()) == 0:
        try:
            measured()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        sys.stdout.flush()
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise SystemExit("it could not be measured")


# --- One task in the engine -----------------------------------------------------------


def engine(database_url: str, rounds: int) -> None:
    os.environ["DATABASE_URL"] = database_url
    from tests.bench.polls import with_provider

    with_provider(lambda address: measure_engine(address, rounds), body=REPLY)


def measure_engine(address: str, rounds: int) -> None:
    import httpx
    from django.conf import settings
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from generation.engine import installation, queue, submit
    from generation.models import Lane, Status, Task
    from tests.factories import make_key, make_task, make_user

    logging.disable(logging.INFO)
    settings.PROVIDER_URLS["vidu"] = address
    queue.send_message = lambda *_: True  # type: ignore[assignment]
    user = make_user()
    key = make_key(user, "vidu")
    installation.note_alive()

    def put() -> None:
        Task.objects.update(status=Status.SUCCEEDED)
        Lane.answer("poll")
        make_task(user, status=Status.QUEUED, provider="vidu", key=key)

    def send() -> None:
        submit.send_due(0)

    secure = httpx.create_ssl_context()  # the studio makes one for all of its clients, too

    def bare_post() -> None:
        async def post() -> None:
            async with httpx.AsyncClient(base_url=address, verify=secure) as client:
                (await client.post("/ent/v2/reference2image", json={"prompt": "x"})).json()

        asyncio.run(post())

    ours = cpu_of(send, rounds, put)
    bare = cpu_of(bare_post, rounds, bool)
    put()
    with CaptureQueriesContext(connection) as asked:
        send()
    assert Task.objects.filter(status=Status.RUNNING).count() == 1, "it was not sent"
    print(
        f"{connection.vendor}; submit in the engine: {ours:.1f} ms CPU, {len(asked)} queries; "
        f"a bare POST with httpx {bare:.1f} ms, ours is {ours / bare:.1f} x"
    )


def cpu_of(work: Callable[[], object], rounds: int, before: Callable[[], object]) -> float:
    """Milliseconds: the median, as a busy machine makes some of them longer."""
    times = []
    for _ in range(rounds + 3):
        before()
        began = time.process_time()
        work()
        times.append((time.process_time() - began) * 1_000)
    return median(times[3:])


# --- From the press to the provider ---------------------------------------------------


def presses(site: Site, rounds: int) -> None:
    os.environ.update(site.environment, LOG_LEVEL="WARNING")
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from django_q.tasks import async_task

    from tests.factories import make_user, project_of

    site.simulator.settings(processing=3600, queue=0, pace=1, concurrency=10_000)
    user = make_user()
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    slug = project_of(user).slug
    node = site.start("qcluster", STUDIO_WORKERS=SENDERS)
    to_provider, to_answer, to_job = [], [], []
    try:
        for number in range(FIRST + rounds):
            form = {
                "prompt": f"press {number}", "model": "demo/viduq2", "count": "1", "project": slug,
                "resolution": "1080p", "aspect_ratio": "16:9", "intent": secrets.token_hex(16),
            }  # fmt: skip
            began = time.time()
            answer = client.post("/create/image/", form, headers={"HX-Request": "true"})
            to_answer.append(time.time() - began)
            assert answer.status_code == 200, answer.status_code
            wait_for(lambda n=number: len(site.simulator.ledger()) > n, 60, "not sent")
            asked = site.simulator.requests(method="POST")[-1]
            assert asked["json"]["prompt"] == form["prompt"]
            to_provider.append(asked["at"] - began)
            pause()
            async_task("tests.bench.queue_jobs.note_delay", time.time(), save=False)
            wait_for(lambda n=number: len(delays(site.data)) > n, 60, "the job did not run")
            pause()
        to_job = delays(site.data)
    finally:
        node.process.terminate()
        node.process.wait(60)
    queue = "Redis" if os.environ.get("REDIS_URL") else "the database"
    print(f"{connection.vendor}, queue in {queue}; milliseconds, {rounds} presses")
    bare = show("a bare job, to its start", to_job)
    show("the press, to its answer", to_answer)
    sent = show("the press, to the provider", to_provider)
    after = show(
        "the answer, to the provider",
        [whole - form for whole, form in zip(to_provider, to_answer, strict=True)],
    )
    print(f"to the provider from the press {sent / bare:.1f} x, "
          f"from the answer {after / bare:.1f} x the bare job")  # fmt: skip


def pause() -> None:
    """So that the cluster is idle, and the next falls anywhere in its looks."""
    time.sleep(random.uniform(0.15, 0.35))


def delays(data: Path) -> list[float]:
    path = data / "delays"
    return [float(line) for line in path.read_text().split()] if path.exists() else []


def show(name: str, seconds: list[float]) -> float:
    cuts = quantiles([one * 1_000 for one in seconds[FIRST:]], n=20)
    print(f"  {name:30} p50 {cuts[9]:6.1f}   p95 {cuts[18]:6.1f}")
    return cuts[9]


if __name__ == "__main__":
    sys.exit(main())
