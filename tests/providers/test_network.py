"""What no polite server does: silence, cut replies, floods, redirects."""

import asyncio
import gzip
import time
import tracemalloc

import pytest

from generation.providers.base import Prepared
from generation.providers.errors import KeyRejected, NotReached, OutcomeUnknown
from generation.providers.http import Deadlines, Trace
from generation.providers.registry import PROVIDERS
from tests.providers.raw import KEY, SHORT, TASK, Raw, drop, fetch, outcome, poll, reply, submit


async def close(_request, writer):
    writer.close()


async def half(_request, writer):
    writer.write(reply(200, TASK)[:-9])
    writer.close()


async def garbage(_request, writer):
    writer.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
    writer.close()


async def hang(_request, _writer):
    await asyncio.Event().wait()


async def drip(_request, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def endless_chunks(_request, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        await writer.drain()


# The connection itself may take its time on a busy machine: here the silence after it counts.
SILENCE = Deadlines(connect=5, submit=1, fetch=1)
FAULTS = [drop, close, half, garbage, hang, drip]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("ask", [submit, fetch, poll])
def test_silence_after_the_request_went_out_leaves_it_open_and_nothing_is_sent_twice(fault, ask):
    started = time.monotonic()
    error, server = outcome(fault, ask, deadlines=SILENCE)
    assert type(error) is OutcomeUnknown
    assert not error.nothing_happened
    assert len(server.requests) == 1
    assert time.monotonic() - started < 20


def test_a_deadline_that_ends_while_connecting_sent_nothing():
    trace = Trace()
    asyncio.run(trace("connection.start_tls.started", {}))
    assert trace.nothing_left(TimeoutError())
    asyncio.run(trace("http11.send_request_headers.started", {}))
    assert not trace.nothing_left(TimeoutError())


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1",  # refused
        "https://127.0.0.1:{port}",  # speaks no TLS
        "http://nobody.invalid",
        "ftp://127.0.0.1",
        "no address",
        "http://[::1",
    ],
)
@pytest.mark.parametrize("ask", [submit, fetch, poll])
def test_without_a_connection_nothing_happened(url, ask):
    error, server = outcome(reply(200, TASK), ask, url=url, deadlines=SHORT)
    assert type(error) is NotReached
    assert error.nothing_happened
    assert not server.requests


@pytest.mark.parametrize("ask", [submit, poll])
def test_a_handshake_that_never_ends_sent_nothing(ask):
    async def go():
        quiet = await asyncio.start_server(lambda _r, writer: open_ones.append(writer), "127.0.0.1")
        port = quiet.sockets[0].getsockname()[1]
        error, _server = await asyncio.to_thread(
            outcome, b"", ask, url=f"https://127.0.0.1:{port}", deadlines=SHORT
        )
        for writer in open_ones:
            writer.close()
        quiet.close()
        return error

    open_ones = []
    assert type(asyncio.run(go())) is NotReached


@pytest.mark.parametrize("ask", [fetch, poll])
def test_refused_unknown_host_and_bad_tls_read_the_same(ask):
    urls = ("http://127.0.0.1:1", "https://127.0.0.1:{port}", "http://nobody.invalid")
    errors = [outcome(b"", ask, url=url, deadlines=SHORT)[0] for url in urls]
    assert len({(error.sentence, error.code, error.raw) for error in errors}) == 1


BOMB = reply(200, gzip.compress(b'{"task_id": "1' + bytes(60_000_000), 1), Content_Encoding="gzip")


@pytest.mark.parametrize("answer", [endless_chunks, BOMB])
@pytest.mark.parametrize("ask", [submit, poll])
def test_a_huge_reply_is_not_taken_into_memory(answer, ask):
    tracemalloc.start()
    error, _server = outcome(answer, ask)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert type(error) is OutcomeUnknown
    assert peak < 16_000_000


@pytest.mark.parametrize("ask", [submit, poll])
def test_a_packed_reply_is_read_all_the_same(ask):
    packed = gzip.compress(b'{"task_id": "42", "state": "created"}')
    assert outcome(reply(200, packed, Content_Encoding="gzip"), ask)[0].remote_id == "42"


def test_an_echo_of_what_was_sent_is_not_too_much():
    image = "A" * 3_000_000

    async def send(provider):
        return await provider.submit(Prepared("/ent/v2/x", image.encode()))

    assert outcome(reply(200, TASK | {"images": [image]}), send)[0].remote_id == TASK["task_id"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("ask", [submit, fetch, poll])
def test_a_redirect_is_not_followed_and_takes_no_key_along(status, ask):
    async def go():
        async with Raw(reply(200, TASK)) as other:
            answer = reply(status, b"", Location=f"{other.url}/ent/v2/reference2image")
            error, _server = await asyncio.to_thread(outcome, answer, ask)
            return error, other.requests

    error, requests = asyncio.run(go())
    assert type(error) is OutcomeUnknown
    assert requests == []


@pytest.mark.parametrize(
    "start",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\n" * 3,
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
    ],
)
@pytest.mark.parametrize("ask", [submit, poll])
def test_what_is_announced_before_the_reply_changes_nothing(start, ask):
    assert outcome(start + reply(200, TASK | {"task_id": "42"}), ask)[0].remote_id == "42"


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
        b"HTTP/1.1 102 Processing\r\n\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n",
        b"HTTP/1.1 199 Odd\r\n\r\n",
        b"HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
    ],
)
@pytest.mark.parametrize("ask", [submit, poll])
def test_an_announcement_without_a_reply_leaves_it_open(answer, ask):
    async def announce(_request, writer):
        writer.write(answer)
        await writer.drain()
        writer.close()

    error, server = outcome(announce, ask)
    assert type(error) is OutcomeUnknown
    assert len(server.requests) == 1


def test_a_connection_that_drops_while_the_body_goes_out_leaves_it_open():
    async def go():
        async def serve(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.transport.abort()

        server = await asyncio.start_server(serve, "127.0.0.1")
        port = server.sockets[0].getsockname()[1]
        async with PROVIDERS["vidu"].connect(f"http://127.0.0.1:{port}", KEY) as client:
            with pytest.raises(OutcomeUnknown) as caught:
                await client.submit(Prepared("/ent/v2/x", b"x" * 9_000_000))
        server.close()
        await server.wait_closed()
        return caught.value

    assert not asyncio.run(go()).nothing_happened


@pytest.mark.parametrize("ask", [submit, poll])
def test_a_key_that_cannot_stand_in_a_header_is_rejected_before_anything_is_sent(ask):
    for key in ("vda_naïve", "vda_two\nlines", ""):
        error, server = outcome(reply(200, TASK), ask, key=key)
        assert type(error) is KeyRejected
        assert not server.requests
