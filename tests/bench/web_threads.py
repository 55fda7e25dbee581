"""How the studio feels beside slow clients: run as `python -m tests.bench.web_threads`.

For a minute there are slow bodies, slow readers, paused videos and links to a silent host. Exits
with 1 when the 95th percentile of /healthz or of the feed's page is over its bar. Figures of a
machine with other work say little: its load is printed beside them.
"""

import argparse
import asyncio
import contextlib
import os
import sys
import time
from statistics import quantiles
from urllib.parse import urlsplit

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tests.slow_clients import (  # noqa: E402
    paste_link,
    paused_video,
    probe,
    silent_host,
    slow_body,
    slow_reader,
)
from tests.web_server import WebServer, running_web_server  # noqa: E402

BARS = {"/healthz": 300, "/create/image/": 1_000}  # milliseconds
BETWEEN = 0.05  # seconds from one slow client to the next
A_SESSION = 10  # slow readers of one session


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bodies", type=int, default=200)
    parser.add_argument("--readers", type=int, default=200)
    parser.add_argument("--videos", type=int, default=8)
    parser.add_argument("--links", type=int, default=8)
    parser.add_argument("--seconds", type=int, default=60)
    asked = parser.parse_args()
    sessions = -(-asked.readers // A_SESSION) + 2
    with silent_host() as silent:
        private = {"STUDIO_PRIVATE_HOSTS": urlsplit(silent).netloc}
        with running_web_server(sessions, **private) as server:
            print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
            before = asyncio.run(measured(server, 10))
            show("alone", before, server)
            during = asyncio.run(beside_slow_clients(server, asked, silent))
            show("beside slow clients", during, server)
            print(f"load {os.getloadavg()[0]:.1f} at the end")
            over = [path for path, bar in BARS.items() if p95(during[path]) > bar]
    print("over the bar: " + ", ".join(over) if over else "all within their bars")
    return 1 if over else 0


async def beside_slow_clients(
    server: WebServer, asked: argparse.Namespace, silent: str
) -> dict[str, list[float]]:
    own, *others = server.sessions
    slow = [
        *(again(slow_body, server) for _ in range(asked.bodies)),
        *(again(slow_reader, server, others[n // A_SESSION]) for n in range(asked.readers)),
        *(again(paused_video, server, others[-1]) for _ in range(asked.videos)),
        *(again(paste_link, server, own, silent) for _ in range(asked.links)),
    ]
    tasks = []
    for one in slow:  # not all in one moment: 400 ordinary requests at once are another test
        tasks.append(asyncio.create_task(one))
        await asyncio.sleep(BETWEEN)
    await asyncio.sleep(3)
    found = await measured(server, asked.seconds)
    broken = [task for task in tasks if task.done()]
    assert not broken, broken[0]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return found


async def again(client, *args) -> None:
    """Whoever is refused or cut off comes back after a second."""
    while True:
        with contextlib.suppress(OSError):
            await client(*args)
        await asyncio.sleep(1)


async def measured(server: WebServer, seconds: float) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {path: [] for path in BARS}

    async def measure(path: str) -> None:
        ends = time.monotonic() + seconds
        async for one in probe(server, path, server.sessions[0], every=0.1):
            found[path].append(one * 1_000)
            if time.monotonic() > ends:
                return

    await asyncio.gather(*(measure(path) for path in BARS))
    return found


def show(title: str, found: dict[str, list[float]], server: WebServer) -> None:
    print(f"{title}: {server.threads()} threads, {server.megabytes()} MB")
    for path, times in found.items():
        middle, most = quantiles(times, n=20)[9], p95(times)
        print(f"  {path:16} {len(times):4} times, p50 {middle:5.0f} ms, "
              f"p95 {most:5.0f} of {BARS[path]} ms, worst {max(times):5.0f}")  # fmt: skip


def p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main())
