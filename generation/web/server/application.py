"""The ASGI application: reads, has Django work in a bounded thread, and sends."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from django.http import HttpResponseBase

from generation.web.lanes import (
    FILES,
    GUESTS,
    LANES,
    PAGES,
    REFUSED_BY,
    RUNS_IN,
    HandOver,
    is_of_guest,
)
from generation.web.server.bodies import (
    IN_MEMORY,
    Bodies,
    BodyRefused,
    ClientGone,
    Receive,
    has_body,
)
from generation.web.server.connection_limits import allow_many_files
from generation.web.server.environ import Environ, Scope, environ_of, put_body
from generation.web.server.lane_threads import LaneFull, LaneThreads
from generation.web.server.streams import OpenStreams, Send, TooManyStreams, send_stream

log = logging.getLogger(__name__)
DISK_THREADS, GUEST_THREADS = 4, 2
PIECE = 64 * 1024
SHORT = 256 * 1024  # a file up to this is read at once, and sent without a stream


@dataclass
class Answer:
    """What Django answered. `stream` holds an answer that is still to be read."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""
    stream: HttpResponseBase | None = None
    hand_over: str = ""


class NoBody:
    """The body of most requests."""

    def read(self, *_: int) -> bytes:
        return b""

    readline = read


class Application:
    """Threads are made when the first request comes, in the process that serves."""

    def __init__(self, django: WSGIHandler) -> None:
        self.django = django
        self.ready = False

    def prepare(self) -> None:
        self.disk = ThreadPoolExecutor(DISK_THREADS, thread_name_prefix="disk")
        self.guest_disk = ThreadPoolExecutor(GUEST_THREADS, thread_name_prefix="guest-disk")
        self.bodies = Bodies(self.disk)
        self.streams = OpenStreams()
        self.lanes = {name: LaneThreads(name, rules) for name, rules in LANES.items()}
        allow_many_files()
        self.ready = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
            return
        if not self.ready:
            self.prepare()
        environ = environ_of(scope)
        try:
            await self.serve(environ, receive, send)
        except BodyRefused as refused:
            await send_status(send, refused.status)
        except ClientGone:
            pass

    async def lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.prepare()
                await send({"type": "lifespan.startup.complete"})
            else:
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def serve(self, environ: Environ, receive: Receive, send: Send) -> None:
        async with AsyncExitStack() as stack:
            length = 0
            if has_body(environ):
                body, length = await stack.enter_async_context(self.bodies.read(environ, receive))
                put_body(environ, body, length)
            else:
                environ["wsgi.input"] = NoBody()
            try:
                answer = await self.work(environ, first_lane(environ, length))
            except LaneFull:
                await send_status(send, 503)
                return
        await self.respond(environ, answer, receive, send)

    async def work(self, environ: Environ, lane: str) -> Answer:
        """In the lane that fits the body, then in the one that the view names."""
        given = environ["wsgi.input"]
        answer = await self.run(environ, lane)
        while answer.hand_over:
            if not isinstance(given, NoBody):
                given.seek(0)
            try:
                answer = await self.run(environ, answer.hand_over)
            except LaneFull:
                environ = environ | {REFUSED_BY: answer.hand_over}
                answer = await self.run(environ, PAGES)
        return answer

    async def run(self, environ: Environ, lane: str) -> Answer:
        # A copy, as Django writes into it what belongs to one run.
        given = environ | {RUNS_IN: lane}
        return await self.lanes[lane].run(call_django, self.django, given, lane)

    async def respond(self, environ: Environ, answer: Answer, receive: Receive, send: Send) -> None:
        if answer.stream is None:
            await send_start(send, answer)
            await send({"type": "http.response.body", "body": answer.body, "more_body": False})
            return
        disk = self.guest_disk if is_of_guest(environ) else self.disk
        try:
            with self.streams.one_more(environ) as stream:
                await send_start(send, answer)
                await send_stream(answer.stream, stream, disk, receive, send)
        except TooManyStreams:
            await asyncio.get_running_loop().run_in_executor(disk, answer.stream.close)
            await send_status(send, 429)


def first_lane(environ: Environ, length: int) -> str:
    if is_of_guest(environ):
        return GUESTS
    return FILES if length > IN_MEMORY else PAGES


def call_django(django: WSGIHandler, environ: Environ, lane: str) -> Answer:
    """In a thread. When it returns, this thread holds no file and nothing open in the database."""
    started: list[Any] = []

    def start_response(status: str, headers: Any, *_: Any) -> Any:
        started[:] = [int(status[:3]), headers]

    try:
        response: Any = django(environ, start_response)
        answer = Answer(*started)
        if isinstance(response, HandOver):
            answer.hand_over = response.lane
        read_answer(environ, response, answer)
    finally:
        if lane != PAGES:  # its threads may not be needed again for hours
            connections.close_all()
    return answer


def read_answer(environ: Environ, response: Any, answer: Answer) -> None:
    """Read what is short, and close it; leave open what is sent as a stream."""
    if response.streaming and is_long(environ, response):
        if hasattr(response, "block_size"):  # Django's own, for files, is 4 KB
            response.block_size = PIECE
        answer.stream = response
        signals.request_finished.send(sender=WSGIHandler)  # for this thread's connections
        return
    try:
        if environ["REQUEST_METHOD"] != "HEAD":
            answer.body = b"".join(response)
    finally:
        response.close()


def is_long(environ: Environ, response: Any) -> bool:
    if environ["REQUEST_METHOD"] == "HEAD":
        return False
    length = response.get("Content-Length", "")
    return not length.isdecimal() or int(length) > SHORT


async def send_start(send: Send, answer: Answer) -> None:
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1"))
               for name, value in answer.headers]  # fmt: skip
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})


async def send_status(send: Send, status: int) -> None:
    """A refusal that Django had no part in; the connection ends with it."""
    body = HTTPStatus(status).phrase.encode()
    headers = [
        ("Content-Type", "text/plain"),
        ("Content-Length", str(len(body))),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
        ("Connection", "close"),
        *([("Retry-After", "10")] if status != 408 else []),
    ]
    await send_start(send, Answer(status, headers))
    await send({"type": "http.response.body", "body": body, "more_body": False})
