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


def done(answer, **more):
    text = answer if isinstance(answer, str | dict) else json.dumps(answer)
    content = [{"type": "text", "text": text}]
    return {"id": "t-1", "status": "completed", "output": [{"content": content}], **more}


async def make(client):
    return await client.submit_subject(await client.prepare_subject(MIRA))


async def fetch_subject(client):
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


@pytest.mark.parametrize("answer", [json.dumps(SUBJECT), SUBJECT])
def test_the_answer_is_read_out_of_the_text(answer):
    body = done(answer, usage={"cost": "0.025", "discount": 0})
    seen, server = outcome(reply(200, body), fetch_subject, "vtrix")
    assert server.requests[0].path == f"{PATH}/task/t-1"
    assert (seen.state, seen.server_id, seen.remote_id) == (RemoteState.SUCCESS, "314", "t-1")
    assert (seen.name, seen.cost) == ("Mira-1a2b", Decimal("0.025"))
    assert seen.images == ("https://f.example.org/m.png",)


@pytest.mark.parametrize("answer", ["", "{", "[1]", "no JSON", "[" * 9_000, '{"name": "x"}'])
def test_a_text_that_says_nothing_names_no_subject(answer):
    seen, _server = outcome(reply(200, done(answer)), fetch_subject, "vtrix")
    assert (seen.state, seen.server_id) == (RemoteState.SUCCESS, "")


def test_a_task_that_failed():
    error = {"code": "008023099", "message": "name is used"}
    seen, _server = outcome(
        reply(200, {"status": "failed", "error": error}), fetch_subject, "vtrix"
    )
    assert (seen.state, seen.error_code, seen.error) == (
        RemoteState.FAILED,
        "008023099",
        "name is used",
    )


def test_an_edit_of_texts_is_a_task_whose_subject_is_not_there_yet():
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


class SubjectList:
    """Answers each list task after some polls."""

    def __init__(self, *pages, polls=0):
        self.pages, self.polls = list(pages), polls
        self.asked, self.left = [], 0

    def __call__(self, request):
        if request.method == "POST":
            self.asked.append(json.loads(request.content))
            self.left = self.polls
        else:
            self.left -= 1
        if self.left > 0 or (request.method == "POST" and self.polls):
            return httpx.Response(200, json={"id": "t-9", "status": "in_progress"})
        page = self.pages[len(self.asked) - 1]
        return (
            page
            if isinstance(page, httpx.Response)
            else httpx.Response(200, json=page | {"id": "t-9"})
        )


def listed(server):
    async def go():
        transport = httpx.MockTransport(server)
        async with PROVIDERS["vtrix"].connect("https://cloud.vtrix.ai", KEY, transport) as client:
            client.pause = 0
            return await client.list_subjects()

    return [one.server_id for one in asyncio.run(go())]


def page(*names, token=""):
    rows = [{"id": name, "name": name} for name in names]
    return done({"subjects": rows, "next_page_token": token, "count": 100})


@pytest.mark.parametrize("polls", [0, 1, 5, 19])
def test_the_list_is_waited_for_and_read_to_its_end(polls):
    server = SubjectList(page("1", "2", token="a"), page("3"), polls=polls)
    assert listed(server) == ["1", "2", "3"]
    own = {"ownership": "private", "count": 100}
    assert [one["model"] for one in server.asked] == ["vidu_get_subjects"] * 2
    given = [one["input"][0]["params"] for one in server.asked]
    assert given == [own, own | {"next_page_token": "a"}]


def test_an_empty_library():
    assert listed(SubjectList(done({"subjects": [], "next_page_token": ""}))) == []
    assert listed(SubjectList(done({"subjects": None, "count": 0}))) == []


@pytest.mark.parametrize(
    "server",
    [
        SubjectList(page("1"), polls=20),
        SubjectList(page("1", token="a"), page("2", token="a")),
        SubjectList(done("no JSON")),
        SubjectList(done({"subjects": "x"})),
        SubjectList(done({"subjects": [{"name": "no id"}]})),
        SubjectList(httpx.Response(500)),
    ],
)
def test_a_list_that_cannot_be_read_to_its_end_is_an_error(server):
    with pytest.raises(OutcomeUnknown):
        listed(server)


def test_a_list_that_is_refused():
    error = {"code": "008023095", "message": "no"}
    with pytest.raises(Refused):
        listed(SubjectList({"id": "t-9", "status": "failed", "error": error}))
    with pytest.raises(KeyRejected):
        listed(SubjectList(httpx.Response(401)))
