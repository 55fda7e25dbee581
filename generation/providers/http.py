"""One place for requests: deadlines, fresh connections, capped replies, what a failure means."""

import asyncio
import functools
import ipaddress
import json
import logging
import ssl
from collections.abc import Generator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies

import httpx

from generation.catalogue.types import gettext_noop
from generation.providers.error_texts import CHECK_KEY, LATER
from generation.providers.errors import KeyRejected, NotReached, OutcomeUnknown, ProviderError
from generation.providers.reply import Reply, plain, read_reply
from generation.providers.secret import Secret

if TYPE_CHECKING:
    from generation.providers.polls.quick_get import QuickGet

log = logging.getLogger(__name__)

MOST_REPLY = 2 * 1024 * 1024
# A reply that a middle box packs all the same is unpacked here, where its size is bounded.
HEADERS = {"User-Agent": "Vidu-Studio", "Accept": "application/json", "Accept-Encoding": "identity"}
NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


@dataclass(frozen=True)
class Deadlines:
    """Seconds. `connect` counts for each step of connecting, the others for all of the exchange."""

    connect: float = 5
    submit: float = 30
    fetch: float = 10
    upload: float = 150
    slow: float = 45  # a submit that is answered only when the work is done


class KeyAuth(httpx.Auth):
    """Puts the key into a request at the last moment, so that no frame of ours holds it."""

    def __init__(self, scheme: str, secret: Secret) -> None:
        self.scheme, self.secret = scheme, secret

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = self.header()
        yield request

    def header(self) -> str:
        return f"{self.scheme} {self.secret.reveal()}"


class Trace:
    """Whether a byte of the request may have left this machine."""

    def __init__(self) -> None:
        self.seen = self.written = False

    async def __call__(self, event: str, _info: Mapping[str, Any]) -> None:
        self.seen = True
        self.written = self.written or event.endswith("send_request_headers.started")

    def nothing_left(self, error: Exception) -> bool:
        return isinstance(error, NEVER_SENT) or (self.seen and not self.written)


