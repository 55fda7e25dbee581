"""The network below one fetch: looks names up, dials only public addresses, keeps the deadline."""

# ruff: noqa: ARG002  (the contract passes times; the clock replaces them)

import socket
import ssl
import time
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, ip_address, ip_network
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import httpcore

from generation.outbound.errors import Blocked, Unreachable

Resolver = Callable[[str, int, float], list[str]]

CONNECT = 5.0  # seconds for one address
MOST_ADDRESSES = 4
# `is_global` alone lets translated, relayed and multicast addresses through, so: an own list.
CLOSED_V4 = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        "168.63.129.16/32",  # public by number, but a cloud's own machine service
    )
)  # fmt: skip
# Everything outside this block is mapped, translated (NAT64), local, multicast or unassigned.
GLOBAL_V6 = ip_network("2000::/3")
CLOSED_V6 = tuple(
    ip_network(text)
    for text in (
        "2001::/23",  # Teredo, benchmarks, ORCHID
        "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    )
)  # fmt: skip


class Clock:
    """The time left of a whole fetch, all redirects included."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds

    def left(self) -> float:
        left = self.end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left


class Guard(httpcore.NetworkBackend):
    """Resolves by itself and dials the very address that passed, so a second answer is no use."""

    def __init__(
        self,
        clock: Clock,
        private: bool,
        resolver: Resolver,
        dialer: httpcore.NetworkBackend,
    ) -> None:
        self.clock, self.private = clock, private
        self.resolver, self.dialer = resolver, dialer

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        for address in self.addresses(host, port)[:MOST_ADDRESSES]:
            try:
                seconds = min(CONNECT, self.clock.left())
                return Timed(self.dialer.connect_tcp(address, port, seconds), self.clock)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        raise Unreachable

    def addresses(self, host: str, port: int) -> list[str]:
        """One bad answer spoils all. No answer reads like a bad one: names inside stay unknown."""
        found = self.resolver(host, port, self.clock.left())
        if not found:
            raise Unreachable(str(Blocked.usual))
        if not self.private and not all(is_public(it) and not is_own(it) for it in found):
            raise Blocked
        return found


class Timed(httpcore.NetworkStream):
    """A connection whose every step has only the time that is left."""

    def __init__(self, inner: httpcore.NetworkStream, clock: Clock) -> None:
        self.inner, self.clock = inner, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.inner.read(max_bytes, self.clock.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, self.clock.left())

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        inner = self.inner.start_tls(ssl_context, server_hostname, self.clock.left())
        return Timed(inner, self.clock)

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)


def is_public(text: str) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if not address.is_global or address.is_multicast:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in block for block in CLOSED_V4)
    return address in GLOBAL_V6 and not any(address in block for block in CLOSED_V6)


def is_own(text: str) -> bool:
    """Whether this machine itself has the address: the way to it then starts at it."""
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((text, 9))  # a datagram socket sends nothing by this
        except OSError:
            return False
        return bool(probe.getsockname()[0] == text)


def look_up(host: str, port: int, seconds: float) -> list[str]:
    """All numeric addresses of a name, or of any spelling of a number; [] when there are none.

    The system's resolver knows no deadline, so it works in a thread that may be left behind.
    """
    answers: SimpleQueue[list[str]] = SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            found = []
        answers.put(list(dict.fromkeys(str(row[4][0]) for row in found)))

    Thread(target=ask, daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except Empty:
        return []
