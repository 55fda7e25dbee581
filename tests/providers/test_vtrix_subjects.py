"""Vtrix's library: models like any other, whose answer is JSON in a text."""

import asyncio
import json
from decimal import Decimal

import httpx
import pytest

from generation.providers.base import InputSubject, RemoteState
from generation.providers.errors import KeyRejected, OutcomeUnknown, Refused
from generation.providers.registry import PROVIDERS
from tests.providers.raw import KEY, outcome, reply
from tests.providers.wire import IMAGE, LINK, VIDEO, uri

MIRA = InputSubject("Mira-1a2b", images=(IMAGE, LINK), voice_id="v-1", style="film")
PATH = "/model/v1/generation"


def done(told, **more):
    text = told if isinstance(told, str | dict) else json.dumps(told)
    content = [{"type": "text", "text": text}]
    return {"id": "t-1", "status": "completed", "output": [{"content": content}], **more}


async def make(client):
    return await client.submit_subject(await client.prepare_subject(MIRA))


async def look(client):
    return await client.fetch_subject("t-1")


def test_a_subject_is_made_by_a_task():
    seen, server = outcome(reply(200, {"id": "t-1", "status": "in_progress"}), make, "vtrix")
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", PATH)
    assert request.json == {
        "model": "vidu_create_subjects",
        "input": [
            {
                "params": {
                    "name": "Mira-1a2b",
                    "images": [uri(IMAGE), LINK.url],
                    "voice_id": "v-1",
                }
            }
        ],
    }
    assert (seen.state, seen.remote_id, seen.server_id) == (RemoteState.RUNNING, "t-1", "")


def test_a_subject_of_a_video():
    async def prepared(client):
        return await client.prepare_subject(InputSubject("F", images=(LINK,), videos=(VIDEO,)))

    made, _server = outcome(b"", prepared, "vtrix")
    given = json.loads(made.body)["input"][0]["params"]
    assert given == {"name": "F", "images": [LINK.url], "videos": [uri(VIDEO)]}


SUBJECT = {"id": "314", "name": "Mira-1a2b", "images": ["https://f.example.org/m.png"]}


@pytest.mark.parametrize("told", [json.dumps(SUBJECT), SUBJECT])
def test_the_answer_is_read_out_of_the_text(told):
    body = done(told, usage={"cost": "0.025", "discount": 0})
    seen, server = outcome(reply(200, body), look, "vtrix")
    assert server.requests[0].path == f"{PATH}/task/t-1"
    assert (seen.state, seen.server_id, seen.remote_id) == (RemoteState.SUCCESS, "314", "t-1")
    assert (seen.name, seen.cost) == ("Mira-1a2b", Decimal("0.025"))
    assert seen.images == ("https://f.example.org/m.png",)


@pytest.mark.parametrize("told", ["", "{", "[1]", "no JSON", "[" * 9_000, '{"name": "x"}'])
def test_a_text_that_says_nothing_names_no_subject(told):
    seen, _server = outcome(reply(200, done(told)), look, "vtrix")
    assert (seen.state, seen.server_id) == (RemoteState.SUCCESS, "")


def test_a_task_that_failed():
    error = {"code": "008023099", "message": "name is used"}
    seen, _server = outcome(reply(200, {"status": "failed", "error": error}), look, "vtrix")
    assert (seen.state, seen.error_code, seen.error) == (
        RemoteState.FAILED,
        "008023099",
        "name is used",
    )


def test_an_edit_of_words_is_a_task_whose_subject_is_not_there_yet():
    async def edit(client):
        subject = InputSubject("Odile", style="film", description="d", voice_id="v-2")
        return await client.edit_subject("314", subject)

    seen, server = outcome(reply(200, {"id": "t-2", "status": "pending"}), edit, "vtrix")
    assert server.requests[0].json == {
        "model": "vidu_edit_subjects",
        "input": [
            {
                "params": {
                    "id": "314",
                    "name": "Odile",
                    "style": "film",
                    "description": "d",
                    "voice_id": "v-2",
                }
            }
        ],
    }
    assert (seen.state, seen.remote_id, seen.server_id) == (RemoteState.QUEUED, "t-2", "")


@pytest.mark.parametrize("files", [{"images": (IMAGE,)}, {"videos": (VIDEO,)}])
def test_new_images_need_a_new_subject(files):
    async def edit(client):
        return await client.edit_subject("314", InputSubject("Mira", **files))

    error, server = outcome(b"", edit, "vtrix")
    assert (type(error), error.code) == (Refused, "NewSubjectNeeded")
    assert error.nothing_happened
    assert server.requests == []


# --- The list ------------------------------------------------------------------------------------


class Shelf:
    """Answers each list task after some looks."""

    def __init__(self, *pages, looks=0):
        self.pages, self.looks = list(pages), looks
        self.asked, self.left = [], 0

    def __call__(self, request):
        if request.method == "POST":
            self.asked.append(json.loads(request.content))
            self.left = self.looks
        else:
            self.left -= 1
        if self.left > 0 or (request.method == "POST" and self.looks):
            return httpx.Response(200, json={"id": "t-9", "status": "in_progress"})
        page = self.pages[len(self.asked) - 1]
        return page if isinstance(page, httpx.Response) else httpx.Response(200, json=page)


def listed(shelf):
    async def go():
        transport = httpx.MockTransport(shelf)
        async with PROVIDERS["vtrix"].connect("https://cloud.vtrix.ai", KEY, transport) as client:
            client.pause = 0
            return await client.list_subjects()

    return [one.server_id for one in asyncio.run(go())]


def page(*names, token=""):
    rows = [{"id": name, "name": name} for name in names]
    return done({"subjects": rows, "next_page_token": token, "count": 100})


@pytest.mark.parametrize("looks", [0, 1, 5, 19])
def test_the_list_is_waited_for_and_read_to_its_end(looks):
    shelf = Shelf(page("1", "2", token="a"), page("3"), looks=looks)
    assert listed(shelf) == ["1", "2", "3"]
    own = {"ownership": "private", "count": 100}
    assert [one["model"] for one in shelf.asked] == ["vidu_get_subjects"] * 2
    given = [one["input"][0]["params"] for one in shelf.asked]
    assert given == [own, own | {"next_page_token": "a"}]


def test_an_empty_library():
    assert listed(Shelf(done({"subjects": [], "next_page_token": ""}))) == []
    assert listed(Shelf(done({"subjects": None, "count": 0}))) == []


@pytest.mark.parametrize(
    "shelf",
    [
        Shelf(page("1"), looks=20),
        Shelf(page("1", token="a"), page("2", token="a")),
        Shelf(done("no JSON")),
        Shelf(done({"subjects": "x"})),
        Shelf(done({"subjects": [{"name": "no id"}]})),
        Shelf(httpx.Response(500)),
    ],
)
def test_a_list_that_cannot_be_read_to_its_end_is_an_error(shelf):
    with pytest.raises(OutcomeUnknown):
        listed(shelf)


def test_a_list_that_is_refused():
    error = {"code": "008023095", "message": "no"}
    with pytest.raises(Refused):
        listed(Shelf({"id": "t-9", "status": "failed", "error": error}))
    with pytest.raises(KeyRejected):
        listed(Shelf(httpx.Response(401)))
