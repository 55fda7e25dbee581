"""What the system lets this process hold open, and the end of a connection that nobody reads."""

import contextlib
import os
import resource
import socket
import struct
from pathlib import Path

MOST_OPEN_FILES = 8_192
AT_ONCE = struct.pack("ii", 1, 0)


def allow_many_files() -> None:
    """Each connection is an open file, and so is each stored file on its way."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_OPEN_FILES)
    if soft < most:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def hang_up(host: str, port: int) -> bool:
    """End the connection of a client of this process; says whether it was found.

    The server gives no access to a connection, and keeps one whose reader takes nothing forever.
    """
    folder = Path("/proc/self/fd") if Path("/proc/self/fd").exists() else Path("/dev/fd")
    for entry in list(folder.iterdir()):
        with contextlib.suppress(OSError, ValueError), copy_of_socket(int(entry.name)) as copy:
            if copy.getpeername()[:2] == (host, port):
                # The system would keep what is not taken, a few MB, for minutes more.
                copy.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
                copy.shutdown(socket.SHUT_RDWR)
                return True
    return False


def copy_of_socket(number: int) -> socket.socket:
    """To be closed by the caller. Raises OSError where this open file is no socket."""
    copied = os.dup(number)
    try:
        return socket.socket(fileno=copied)
    except OSError:
        os.close(copied)
        raise
