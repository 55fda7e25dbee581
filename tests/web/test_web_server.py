"""The web server as `manage.py studio` starts it, beside clients that take their time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from generation.views.files.store_upload import FETCH_SECONDS
from generation.web.lanes import FILES, LANES, LINKS, MAIL, PAGES
from generation.web.server.application import DISK_THREADS
from generation.web.server.streams import MOST_OPEN
from tests.slow_clients import (
    ask,
    connect,
    head,
    paste_link,
    paused_video,
    reset_password,
    silent_host,
    slow_body,
    slow_reader,
)
from tests.web_server import WebServer, running_web_server

SOON = FETCH_SECONDS - 2  # whoever waited for a silent host would not be done by then
BUSY = "The studio is busy with other links; try again in a moment."


@pytest.fixture(scope="module")
def silent() -> Iterator[str]:
    with silent_host() as address:
        yield address


@pytest.fixture(scope="module")
def one_server(silent) -> Iterator[WebServer]:
    host = urlsplit(silent)
    with running_web_server(
        sessions=6,
        STUDIO_PRIVATE_HOSTS=host.netloc,
        EMAIL_HOST=str(host.hostname),
        EMAIL_PORT=str(host.port),
    ) as found:
        yield found


@pytest.fixture
def server(one_server) -> WebServer:
    """Once it has seen that the clients of the test before are gone."""
    asyncio.run(until(lambda: not files_of(one_server)))
    return one_server


def beside(
    slow: list[Awaitable[Any]], then: Callable[[list["asyncio.Task[Any]"]], Awaitable[Any]]
) -> Any:
    """What `then` finds while the slow clients are there; they are gone afterwards."""

    async def run() -> Any:
        tasks = [asyncio.ensure_future(one) for one in slow]
        try:
            return await then(tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    return asyncio.run(run())


async def until(true: Callable[[], Any], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.05)


def files_of(server: WebServer) -> list[str]:
    return [name for name in server.open_files() if "/media/" in name]


async def pages(server: WebServer) -> None:
    """Ordinary pages come, each by itself and several at once."""
    session = server.sessions[0]
    paths = ["/healthz", "/create/image/", "/library/", "/healthz"]
    async with asyncio.timeout(SOON):
        answers = await asyncio.gather(*(ask(server, "GET", path, session) for path in paths))
    assert [status for status, _ in answers] == [200] * len(paths)


def test_slow_clients_hold_no_page_and_leave_nothing_behind(server, silent):
    readers = [slow_reader(server, server.sessions[1 + n // 10]) for n in range(30)]
    videos = [paused_video(server, server.sessions[4]) for _ in range(8)]
    bodies = [slow_body(server) for _ in range(30)]
    links = [paste_link(server, server.sessions[0], silent) for _ in range(4)]

    async def then(tasks: Any) -> None:
        await until(lambda: len(files_of(server)) >= len(readers) + len(videos))
        await pages(server)
        assert not any(task.done() for task in tasks[: len(readers) + len(videos)])

    beside([*readers, *videos, *bodies, *links], then)

    async def after() -> None:
        await until(lambda: not files_of(server))
        await until(lambda: not any("studio.sqlite3" in name for name in server.open_files()))

    asyncio.run(after())
    own = DISK_THREADS + sum(LANES[name].threads for name in (PAGES, FILES, LINKS, MAIL))
    assert server.threads() <= own + 8, "threads were left behind"  # and those of granian itself


def test_links_beyond_the_bound_are_told_so_at_once(server, silent):
    rules = LANES[LINKS]
    many = rules.threads + rules.most_waiting + 2

    async def then(tasks: list["asyncio.Task[Any]"]) -> list[Any]:
        async with asyncio.timeout(SOON):
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            await pages(server)
        return [task.result() for task in done]

    links = [paste_link(server, server.sessions[0], silent) for _ in range(many)]
    for status, page in beside(links, then):
        assert status == 503
        assert BUSY in page


def test_mail_to_a_silent_server_holds_no_page(server):
    async def then(_tasks: Any) -> None:
        await asyncio.sleep(0)
        await pages(server)

    beside([reset_password(server, f"person{n}@example.test") for n in range(9)], then)


def test_a_session_reads_so_many_large_files_at_once(server):
    session = server.sessions[5]

    async def then(_tasks: Any) -> tuple[int, int]:
        await until(lambda: len(files_of(server)) == MOST_OPEN)
        status, _page = await ask(server, "GET", server.large_file, session)
        return status, len(files_of(server))

    # The next one is refused, or a video that was paused for some seconds has made room for it.
    found = beside([paused_video(server, session) for _ in range(MOST_OPEN)], then)
    assert found in [(429, MOST_OPEN), (200, MOST_OPEN - 1)]


def fetch(server: WebServer, method: str, path: str, **headers: str) -> tuple[str, dict, bytes]:
    async def run() -> bytes:
        reader, writer = await connect(server)
        writer.write(head(method, path, server.sessions[0], Connection="close", **headers))
        answer = await reader.read(-1)
        writer.close()
        return answer

    top, _, body = asyncio.run(run()).partition(b"\r\n\r\n")
    first, *rest = top.decode().split("\r\n")
    return first.split()[1], dict(line.lower().split(": ", 1) for line in rest), body


def test_a_large_file_comes_whole_in_part_and_not_again(server):
    path = server.large_file
    status, facts, body = fetch(server, "GET", path)
    assert (status, len(body), facts["content-length"]) == ("200", server.size, str(server.size))
    assert "transfer-encoding" not in facts
    status, again, body = fetch(server, "HEAD", path)
    assert (status, body) == ("200", b"")
    assert {n: v for n, v in again.items() if n not in ("date", "x-request-id")} == {
        n: v for n, v in facts.items() if n not in ("date", "x-request-id")
    }
    status, part, body = fetch(server, "GET", path, Range="bytes=10-1000009")
    assert (status, len(body)) == ("206", 1_000_000)
    assert part["content-range"] == f"bytes 10-1000009/{server.size}"
    status, _facts, body = fetch(server, "GET", path, If_None_Match=facts["etag"])
    assert (status, body) == ("304", b"")
    status, facts, _body = fetch(server, "GET", path, Range=f"bytes={server.size}-")
    assert (status, facts["content-range"]) == ("416", f"bytes */{server.size}")


def test_pages_have_their_length_and_their_headers(server):
    status, facts, body = fetch(server, "GET", "/create/image/")
    assert (status, facts["content-length"]) == ("200", str(len(body)))
    assert facts["x-frame-options"] == "deny"
    assert "default-src 'none'" in facts["content-security-policy"]


def test_a_body_that_is_too_long_is_refused_unread(server):
    """As before: a form by its page, an upload by its own sentence."""
    form = {"Content_Type": "application/x-www-form-urlencoded", "Content_Length": 2**40}

    async def post(path: str, **more: Any) -> tuple[int, str]:
        return await ask(server, "POST", path, server.sessions[0], **form | more)

    assert asyncio.run(post("/login/"))[0] == 400
    multipart = {"Content_Type": "multipart/form-data; boundary=x", "X_CSRFToken": "x" * 32}
    status, page = asyncio.run(post("/uploads/", HX_Request="true", **multipart))
    assert status == 413
    assert "This file is too large. Use one of up to 50 MB." in page
