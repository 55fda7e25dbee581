"""Bodies of requests: read before a thread works, within a size and a pace."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from generation.media.storage import scratch_root
from generation.web.server import bodies
from generation.web.server.bodies import IN_MEMORY, Bodies, BodyRefused, ClientGone, most_bytes_of

MEGABYTE = 1024 * 1024


def environ(length: int | None = None, path: str = "/login/", **more: str) -> dict[str, Any]:
    found = {"PATH_INFO": path, "QUERY_STRING": "", "REQUEST_METHOD": "POST"}
    announced = {} if length is None else {"CONTENT_LENGTH": str(length)}
    return found | announced | more


def client(*chunks: bytes, then: Any = None, pause: float = 0):
    """Sends the chunks, the last one as the end; with `then`, that instead of an end."""
    left = list(chunks)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(pause)
        if not left:
            return await then()
        body = left.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(left or then)}

    return receive


async def silence() -> dict[str, Any]:
    await asyncio.Event().wait()
    raise AssertionError


async def leaving() -> dict[str, Any]:
    return {"type": "http.disconnect"}


def read(given: dict[str, Any], receive: Any) -> tuple[bytes, int]:
    """The body and its length; nothing of it may be left on the disk."""

    async def run() -> tuple[bytes, int]:
        async with reader.read(given, receive) as (file, length):
            return file.read(), length

    with ThreadPoolExecutor(1) as disk:
        reader = Bodies(disk)
        try:
            return asyncio.run(run())
        finally:
            assert reader.on_disk == 0
            assert not list(scratch_root().iterdir())


@pytest.mark.parametrize("size", [1, IN_MEMORY, IN_MEMORY + 1, 3 * MEGABYTE])
def test_a_body_is_read_to_its_end(size):
    whole = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    half = size // 2
    assert read(environ(size), client(whole[:half], whole[half:])) == (whole, size)


def test_a_body_that_nobody_announced_gets_its_length():
    assert read(environ(HTTP_TRANSFER_ENCODING="chunked"), client(b"a", b"bc")) == (b"abc", 3)


def test_a_body_that_stops_is_cut_off(monkeypatch):
    monkeypatch.setattr(bodies, "WINDOW_SECONDS", 0.02)
    with pytest.raises(BodyRefused) as refused:
        read(environ(100), client(b"a", then=silence))
    assert refused.value.status == 408


def test_a_body_that_only_drips_is_cut_off(monkeypatch):
    monkeypatch.setattr(bodies, "WINDOW_SECONDS", 0.05)
    with pytest.raises(BodyRefused):
        read(environ(1_000), client(*[b"a"] * 1_000, pause=0.01))


def test_a_body_that_goes_on_may_take_long(monkeypatch):
    monkeypatch.setattr(bodies, "WINDOW_SECONDS", 0.5)
    monkeypatch.setattr(bodies, "WINDOW_BYTES", 10)
    body, _length = read(environ(1_000), client(*[b"a" * 10] * 100, pause=0.01))
    assert len(body) == 1_000


def test_what_is_announced_as_too_long_is_not_read():
    async def unread() -> dict[str, Any]:
        raise AssertionError("the body was read")

    assert read(environ(7 * MEGABYTE), unread) == (b"", 7 * MEGABYTE)


def test_what_turns_out_too_long_is_not_kept():
    chunks = [b"x" * MEGABYTE] * 20
    body, length = read(environ(HTTP_TRANSFER_ENCODING="chunked"), client(*chunks))
    assert (body, length) == (b"", 7 * MEGABYTE)


@pytest.mark.parametrize("size", [100, MEGABYTE])
def test_a_client_that_leaves_leaves_nothing_behind(size):
    with pytest.raises(ClientGone):
        read(environ(size), client(b"abc", then=leaving))


def test_without_room_on_the_disk_nothing_is_read(monkeypatch):
    monkeypatch.setattr(bodies, "enough_space", lambda _size: False)
    assert read(environ(3), client(b"abc")) == (b"abc", 3)
    with pytest.raises(BodyRefused) as refused:
        read(environ(MEGABYTE), client(b"abc"))
    assert refused.value.status == 507


def test_files_are_only_taken_from_who_has_a_session():
    form = {"CONTENT_TYPE": "multipart/form-data; boundary=x"}
    session = {"HTTP_COOKIE": "session=abc"}
    assert most_bytes_of(environ(path="/create/image/", **form)) == 6 * MEGABYTE
    assert most_bytes_of(environ(path="/create/image/", **form, **session)) == 520 * MEGABYTE
    assert most_bytes_of(environ(path="/nowhere", **form, **session)) == 6 * MEGABYTE
    assert most_bytes_of(environ(path="/create/image/", **session)) == 6 * MEGABYTE
    videos = environ(path="/uploads/", **form, **session) | {"QUERY_STRING": "for=videos"}
    assert most_bytes_of(videos) == 502 * MEGABYTE
