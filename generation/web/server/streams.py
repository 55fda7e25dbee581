"""Sends long answers piece by piece: between two pieces they hold an open file and no thread."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connections
from django.http.cookie import parse_cookie

from generation.web.lanes import GUESTS, is_of_guest
from generation.web.server.bodies import Receive
from generation.web.server.connection_limits import hang_up
from generation.web.server.environ import Environ

Send = Callable[[dict[str, Any]], Awaitable[None]]
STALLED_SECONDS = 60.0  # a reader that takes nothing for so long is cut off
MOST_OPEN = 12  # of one session
# One that waited for so long, such as a paused video, makes room for another: browsers ask for
# the rest of it when they need it.
IDLE_SECONDS = 5.0


WATCH_SECONDS = 0.25  # how often it is asked whether a guest may go on


class StreamEnded(Exception):
    """Whoever it is for may not have the rest of it."""


class TooManyStreams(Exception):
    """The session reads as many as it may, and all of them move."""


class Stream:
    """One long answer on its way. `waits_since` is when its reader was last offered a piece."""

    def __init__(self, environ: Environ) -> None:
        self.client = environ["REMOTE_ADDR"], int(environ.get("REMOTE_PORT") or 0)
        self.limit = asyncio.timeout(None)
        self.waits_since: float | None = None
        self.ended = False

    async def offer(self, send: Send, piece: bytes) -> None:
        now = asyncio.get_running_loop().time()
        self.waits_since = now
        self.limit.reschedule(now + STALLED_SECONDS)
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        if self.ended:
            raise StreamEnded
        self.limit.reschedule(None)
        self.waits_since = None

    def cut(self) -> None:
        """Only while it waits for its reader."""
        self.limit.reschedule(asyncio.get_running_loop().time())
        self.waits_since = None

    def end(self) -> None:
        """At once, also while its reader takes nothing."""
        self.ended = True
        if self.waits_since is not None:
            self.cut()


class OpenStreams:
    """The streams that are open, by session."""

    def __init__(self) -> None:
        self.by_session: dict[str, list[Stream]] = defaultdict(list)

    @contextmanager
    def one_more(self, environ: Environ) -> Iterator[Stream]:
        """A stream of this request's session. Raises TooManyStreams."""
        stream, session = Stream(environ), session_of(environ)
        open_ones = self.by_session[session]
        if session and len(open_ones) >= MOST_OPEN:
            make_room(open_ones)
        open_ones.append(stream)
        try:
            yield stream
        finally:
            if stream in open_ones:
                open_ones.remove(stream)
            if not open_ones and self.by_session.get(session) is open_ones:
                del self.by_session[session]


def session_of(environ: Environ) -> str:
    """Of a guest, who has no session: the address that everything of one link begins with, and
    the cookie it was let in with."""
    cookies = parse_cookie(environ.get("HTTP_COOKIE", ""))
    if is_of_guest(environ):
        link = environ["PATH_INFO"].removeprefix(settings.PUBLIC_PATH).split("/")[2]
        known = cookies.get("__Secure-guest") or cookies.get("guest") or environ["REMOTE_ADDR"]
        return f"{GUESTS}{link}/{known}"
    return cookies.get(settings.SESSION_COOKIE_NAME, "")


def make_room(open_ones: list[Stream]) -> None:
    """Cut off the stream whose reader has been waited for longest."""
    waiting = [one for one in open_ones if one.waits_since is not None]
    oldest = min(waiting, key=lambda one: one.waits_since or 0, default=None)
    now = asyncio.get_running_loop().time()
    if oldest is None or now - (oldest.waits_since or now) < IDLE_SECONDS:
        raise TooManyStreams
    oldest.cut()
    open_ones.remove(oldest)


async def send_stream(
    response: Any, stream: Stream, disk: Executor, receive: Receive, send: Send
) -> None:
    """The pieces of `response`, which is closed at the end of all cases.

    Its iterator and its files are only touched in `disk`, by one thread at a time.
    """
    loop = asyncio.get_running_loop()
    pieces: Iterator[bytes] = iter(response)
    gone = asyncio.ensure_future(until_gone(receive))
    watch = asyncio.ensure_future(end_when_refused(response, stream, disk))
    reading: asyncio.Future[bytes | None] | None = None
    try:
        async with stream.limit:
            while not gone.done():
                reading = loop.run_in_executor(disk, next_piece, pieces, response)
                piece = await asyncio.shield(reading)
                if piece is None:
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
                    break
                await stream.offer(send, piece)
    except (TimeoutError, StreamEnded):
        await asyncio.shield(loop.run_in_executor(disk, hang_up, *stream.client))
    finally:
        gone.cancel()
        watch.cancel()
        if reading is not None and not reading.done():
            await asyncio.wait([reading])
        await asyncio.shield(loop.run_in_executor(disk, response.close))


def next_piece(pieces: Iterator[bytes], response: Any) -> bytes | None:
    try:
        return next(pieces, None)
    finally:
        if hasattr(response, "may_go_on"):  # it asks the database
            connections.close_all()


async def end_when_refused(response: Any, stream: Stream, disk: Executor) -> None:
    """Ask again and again whether the reader may still have it, where the answer wants that: one
    who takes nothing would keep what is on its way."""
    if not hasattr(response, "may_go_on"):
        return
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(disk, asked, response.may_go_on):
        await asyncio.sleep(WATCH_SECONDS)
    stream.end()


def asked(may_go_on: Callable[[], bool]) -> bool:
    """Who cannot be asked about may not go on."""
    try:
        return may_go_on()
    except DatabaseError:
        return False
    finally:
        connections.close_all()


async def until_gone(receive: Receive) -> None:
    """Until the client has left; the server goes on taking pieces for nobody."""
    while (await receive())["type"] != "http.disconnect":
        pass
