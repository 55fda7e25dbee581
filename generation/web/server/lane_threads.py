"""The threads of a lane, and the queue in front of them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from generation.web.lanes import LaneRules

T = TypeVar("T")


class LaneFull(Exception):
    """Too many wait already, or this one waited for too long."""


class LaneThreads:
    """Runs functions in a few threads; who waits for one holds none."""

    def __init__(self, name: str, rules: LaneRules) -> None:
        self.rules = rules
        self.pool = ThreadPoolExecutor(rules.threads, thread_name_prefix=name)
        self.free = asyncio.Semaphore(rules.threads)
        self.waiting = 0

    async def run(self, function: Callable[..., T], *args: Any) -> T:
        """Raises LaneFull, with nothing done."""
        if self.free.locked():
            await self.wait()
        else:
            await self.free.acquire()
        done = asyncio.get_running_loop().run_in_executor(self.pool, function, *args)
        done.add_done_callback(lambda _: self.free.release())
        return await asyncio.shield(done)  # a thread that works is not free

    async def wait(self) -> None:
        if self.waiting >= self.rules.most_waiting:
            raise LaneFull
        self.waiting += 1
        try:
            async with asyncio.timeout(self.rules.patience):
                await self.free.acquire()
        except TimeoutError:
            raise LaneFull from None
        finally:
            self.waiting -= 1
