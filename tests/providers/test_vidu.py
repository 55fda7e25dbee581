"""What only official Vidu has: cancel, and a list to find a lost task in."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import httpx
import pytest

from generation.providers.base import ListedTask
from generation.providers.errors import KeyRejected, OutcomeUnknown, ProviderError, Refused
from generation.providers.registry import PROVIDERS
from tests.providers.raw import KEY, envelope, outcome, reply

MARKER = "vs-0123456789abcdef"
SINCE = datetime(2026, 11, 21, 10, 0, 0, 500_000, UTC)
UNTIL = SINCE + timedelta(minutes=30)


async def cancel(client):
    return await client.cancel("42")


def test_cancelling():
    seen, server = outcome(reply(200, {}), cancel)
    assert seen is None
    assert (server.requests[0].method, server.requests[0].path) == (
        "POST",
        "/ent/v2/tasks/42/cancel",
    )
    assert server.requests[0].json == {"id": "42"}


def test_cancelling_too_late_is_refused_with_the_providers_message():
    late = envelope(400, "BadRequest", "task state is scheduled, can not cancel")
    error, _server = outcome(reply(400, late), cancel)
    assert type(error) is Refused
    assert "can not cancel" in error.sentence


class Account:
    """The tasks of an account behind a list with some kind of paging."""

    def __init__(self, count, paging="number from 1", size=100, row=None):
        self.tasks = {str(1000 + number): "other" for number in range(count)}
        self.paging, self.size, self.row = paging, size, row or (lambda _name, _payload: {})
        self.asked: list[dict[str, str]] = []
        self.fetched: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        query = dict(parse_qsl(request.url.query.decode()))
        if request.url.path.endswith("/creations"):
            name = request.url.path.split("/")[-2]
            self.fetched.append(name)
            return httpx.Response(
                200, json={"state": "processing", "payload": self.tasks[name], "credits": 8}
            )
        self.asked.append(query)
        return httpx.Response(200, json=self.listing(query))

    def listing(self, query):
        names = list(self.tasks)
        start = self.start(query)
        page = names[start : start + self.size]
        token = f"at-{start + self.size}" if start + self.size < len(names) else ""
        rows = [
            {"id": name, "state": "created"} | self.row(name, self.tasks[name]) for name in page
        ]
        return {"tasks": rows} | ({"next_page_token": token} if self.paging == "token" else {})

    def start(self, query):
        if self.paging == "token":
            return int(query.get("pager.page_token", "at-0")[3:])
        if self.paging == "ignored":
            return 0
        first = 1 if self.paging == "number from 1" else 0
        return (int(query.get("pager.page", first)) - first) * self.size


def pages_of(account, name="vidu"):
    """The pages that were read, and the error that came instead of their end."""

    async def go():
        transport, pages = httpx.MockTransport(account), []
        async with PROVIDERS[name].connect("https://api.vidu.com", KEY, transport) as client:
            try:
                async with aclosing(client.list_tasks(SINCE, UNTIL)) as listed:
                    async for page in listed:
                        pages.append(page)  # noqa: PERF401  those before an error count too
            except ProviderError as error:
                return pages, error
        return pages, None

    return asyncio.run(go())


def listed_in(account):
    pages, error = pages_of(account)
    if error is not None:
        raise error
    return [one for page in pages for one in page]


@pytest.mark.parametrize("paging", ["token", "number from 1", "number from 0"])
@pytest.mark.parametrize("size", [10, 100])
@pytest.mark.parametrize("count", [1, 9, 10, 11, 100, 101, 230])
def test_every_task_is_listed_once_however_pages_are_turned(paging, size, count):
    listed = listed_in(Account(count, paging=paging, size=size))
    assert [one.remote_id for one in listed] == [str(1000 + number) for number in range(count)]


def test_an_empty_list_is_a_complete_one():
    assert listed_in(Account(0)) == []


def test_listing_asks_about_no_single_task():
    account = Account(230, paging="token")
    listed_in(account)
    assert (account.fetched, len(account.asked)) == ([], 3)


def test_the_window_and_the_page_size_are_asked_for():
    account = Account(3)
    listed_in(account)
    assert account.asked == [
        {
            "created_at.from": "2026-11-21T10:00:00Z",
            "created_at.to": "2026-11-21T10:30:01Z",
            "pager.pagesz": "100",
            "paper.pagesz": "100",
        }
    ]


@pytest.mark.parametrize("count", [10, 100])
def test_a_list_that_repeats_itself_is_not_taken_for_complete(count):
    with pytest.raises(OutcomeUnknown, match="to its end"):
        listed_in(Account(count, paging="ignored", size=count))


def test_a_list_without_end_is_not_taken_for_complete():
    class Endless(Account):
        def listing(self, _query):
            turn = len(self.asked) * 100
            rows = [{"id": str(turn + number)} for number in range(100)]
            return {"tasks": rows, "next_page_token": f"t{turn}"}

    account = Endless(0)
    with pytest.raises(OutcomeUnknown):
        listed_in(account)
    assert len(account.asked) == 100


def test_a_row_is_read_as_far_as_it_says_something():
    rows = {
        "1000": {
            "payload": MARKER, "prompt": "A hill", "model": "viduq2", "credits": 8, "seed": 5,
            "created_at": "2026-11-21T10:00:00.123456789Z",
        },
        "1001": {"payload": None, "prompt": 7, "credits": "many", "created_at": "soon"},
    }  # fmt: skip
    first, second = listed_in(Account(2, row=lambda name, _payload: rows[name]))
    made = datetime(2026, 11, 21, 10, 0, 0, 123456, UTC)
    assert first == ListedTask("1000", MARKER, "A hill", "viduq2", made, 8, 5)
    assert second == ListedTask("1001")


@pytest.mark.parametrize("rows", [None, {}, "x", [{"state": "created"}], [{"id": ".."}], ["x"]])
def test_a_list_that_cannot_be_read_is_an_error(rows):
    class Odd(Account):
        def listing(self, _query):
            return {"tasks": rows}

    with pytest.raises(OutcomeUnknown):
        listed_in(Odd(0))


def test_what_stands_beside_a_row_without_an_id_is_read_before_the_error():
    class Odd(Account):
        def listing(self, _query):
            return {"tasks": [{"id": "1"}, {"state": "created"}, {"id": "2"}]}

    pages, error = pages_of(Odd(0))
    assert [one.remote_id for page in pages for one in page] == ["1", "2"]
    assert "to its end" in error.sentence


@pytest.mark.parametrize(("status", "kind"), [(500, OutcomeUnknown), (401, KeyRejected)])
def test_pages_before_one_that_failed_are_kept(status, kind):
    class Broken(Account):
        def __call__(self, request):
            if self.asked:
                return httpx.Response(status, json=envelope(status, "x"))
            return super().__call__(request)

    pages, error = pages_of(Broken(150))
    assert (len(pages[0]), type(error)) == (100, kind)
