"""The processes of a drill: its simulator and its studio, and which of them can be killed."""

import contextlib
import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.conf import settings

from generation.supervisor import die_with_parent, python, why_not_listen

START_SECONDS, STOP_SECONDS = 180.0, 45.0
ROLES = ("worker", "main", "sentinel", "web", "supervisor")
OWN_QUEUE = "STUDIO_QUEUE"  # its value is a drill's own, so it marks the processes of a drill


def launch(command: list[str], log: Path, extra: Mapping[str, str]) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        return subprocess.Popen(  # noqa: S603  our own commands
            command,
            cwd=settings.BASE_DIR,
            env={**os.environ, **extra},
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )


def answers_at(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=2).close()  # noqa: S310  our own
    except urllib.error.HTTPError as refused:
        refused.close()
        return False
    except OSError:
        return False
    return True


class NotStarted(Exception):
    """A process did not come up; the text is the end of its log."""


def wait_until_it_answers(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + START_SECONDS
    while not answers_at(address):
        if process.poll() is not None or time.monotonic() > ends:
            raise NotStarted(log.read_text(errors="replace")[-3000:])
        time.sleep(0.1)


@contextlib.contextmanager
def running_simulator(address: str, folder: Path) -> Iterator[None]:
    """A provider that no kill reaches: what it notes has to outlive everything."""
    log = folder / "simulator.log"
    command = python(
        "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1",
        "--port", address.rpartition(":")[2], "--workers", "1", "--log-level", "warning",
        "generation.simulator.app:app",
    )  # fmt: skip
    process = launch(command, log, {})
    try:
        wait_until_it_answers(address, process, log)
        yield
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class DrilledStudio:
    """The real `manage.py studio`, which is started again when its supervisor was killed."""

    def __init__(self, port: int, folder: Path) -> None:
        self.port, self.log = port, folder / "studio.log"
        self.starts_at = 0.0
        self.process = self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> subprocess.Popen[bytes]:
        return launch(python("manage.py", "studio", "--port", str(self.port)), self.log, {})

    def wait_until_up(self) -> None:
        wait_until_it_answers(f"{self.address}/healthz", self.process, self.log)

    def keep_running(self) -> None:
        """As a service manager does: start it again, once what was left of it is gone."""
        if self.process.poll() is None or time.monotonic() < self.starts_at:
            return
        if why_not_listen("127.0.0.1", self.port):  # its web server still ends
            return
        self.starts_at = time.monotonic() + 1.0
        self.process = self.start()

    def pids(self, role: str) -> list[int]:
        """The living processes of a role, busy workers before others."""
        if role == "supervisor":
            found = [self.process.pid] if self.process.poll() is None else []
        elif role == "web":
            found = [pid for pid in children_of(self.process.pid) if is_web(pid)]
        else:
            found = self.pids_in_cluster(role)
        return [pid for pid in found if is_own(pid)]

    def pids_in_cluster(self, role: str) -> list[int]:
        """As their heartbeat files tell."""
        rows = []
        for file in (Path(settings.DATA_DIR) / "run").glob(f"*-*/{role}*.json"):
            with contextlib.suppress(OSError, ValueError):  # it has just ended
                rows.append(json.loads(file.read_text()))
        return [int(row["pid"]) for row in sorted(rows, key=lambda row: not row["job"])]

    def stop(self) -> list[int]:
        """End it in good order; returns the processes that were left, which are killed."""
        if self.process.poll() is None:
            self.process.terminate()
        ends = time.monotonic() + STOP_SECONDS
        while (left := own_processes()) and time.monotonic() < ends:
            self.process.poll()
            time.sleep(0.2)
        for pid in left:
            kill(pid)
        self.process.wait()
        return left


def kill(pid: int) -> None:
    """Like a machine's out-of-memory killer: without a signal to end."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def children_of(pid: int) -> list[int]:
    found: list[int] = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in file.read_text().split()]
    return found


def is_web(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return b"vidustudio.asgi" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def is_own(pid: int) -> bool:
    """Whether this process belongs to this drill: nothing else may ever be killed by it."""
    mark = f"{OWN_QUEUE}={os.environ[OWN_QUEUE]}".encode()
    with contextlib.suppress(OSError):
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state not in "ZX" and mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    return False


def own_processes() -> list[int]:
    """All of this drill's studio: neither the drill itself nor the simulator."""
    found = [int(path.name) for path in Path("/proc").glob("[0-9]*") if is_own(int(path.name))]
    return [pid for pid in found if pid != os.getpid() and not is_simulator(pid)]


def is_simulator(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return b"generation.simulator.app" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False
