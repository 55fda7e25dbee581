"""Fetch one file from an address that came from outside."""

import ssl
from collections.abc import Iterable
from functools import cache
from typing import Protocol

import httpcore
import httpx
from django.utils.translation import gettext as _

from generation.outbound.errors import (
    BadStatus,
    Blocked,
    DownloadTooLarge,
    LinkExpired,
    Truncated,
    Unreachable,
)
from generation.outbound.guard import Clock, Guard, Resolver, look_up

PORTS = {"http": 80, "https": 443}
MOST_REDIRECTS = 3
REDIRECTS = (301, 302, 303, 307, 308)
EXPIRED = (400, 401, 403, 404, 410)
HEADERS = {"User-Agent": "ViduStudio", "Accept": "*/*", "Accept-Encoding": "identity"}
NETWORK = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)


class Writable(Protocol):
    def write(self, data: bytes, /) -> int: ...


def fetch(
    url: str,
    *,
    into: Writable,
    max_bytes: int,
    allowed: Iterable[str] = (),
    deadline: float = 60.0,
    https_only: bool = False,
    resolver: Resolver = look_up,
    dialer: httpcore.NetworkBackend | None = None,
) -> None:
    """Copy the file at `url` into `into`, within `deadline` seconds and `max_bytes`.

    `allowed` holds what the operator configured, "scheme://host:port" or "host:port": there the
    address may be private and the port any. Never sends cookies or keys, follows three redirects
    and checks each like the first. Raises Blocked or Unreachable and their kinds.
    """
    clock, dialer = Clock(deadline), dialer or httpcore.SyncBackend()
    known, here = list(allowed), parse(url)
    for _hop in range(MOST_REDIRECTS + 1):
        # Whoever leaves the operator's hosts does not come back: a stranger's redirect into
        # them would reach what only the operator may reach.
        known = known if any(is_same(here, entry) for entry in known) else []
        check_url(here, https_only, bool(known))
        following = visit(here, Guard(clock, bool(known), resolver, dialer), into, max_bytes)
        if following is None:
            return
        https_only = https_only or here.scheme == "https"
        here = following
    raise Blocked(_("This address leads on too often. Use the final one, or upload the file."))


def parse(url: str) -> httpx.URL:
    try:
        return httpx.URL(url)
    except httpx.InvalidURL:
        raise Blocked(not_a_web_address()) from None


def not_a_web_address() -> str:
    return _("Enter a plain web address that starts with https://.")


def is_same(url: httpx.URL, entry: str) -> bool:
    """Whether `entry` names the scheme, host and port of `url`."""
    try:
        known = httpx.URL(entry if "://" in entry else f"{url.scheme}://{entry}")
    except httpx.InvalidURL:
        return False
    return (url.scheme, url.host, port(url)) == (known.scheme, known.host, port(known))


def port(url: httpx.URL) -> int | None:
    return url.port or PORTS.get(url.scheme)


def check_url(url: httpx.URL, https_only: bool, known: bool) -> None:
    if url.scheme not in PORTS or not url.host or url.userinfo:
        raise Blocked(not_a_web_address())
    if https_only and url.scheme != "https":
        raise Blocked(_("This address is not encrypted. Use one that starts with https://."))
    if not known and port(url) not in PORTS.values():
        raise Blocked(not_a_web_address())


@cache
def outbound_tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def visit(url: httpx.URL, guard: Guard, into: Writable, most: int) -> httpx.URL | None:
    """One request; returns the address to try next where the file is not here."""
    target = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    headers = [("Host", url.netloc.decode()), *HEADERS.items()]
    try:
        with (
            httpcore.HTTPConnection(
                target.origin, outbound_tls(), network_backend=guard
            ) as connection,
            connection.stream("GET", target, headers=headers) as answer,
        ):
            facts = {name.lower(): value.decode("latin-1") for name, value in answer.headers}
            if answer.status in REDIRECTS and b"location" in facts:
                return parse_next(url, facts[b"location"])
            check_response(answer.status, facts, most)
            copy_body(answer, into, most)
    except NETWORK:
        raise Unreachable from None
    return None


def parse_next(url: httpx.URL, location: str) -> httpx.URL:
    try:
        return url.join(location)
    except httpx.InvalidURL:
        raise Blocked from None


def check_response(status: int, facts: dict[bytes, str], most: int) -> None:
    """Refuse by status and headers, before a byte of the body is read."""
    if status in EXPIRED:
        raise LinkExpired(status)
    if status != 200:
        raise BadStatus(status)
    # Asked for plain bytes; unpacking what was packed all the same is how a bomb goes off.
    if facts.get(b"content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise Blocked(_("This address sends a packed file. Upload the file instead."))
    length = facts.get(b"content-length", "")
    if length.isdecimal() and int(length) > most:
        raise DownloadTooLarge


def copy_body(answer: httpcore.Response, into: Writable, most: int) -> None:
    size = 0
    try:
        for chunk in answer.iter_stream():
            size += len(chunk)
            if size > most:
                raise DownloadTooLarge
            into.write(chunk)
    except NETWORK:
        raise Truncated from None
