"""Questions about many tasks at once, beside the thread that uses the database."""

import asyncio
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType

from generation.engine.provider_clients import Clients
from generation.models import Task
from generation.providers.base import Snapshot
from generation.providers.errors import ProviderError

log = logging.getLogger(__name__)
Answer = Snapshot | ProviderError | Exception
# Of one provider, so that one which does not answer holds up no other; the rest waits its turn.
AT_ONCE, ASKED_MOST = 100, 200
MOST = 3 * ASKED_MOST
GATHER_SECONDS = 0.02  # after a first answer: writing many at once costs less than one by one


class Asker:
    """An event loop in a thread of its own, with open clients for the length of a round.

    All but the coroutines is called from the thread that made it.
    """

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = Thread(target=self.loop.run_forever, name="asker", daemon=True)
        self.clients = Clients()
        self.gates: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE))
        self.questions: set[asyncio.Task[None]] = set()
        self.answers: SimpleQueue[tuple[Task, Answer]] = SimpleQueue()
        self.asked: Counter[str] = Counter()  # by provider: asked, and not collected yet

    def __enter__(self) -> "Asker":
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self.close(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    @property
    def open(self) -> int:
        return self.asked.total()

    @property
    def room(self) -> int:
        """How many more may be asked. Less than all that is free, so that one claim leaves room
        for other providers."""
        return min(MOST - self.open, ASKED_MOST)

    def full(self) -> list[str]:
        """Providers that have as many open questions as one may have."""
        return [provider for provider, count in self.asked.items() if count >= ASKED_MOST]

    def ask(self, tasks: Sequence[Task]) -> None:
        self.asked.update(task.provider for task in tasks)
        self.loop.call_soon_threadsafe(self.begin, tasks)

    def collect(self, seconds: float) -> list[tuple[Task, Answer]]:
        """The answers that have come; waits for the first for so long, then a moment for more."""
        found = []
        try:
            found.append(self.answers.get(timeout=seconds))
            if self.open > 1:
                time.sleep(GATHER_SECONDS)
            while True:
                found.append(self.answers.get_nowait())
        except Empty:
            self.asked.subtract(task.provider for task, _answer in found)
            return found

    def begin(self, tasks: Sequence[Task]) -> None:
        for task in tasks:
            question = self.loop.create_task(self.ask_one(task))
            self.questions.add(question)  # the loop itself holds them weakly
            question.add_done_callback(self.questions.discard)

    async def ask_one(self, task: Task) -> None:
        async with self.gates[task.provider]:
            self.answers.put((task, await self.answer(task)))

    async def answer(self, task: Task) -> Answer:
        try:
            client = await self.clients.of(task)
            return await client.fetch(task.remote_id)
        except ProviderError as error:
            return error
        except Exception as error:  # one task that makes the code fail must not stop the round
            log.exception("task=%s provider=%s: polling failed", task.pk, task.provider)
            return error

    async def close(self) -> None:
        """What is still open is asked again when its claim ends."""
        for question in self.questions:
            question.cancel()
        await asyncio.gather(*self.questions, return_exceptions=True)
        await self.clients.close()
