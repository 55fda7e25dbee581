"""A link is switched off while guests play, download and take nothing: nothing more comes."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.guests import SIZE, GuestLink, share_video
from tests.web_server import running_web_server


@pytest.fixture(scope="module")
def link() -> Iterator[GuestLink]:
    with running_web_server() as server:
        yield share_video(server, guests=5)


def files_of(link: GuestLink) -> list[str]:
    return [name for name in link.server.open_files() if "guests" in name]


async def until(true) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.02)


def test_nothing_comes_a_second_after_a_link_was_switched_off(link):
    async def run() -> tuple[float, list[int]]:
        status, body = await link.get(link.video, 4, Range="bytes=0-")
        assert (status, len(body)) == (206, 4 * 1024**2)
        readers = [
            asyncio.ensure_future(link.take_slowly(path, guest))
            for guest, path in enumerate([link.video, link.zip(1)])
        ]
        _reader, writer = await link.ask(link.video, 2, buffer=4_096)  # it takes nothing
        await until(lambda: len(files_of(link)) == 3 and len(link.took) > 20)
        ended = await asyncio.to_thread(link.revoke)
        async with asyncio.timeout(60):
            await asyncio.gather(*readers)
            await until(lambda: not files_of(link))
        writer.close()
        paths = [f"/s/{link.token}/", link.video, link.zip(3), f"/s/{link.token}/m/1/thumb/"]
        return ended, [(await link.get(path, 3))[0] for path in paths]

    ended, statuses = asyncio.run(run())
    last, total = max(at for at, _count in link.took), sum(count for _at, count in link.took)
    assert total < 2 * SIZE, "both ended before the link did"
    assert last - ended < 1.0
    assert statuses == [404] * 4
