"""Subjects that a provider keeps, and its ideas for prompts: official Vidu."""

import asyncio
import json
from dataclasses import replace

import httpx
import pytest

from generation.providers.base import (
    InputFile,
    InputSubject,
    Prepared,
    RemoteState,
    SubjectSnapshot,
    Suggestion,
)
from generation.providers.errors import (
    KeyRejected,
    OutcomeUnknown,
    OutOfCredit,
    Refused,
    Throttled,
)
from generation.providers.registry import PROVIDERS
from generation.providers.request_body import MEGABYTE
from tests.providers.raw import KEY, drop, envelope, outcome, reply
from tests.providers.test_request_body import Uploads
from tests.providers.wire import IMAGE, LINK, VIDEO, uri

MIRA = InputSubject(
    "Mira-1a2b", images=(IMAGE, LINK), voice_id="v-1", style="film", description="Tall."
)
ROW = {
    "id": "314159",
    "name": "Mira-1a2b",
    "images": ["https://files.example.org/m.png", "ssupload:?id=1"],
    "videos": [],
    "voice_id": "v-1",
    "style": "film",
    "description": "Tall.",
}
KEPT = SubjectSnapshot(
    RemoteState.SUCCESS,
    server_id="314159",
    name="Mira-1a2b",
    images=("https://files.example.org/m.png",),
    voice_id="v-1",
    style="film",
    description="Tall.",
)


async def make(client):
    return await client.submit_subject(await client.prepare_subject(MIRA))


async def edit(client):
    return await client.edit_subject("314/159", MIRA)


async def ideas(client):
    return await client.suggest(IMAGE)


@pytest.mark.parametrize("provider", ["vidu", "vidu-cn", "demo"])
def test_a_subject_is_made_with_what_the_page_takes(provider):
    seen, server = outcome(reply(200, ROW | {"credits": 5}), make, provider)
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/ent/v2/subjects")
    assert request.json == {
        "name": "Mira-1a2b",
        "images": [uri(IMAGE), LINK.url],
        "voice_id": "v-1",
    }
    assert seen == replace(KEPT, credits=5)


def test_a_subject_of_a_video():
    async def prepared(client):
        return await client.prepare_subject(InputSubject("F", videos=(VIDEO,)))

    made, server = outcome(b"", prepared)
    assert json.loads(made.body) == {"name": "F", "videos": [uri(VIDEO)]}
    assert server.requests == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply(400, envelope(400, "CreditInsufficient")), OutOfCredit),
        (reply(401, b""), KeyRejected),
        (reply(429, envelope(429, "TooManyRequests")), Throttled),
        (reply(429, b""), OutcomeUnknown),
        (reply(409, envelope(409, "Conflict")), OutcomeUnknown),
        (reply(303, b"", Location="https://elsewhere.test/"), OutcomeUnknown),
        (reply(403, "<html></html>"), OutcomeUnknown),
        (reply(400, envelope(400, "FieldInvalid", "name is used")), Refused),
        (reply(200, envelope(400, "FieldInvalid", "name is used")), Refused),
        (reply(200, {}), OutcomeUnknown),
        (reply(200, {"name": "Mira"}), OutcomeUnknown),
        (reply(502, b""), OutcomeUnknown),
        (drop, OutcomeUnknown),
    ],
)
def test_what_may_go_wrong_when_it_is_made(answer, kind):
    error, server = outcome(answer, make)
    assert type(error) is kind
    assert len(server.requests) == 1


def test_images_of_a_subject_that_are_too_heavy_are_uploaded():
    route = Uploads()
    heavy = InputFile(data=bytes(9 * MEGABYTE), mime="image/png")

    async def go() -> Prepared:
        transport = httpx.MockTransport(route)
        async with PROVIDERS["vidu"].connect("https://api.vidu.com", KEY, transport) as client:
            return await client.prepare_subject(InputSubject("H", images=(heavy, heavy)))

    images = json.loads(asyncio.run(go()).body)["images"]
    assert [image.split(":")[0] for image in images] == ["ssupload", "data"]


def test_an_edit_replaces_what_is_given():
    seen, server = outcome(reply(200, ROW), edit)
    (request,) = server.requests
    assert (request.method, request.path) == ("PUT", "/ent/v2/subjects/314%2F159")
    assert request.json == {
        "name": "Mira-1a2b",
        "style": "film",
        "description": "Tall.",
        "voice_id": "v-1",
        "images": [uri(IMAGE), LINK.url],
    }
    assert seen == replace(KEPT, server_id="314/159")


def test_an_edit_of_the_name_alone_leaves_the_rest():
    async def rename(client):
        return await client.edit_subject("7", InputSubject("Odile"))

    seen, server = outcome(reply(200, {}), rename)
    assert server.requests[0].json == {"name": "Odile"}
    assert (seen.state, seen.server_id) == (RemoteState.SUCCESS, "7")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply(404, envelope(404, "NotFound")), Refused),
        (reply(200, envelope(400, "FieldInvalid")), Refused),
        (reply(500, b""), OutcomeUnknown),
    ],
)
def test_an_edit_that_fails(answer, kind):
    assert isinstance(outcome(answer, edit)[0], kind)


