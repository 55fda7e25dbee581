"""Runs the studio's processes together: starts, watches, restarts and stops them.

It runs as a program of its own without Django: `studio` turns into it once all is prepared.
"""

import contextlib
import ctypes
import errno
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

log = logging.getLogger("generation.supervisor")
STOP_SECONDS = 29.0  # the cluster itself takes 26 at most, whatever its workers do
RESTART_LEAST, RESTART_MOST = 0.25, 4.0
CALM_SECONDS = 60.0
FROZEN_SECONDS = 60.0  # without a heartbeat
PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """If the supervisor itself is killed, its processes must not go on alone (Linux)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Service:
    """One process with its whole group."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: str = "."
    heartbeats: str = ""  # the pattern of its heartbeat files, with {pid}
    drain: float = 0.0  # seconds that its group may take to finish what is in hand
    is_needed: bool = False  # the others work with it until they have stopped


@dataclass
class Runner:
    """Keeps one service running. Nothing here waits, so that no service holds up another."""

    service: Service
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait: float = RESTART_LEAST
    due: float = 0.0
    end_by: float | None = None  # set while the group is asked to end, and not started anew
    changes: dict[Path, tuple[float, float]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.service.name

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603  our own commands
            self.service.command,
            cwd=self.service.folder,
            env={**os.environ, **self.service.environment},
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        self.started = time.monotonic()
        self.changes = {}
        log.info("service=%s pid=%s: started", self.name, self.process.pid)

    def try_to_start(self) -> None:
        try:
            self.start()
        except OSError as trouble:  # no memory or no process left: perhaps not for long
            reason = trouble.strerror
            log.warning(
                "event=restart service=%s: cannot be started (%s), trying again", self.name, reason
            )
            self.due = time.monotonic() + RESTART_MOST

    def signal_group(self, number: int) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def is_gone(self) -> bool:
        """Whether nothing of its group is left, also no orphan that finishes its work."""
        return self.process is None or (not self.is_running() and not members(self.process.pid))

    def watch(self) -> None:
        """Start what is due, end what is frozen or broken, note what died."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.try_to_start()
        elif self.end_by is not None:
            self.await_end(now)
        elif not self.is_running():
            code = self.process.returncode
            log.warning(
                "event=restart service=%s exit=%s: ended, starting it again", self.name, code
            )
            self.begin_end(now)
        elif silent := self.frozen(now):
            log.warning(
                "event=restart service=%s: no heartbeat of its %s for %d s, "
                "ending it to start it again",
                self.name, silent, FROZEN_SECONDS,
            )  # fmt: skip
            self.begin_end(now)

    def frozen(self, now: float) -> str:
        """Which of its processes has stopped to tell that it goes on; by our own clock."""
        if not self.service.heartbeats or self.process is None:
            return ""
        pattern = Path(self.service.heartbeats.replace("{pid}", str(self.process.pid)))
        for file in pattern.parent.parent.glob(f"{pattern.parent.name}/{pattern.name}"):
            with contextlib.suppress(OSError):
                changed = file.stat().st_mtime
                if file not in self.changes or self.changes[file][0] != changed:
                    self.changes[file] = (changed, now)
                elif now - self.changes[file][1] > FROZEN_SECONDS:
                    return file.stem
        return ""

    def begin_end(self, now: float) -> None:
        self.end_by = now + self.service.drain
        self.signal_group(signal.SIGTERM)
        self.await_end(now)

    def await_end(self, now: float) -> None:
        if not self.is_gone() and now < (self.end_by or now):
            return
        if not self.is_gone():
            if self.service.drain:
                log.warning("service=%s: does not end, killed", self.name)
            self.kill()
        calm = now - self.started > CALM_SECONDS
        self.wait = RESTART_LEAST if calm else min(self.wait * 2, RESTART_MOST)
        self.process, self.end_by, self.due = None, None, now + self.wait

    def kill(self) -> None:
        self.signal_group(signal.SIGKILL)
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)

    def terminate(self) -> None:
        """Its main process tells the others; only where that has died they are told here."""
        if self.is_running() and self.process is not None:
            self.process.terminate()
        else:
            self.signal_group(signal.SIGTERM)

    def stop(self, until: float) -> None:
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.5, until - time.monotonic()))
        while not self.is_gone() and time.monotonic() < until:
            time.sleep(0.1)
        self.kill()
        log.info("service=%s exit=%s: stopped", self.name, self.process.returncode)


class Supervisor:
    def __init__(self, services: Sequence[Service]) -> None:
        self.runners = [Runner(service) for service in services]
        self.stopping = False

    def run(self) -> None:
        """Until SIGINT or SIGTERM; a second signal changes nothing, the stop is bounded."""
        signal.signal(signal.SIGTERM, self.ask_to_stop)
        signal.signal(signal.SIGINT, self.ask_to_stop)
        try:
            while not self.stopping:
                for runner in self.runners:
                    runner.watch()
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
            runners = [one for one in self.runners if one.service.is_needed == needed]
            for runner in runners:
                runner.terminate()
            for runner in runners:
                runner.stop(until)


def members(group: int) -> list[int]:
    """The living processes of a group; those that have ended but were not yet awaited are dead."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-group, os.WNOHANG)[0]:  # ours as the first process of a container
            pass
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _parent, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state not in "ZX":
                found.append(int(stat.parent.name))
    return found


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


def as_text(services: Sequence[Service]) -> str:
    return json.dumps([asdict(service) for service in services])


def become(services: Sequence[Service]) -> None:
    """Turn this process into the supervisor: same process, without what preparing needed."""
    logging.shutdown()
    os.chdir(services[0].folder)  # where the package is found
    os.execv(  # noqa: S606  ourselves
        sys.executable, [*python("-m", "generation.supervisor"), as_text(services)]
    )


def log_lines() -> None:
    from generation.web.log_format import OneLine

    handler = logging.StreamHandler()
    handler.setFormatter(OneLine())
    level = os.environ.get("LOG_LEVEL", "").strip().upper() or "INFO"
    logging.basicConfig(level=level, handlers=[handler])


def main(text: str) -> None:
    log_lines()
    rows: list[dict[str, Any]] = json.loads(text)
    Supervisor([Service(**row) for row in rows]).run()


if __name__ == "__main__":
    main(sys.argv[1])
