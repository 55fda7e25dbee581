"""What the operating system is asked about processes, and told: ends, parents and children."""

import contextlib
import ctypes
import os
import signal
from collections.abc import Iterator
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
ENDS = {signal.SIGTERM, signal.SIGINT}


def end_with_parent(parent: int) -> bool:
    """Get SIGTERM when the parent dies (Linux). False if it has died already."""
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    return os.getppid() == parent


def adopt_orphans() -> None:
    """Processes whose parent dies become children of this one, which can then await their end."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)


def prctl(option: int, value: int) -> None:
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


@contextlib.contextmanager
def signals_wait() -> Iterator[None]:
    """A new process gets no signal before it can deal with it: what comes meanwhile waits."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def let_signals_in() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)


def signal_process(pid: int | None, number: signal.Signals) -> None:
    if pid is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def children() -> list[int]:
    """Of this process, whichever of its threads started them."""
    found = []
    for file in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(pid) for pid in file.read_text().split()]
    return found


def reap() -> bool:
    """Clear away what has ended; True while children are left."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True
