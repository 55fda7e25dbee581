"""The studio's pages beside guests who play one link: run as `python -m tests.bench.guests`.

Pages are asked for as in ordinary work, alone and then while the guests play. Exits with 1 when
the 95th percentile of all of them is more than twice what it was alone. Figures of a machine with
other work say little: its load is printed beside them.
"""

import argparse
import asyncio
import os
import sys
import time
from statistics import quantiles

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tests.guests import GuestLink, share_video  # noqa: E402
from tests.slow_clients import probe  # noqa: E402
from tests.web_server import WebServer, running_web_server  # noqa: E402

PATHS = ("/library/", "/create/image/", "/healthz")
BAR = 2.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guests", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--megabytes", type=float, default=1.0, help="a second, of each guest")
    asked = parser.parse_args()
    with running_web_server() as server:
        link = share_video(server, asked.guests)
        asyncio.run(measured(server, 5))  # warm
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
        alone = asyncio.run(measured(server, asked.seconds))
        beside = asyncio.run(beside_guests(server, link, asked))
        print(f"load {os.getloadavg()[0]:.1f} at the end")
    ratios = [show(path, alone[path], beside[path]) for path in PATHS]
    every = [[one for times in found.values() for one in times] for found in (alone, beside)]
    ratio = show("all pages", *every)
    print(f"worst ratio {max(ratios):.2f}, of all {ratio:.2f}")
    return 1 if ratio > BAR else 0


async def beside_guests(
    server: WebServer, link: GuestLink, asked: argparse.Namespace
) -> dict[str, list[float]]:
    players = []
    for guest in range(asked.guests):  # they did not all press play in one moment
        players.append(asyncio.create_task(link.play(guest, asked.megabytes)))
        await asyncio.sleep(0.08)
    found = await measured(server, asked.seconds)
    broken = [one for one in players if one.done()]
    assert not broken, broken[0].exception()
    for one in players:
        one.cancel()
    await asyncio.gather(*players, return_exceptions=True)
    return found


async def measured(server: WebServer, seconds: float) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {path: [] for path in PATHS}

    async def measure(path: str) -> None:
        ends = time.monotonic() + seconds
        async for one in probe(server, path, server.sessions[0], every=0.2):
            found[path].append(one * 1_000)
            if time.monotonic() > ends:
                return

    await asyncio.gather(*(measure(path) for path in PATHS))
    return found


def show(title: str, alone: list[float], beside: list[float]) -> float:
    before, after = quantiles(alone, n=20)[-1], quantiles(beside, n=20)[-1]
    print(f"{title:16} p95 {before:6.1f} ms alone, {after:6.1f} ms beside guests: "
          f"{after / before:.2f} x ({len(alone)} and {len(beside)} times)")  # fmt: skip
    return after / before


if __name__ == "__main__":
    sys.exit(main())
