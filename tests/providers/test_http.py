"""Connections: fresh for what costs money, kept for polls, the key for one origin only."""

import asyncio
import subprocess
import sys

import pytest

from generation.providers.base import Prepared
from generation.providers.errors import OutcomeUnknown
from generation.providers.http import Http
from generation.providers.registry import PROVIDERS
from tests.providers.raw import KEY, POLLED, TASK, Raw, fetch, outcome, poll, reply, submit

QUICKLY = pytest.mark.parametrize("prepare", [lambda _http: None, Http.quicken])


def test_every_submit_has_a_connection_of_its_own():
    async def thrice(provider):
        for _turn in range(3):
            await submit(provider)

    _seen, server = outcome(reply(200, TASK), thrice)
    assert [request.connection for request in server.requests] == [1, 2, 3]


def test_many_submits_at_once_are_sent_once_each():
    async def at_once(provider):
        bodies = [f'{{"n": {number}}}'.encode() for number in range(20)]
        await asyncio.gather(*(provider.submit(Prepared("/ent/v2/x", body)) for body in bodies))

    _seen, server = outcome(reply(200, TASK), at_once)
    assert sorted(request.json["n"] for request in server.requests) == list(range(20))
    assert server.connections == 20


@QUICKLY
def test_polls_share_connections_without_waiting_for_each_other(prepare):
    async def polls(provider):
        prepare(provider.http)
        await asyncio.gather(*(provider.fetch(str(number)) for number in range(10)))
        for number in range(10, 20):
            await provider.fetch(str(number))

    _seen, server = outcome(reply(200, POLLED), polls)
    assert {request.path.split("/")[4] for request in server.requests} == set(map(str, range(20)))
    assert server.connections <= 10


@QUICKLY
def test_each_poll_gets_its_own_answer(prepare):
    async def echo(request, writer):
        number = request.path.split("/")[4]
        writer.write(reply(200, {"state": "processing", "payload": number}))

    async def polls(provider):
        prepare(provider.http)
        return await asyncio.gather(*(provider.fetch(str(number)) for number in range(30)))

    seen, _server = outcome(echo, polls)
    assert [one.payload for one in seen] == [one.remote_id for one in seen]


@QUICKLY
def test_a_connection_that_failed_is_not_used_again(prepare):
    answers = [b"HTTP/1.1 garbage\r\n\r\n", reply(200, POLLED)]

    async def first_garbage(_request, writer):
        writer.write(answers.pop(0))

    async def twice(provider):
        prepare(provider.http)
        first = await asyncio.gather(provider.fetch("1"), return_exceptions=True)
        return first, await provider.fetch("1")

    seen, server = outcome(first_garbage, twice)
    assert seen[1].remote_id == "1"
    assert server.connections == 2


@pytest.mark.parametrize(
    ("provider", "header"),
    [
        ("vidu", f"Token {KEY}"),
        ("vidu-cn", f"Token {KEY}"),
        ("demo", f"Token {KEY}"),
        ("kkiai", f"Bearer {KEY}"),
        ("vtrix", f"Bearer {KEY}"),
    ],
)
@pytest.mark.parametrize("ask", [submit, fetch, poll])
def test_each_provider_gets_the_key_in_its_own_scheme(provider, header, ask):
    _seen, server = outcome(reply(200, {"id": "1", **TASK}), ask, provider)
    assert server.requests[0].headers["authorization"] == header


def test_the_demo_needs_no_key():
    seen, server = outcome(reply(200, TASK), submit, "demo", key="")
    assert seen.remote_id == TASK["task_id"]
    assert "authorization" not in server.requests[0].headers


def test_a_base_address_may_carry_a_path_and_a_slash():
    _seen, server = outcome(reply(200, TASK), submit, url="{url}/vidu/")
    assert server.requests[0].path == "/vidu/ent/v2/reference2image"


@QUICKLY
def test_an_id_cannot_lead_elsewhere(prepare):
    async def fetch_odd(provider):
        prepare(provider.http)
        return await provider.fetch("../credits?x#y")

    _seen, server = outcome(reply(200, TASK), fetch_odd)
    assert server.requests[0].path == "/ent/v2/tasks/..%2Fcredits%3Fx%23y/creations"


@QUICKLY
def test_cookies_are_not_kept(prepare):
    async def twice(provider):
        prepare(provider.http)
        await provider.fetch("1")
        await provider.fetch("2")

    _seen, server = outcome(
        reply(200, POLLED, Set_Cookie="track=1; Path=/"), twice, url="http://localhost:{port}"
    )
    assert "cookie" not in server.requests[1].headers


@pytest.mark.parametrize("ask", [submit, poll])
def test_the_proxy_of_the_environment_is_not_asked_for_this_machine(monkeypatch, ask):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    seen, _server = outcome(reply(200, TASK | {"task_id": "42"}), ask)
    assert seen.remote_id == "42"


def test_the_proxy_of_the_environment_is_asked_for_another_machine(monkeypatch):
    async def go():
        async with Raw(reply(200, POLLED)) as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.url)
            seen, _server = await asyncio.to_thread(
                outcome, b"", poll, url="http://provider.invalid"
            )
            return seen, proxy.requests

    seen, requests = asyncio.run(go())
    assert seen.remote_id == "42"
    assert requests[0].headers["host"] == "provider.invalid"


def test_a_poll_says_of_itself_what_every_request_says():
    heads = []
    for ask in (fetch, poll):
        _seen, server = outcome(reply(200, POLLED), ask)
        (request,) = server.requests
        heads.append((request.method, request.path, {**request.headers, "host": ""}))
    plain, quick = (
        (method, path, {name: it for name, it in head.items() if name != "connection"})
        for method, path, head in heads
    )
    assert plain == quick


def test_a_poll_is_not_sent_again_over_another_connection():
    async def close_second(request, writer):
        if len(server_saw) % 2:
            writer.transport.abort()
        else:
            writer.write(reply(200, POLLED))
        server_saw.append(request.path)

    async def twice(provider):
        await poll(provider)
        return await poll(provider)

    server_saw = []
    error, _server = outcome(close_second, twice)
    assert type(error) is OutcomeUnknown
    assert len(server_saw) == 2


def test_a_header_that_comes_twice_is_read_as_one():
    twice = {"X-Request-Id": "r-1\r\nX-Request-Id: r-\xe9"}
    error, _server = outcome(reply(400, {"reason": "TaskNotFound"}, **twice), poll)
    assert error.request_id == "r-1, r-\xe9"


def test_polls_alone_bring_aiohttp_into_memory():
    code = (
        "import django, sys; django.setup(); import generation.engine.asker, generation.urls;"
        "print('aiohttp' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


@QUICKLY
def test_a_closed_client_leaves_no_connection_open(prepare):
    async def go():
        async with Raw(reply(200, POLLED)) as server:
            async with PROVIDERS["vidu"].connect(server.url, KEY) as client:
                prepare(client.http)
                await client.fetch("1")
            await asyncio.wait_for(server.left.wait(), 10)

    asyncio.run(go())
