"""A resolver that knows a few names, a dialer that notes where it was sent, a server of faults."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import httpcore

from generation import outbound

PUBLIC = "93.184.216.34"


class Names:
    """Answers each name in turn: the last answer stays."""

    def __init__(self, **names: list[list[str]]) -> None:
        self.names = {name.replace("_", "."): list(answers) for name, answers in names.items()}

    def __call__(self, host: str, _port: int, _seconds: float) -> list[str]:
        answers = self.names.get(host)
        if answers is None:
            return numeric(host)
        return answers.pop(0) if len(answers) > 1 else answers[0]


def numeric(host: str) -> list[str]:
    """What a real resolver makes of a number in any spelling; no other name exists."""
    try:
        return [socket.inet_ntoa(socket.inet_aton(host))]
    except OSError:
        return [host] if ":" in host else []


class Dialer(httpcore.SyncBackend):
    """Goes to the local server whatever the address, and remembers it."""

    def __init__(self, port: int = 0) -> None:
        self.port, self.dialled = port, []

    def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> Any:
        self.dialled.append((host, port))
        return super().connect_tcp("127.0.0.1", self.port, *args, **kwargs)


@contextlib.contextmanager
def server(
    *answers: Callable[[socket.socket], None] | bytes, peek: bool = False
) -> Iterator[tuple[int, list[bytes]]]:
    """Answers one connection after another; yields the port and the requests seen."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[bytes] = []

    def work() -> None:
        for answer in answers:
            with contextlib.suppress(OSError):
                peer, _from = listener.accept()
                with peer:
                    seen.append(peer.recv(65_536, socket.MSG_PEEK if peek else 0))
                    answer(peer) if callable(answer) else peer.sendall(answer)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], seen
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def ok(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def moved(to: str, status: int = 302) -> bytes:
    return f"HTTP/1.1 {status} Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()


def get(url: str, dialer: Dialer, names: Names | None = None, **more: Any) -> bytes:
    into = BytesIO()
    settings = {"max_bytes": 1_000_000, "deadline": 5.0, **more}
    outbound.fetch(
        url, into=into, resolver=names or Names(cdn_test=[[PUBLIC]]), dialer=dialer, **settings
    )
    return into.getvalue()
