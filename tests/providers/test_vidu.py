"""What only official Vidu has: cancel, and a list to find a lost task in."""

import asyncio
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import httpx
import pytest

from generation.providers.base import RemoteState
from generation.providers.errors import KeyRejected, OutcomeUnknown, Refused
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

    def __init__(self, count, marked=(), paging="number from 1", size=100, row=None):
        self.tasks = {str(1000 + number): "other" for number in range(count)}
        self.tasks |= {str(1000 + number): MARKER for number in marked}
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


def found_in(account):
    async def go():
        transport = httpx.MockTransport(account)
        async with PROVIDERS["vidu"].connect("https://api.vidu.com", KEY, transport) as client:
            return await client.find(MARKER, SINCE, UNTIL)

    return [one.remote_id for one in asyncio.run(go())]


@pytest.mark.parametrize("paging", ["token", "number from 1", "number from 0"])
@pytest.mark.parametrize("size", [10, 100])
@pytest.mark.parametrize("count", [1, 9, 10, 11, 100, 101, 230])
def test_a_lost_task_is_found_on_any_page_however_pages_are_turned(paging, size, count):
    account = Account(count, marked=[count - 1], paging=paging, size=size)
    assert found_in(account) == [str(1000 + count - 1)]


def test_all_that_carry_the_marker_are_found():
    assert found_in(Account(150, marked=[0, 149])) == ["1000", "1149"]


def test_nothing_is_found_in_an_empty_list():
    assert found_in(Account(0)) == []


def test_the_window_and_the_page_size_are_asked_for():
    account = Account(3)
    found_in(account)
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
        found_in(Account(count, paging="ignored", size=count))


def test_a_list_without_end_is_not_taken_for_complete():
    class Endless(Account):
        def listing(self, _query):
            turn = len(self.asked) * 100
            rows = [{"id": str(turn + number)} for number in range(100)]
            return {"tasks": rows, "next_page_token": f"t{turn}"}

    account = Endless(0)
    with pytest.raises(OutcomeUnknown):
        found_in(account)
    assert len(account.asked) == 100
    assert account.fetched == []


def test_a_row_with_a_payload_or_of_another_time_needs_no_fetch():
    early = (SINCE - timedelta(hours=1)).isoformat()
    rows = {
        "1000": {"payload": "other"},
        "1001": {"created_at": early},
        "1002": {"payload": MARKER},
    }
    account = Account(4, marked=[2, 3], row=lambda name, _payload: rows.get(name, {}))
    assert found_in(account) == ["1002", "1003"]
    assert sorted(account.fetched) == ["1002", "1003"]


@pytest.mark.parametrize("rows", [None, {}, "x", [{"state": "created"}], [{"id": ".."}]])
def test_a_list_that_cannot_be_read_is_an_error(rows):
    class Odd(Account):
        def listing(self, _query):
            return {"tasks": rows}

    with pytest.raises(OutcomeUnknown):
        found_in(Odd(0))


@pytest.mark.parametrize(
    ("status", "kind"), [(404, OutcomeUnknown), (500, OutcomeUnknown), (401, KeyRejected)]
)
def test_one_task_that_cannot_be_asked_about_makes_the_search_an_error(status, kind):
    class Broken(Account):
        def __call__(self, request):
            if request.url.path.endswith("/1002/creations"):
                return httpx.Response(status, json=envelope(status, "x"))
            return super().__call__(request)

    with pytest.raises(kind):
        found_in(Broken(5))


def test_what_is_found_says_what_it_is():
    async def go():
        transport = httpx.MockTransport(Account(1, marked=[0]))
        async with PROVIDERS["vidu-cn"].connect("https://api.vidu.cn", KEY, transport) as client:
            return await client.find(MARKER, SINCE, UNTIL)

    (seen,) = asyncio.run(go())
    assert (seen.state, seen.credits, seen.payload) == (RemoteState.RUNNING, 8, MARKER)
