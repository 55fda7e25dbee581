"""Runs the studio's processes together: starts, watches, restarts and stops them."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings

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

    def signal_group(self, number: int) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def watch(self, say: Callable[[str], None]) -> None:
        """Start what is due, end what is stuck, note what died."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.start()
            return
        if self.is_running() and self.healthy(self.started):
            return
        say(f"The {self.name} stopped; starting it again.")
        self.signal_group(signal.SIGKILL)  # orphans of a killed main process would go on working
        self.process.wait()
        self.after_death()
        calm = now - self.started > CALM_SECONDS
        self.wait = RESTART_LEAST if calm else min(self.wait * 2, RESTART_MOST)
        self.process, self.due = None, now + self.wait

    def stop(self, until: float) -> None:
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.1, until - time.monotonic()))
        self.signal_group(signal.SIGKILL)
        self.process.wait()


class Supervisor:
    def __init__(self, services: Sequence[Service], say: Callable[[str], None]) -> None:
        self.services = services
        self.say = say
        self.stopping = False
        self.chores: list[tuple[float, Callable[[], None]]] = []

    def every(self, seconds: float, chore: Callable[[], None]) -> None:
        self.chores.append((seconds, chore))

    def run(self) -> None:
        """Until SIGINT or SIGTERM; a second signal changes nothing, the stop is bounded."""
        signal.signal(signal.SIGTERM, self.ask_to_stop)
        signal.signal(signal.SIGINT, self.ask_to_stop)
        due = {chore: time.monotonic() + seconds for seconds, chore in self.chores}
        while not self.stopping:
            for service in self.services:
                service.watch(self.say)
            for seconds, chore in self.chores:
                if time.monotonic() >= due[chore]:
                    due[chore] = time.monotonic() + seconds
                    chore()
            time.sleep(0.25)
        self.stop()

    def ask_to_stop(self, *_: object) -> None:
        self.stopping = True

    def stop(self) -> None:
        """SIGTERM to each main process: the cluster finishes the POST in flight first."""
        self.say("Stopping.")
        until = time.monotonic() + STOP_SECONDS
        for service in self.services:
            if service.process is not None:
                with contextlib.suppress(ProcessLookupError):
                    service.process.terminate()
        for service in self.services:
            service.stop(until)


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def port_is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str, wanted: int) -> int:
    """`wanted`, or any free one where that is taken."""
    if port_is_free(host, wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
