"""What one poll costs: run as `python -m tests.bench.polls`.

Many tasks run at a provider that answers at once; a round polls them again and again. Prints the
CPU of claiming, asking and writing for each, beside bare clients that ask the same address in the
same minute. Works in a temporary folder; DATABASE_URL measures another database.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

import aiohttp  # noqa: E402
import httpx  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from generation.engine import poll  # noqa: E402
from generation.engine.asker import Asker  # noqa: E402
from generation.models import Status, Task  # noqa: E402
from tests.factories import make_key, make_task, make_user  # noqa: E402

BODY = b'{"id":"1","state":"processing","err_code":"","credits":4,"payload":"","creations":[]}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
PATH = "/ent/v2/tasks/1/creations"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with_provider(lambda address: measure(asked.tasks, asked.rounds, address))
    return 0


def with_provider(measured: Callable[[str], None], seconds: float = 0, body: bytes = BODY) -> None:
    """Call `measured` with the address of a provider that answers so after that many seconds. It
    lives in a process of its own, so that its CPU is not counted."""
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        os.close(reader)
        asyncio.run(serve(writer, seconds, HEAD % len(body) + body))
        os._exit(0)
    os.close(writer)
    port = int(os.read(reader, 16))
    try:
        call_command("migrate", verbosity=0, skip_checks=True)
        measured(f"http://127.0.0.1:{port}")
    finally:
        os.kill(child, 15)
        os.waitpid(child, 0)


async def serve(told: int, seconds: float, reply: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(seconds)
                writer.write(reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    os.write(told, str(server.sockets[0].getsockname()[1]).encode())
    await server.serve_forever()


def running_tasks(address: str, count: int) -> None:
    settings.PROVIDER_URLS["vidu"] = address
    user = make_user()
    key = make_key(user, "vidu")
    row = make_task(user, status=Status.RUNNING, provider="vidu", key=key, remote_id="1",
                    accepted_at=timezone.now(), remote_state="running")  # fmt: skip
    names = [f.attname for f in Task._meta.concrete_fields if f.attname not in ("id", "marker")]
    fields = {name: getattr(row, name) for name in names}
    Task.objects.bulk_create(Task(**fields, marker=f"m{number}") for number in range(count - 1))


def measure(count: int, rounds: int, address: str) -> None:
    running_tasks(address, count)
    shares = {"claim": 0.0, "ask": 0.0, "write": 0.0}
    wall = time.perf_counter()
    with Asker() as asker:
        for _ in range(rounds):
            Task.objects.update(next_poll_at=timezone.now() - timedelta(seconds=1))
            left = count
            while left:
                began = time.process_time()
                due = poll.claim_due(timezone.now(), min(asker.room, left))
                claimed = time.process_time()
                asker.ask(due)
                answers = []
                while asker.open:
                    answers += asker.collect(30)
                answered = time.process_time()
                poll.write(*zip(*answers, strict=True))
                shares["claim"] += claimed - began
                shares["ask"] += answered - claimed
                shares["write"] += time.process_time() - answered
                left -= len(due)
    wall = time.perf_counter() - wall
    polls = count * rounds
    total = sum(shares.values()) / polls * 1e6
    print(f"{connection.vendor}; CPU microseconds a poll, {polls:,} polls")
    for name, seconds in shares.items():
        print(f"  {name:26}{seconds / polls * 1e6:8.0f}")
    print(f"  {'all of ours':26}{total:8.0f}   {polls / wall:.0f} polls/s")
    for name, ask in bare_clients(address).items():
        cost = asyncio.run(cpu_of(ask, polls))
        print(f"  {name:26}{cost:8.0f}   ours is {total / cost:.1f} x")


Ask = Callable[[], Awaitable[None]]


async def cpu_of(opened: Callable[[AsyncExitStack], Awaitable[Ask]], most: int) -> float:
    async with AsyncExitStack() as stack:
        ask = await opened(stack)
        count = min(most, 2_000)
        await ask()
        began = time.process_time()
        for _ in range(count // 20):
            await asyncio.gather(*(ask() for _ in range(20)))
        return (time.process_time() - began) / count * 1e6


def bare_clients(address: str) -> dict[str, Callable[[AsyncExitStack], Awaitable[Ask]]]:
    async def with_httpx(stack: AsyncExitStack) -> Ask:
        new = httpx.AsyncClient
        idle = [await stack.enter_async_context(new(base_url=address)) for _ in range(20)]

        async def ask() -> None:
            client = idle.pop()
            (await client.get(PATH)).json()
            idle.append(client)

        return ask

    async def with_aiohttp(stack: AsyncExitStack) -> Ask:
        session = await stack.enter_async_context(aiohttp.ClientSession(address))

        async def ask() -> None:
            async with session.get(PATH) as answer:
                await answer.json()

        return ask

    return {"bare httpx, a connection each": with_httpx, "bare aiohttp": with_aiohttp}


if __name__ == "__main__":
    sys.exit(main())
