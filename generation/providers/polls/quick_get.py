"""GET requests over aiohttp, which takes a sixth of the CPU of httpx: for the polls of a round.

The rules are those of `http.py`: no redirect, no proxy, no cookie, nothing sent twice, the body as
it comes and cut off after a limit, the key in the request only when it is sent. Whoever polls
imports this; the other processes do without aiohttp in memory.
"""

import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import aiohttp
from aiohttp.client_middlewares import ClientHandlerType
from yarl import URL

NEVER_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
    ValueError,
)
KEEP_SECONDS = 5.0  # as long as httpx keeps an idle connection
MOST_HEADER = 64 * 1024


@dataclass(frozen=True)
class QuickReply:
    status: int
    headers: dict[str, str]  # small letters
    body: bytes


class QuickGetFailed(Exception):
    """No whole answer. Names what happened, and holds neither the request nor its headers."""

    def __init__(self, kind: str, nothing_left: bool) -> None:
        super().__init__(kind)
        self.kind, self.nothing_left = kind, nothing_left


class ConnectionBroken(aiohttp.ClientError):
    """Of a connection that was open. aiohttp sends a request again after its own errors of this
    kind, but not after this one."""


class QuickGet:
    """Keeps its connections open for the next request. Made and used within one event loop.

    `authorization` tells the header with the key at the moment at which it is needed.
    """

    def __init__(
        self,
        headers: dict[str, str],
        authorization: Callable[[], str] | None,
        tls: ssl.SSLContext,
        connect_seconds: float,
    ) -> None:
        self.authorization = authorization
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=tls, limit=0, keepalive_timeout=KEEP_SECONDS),
            timeout=aiohttp.ClientTimeout(total=None, connect=connect_seconds),
            headers=headers,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_field_size=MOST_HEADER,
            max_line_size=MOST_HEADER,
            middlewares=(self.send_once,),
        )

    async def close(self) -> None:
        await self.session.close()

    async def get(self, url: str, most: int) -> QuickReply:
        """The answer with the first bytes of its body, one more than `most` at least where it has
        so many. Raises QuickGetFailed, or TimeoutError where the caller has set an end."""
        try:
            # The address is complete: quoting it once more would change what it names.
            target = URL(url, encoded=url.isascii())
            async with self.session.get(target, allow_redirects=False) as answer:
                body = await read_most(answer, most)
                return QuickReply(answer.status, merged(answer.raw_headers), body)
        except (aiohttp.ClientError, ValueError, OSError) as error:
            if isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ClientError):
                raise
            failure = QuickGetFailed(type(error).__name__, isinstance(error, NEVER_SENT))
        # Raised out here, so that it drags no request with its headers along as its context.
        raise failure

    async def send_once(
        self, request: aiohttp.ClientRequest, handler: ClientHandlerType
    ) -> aiohttp.ClientResponse:
        if self.authorization is not None:
            request.headers["Authorization"] = self.authorization()
        try:
            return await handler(request)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            raise ConnectionBroken(type(error).__name__) from error


async def read_most(answer: aiohttp.ClientResponse, most: int) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > most:
            answer.close()  # the rest is not read, so the connection is of no more use
            break
    return bytes(body)


def merged(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for raw, value in headers:
        name = raw.decode("latin-1").lower()
        found[name] = f"{found[name]}, {decode(value)}" if name in found else decode(value)
    return found


def decode(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
