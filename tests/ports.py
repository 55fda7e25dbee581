"""Ports for servers that tests start."""

import contextlib
import secrets
import socket

# Below those that outgoing connections are given, one of which could take a port that is free now.
LOWEST, MANY = 20_000, 12_000


def free_port(neighbours: int = 0) -> int:
    """A port that is free, as are so many after it; no seed leads two processes to the same."""
    while True:
        port = LOWEST + secrets.randbelow(MANY)
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for one in range(port, port + neighbours + 1):
                held.enter_context(socket.socket()).bind(("127.0.0.1", one))
            return port
