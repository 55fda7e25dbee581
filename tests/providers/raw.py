"""A scripted server on a raw socket, for what no polite server does."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from generation.providers.base import GenerationRequest, InputFile, Prepared
from generation.providers.errors import ProviderError
from generation.providers.http import Deadlines
from generation.providers.registry import PROVIDERS

KEY = "vda_CANARY+key/8f3a=Zq&7"
# For a server that never answers; elsewhere a busy machine gets all the time it needs.
SHORT = Deadlines(connect=0.2, submit=0.4, fetch=0.4, upload=0.6)
POLLED = {"state": "created", "credits": 6}
TASK = {"task_id": "911092490931552256", **POLLED}


class Request:
    def __init__(self, head: str, body: bytes, connection: int) -> None:
        first, *lines = head.split("\r\n")
        self.method, target, _version = first.split(" ")
        parts = urlsplit(target)
        self.path, self.query = parts.path, dict(parse_qsl(parts.query))
        self.headers = {name.lower(): value for name, value in (it.split(": ", 1) for it in lines)}
        self.body, self.connection = body, connection

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = bytes | Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


class Raw:
    """Answers every request with `answer`: bytes as they are (closing where `Connection: close`
    says so), or whatever a coroutine function writes. Records requests and connections."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self.connections = 0
        self.tasks: list[asyncio.Task[None]] = []
        self.left = asyncio.Event()  # a client has closed its connection

    async def __aenter__(self) -> "Raw":
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.append(asyncio.current_task())
        self.connections += 1
        try:
            while request := await read_request(reader, self.connections):
                self.requests.append(request)
                if callable(self.answer):
                    await self.answer(request, writer)
                else:
                    writer.write(self.answer)
                    await writer.drain()
                if not callable(self.answer) and b"Connection: close" in self.answer:
                    break
            else:
                self.left.set()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()


async def read_request(reader: asyncio.StreamReader, connection: int) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().removesuffix("\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    request = Request(head, b"", connection)
    request.body = await reader.readexactly(int(request.headers.get("content-length", 0)))
    return request


def reply(status: int, body: Any = b"", **headers: str) -> bytes:
    """A complete HTTP reply; a dict becomes JSON."""
    data = json.dumps(body).encode() if isinstance(body, dict | list) else body
    data = data.encode() if isinstance(data, str) else data
    named = {"Content-Type": "application/json", "Content-Length": str(len(data))}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} Word\r\n{lines}\r\n".encode() + data


def envelope(code: int, reason: str, message: str = "the provider's words") -> dict[str, Any]:
    return {
        "code": code, "reason": reason, "message": message, "metadata": {"trace_id": "trace-7"},
    }  # fmt: skip


REQUEST = GenerationRequest(
    "image", "viduq2", {"prompt": "A lighthouse at dusk", "resolution": "1080p"}
)
PNG = InputFile(data=b"\x89PNG...", mime="image/png")


async def submit(provider: Any) -> Any:
    return await provider.submit(Prepared("/ent/v2/reference2image", b'{"model": "viduq2"}'))


async def fetch(provider: Any) -> Any:
    return await provider.fetch("42")


async def poll(provider: Any) -> Any:
    """As a round of polls asks, with another client below."""
    provider.http.quicken()
    return await provider.fetch("42")


def outcome(
    answer: Answer, ask: Callable[[Any], Awaitable[Any]], provider: str = "vidu", **options: Any
) -> tuple[Any, Raw]:
    """What `ask(client)` came to, error or result, and the server with all it saw."""

    async def go() -> tuple[Any, Raw]:
        async with Raw(answer) as server:
            url = options.get("url", "{url}").format(url=server.url, port=server.port)
            client = PROVIDERS[provider].connect(
                url, options.get("key", KEY), deadlines=options.get("deadlines")
            )
            async with client:
                try:
                    return await ask(client), server
                except ProviderError as error:
                    return error, server

    return asyncio.run(go())


async def drop(_request: Request, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
