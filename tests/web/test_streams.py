"""Long answers: sent without a thread, cut off when nobody reads, and always closed."""

import asyncio
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from generation.web.server import connection_limits, streams
from generation.web.server.streams import OpenStreams, Stream, TooManyStreams, send_stream

HERE = {"REMOTE_ADDR": "192.0.2.1", "REMOTE_PORT": "5000"}


class Response:
    def __init__(self, *pieces: bytes) -> None:
        self.pieces, self.read, self.closed = pieces, 0, 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self.pieces:
            self.read += 1
            yield piece

    def close(self) -> None:
        self.closed += 1


async def present() -> dict[str, Any]:
    """The client stays."""
    await asyncio.Event().wait()
    raise AssertionError


async def sent(
    response: Response, receive: Any = present, send: Any = None
) -> list[dict[str, Any]]:
    taken: list[dict[str, Any]] = []

    async def take(message: dict[str, Any]) -> None:
        taken.append(message)

    with ThreadPoolExecutor(1) as disk:
        await send_stream(response, Stream(HERE), disk, receive, send or take)
    assert response.closed == 1
    return taken


def test_the_pieces_are_sent_and_the_file_is_closed():
    taken = asyncio.run(sent(Response(b"ab", b"c")))
    assert [(one["body"], one["more_body"]) for one in taken] == [
        (b"ab", True), (b"c", True), (b"", False),
    ]  # fmt: skip


def test_a_reader_that_takes_nothing_is_hung_up_on(monkeypatch):
    ended = []
    monkeypatch.setattr(streams, "STALLED_SECONDS", 0.02)
    monkeypatch.setattr(streams, "hang_up", lambda *client: ended.append(client))

    async def never(_message: dict[str, Any]) -> None:
        await asyncio.Event().wait()

    response = Response(b"a", b"b")
    asyncio.run(sent(response, send=never))
    assert response.read == 1
    assert ended == [("192.0.2.1", 5000)]


def test_nothing_more_is_read_for_a_client_that_left():
    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    response = Response(*[b"a"] * 1_000)
    asyncio.run(sent(response, receive=gone))
    assert response.read < 10


def test_a_file_that_breaks_off_is_closed_and_the_answer_has_no_end():
    class Broken(Response):
        def __iter__(self) -> Iterator[bytes]:
            yield b"a"
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        asyncio.run(sent(Broken()))


def fill(open_streams: OpenStreams, number: int, session: str = "abc") -> list[Any]:
    environ = HERE | {"HTTP_COOKIE": f"theme=dark; session={session}"}
    managers = [open_streams.one_more(environ) for _ in range(number)]
    return [(one, one.__enter__()) for one in managers]


def test_a_session_has_at_most_twelve_streams():
    async def run() -> None:
        open_streams = OpenStreams()
        opened = fill(open_streams, streams.MOST_OPEN)
        with pytest.raises(TooManyStreams):
            fill(open_streams, 1)
        fill(open_streams, 1, session="other")
        manager, _stream = opened[0]
        manager.__exit__(None, None, None)
        fill(open_streams, 1)

    asyncio.run(run())


def test_the_video_that_is_paused_for_longest_makes_room():
    async def run() -> None:
        open_streams = OpenStreams()
        kept = fill(open_streams, streams.MOST_OPEN)
        opened = [stream for _, stream in kept]
        now = asyncio.get_running_loop().time()
        opened[3].waits_since, opened[5].waits_since = now - 20, now - 30
        async with asyncio.timeout(None) as opened[5].limit:
            fill(open_streams, 1)
            assert opened[5].limit.when() is not None
            opened[5].limit.reschedule(None)
        assert opened[3].waits_since is not None
        assert opened[5] not in open_streams.by_session["abc"]

    asyncio.run(run())


def test_sessions_without_streams_are_forgotten():
    async def run() -> None:
        open_streams = OpenStreams()
        for manager, _stream in fill(open_streams, 3):
            manager.__exit__(None, None, None)
        assert not open_streams.by_session

    asyncio.run(run())


def test_hanging_up_ends_that_connection_alone():
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname(), timeout=10) as one,
        listener.accept()[0] as at_one,
        socket.create_connection(listener.getsockname(), timeout=10) as other,
        listener.accept()[0] as at_other,
    ):
        assert connection_limits.hang_up(*one.getsockname())
        assert at_one.recv(1) == b""
        at_other.sendall(b"x")
        assert other.recv(1) == b"x"
        assert not connection_limits.hang_up("192.0.2.1", 5000)


def test_hanging_up_leaves_no_copy_of_an_open_file(tmp_path):
    with (
        (tmp_path / "another").open("wb"),
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname(), timeout=10) as one,
        listener.accept()[0],
    ):
        before = open_files()
        assert not connection_limits.hang_up("192.0.2.1", 5000)
        assert connection_limits.hang_up(*one.getsockname())
        assert open_files() <= before


def open_files() -> set[str]:
    return {entry.name for entry in Path("/dev/fd").iterdir()}
