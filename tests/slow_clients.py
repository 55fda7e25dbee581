"""Clients that take their time: each holds its connection until it is cancelled or cut off."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Iterator

from tests.web_server import WebServer

TOKEN = "x" * 32  # a CSRF cookie that the form repeats


async def connect(
    server: WebServer, buffer: int = 0
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection of its own; with `buffer`, one that takes little at a time."""
    link = socket.socket()
    if buffer:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    link.setblocking(False)
    await asyncio.get_running_loop().sock_connect(link, ("127.0.0.1", server.port))
    return await asyncio.open_connection(sock=link, limit=buffer or 2**16)


def head(method: str, path: str, session: str = "", **headers: object) -> bytes:
    cookie = f"csrf={TOKEN}" + (f"; session={session}" if session else "")
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {cookie}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def slow_body(server: WebServer, pause: float = 1.0) -> bytes:
    """Log in, a letter at a time; returns what the server says when it has had enough."""
    reader, writer = await connect(server)
    form = "application/x-www-form-urlencoded"
    try:
        writer.write(head("POST", "/login/", Content_Type=form, Content_Length=2_000))
        for _ in range(1_000):
            writer.write(b"a")
            await writer.drain()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    return await reader.read(2_000)
        return b""
    finally:
        writer.close()


async def slow_reader(
    server: WebServer, session: str, pause: float = 1.0, piece: int = 1_024
) -> int:
    """Fetch a large file, a little at a time; returns how much came before it was cut off."""
    reader, writer = await connect(server, buffer=4_096)
    size = 0
    try:
        writer.write(head("GET", server.large_file, session))
        while got := await reader.read(piece):
            size += len(got)
            await asyncio.sleep(pause)
        return size
    finally:
        writer.close()


async def paused_video(server: WebServer, session: str) -> None:
    """Take the start of a video, and nothing more."""
    reader, writer = await connect(server, buffer=4_096)
    try:
        writer.write(head("GET", server.large_file, session, Range="bytes=0-"))
        await reader.readexactly(2_048)
        await asyncio.sleep(3_600)
    finally:
        writer.close()


async def paste_link(server: WebServer, session: str, address: str) -> tuple[int, str]:
    """Paste a link; returns the status and the page."""
    form = "application/x-www-form-urlencoded"
    body = f"url={address}&for=images".encode()
    extra = {"Content_Type": form, "Content_Length": len(body), "X_CSRFToken": TOKEN}
    return await ask(server, "POST", "/uploads/", session, body, HX_Request="true", **extra)


async def reset_password(server: WebServer, email: str) -> tuple[int, str]:
    form = "application/x-www-form-urlencoded"
    body = f"email={email}&csrfmiddlewaretoken={TOKEN}".encode()
    extra = {"Content_Type": form, "Content_Length": len(body)}
    return await ask(server, "POST", "/password/reset/", "", body, **extra)


async def ask(
    server: WebServer,
    method: str,
    path: str,
    session: str = "",
    body: bytes = b"",
    **headers: object,
) -> tuple[int, str]:
    """One whole request and its answer."""
    reader, writer = await connect(server)
    try:
        writer.write(head(method, path, session, Connection="close", **headers) + body)
        answer = await reader.read(-1)
        return int(answer.split(b" ", 2)[1]), answer.decode(errors="replace")
    finally:
        writer.close()


async def probe(server: WebServer, path: str, session: str, every: float) -> AsyncIterator[float]:
    """How long the page takes, again and again, in seconds."""
    while True:
        start = time.perf_counter()
        status, page = await ask(server, "GET", path, session)
        assert status == 200, (path, status, page[:300])
        yield time.perf_counter() - start
        await asyncio.sleep(every)


@contextlib.contextmanager
def silent_host() -> Iterator[str]:
    """An address that takes every connection and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/photo.png"
