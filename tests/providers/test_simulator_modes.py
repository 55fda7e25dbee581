"""Every offer, as full as it may be, at the built-in provider; and its library of subjects."""

import asyncio
import itertools
import time
from dataclasses import replace

import pytest

from generation.catalogue import rules
from generation.providers.base import GenerationRequest, InputFile, InputSubject, RemoteState
from generation.providers.errors import ProviderError, Refused
from generation.providers.registry import PROVIDERS
from tests.factories import png
from tests.providers.test_offers import most, orders
from tests.providers.wire import AUDIO_LINK, LINK, VIDEO_LINK

SQUARE = InputFile(data=png(512, 512), mime="image/png")
FILES = {
    "images": SQUARE,
    "videos": VIDEO_LINK,
    "sounds": AUDIO_LINK,
    "prompt_sound": AUDIO_LINK,
}
MIRA = InputSubject("Mira-1a2b", images=(SQUARE,), voice_id="v-1")
LIBRARIES = ("vidu", "vidu-cn", "vtrix", "demo")


@pytest.fixture(autouse=True)
def simulator(one_simulator):
    one_simulator.reset()
    one_simulator.settings(price=1)
    return one_simulator


def client(simulator, provider, key="vda_good_key_1"):
    return PROVIDERS[provider].connect(f"{simulator.url}/{provider}/", key)


async def until_done(ask):
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        seen = await ask()
        if seen.state in (RemoteState.SUCCESS, RemoteState.FAILED):
            return seen
    raise AssertionError("it never ended")


async def kept(provider, subject):
    """The subject as the library has it, made there."""
    made = await provider.submit_subject(await provider.prepare_subject(subject))
    if made.remote_id:
        made = await until_done(lambda: provider.fetch_subject(made.remote_id))
    assert (made.state, made.name) == (RemoteState.SUCCESS, subject.name)
    return made


def fullest(row):
    """Requests that set as much as goes together, each different from the others."""
    seen = []
    turns = range(2 if "subjects" in row.limits else 1)
    for names, turn in itertools.product(orders(row)[:4], turns):
        values, inputs = most(row, names, turn)
        try:
            clean = rules.check(row, values, inputs)
        except rules.Invalid:
            continue
        form = rules.names_subjects(row, str(values.get("prompt", "")), rules.count_inputs(inputs))
        clean["prompt"] = rules.wire_text(row, clean.get("prompt", ""), inputs)
        clean = {name: value for name, value in clean.items() if value != ""}
        found = (clean, {name: len(some) for name, some in inputs.items()}, form)
        if found not in seen:
            seen.append(found)
    return seen


def request_for(row, clean, counts, form, server_id):
    files = {name: [FILES[name]] * count for name, count in counts.items() if name in FILES}
    if row.mode == "lip-sync" and "images" in files:
        files["images"] = [LINK]
    if not form:
        return GenerationRequest(row.mode, row.model_name, clean, files)
    by_id = server_id and row.model_name != "viduq2_pro_fast_reference2video"
    mira = InputSubject("Mira", server_id=server_id) if by_id else replace(MIRA, name="Mira")
    subjects = [mira] * counts.get("subjects", 0)
    subjects += [InputSubject("image1", images=(SQUARE,))] * counts.get("images", 0)
    subjects += [InputSubject("video1", videos=(VIDEO_LINK,))] * counts.get("videos", 0)
    return GenerationRequest(row.mode, row.model_name, clean, {}, tuple(subjects))


