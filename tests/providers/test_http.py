"""Connections: fresh for what costs money, kept for polls, the key for one origin only."""

import asyncio

import pytest

from generation.providers.base import Prepared
from generation.providers.registry import PROVIDERS
from tests.providers.raw import KEY, POLLED, TASK, Raw, outcome, reply, submit


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


def test_polls_share_connections_without_waiting_for_each_other():
    async def polls(provider):
        await asyncio.gather(*(provider.fetch(str(number)) for number in range(10)))
        for number in range(10, 20):
            await provider.fetch(str(number))

    _seen, server = outcome(reply(200, POLLED), polls)
    assert {request.path.split("/")[4] for request in server.requests} == set(map(str, range(20)))
    assert server.connections <= 10


def test_each_poll_gets_its_own_answer():
    async def echo(request, writer):
        number = request.path.split("/")[4]
        writer.write(reply(200, {"state": "processing", "payload": number}))

    async def polls(provider):
        return await asyncio.gather(*(provider.fetch(str(number)) for number in range(30)))

    seen, _server = outcome(echo, polls)
    assert [one.payload for one in seen] == [one.remote_id for one in seen]


def test_a_connection_that_failed_is_not_used_again():
    answers = [b"HTTP/1.1 garbage\r\n\r\n", reply(200, POLLED)]

    async def first_garbage(_request, writer):
        writer.write(answers.pop(0))

    async def twice(provider):
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
def test_each_provider_gets_the_key_in_its_own_scheme(provider, header):
    _seen, server = outcome(reply(200, {"id": "1", **TASK}), submit, provider)
    assert server.requests[0].headers["authorization"] == header


def test_the_demo_needs_no_key():
    seen, server = outcome(reply(200, TASK), submit, "demo", key="")
    assert seen.remote_id == TASK["task_id"]
    assert "authorization" not in server.requests[0].headers


def test_a_base_address_may_carry_a_path_and_a_slash():
    _seen, server = outcome(reply(200, TASK), submit, url="{url}/vidu/")
    assert server.requests[0].path == "/vidu/ent/v2/reference2image"


def test_an_id_cannot_lead_elsewhere():
    async def fetch_odd(provider):
        return await provider.fetch("../credits?x#y")

    _seen, server = outcome(reply(200, TASK), fetch_odd)
    assert server.requests[0].path == "/ent/v2/tasks/..%2Fcredits%3Fx%23y/creations"


def test_cookies_are_not_kept():
    async def twice(provider):
        await provider.fetch("1")
        await provider.fetch("2")

    _seen, server = outcome(reply(200, POLLED, Set_Cookie="track=1; Path=/"), twice)
    assert "cookie" not in server.requests[1].headers


def test_the_proxy_of_the_environment_is_not_asked_for_this_machine(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    seen, _server = outcome(reply(200, TASK), submit)
    assert seen.remote_id == TASK["task_id"]


def test_a_closed_client_leaves_no_connection_open():
    async def go():
        async with Raw(reply(200, POLLED)) as server:
            async with PROVIDERS["vidu"].connect(server.url, KEY) as client:
                await client.fetch("1")
                assert len(client.http.idle) == 1
            return client.http.idle

    assert asyncio.run(go()) == []
