"""Lanes: what waits for others holds no thread of the pages."""

import asyncio
import threading
from io import BytesIO
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from generation.web import lanes
from generation.web.lanes import LINKS, PAGES, REFUSED_BY, RUNS_IN, HandOver, LaneRules, in_lane
from generation.web.server.application import Application, NoBody
from generation.web.server.lane_threads import LaneFull, LaneThreads


def test_who_waits_for_a_thread_is_counted_and_has_an_end():
    async def run() -> None:
        lane, leave = LaneThreads("test", LaneRules(1, 1, 0.05)), threading.Event()
        working = asyncio.create_task(lane.run(leave.wait))
        await asyncio.sleep(0)
        waiting = asyncio.create_task(lane.run(threading.get_ident))
        await asyncio.sleep(0)
        with pytest.raises(LaneFull):  # two would wait
            await lane.run(threading.get_ident)
        with pytest.raises(LaneFull):  # it waited for too long
            await waiting
        leave.set()
        assert await working
        assert await lane.run(threading.get_ident)
        lane.pool.shutdown()

    asyncio.run(run())


@in_lane(lambda request: LINKS if "url" in request.GET else "")
def view(request: Any) -> HttpResponse:
    return HttpResponse(lanes.busy(request, LINKS) or "done")


def test_a_view_asks_for_its_lane_where_the_server_has_lanes():
    plain = RequestFactory().get("/?url=x")
    assert view(plain).content == b"done"
    in_pages = RequestFactory().get("/?url=x", **{RUNS_IN: PAGES})
    assert isinstance(view(in_pages), HandOver)
    assert view(RequestFactory().get("/", **{RUNS_IN: PAGES})).content == b"done"
    assert view(RequestFactory().get("/?url=x", **{RUNS_IN: LINKS})).content == b"done"


def test_a_view_knows_that_its_lane_is_full():
    request = RequestFactory().get("/?url=x", **{RUNS_IN: PAGES, REFUSED_BY: LINKS})
    assert view(request).content == b"The studio is busy with other links; try again in a moment."


class Django:
    """Notes the lane and the body of each run; asks for the lane that the body names."""

    def __init__(self) -> None:
        self.runs: list[tuple[str, bytes]] = []
        self.blocked = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> HttpResponse:
        body = environ["wsgi.input"].read()
        self.runs.append((environ[RUNS_IN], body))
        start_response("200 OK", [("Content-Type", "text/plain")])
        if environ[RUNS_IN] == LINKS:
            self.blocked.wait()
        elif body == b"links" and not environ.get(REFUSED_BY):
            return HandOver(LINKS)
        return HttpResponse(environ.get(REFUSED_BY, "done"))


def environ_with(body: bytes) -> dict[str, Any]:
    return {"REQUEST_METHOD": "POST", "wsgi.input": BytesIO(body) if body else NoBody()}


def test_links_wait_in_their_lane_and_pages_do_not():
    async def run() -> None:
        django = Django()
        application = Application(django)  # type: ignore[arg-type]
        application.prepare()
        rules = lanes.LANES[LINKS]
        many = rules.threads + rules.most_waiting
        links = [
            asyncio.create_task(application.work(environ_with(b"links"), PAGES))
            for _ in range(many)
        ]
        lane = application.lanes[LINKS]
        while lane.waiting < rules.most_waiting:
            await asyncio.sleep(0)
        refused = await application.work(environ_with(b"links"), PAGES)
        assert refused.body == LINKS.encode()
        page = await application.work(environ_with(b""), PAGES)
        assert page.body == b"done"
        assert not any(task.done() for task in links)
        django.blocked.set()
        answers = await asyncio.gather(*links)
        assert {answer.body for answer in answers} == {b"done"}
        # Each ran twice with its whole body.
        assert django.runs.count((LINKS, b"links")) == many
        assert django.runs.count((PAGES, b"links")) == many + 2
        for one in application.lanes.values():
            one.pool.shutdown()
        application.disk.shutdown()

    asyncio.run(run())