@pytest.mark.parametrize("name", ["vidu", "vidu-cn", "kkiai", "vtrix", "demo"])
def test_every_offer_is_taken_as_full_as_it_may_be(simulator, name):
    refused, sent = [], 0

    async def go():
        nonlocal sent
        async with client(simulator, name) as provider:
            server_id = (await kept(provider, MIRA)).server_id if name in LIBRARIES else ""
            simulator.settings(queue=10_000)  # nothing has to be rendered
            for row in rules.offers(name):
                for clean, counts, form in fullest(row):
                    try:
                        wanted = request_for(row, clean, counts, form, server_id)
                        await provider.submit(await provider.prepare(wanted))
                        sent += 1
                    except ProviderError as error:
                        refused.append((row.key, sorted(clean), counts, error.sentence))

    asyncio.run(go())
    assert refused == []
    assert sent > len(rules.offers(name))


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_subject_is_kept_edited_and_listed(simulator, name):
    async def go():
        async with client(simulator, name) as provider:
            provider.pause = 0.05
            made = await kept(provider, MIRA)
            await kept(provider, replace(MIRA, name="Odile"))
            change = InputSubject("Mira-2", style="film", description="Tall.")
            edited = await provider.edit_subject(made.server_id, change)
            if edited.remote_id:
                edited = await until_done(lambda: provider.fetch_subject(edited.remote_id))
            return made, edited, await provider.list_subjects()

    made, edited, listed = asyncio.run(go())
    assert (edited.server_id, edited.name) == (made.server_id, "Mira-2")
    assert {one.name for one in listed} == {"Mira-2", "Odile"}
    (mira,) = [one for one in listed if one.server_id == made.server_id]
    assert (mira.style, mira.description, mira.voice_id) == ("film", "Tall.", "v-1")
    assert mira.images[0].startswith(simulator.url)


def test_a_long_library_is_listed_to_its_end(simulator):
    async def go():
        async with client(simulator, "vidu") as provider:
            prepared = await provider.prepare_subject(MIRA)
            for _turn in range(101):
                await provider.submit_subject(prepared)
            return await provider.list_subjects()

    assert len({one.server_id for one in asyncio.run(go())}) == 101


@pytest.mark.parametrize("name", ["vidu", "vtrix"])
def test_speech_is_there_with_the_reply(simulator, name):
    model = "audio-tts" if name == "vidu" else "vidu-cn-audio-tts"
    wanted = GenerationRequest("speech", model, {"text": "Good evening", "voice_id": "v-1"})

    async def go():
        async with client(simulator, name) as provider:
            return await provider.submit(await provider.prepare(wanted))

    seen = asyncio.run(go())
    assert seen.state == RemoteState.SUCCESS
    assert seen.results[0].url.startswith(simulator.url)


def test_a_video_is_extended_by_the_id_of_its_creation(simulator):
    async def go():
        async with client(simulator, "demo") as provider:
            video = GenerationRequest(
                "text-video", "viduq2", {"prompt": "A lighthouse", "duration": 5}
            )
            first = await provider.submit(await provider.prepare(video))
            done = await until_done(lambda: provider.fetch(first.remote_id))
            own = InputFile(creation_id=done.results[0].remote_id)
            longer = GenerationRequest("extend", "viduq2-pro", {"duration": 2}, {"videos": [own]})
            second = await provider.submit(await provider.prepare(longer))
            return done, await until_done(lambda: provider.fetch(second.remote_id))

    for seen in asyncio.run(go()):
        assert seen.state == RemoteState.SUCCESS
        assert seen.results[0].cover_url


def test_ideas_for_an_image(simulator):
    async def go():
        async with client(simulator, "demo") as provider:
            return await provider.suggest(SQUARE, 3)

    ideas = asyncio.run(go())
    assert len(ideas) == 3
    assert all(one.prompt and one.kind == "img2video" for one in ideas)


def test_a_subject_that_the_library_does_not_have_is_refused_at_the_subjects(simulator):
    subjects = (InputSubject("Mira", server_id="999"),)
    wanted = GenerationRequest("reference", "viduq3", {"prompt": "@Mira"}, {}, subjects)

    async def go():
        async with client(simulator, "vidu") as provider:
            await provider.submit(await provider.prepare(wanted))

    with pytest.raises(Refused):
        asyncio.run(go())
