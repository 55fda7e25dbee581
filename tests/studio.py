"""The real studio in processes of its own, for tests that need all of it."""

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Studio:
    """A running `manage.py studio` with its own data, database and simulator."""

    port: int
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] = field(repr=False)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def simulator(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    def simulate(self, path: str, body: Any = None) -> Any:
        """Talk to the simulator's control door."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310  our own loopback address
            f"{self.simulator}{path}", data, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return json.loads(answer.read() or b"null")

    def post(self, path: str, form: dict[str, str], headers: dict[str, str]) -> int:
        """Send a form to the studio without a browser; the status of its answer."""
        data = urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, headers)  # noqa: S310  our own
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return answer.status
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code

    def accepted(self, prompt: str) -> int:
        """How many accepted creates have this prompt, whoever else is at work."""
        asked = self.simulate("/_sim/requests?method=POST")
        bodies = {row["sha256"] for row in asked if prompt in row["body"]}
        return sum(row["body_sha256"] in bodies for row in self.simulate("/_sim/ledger"))

    def wait_for_accepted(self, prompt: str, seconds: float = 30) -> None:
        """Until the simulator has accepted a create with this prompt."""
        ends = time.monotonic() + seconds
        while not self.accepted(prompt):
            assert time.monotonic() < ends, "the provider accepted nothing"
            time.sleep(0.02)

    def run(self, code: str) -> str:
        """Run Python with the studio's own settings, as an operator could."""
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", code],
            cwd=ROOT, env={**self.environment, "SIMULATOR_URL": self.simulator},
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout.strip()

    def cluster_pid(self) -> int | None:
        """The main process of the cluster, found among the supervisor's children."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for pid in children.read_text().split():
            with contextlib.suppress(OSError):
                if b"qcluster" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    return int(pid)
        return None

    def kill_cluster(self, after: float = 0) -> None:
        """Like a machine's out-of-memory killer: the entire group, without a signal to end.

        Waits until the cluster is there, and `after` seconds more.
        """
        while (pid := self.cluster_pid()) is None:
            assert self.process.poll() is None, "the studio has ended"
            time.sleep(0.05)
        time.sleep(after)
        os.killpg(pid, signal.SIGKILL)
        while self.cluster_pid() == pid:
            time.sleep(0.01)

    def stop_at_once(self) -> None:
        """End it without waiting for what the cluster still works at."""
        self.process.terminate()
        with contextlib.suppress(OSError):  # it may have ended by itself
            if pid := self.cluster_pid():
                os.killpg(pid, signal.SIGKILL)


@contextlib.contextmanager
def running_studio(**extra: str) -> Iterator[Studio]:
    """Start the studio as a person does, wait until it answers, and end it after."""
    data = Path(tempfile.mkdtemp(prefix="studio-run-"))
    port = free_port(neighbours=1)  # the simulator takes the next one
    with database() as database_url:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "vidustudio.settings",
            "STUDIO_DATA_DIR": str(data),
            "STUDIO_QUEUE": f"test-{secrets.token_hex(4)}",
            "DATABASE_URL": database_url,
            "SIMULATOR_CONTROL": "1",
            "SIMULATOR_PACE": "0.1",
            **{
                f"{name}_BASE_URL": f"http://127.0.0.1:{port + 1}/{path}"
                for name, path in (
                    ("VIDU", "vidu"), ("VIDU_CN", "vidu-cn"), ("KKIAI", "kkiai"), ("VTRIX", "vtrix")
                )
            },
            **extra,
        }  # fmt: skip
        log = data / "studio.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "studio", "--port", str(port)],
                cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
        studio = Studio(port, environment, log, process)
        try:
            wait_until_up(studio)
            yield studio
        finally:
            process.terminate()
            try:
                process.wait(45)
            except subprocess.TimeoutExpired:
                process.kill()
            shutil.rmtree(data, ignore_errors=True)


def wait_until_up(studio: Studio, seconds: float = 180) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if studio.process.poll() is not None:
            break
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{studio.url}/healthz", timeout=2)  # noqa: S310
            urllib.request.urlopen(f"{studio.simulator}/_sim/ledger", timeout=2)  # noqa: S310
            return
        time.sleep(0.1)
    raise AssertionError(f"the studio did not start:\n{studio.log.read_text()[-3000:]}")


@contextlib.contextmanager
def database() -> Iterator[str]:
    """A database of its own when the suite runs on PostgreSQL; else the default SQLite file."""
    url = os.environ.get("DATABASE_URL", "")
    if not url:
        yield ""
        return
    import psycopg

    name = f"studio_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            yield re.sub(r"/[^/?]*(\?|$)", rf"/{name}\1", url, count=0)
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
