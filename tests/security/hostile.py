"""A provider that answers as a test sets it up, and records every request."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CREDITS = {
    "remains": [
        {"type": "metered", "credit_remain": 2_480, "concurrency_limit": 5,
         "current_concurrency": 2, "queue_count": 0}
    ],
    "packages": [],
}  # fmt: skip


@dataclass
class Fake:
    """`status` and `body` are the next replies; "{key}" in the body echoes the key back."""

    url: str = ""
    status: int = 200
    body: Any = field(default_factory=lambda: CREDITS)
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    seen: list[tuple[str, str, str]] = field(default_factory=list)  # method, path, authorization
    let_go: threading.Event = field(default_factory=threading.Event)

    def reply(self, authorization: str) -> bytes:
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return text.replace("{key}", authorization.rpartition(" ")[2]).encode()


def handler_of(fake: Fake) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            authorization = self.headers.get("Authorization", "")
            fake.seen.append((self.command, self.path, authorization))
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if fake.hang:
                fake.let_go.wait(30)
                return
            body = fake.reply(authorization)
            self.send_response(fake.status)
            for name, value in {"Content-Type": "application/json", **fake.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_PUT = do_GET

        def log_message(self, *args: object) -> None:
            """Nothing: what the server prints is not what is tested."""

    return Handler


@contextmanager
def running(certificate: str = "") -> Iterator[Fake]:
    """Serve on a free port; with `certificate` (a PEM of both parts) over TLS."""
    fake = Fake()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(fake))
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    fake.url = f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        fake.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()