# --- The list ------------------------------------------------------------------------------------


class SubjectList:
    """A library in pages, and what was asked of it."""

    def __init__(self, *pages):
        self.pages, self.asked = list(pages), []

    def __call__(self, request):
        assert (request.method, request.url.path) == ("GET", "/ent/v2/subjects")
        assert request.content == b""
        self.asked.append(dict(request.url.params))
        return httpx.Response(200, json=self.pages[len(self.asked) - 1])


def listed(server):
    async def go():
        transport = httpx.MockTransport(server)
        async with PROVIDERS["vidu"].connect("https://api.vidu.com", KEY, transport) as client:
            return await client.list_subjects()

    return asyncio.run(go())


def page(*names, token=""):
    rows = [{"id": name, "name": f"name of {name}"} for name in names]
    return {"subjects": rows, "count": 100, "next_page_token": token}


def test_the_list_is_read_to_its_end():
    server = SubjectList(page("1", "2", token="a"), page("3", token="b"), page("2", "4"))
    assert [one.server_id for one in listed(server)] == ["1", "2", "3", "4"]
    own = {"ownership": "private", "count": "100"}
    assert server.asked == [own, own | {"next_page_token": "a"}, own | {"next_page_token": "b"}]


def test_every_field_of_a_row_is_read():
    assert listed(SubjectList({"subjects": [ROW], "next_page_token": ""})) == [KEPT]
    shapes = {"id": 7, "images": [{"url": "https://f.example.org/a"}, 5], "name": None}
    (seen,) = listed(SubjectList({"subjects": [shapes]}))
    assert (seen.server_id, seen.images, seen.name) == ("7", ("https://f.example.org/a",), "")


def test_an_empty_library():
    assert listed(SubjectList({"subjects": [], "count": 0})) == []
    assert listed(SubjectList({"subjects": None, "count": 0})) == []


@pytest.mark.parametrize(
    "pages",
    [
        [page("1", token="a"), page("2", token="a")],
        [page("1", token="a"), page("2", token="b"), page("3", token="a")],
        [{"subjects": [{"name": "no id"}]}],
        [{}],
        [{"subjects": "x"}],
    ],
)
def test_a_list_that_cannot_be_read_to_its_end_is_an_error(pages):
    with pytest.raises(OutcomeUnknown):
        listed(SubjectList(*pages))


def test_a_list_without_end_is_given_up():
    class Endless(SubjectList):
        def __call__(self, request):
            self.pages.append(page(str(len(self.asked)), token=f"t{len(self.asked)}"))
            return super().__call__(request)

    server = Endless()
    with pytest.raises(OutcomeUnknown, match="to its end"):
        listed(server)
    assert len(server.asked) == 100


# --- Ideas ---------------------------------------------------------------------------------------


def test_ideas_for_an_image():
    body = {
        "prompts": [
            {"type": "img2video", "content": "She turns.", "prompt": "", "template": ""},
            {"type": "template", "content": "Hug", "prompt": "They hug", "template": "hugging"},
            {"type": "img2video", "content": " "},
            "x",
        ]
    }
    seen, server = outcome(reply(200, body), ideas)
    (request,) = server.requests
    assert request.path == "/ent/v2/img2video-prompt-recommendation"
    assert request.json == {"images": [uri(IMAGE)], "type": ["img2video"], "count": 5}
    assert seen == [
        Suggestion("She turns.", "img2video"),
        Suggestion("They hug", "template", "hugging"),
    ]


@pytest.mark.parametrize(("asked", "sent"), [(0, 1), (1, 1), (10, 10), (11, 10)])
def test_as_many_ideas_as_the_page_allows(asked, sent):
    async def some(client):
        return await client.suggest(LINK, asked)

    seen, server = outcome(reply(200, {"prompts": []}), some)
    assert server.requests[0].json["count"] == sent
    assert seen == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(reply(200, {}), OutcomeUnknown), (reply(400, envelope(400, "PageSizeOutOfRange")), Refused)],
)
def test_no_ideas(answer, kind):
    assert type(outcome(answer, ideas)[0]) is kind


# --- Who has none of this ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("provider", "keeps", "suggests"),
    [
        ("vidu", True, True), ("vidu-cn", True, True), ("demo", True, True),
        ("vtrix", True, False), ("kkiai", False, False),
    ],
)  # fmt: skip
def test_what_each_provider_has(provider, keeps, suggests):
    async def flags(client):
        return client.can_keep_subjects, client.can_suggest

    assert outcome(b"", flags, provider)[0] == (keeps, suggests)


@pytest.mark.parametrize(
    "ask",
    [
        make,
        edit,
        ideas,
        lambda client: client.list_subjects(),
        lambda client: client.fetch_subject("7"),
        lambda client: client.submit_subject(Prepared("/ent/v2/subjects", b"{}")),
    ],
)
def test_what_kkiai_has_not_cannot_be_called(ask):
    with pytest.raises(NotImplementedError):
        outcome(b"", ask, "kkiai")
