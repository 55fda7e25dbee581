"""A node that works against a simulator of its own, and the signals it is sent."""

import atexit
import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.ports import free_port
from tests.simulator.server import Running, running_simulator
from tests.studio import ROOT, database


class Node:
    """The process tree of `manage.py qcluster` or `manage.py studio`."""

    port = 0

    def __init__(self, command: tuple[str, ...], environment: dict[str, str], data: Path) -> None:
        self.environment, self.data = environment, data
        self.log = data / "node.log"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", *command],
                cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip

    def descendants(self) -> list[int]:
        """Itself first, then its children, and so on."""
        found = [self.process.pid]
        for pid in found:
            for file in Path(f"/proc/{pid}/task").glob("*/children"):
                with contextlib.suppress(OSError):
                    found += [int(child) for child in file.read_text().split()]
        return found

    def heartbeats(self, name: str) -> list[dict[str, Any]]:
        """What its processes of this name tell of themselves."""
        found = []
        for file in (self.data / "run").glob(f"*-*/{name}*.json"):
            with contextlib.suppress(OSError):  # it has just ended
                found.append(json.loads(file.read_text()))
        return found

    def pid_of(self, name: str) -> int | None:
        return next((int(row["pid"]) for row in self.heartbeats(name)), None)

    def signal_all(self, number: signal.Signals) -> None:
        for pid in self.descendants():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def lines(self) -> str:
        return self.log.read_text()


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def wait_for(is_true: Callable[[], Any], seconds: float, what: str) -> Any:
    ends = time.monotonic() + seconds
    while not (found := is_true()):
        assert time.monotonic() < ends, what
        time.sleep(0.1)
    return found


def settings_of(data: Path, database_url: str) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "vidustudio.settings",
        "STUDIO_DATA_DIR": str(data),
        "DATABASE_URL": database_url,
    }


class Site:
    """A database and a simulator in which nodes are started."""

    def __init__(self, data: Path, simulator: Running, database_url: str) -> None:
        self.data, self.simulator = data, simulator
        self.started: list[Node] = []
        self.environment = {
            **os.environ,
            **settings_of(data, database_url),
            "STUDIO_QUEUE": f"test-{secrets.token_hex(4)}",
            "STUDIO_WORKERS": "12",
            "SIMULATOR_URL": simulator.url,
        }

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout.strip()

    def run(self, *calls: str) -> Any:
        """Call functions of the scenario with the node's settings."""
        code = "from tests.chaos import scenario; " + "; ".join(f"scenario.{c}" for c in calls)
        return json.loads(self.manage("shell", "--verbosity", "0", "-c", code) or "null")

    def start(self, kind: str, **extra: str) -> Node:
        port = free_port()
        command = ("studio", "--port", str(port)) if kind == "studio" else (kind,)
        node = Node(command, {**self.environment, **extra}, self.data)
        node.port = port
        self.started.append(node)
        wait_for(lambda: node.pid_of("worker"), 120, f"it did not start:\n{node.lines()[-2000:]}")
        return node

    def begin_slow_tasks(self, count: int, seconds: float) -> None:
        """Each is accepted at once, and the reply comes late."""
        slow = {"kind": "delay", "when": "after", "seconds": seconds}
        self.simulator.faults({**slow, "match": {"method": "POST"}})
        self.run("people()", f"begin({count})")

    def wait_for_accepted(self, count: int, seconds: float = 60) -> None:
        wait_for(lambda: len(self.simulator.ledger()) >= count, seconds, "nothing was sent")

    def states(self) -> Counter[str]:
        return Counter(task["status"] for task in self.run("report(0)")["tasks"])


@cache
def migrated() -> Path:
    """A data folder with an empty database, made once: half of the time of a test goes there."""
    folder = Path(tempfile.mkdtemp(prefix="studio-empty-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT, env={**os.environ, **settings_of(folder, "")}, check=True, timeout=120,
    )  # fmt: skip
    return folder


@contextlib.contextmanager
def running_site() -> Iterator[Site]:
    data = Path(tempfile.mkdtemp(prefix="studio-node-"))
    with running_simulator() as simulator, database() as database_url:
        site = Site(data, simulator, database_url)
        if database_url:
            site.manage("migrate", "--verbosity", "0")
        else:
            shutil.copytree(migrated(), data, dirs_exist_ok=True)
        try:
            yield site
        finally:
            for node in site.started:
                for pid in node.descendants():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                node.process.wait()
            shutil.rmtree(data, ignore_errors=True)
