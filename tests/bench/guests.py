"""The studio's pages beside guests who play one link: run as `python -m tests.bench.guests`.

Pages are asked for as in ordinary work, alone and then while the guests play. Exits with 1 when
the 95th percentile of all of them is more than twice what it was alone. The guests are a process of
their own, as whoever asks for pages must not wait for them here. Figures of a machine with
other work say little: its load is printed beside them.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from statistics import quantiles
from types import SimpleNamespace
from typing import Any

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
    parser.add_argument("--megabytes", type=float, default=0.5, help="a second, of each guest")
    parser.add_argument("--play", type=json.loads, help="what the guests' process is given")
    asked = parser.parse_args()
    if asked.play:
        asyncio.run(play(asked.play))
    with running_web_server() as server:
        link = share_video(server, asked.guests)
        asyncio.run(measured(server, 5))  # warm
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
        alone = asyncio.run(measured(server, asked.seconds))
        beside = beside_guests(server, link, asked)
        print(f"load {os.getloadavg()[0]:.1f} at the end")
    ratios = [show(path, alone[path], beside[path]) for path in PATHS]
    every = [[one for times in found.values() for one in times] for found in (alone, beside)]
    ratio = show("all pages", *every)
    print(f"worst ratio {max(ratios):.2f}, of all {ratio:.2f}")
    return 1 if ratio > BAR else 0


def beside_guests(
    server: WebServer, link: GuestLink, asked: argparse.Namespace
) -> dict[str, list[float]]:
    facts = {"port": server.port, "token": link.token, "guests": link.guests,
             "megabytes": asked.megabytes}  # fmt: skip
    command = [sys.executable, "-m", "tests.bench.guests", "--play", json.dumps(facts)]
    guests = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert guests.stdout
        assert guests.stdout.readline() == "all play\n"
        found = asyncio.run(measured(server, asked.seconds))
        assert guests.poll() is None, "the guests were refused"
    finally:
        guests.kill()
        guests.communicate()
    return found


async def play(facts: dict[str, Any]) -> None:
    """The guests, until one is refused or they are ended."""
    link = GuestLink(SimpleNamespace(port=facts["port"]), 0, facts["token"], facts["guests"], [])
    players = []
    for guest in range(len(link.guests)):  # they did not all press play in one moment
        players.append(asyncio.create_task(link.play(guest, facts["megabytes"])))
        await asyncio.sleep(0.08)
    print("all play", flush=True)
    await asyncio.gather(*players)


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
