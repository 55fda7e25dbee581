"""Reads the body of a request before any thread works at it, within a size and a pace."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from io import BytesIO
from tempfile import TemporaryFile
from typing import IO, Any

from django.conf import settings
from django.http import QueryDict
from django.urls import Resolver404, resolve

from generation.media.storage import enough_space, scratch_root
from generation.web.server.environ import Environ
from generation.web.upload_limits import MOST_ELSEWHERE, most_for

Receive = Callable[[], Awaitable[dict[str, Any]]]
IN_MEMORY = 256 * 1024  # a longer body goes to the disk
# What comes slower holds a connection and a file for nothing.
WINDOW_SECONDS = 20.0
WINDOW_BYTES = 20 * 1024
MOST_ON_DISK = 4 * 1024**3  # of all bodies that are being read


class BodyRefused(Exception):
    """The request is not read to its end; `status` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class ClientGone(Exception):
    """Nobody is there to be answered."""


def has_body(environ: Environ) -> bool:
    if "CONTENT_LENGTH" in environ:
        return announced(environ) != 0
    http2 = environ["SERVER_PROTOCOL"] == "HTTP/2"
    reads = environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS")
    return "HTTP_TRANSFER_ENCODING" in environ or (http2 and not reads)


def announced(environ: Environ) -> int | None:
    text = environ.get("CONTENT_LENGTH", "")
    return int(text) if text.isdecimal() else None


def most_bytes_of(environ: Environ) -> int:
    """How long this body may be; Django refuses what is announced as longer without reading it."""
    try:
        where = resolve(utf8_path(environ)).view_name
    except Resolver404:
        where = ""
    if f"{settings.SESSION_COOKIE_NAME}=" not in environ.get("HTTP_COOKIE", ""):
        where = ""  # nobody sends files before logging in
    most = most_for(where, QueryDict(environ["QUERY_STRING"], encoding="utf-8").get("for", ""))
    if environ.get("CONTENT_TYPE", "").startswith("multipart/"):
        return most
    return min(most, settings.DATA_UPLOAD_MAX_MEMORY_SIZE or MOST_ELSEWHERE)


def utf8_path(environ: Environ) -> str:
    return str(environ["PATH_INFO"]).encode("latin-1").decode(errors="replace")


class Bodies:
    """Reads bodies one beside the other. What goes to the disk is written in `disk`."""

    def __init__(self, disk: Executor) -> None:
        self.disk = disk
        self.on_disk = 0

    @asynccontextmanager
    async def read(self, environ: Environ, receive: Receive) -> AsyncIterator[tuple[Any, int]]:
        """The body as an open file, and its length.

        One that is too long is not read: it is empty then, and only its length tells of it.
        """
        most, length = most_bytes_of(environ), announced(environ)
        if length is not None and length > most:
            yield BytesIO(), length
            return
        reserved = 0 if length is not None and length <= IN_MEMORY else (length or most)
        with (
            self.room_for(reserved),
            TemporaryFile(dir=scratch_root()) if reserved else BytesIO() as file,
        ):
            yield file, await self.fill(file, receive, most, bool(reserved))

    def room_for(self, size: int) -> "Room":
        if size and (self.on_disk + size > MOST_ON_DISK or not enough_space(self.on_disk + size)):
            raise BodyRefused(507)
        return Room(self, size)

    async def fill(self, file: IO[bytes], receive: Receive, most: int, on_disk: bool) -> int:
        loop = asyncio.get_running_loop()
        size, window = 0, 0
        try:
            async with asyncio.timeout(WINDOW_SECONDS) as pace:
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ClientGone
                    chunk, more = message.get("body", b""), message.get("more_body", False)
                    size, window = size + len(chunk), window + len(chunk)
                    if size > most:
                        file.truncate(0)
                        break
                    if on_disk:
                        await loop.run_in_executor(self.disk, file.write, chunk)
                    else:
                        file.write(chunk)
                    if window >= WINDOW_BYTES:
                        window = 0
                        pace.reschedule(loop.time() + WINDOW_SECONDS)
        except TimeoutError:
            raise BodyRefused(408) from None
        file.seek(0)
        return size


class Room:
    """Keeps a part of the disk for one body while it is read and worked at."""

    def __init__(self, bodies: Bodies, size: int) -> None:
        self.bodies, self.size = bodies, size

    def __enter__(self) -> None:
        self.bodies.on_disk += self.size

    def __exit__(self, *_: object) -> None:
        self.bodies.on_disk -= self.size
