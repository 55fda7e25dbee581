"""The clients against the built-in provider, which was written from the documents alone."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from generation.providers.base import Balance, GenerationRequest, InputFile, RemoteState
from generation.providers.errors import KeyRejected, OutcomeUnknown, OutOfCredit, Refused
from generation.providers.registry import PROVIDERS
from tests.factories import png

MODELS = {"vtrix": "viduq2_reference2image"}
EVERYONE = ("vidu", "vidu-cn", "kkiai", "vtrix", "demo")


@pytest.fixture(autouse=True)
def simulator(one_simulator):
    one_simulator.reset()
    one_simulator.faults()
    return one_simulator


def client(simulator, provider="vidu", key="vda_good_key_1"):
    return PROVIDERS[provider].connect(f"{simulator.url}/{provider}/", key)


def image_request(provider, **values):
    values = {"prompt": "A lighthouse", "resolution": "1080p", "aspect_ratio": "1:1"} | values
    images = [InputFile(data=png(), mime="image/png")]
    return GenerationRequest("image", MODELS.get(provider, "viduq2"), values, {"images": images})


async def made(provider, request):
    return await provider.submit(await provider.prepare(request))


async def finished(provider, remote_id):
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        seen = await provider.fetch(remote_id)
        if seen.state in (RemoteState.SUCCESS, RemoteState.FAILED):
            return seen
    raise AssertionError("it never ended")


@pytest.mark.parametrize("name", EVERYONE)
def test_an_image_is_made(simulator, name):
    async def go():
        async with client(simulator, name) as provider:
            seen = await made(provider, image_request(name, seed=7))
            return seen, await finished(provider, seen.remote_id)

    accepted, done = asyncio.run(go())
    assert done.state == RemoteState.SUCCESS
    assert done.results[0].url.startswith(simulator.url)
    assert (done.cost if name == "vtrix" else accepted.credits) is not None
    assert len(simulator.ledger()) == 1


@pytest.mark.parametrize("name", ["vidu", "kkiai", "vtrix"])
@pytest.mark.parametrize(
    ("key", "kind"), [("vda_wrong_key", KeyRejected), ("vda_empty_account", OutOfCredit)]
)
def test_a_key_that_does_not_work(simulator, name, key, kind):
    async def go():
        async with client(simulator, name, key) as provider:
            await made(provider, image_request(name))

    with pytest.raises(kind):
        asyncio.run(go())
    assert simulator.ledger() == []


def test_a_refusal_names_the_setting(simulator):
    async def go():
        async with client(simulator) as provider:
            await made(provider, image_request("vidu", aspect_ratio="7:1"))

    with pytest.raises(Refused) as caught:
        asyncio.run(go())
    assert caught.value.field == "aspect_ratio"


@pytest.mark.parametrize("shown", [True, False])
def test_a_task_whose_reply_was_lost_is_in_the_list(simulator, shown):
    simulator.settings(list_payload=shown)
    simulator.faults({"kind": "drop", "when": "after", "match": {"method": "POST"}, "count": 1})

    async def go():
        async with client(simulator) as provider:
            with pytest.raises(OutcomeUnknown):
                await made(provider, image_request("vidu", payload="vs-lost"))
            for number in range(12):
                await made(provider, image_request("vidu", payload=f"vs-{number}"))
            now = datetime.now(UTC)
            window = now - timedelta(minutes=10), now + timedelta(minutes=10)
            pages = [page async for page in provider.list_tasks(*window)]
            return {row.remote_id: row for page in pages for row in page}

    listed, ledger = asyncio.run(go()), simulator.ledger()
    assert listed.keys() == {row["remote_id"] for row in ledger}
    lost = listed[ledger[0]["remote_id"]]
    assert lost.payload == ("vs-lost" if shown else "")
    assert (lost.prompt != "", lost.model_name, lost.credits is not None) == (True, "viduq2", True)


@pytest.mark.parametrize("name", ["vidu", "kkiai", "vtrix", "demo"])
def test_a_good_key_is_tested_for_free(simulator, name):
    async def go():
        async with client(simulator, name) as provider:
            return await provider.balance()

    seen = asyncio.run(go())
    assert seen.tested == (name != "vtrix")
    assert (seen.credits is not None) == (name in ("vidu", "demo"))
    assert simulator.ledger() == []
    assert isinstance(seen, Balance)


def test_a_waiting_task_is_cancelled_and_a_finished_one_is_not(simulator):
    simulator.settings(queue=10_000)

    async def go():
        async with client(simulator) as provider:
            waiting = await made(provider, image_request("vidu"))
            await provider.cancel(waiting.remote_id)
            seen = await provider.fetch(waiting.remote_id)
            with pytest.raises(Refused):
                await provider.cancel(waiting.remote_id)
            return seen

    seen = asyncio.run(go())
    assert (seen.state, seen.error_code, seen.credits) == (RemoteState.FAILED, "UserCancelled", 0)


def test_images_that_are_too_heavy_together_go_through_the_upload_route(simulator):
    heavy = png() + bytes(8_000_000)

    async def go():
        async with client(simulator) as provider:
            base = image_request("vidu")
            images = [InputFile(data=heavy, mime="image/png")] * 3
            prepared = await provider.prepare(
                GenerationRequest(base.mode, base.model_name, base.values, {"images": images})
            )
            return prepared.body.count(b'"ssupload:?id=')

    assert asyncio.run(go()) == 2
    assert {it["scheme"] for it in simulator.requests("/storage/", "PUT")} == {""}
    assert len(simulator.requests("/finish", "PUT")) == 2
