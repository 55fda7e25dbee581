"""Runs the built-in provider for tests, in a process of its own."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]


class Running:
    """A running simulator: its address and its control API."""

    def __init__(self, url: str, process: subprocess.Popen[bytes], env: dict[str, str]) -> None:
        self.url, self.process, self.env = url, process, env
        self.http = httpx.Client(base_url=url, timeout=10, trust_env=False)

    def faults(self, *faults: dict[str, Any], seed: int | None = None) -> None:
        """Put these faults in place of all others; none ends them all."""
        self.ask("POST", "faults", {"faults": list(faults), "seed": seed})

    def settings(self, **options: Any) -> dict[str, Any]:
        return self.ask("POST", "settings", options)

    def ledger(self) -> list[dict[str, Any]]:
        """Every create request that was accepted, oldest first."""
        return self.ask("GET", "ledger")

    def requests(self, path: str = "", method: str = "") -> list[dict[str, Any]]:
        """The last requests that came, oldest first, with `json` as the body read."""
        asked = {"path": path, **({"method": method} if method else {})}
        return self.ask("GET", f"requests?{httpx.QueryParams(asked)}")

    def reset(self) -> None:
        self.ask("POST", "reset")

    def ask(self, method: str, page: str, data: Any = None) -> Any:
        reply = self.http.request(method, f"/_sim/{page}", json=data)
        reply.raise_for_status()
        return reply.json()

    def kill(self) -> None:
        """As a crash does it."""
        # The process group: the server's worker would live on without its parent.
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def start_again(self) -> None:
        """After kill(): the same port, the same data."""
        self.process = launch(self.env, int(self.url.rpartition(":")[2]))
        wait_until_up(self.url, self.process)


@contextmanager
def running_simulator(port: int = 0, **env: str) -> Iterator[Running]:
    """A fresh simulator with the control API on, quick images and a twentieth of all times.

    `env` changes its environment variables, e.g. SIMULATOR_PACE="1".
    """
    with tempfile.TemporaryDirectory(prefix="simulator-") as folder:
        settings = {
            "STUDIO_DATA_DIR": folder,
            "SIMULATOR_DB": f"{folder}/simulator.sqlite3",
            "SIMULATOR_CONTROL": "1",
            "SIMULATOR_PACE": "0.05",
            "SIMULATOR_PICTURES": "quick",
            **env,
        }
        port = port or free_port()
        url = f"http://127.0.0.1:{port}"
        process = launch(settings, port)
        running = Running(url, process, settings)
        try:
            wait_until_up(url, process)
            yield running
        finally:
            running.http.close()
            stop(running.process)


def launch(env: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1"]
    command += [
        "--port",
        str(port),
        "--workers",
        "1",
        "--log-level",
        "warning",
        "generation.simulator.app:app",
    ]
    return subprocess.Popen(command, cwd=ROOT, env={**os.environ, **env}, start_new_session=True)


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until_up(url: str, process: subprocess.Popen[bytes], most: float = 90) -> None:
    until = time.monotonic() + most
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(url, timeout=1, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"the simulator did not come up at {url}")
