"""The network below one fetch: dials only what it checked, and never outlives the deadline."""

# ruff: noqa: ARG002  (the contract passes times; the clock replaces them)

import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

from generation.outbound.addresses import is_own, is_public
from generation.outbound.errors import Blocked, Unreachable

Resolver = Callable[[str, int, float], list[str]]

CONNECT = 5.0  # seconds for one address
MOST_ADDRESSES = 4


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
