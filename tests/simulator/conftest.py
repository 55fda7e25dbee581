"""The running simulator of the process, and one inside the process."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from generation.simulator.app import App
from generation.simulator.config import Config
from tests.simulator.server import Running


@pytest.fixture
def sim(one_simulator: Running) -> Running:
    """A simulator that has forgotten everything; `sim.http` asks it."""
    one_simulator.reset()
    return one_simulator


@pytest.fixture
def http(sim: Running) -> httpx.Client:
    return sim.http


class Inside:
    """The application called without a server; looks like httpx.Client to tests."""

    def __init__(self, config: Config) -> None:
        self.app = App(config)

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://inside") as client:
                return await client.request(method, url, **options)

        return asyncio.run(ask())

    def post(self, url: str, **options: Any) -> httpx.Response:
        return self.request("POST", url, **options)

    def get(self, url: str, **options: Any) -> httpx.Response:
        return self.request("GET", url, **options)


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    folder: Path = tmp_path_factory.mktemp("simulator")
    found = Inside(Config(folder / "simulator.sqlite3", control=True))
    yield found
    found.app.sim.world.store.close()
