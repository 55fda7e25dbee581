"""The folder of a running cluster: its heartbeats, and the places in its lanes."""

import fcntl
import os
import shutil
import socket
from hashlib import sha256
from pathlib import Path

from django.conf import settings

LOCK = "lock"


def node() -> str:
    return socket.gethostname()[:40]


def cluster_name() -> str:
    """Of its row: a machine may have several clusters, each with a data folder of its own."""
    folder = sha256(str(settings.DATA_DIR).encode()).hexdigest()[:8]
    return f"{node()}:{folder}"


def run_root() -> Path:
    return Path(settings.DATA_DIR) / "run"


class RunFolder:
    """Held with a lock that all processes of the cluster inherit, so long as one of them lives."""

    def __init__(self) -> None:
        self.path = run_root() / f"{node()}-{os.getpid()}"
        clear_dead()
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.lock = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self.lock)


def clear_dead() -> None:
    """Remove the folders of clusters of which no process lives."""
    for lock in run_root().glob(f"*/{LOCK}"):
        try:
            held = os.open(lock, os.O_RDWR)
        except OSError:
            continue
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent, ignore_errors=True)
        except OSError:
            pass  # it lives
        finally:
            os.close(held)
