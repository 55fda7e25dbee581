"""Sends a reply, and ends it the way it is meant to end."""

import asyncio
import contextlib
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

from generation.simulator.wire import HttpReply, Receive, Request, Send

PIECE = 256 * 1024
ZEROS = bytes(PIECE)


class Dropped(ConnectionResetError):
    """The connection was to be dropped, and there is no socket to drop: an in-process call."""


async def send_reply(request: Request, reply: HttpReply, receive: Receive, send: Send) -> None:
    if reply.ending == "drop":
        if not sever(request):
            raise Dropped("dropped without an answer")
        return
    await send(
        {
            "type": "http.response.start",
            "status": reply.status,
            "headers": [(name.encode(), value.encode()) for name, value in headers(reply).items()],
        }
    )
    if request.method == "HEAD":
        await send({"type": "http.response.body", "body": b""})
    elif reply.ending == "endless":
        await send_endless(reply, receive, send)
    else:
        await send_body(reply, send)


def headers(reply: HttpReply) -> dict[str, str]:
    length = reply.length
    if length is None:
        length = reply.file.stat().st_size if reply.file else len(reply.body)
    return {"content-length": str(length), **reply.headers}


async def send_body(reply: HttpReply, send: Send) -> None:
    """All pieces; a body that is cut ends without its last one, which closes the connection."""
    for piece in body_chunks(reply):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        if reply.ending == "drip":
            await asyncio.sleep(reply.pause)
    if reply.ending != "cut":
        await send({"type": "http.response.body", "body": b""})


def body_chunks(reply: HttpReply) -> Iterator[bytes]:
    size = reply.chunk if reply.ending == "drip" else PIECE
    if reply.file is None:
        yield from (reply.body[at : at + size] for at in range(0, len(reply.body), size))
        return
    with reply.file.open("rb") as file:
        while piece := file.read(size):
            yield piece


async def send_endless(reply: HttpReply, receive: Receive, send: Send) -> None:
    """Data up to the announced length, or until the other side has had enough."""
    gone = asyncio.ensure_future(receive())
    left = reply.length or 0
    while left > 0 and not gone.done():
        await send({"type": "http.response.body", "body": ZEROS[:left], "more_body": left > PIECE})
        left -= PIECE
        await asyncio.sleep(0)
    gone.cancel()


def sever(request: Request) -> bool:
    """Close the connection under the server, which would answer 500 by itself; True if done."""
    client = request.scope.get("client")
    if not client:
        return False
    for connection in sockets():
        with contextlib.closing(connection), contextlib.suppress(OSError):
            if connection.getpeername()[:2] == (client[0], int(client[1])):
                connection.shutdown(socket.SHUT_RDWR)
                return True
    return False


def sockets() -> Iterator[socket.socket]:
    """A second handle on every socket of this process."""
    for name in [path.name for path in Path("/dev/fd").iterdir()]:
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                yield socket.socket(fileno=os.dup(int(name)))
