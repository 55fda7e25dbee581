"""Runs the studio's processes together: starts, watches, restarts and stops them."""

import contextlib
import ctypes
import errno
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings

log = logging.getLogger(__name__)
STOP_SECONDS = 30.0
RESTART_LEAST, RESTART_MOST = 0.25, 4.0
CALM_SECONDS = 60.0
PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """If the supervisor itself is killed, its processes must not go on alone (Linux)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Service:
    """One process with its whole group. `healthy` may say that a living process is stuck."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    healthy: Callable[[float], bool] = lambda _started: True
    after_death: Callable[[], None] = lambda: None
    is_needed: bool = False  # the others work with it until they have stopped
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait: float = RESTART_LEAST
    due: float = field(default=0.0)

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603  our own commands
            self.command,
            cwd=settings.BASE_DIR,
            env={**os.environ, **self.environment},
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        self.started = time.monotonic()
        log.info("service=%s pid=%s: started", self.name, self.process.pid)

    def try_to_start(self) -> None:
        try:
            self.start()
        except OSError as trouble:  # no memory or no process left: perhaps not for long
            reason = trouble.strerror
            log.warning("service=%s: cannot be started (%s), trying again", self.name, reason)
            self.due = time.monotonic() + RESTART_MOST

    def signal_group(self, number: int) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def watch(self) -> None:
        """Start what is due, end what is stuck, note what died."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.try_to_start()
            return
        if self.is_running() and self.healthy(self.started):
            return
        reason = "is stuck" if self.is_running() else "ended"
        self.signal_group(signal.SIGKILL)  # orphans of a killed main process would go on working
        code = self.process.wait()
        log.warning("service=%s exit=%s: %s, starting it again", self.name, code, reason)
        self.after_death()
        calm = now - self.started > CALM_SECONDS
        self.wait = RESTART_LEAST if calm else min(self.wait * 2, RESTART_MOST)
        self.process, self.due = None, now + self.wait

    def terminate(self) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()

    def stop(self, until: float) -> None:
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(1.0, until - time.monotonic()))
        self.signal_group(signal.SIGKILL)
        log.info("service=%s exit=%s: stopped", self.name, self.process.wait())


class Supervisor:
    def __init__(self, services: Sequence[Service]) -> None:
        self.services = services
        self.stopping = False
        self.chores: list[tuple[float, Callable[[], None]]] = []
        self.before_wait: Callable[[], None] = lambda: None

    def every(self, seconds: float, chore: Callable[[], None]) -> None:
        self.chores.append((seconds, chore))

    def run(self) -> None:
        """Until SIGINT or SIGTERM; a second signal changes nothing, the stop is bounded."""
        signal.signal(signal.SIGTERM, self.ask_to_stop)
        signal.signal(signal.SIGINT, self.ask_to_stop)
        due = {chore: time.monotonic() + seconds for seconds, chore in self.chores}
        try:
            while not self.stopping:
                for service in self.services:
                    service.watch()
                for seconds, chore in self.chores:
                    if time.monotonic() >= due[chore]:
                        due[chore] = time.monotonic() + seconds
                        chore()
                time.sleep(0.25)
        finally:
            self.stop()

    def ask_to_stop(self, *_: object) -> None:
        self.stopping = True

    def stop(self) -> None:
        """SIGTERM to each main process: the cluster finishes the POST in flight first."""
        log.info("stopping: what is being sent is finished first, in %d s at most", STOP_SECONDS)
        until = time.monotonic() + STOP_SECONDS
        for needed in (False, True):
            services = [one for one in self.services if one.is_needed == needed]
            for service in services:
                service.terminate()
            self.before_wait()
            for service in services:
                service.stop(until)


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def why_not_listen(host: str, port: int) -> str:
    """What keeps a server from this address, with the next step; empty when nothing does."""
    if not 0 < port < 65_536:
        return f"{port} is no port. Choose one between 1 and 65535 with --port."
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as trouble:
        if trouble.errno == errno.EADDRINUSE:
            return f"Port {port} is in use. Choose another with --port."
        if trouble.errno == errno.EACCES:
            return f"Only the administrator may use port {port}. Choose one over 1023 with --port."
        return f"{host} is no address of this machine. Leave --host out, or use 0.0.0.0 for all."
    return ""


def free_port(host: str, wanted: int) -> int:
    """`wanted`, or any free one where that is taken."""
    if not why_not_listen(host, wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