class Http:
    """Requests to one base address with one key; the key goes to no other address.

    `transport` replaces the network in tests. Nothing is sent twice and no redirect followed.
    """

    def __init__(
        self,
        base_url: str,
        scheme: str,
        secret: Secret,
        *,
        key_optional: bool = False,
        transport: httpx.AsyncBaseTransport | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.secret = secret
        self.auth = KeyAuth(scheme, secret) if secret else None
        self.key_optional = key_optional
        self.transport = transport
        self.deadlines = deadlines or Deadlines()
        self.idle: list[httpx.AsyncClient] = []
        self.quick: QuickGet | None = None

    def quicken(self) -> None:
        """Use aiohttp for GET requests, in the running event loop: for many polls.

        Where the environment names a proxy httpx does all, as it knows these settings.
        """
        direct = is_loopback(self.base_url) or not getproxies()
        if direct and self.transport is None and self.quick is None:
            from generation.providers.polls.quick_get import QuickGet

            header = self.auth.header if self.auth else None
            self.quick = QuickGet(HEADERS, header, tls(), self.deadlines.connect)

    async def close(self) -> None:
        if self.quick is not None:
            await self.quick.close()
        while self.idle:
            await self.idle.pop().aclose()

    async def submit(self, path: str, body: bytes, *, is_slow: bool = False) -> Reply:
        """POST once over a connection of its own."""
        self.check_key()
        seconds = self.deadlines.slow if is_slow else self.deadlines.submit
        async with aclosing(self.client(self.base_url)) as client:
            return await self.exchange(
                client, "POST", self.base_url + path, seconds, self.auth, body
            )

    async def call(
        self,
        method: str,
        path: str,
        data: Any = None,
        params: Mapping[str, str] | None = None,
        *,
        body: bytes = b"",
        deadline: float | None = None,
    ) -> Reply:
        """Any request that costs nothing; its connection is kept for the next one."""
        self.check_key()
        url = f"{self.base_url}{path}" + (f"?{httpx.QueryParams(params)}" if params else "")
        body = body if data is None else json.dumps(data).encode()
        seconds = deadline or self.deadlines.fetch
        if self.quick is not None and method == "GET" and not body:
            return await self.ask(self.quick, url, seconds)
        # One connection per client: one wide pool costs more time than the requests themselves.
        client = self.idle.pop() if self.idle else self.client(self.base_url)
        try:
            reply = await self.exchange(client, method, url, seconds, self.auth, body)
        except BaseException:
            await client.aclose()
            raise
        self.idle.append(client)
        return reply

    async def ask(self, quick: "QuickGet", url: str, deadline: float) -> Reply:
        from generation.providers.polls.quick_get import QuickGetFailed

        try:
            async with asyncio.timeout(deadline):
                found = await quick.get(url, MOST_REPLY)
        except QuickGetFailed as error:
            failure = no_answer(error.kind, error.nothing_left)
        except TimeoutError:
            failure = no_answer("TimeoutError", nothing_left=False)
        else:
            body = plain(found.body, found.headers.get("content-encoding", ""), MOST_REPLY)
            return read_reply(found.status, found.headers.items(), body, self.secret)
        raise failure

    async def put_file(self, url: str, data: bytes, mime: str) -> Reply:
        """PUT bytes to an address that the provider named, without the key."""
        async with aclosing(self.client(url)) as client:
            return await self.exchange(client, "PUT", url, self.deadlines.upload, None, data, mime)

    def check_key(self) -> None:
        if self.auth is None and not self.key_optional:
            sentence = gettext_noop("There is no key for this provider.")
        elif not self.secret.is_sendable:
            sentence = gettext_noop("This key holds characters that no key has.")
        else:
            return
        raise KeyRejected(sentence, advice=CHECK_KEY)

    def client(self, url: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=self.transport,
            verify=tls(),
            # A proxy of the environment is for the outside, never for this machine itself.
            trust_env=not is_loopback(url),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            limits=httpx.Limits(max_connections=1),
            follow_redirects=False,
            headers=HEADERS,
        )

    async def exchange(
        self,
        client: httpx.AsyncClient,
        method: str,
        url: str,
        deadline: float,
        auth: httpx.Auth | None,
        body: bytes = b"",
        mime: str = "application/json",
    ) -> Reply:
        trace = Trace()
        try:
            async with asyncio.timeout(deadline):
                request = client.build_request(
                    method,
                    url,
                    content=body or None,
                    headers={"Content-Type": mime} if body else {},
                    timeout=httpx.Timeout(deadline, connect=self.deadlines.connect),
                    extensions={"trace": trace},
                )
                # A provider may echo the files that it was sent.
                response = await client.send(request, auth=auth, stream=True)
                text = await read(response, MOST_REPLY + len(body))
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            kind = f"{type(error).__name__} ({type(root(error)).__name__})"
            failure = no_answer(kind, trace.nothing_left(error))
        else:
            facts = response.headers.items()
            return read_reply(response.status_code, facts, text, self.secret, len(body))
        # Raised out here, so that it drags no request with its headers along as its context.
        raise failure


def no_answer(kind: str, nothing_left: bool) -> ProviderError:
    """One sentence for refused, unknown and timed out: it reveals nothing of a network."""
    if nothing_left:
        log.warning("A provider could not be reached: %s", kind)
        return NotReached(gettext_noop("The provider could not be reached."), advice=LATER)
    log.info("A provider gave no whole answer: %s", kind)
    return OutcomeUnknown(gettext_noop("The provider gave no clear answer."), advice=LATER)


def root(error: BaseException) -> BaseException:
    """What first went wrong."""
    while cause := error.__cause__ or error.__context__:
        error = cause
    return error


@functools.cache
def tls() -> ssl.SSLContext:
    """Reading the list of authorities takes longer than a request: once is enough."""
    return httpx.create_ssl_context()


def is_loopback(url: str) -> bool:
    try:
        host = httpx.URL(url).host
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except (httpx.InvalidURL, ValueError):
        return False


async def read(response: httpx.Response, most: int) -> bytes:
    """The body, unpacked, cut off after `most` bytes."""
    if response.is_stream_consumed:  # a replaced transport answers with the body itself
        return response.content[:most]
    body = bytearray()
    async with aclosing(response):
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > most:
                break
    return plain(bytes(body), response.headers.get("content-encoding", ""), most)
