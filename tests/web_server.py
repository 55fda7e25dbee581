"""The studio's web server alone, as `manage.py studio` starts it, with data of its own."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from generation.management.commands.studio import web_command
from tests.ports import free_port
from tests.studio import ROOT, database

PREPARE = """
from pathlib import Path
from django.conf import settings
from django.test import Client
from tests.factories import make_user, make_video
user = make_user("reader@example.test", name="Reader")
video = make_video(user)
path = Path(settings.DATA_DIR, "media", video.path)
with path.open("wb") as file:
    file.truncate({size})
for number in range({sessions}):
    client = Client()
    client.force_login(user)
    print("session", client.cookies[settings.SESSION_COOKIE_NAME].value)
print("video", video.pk)
"""


@dataclass
class WebServer:
    """A running server, with people who are logged in and one large video of theirs."""

    port: int
    environment: dict[str, str]
    process: subprocess.Popen[bytes] = field(repr=False)
    log: Path
    sessions: list[str]
    video: int
    size: int

    @property
    def large_file(self) -> str:
        return f"/media/{self.video}/original/"

    @property
    def worker(self) -> int:
        """The process in which Django runs."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return int(children[-1])

    def open_files(self) -> list[str]:
        """What the worker holds open."""
        folder = Path(f"/proc/{self.worker}/fd")
        found = []
        for link in folder.iterdir():
            with contextlib.suppress(OSError):
                found.append(str(link.readlink()))
        return found

    def threads(self) -> int:
        return len(list(Path(f"/proc/{self.worker}/task").iterdir()))

    def megabytes(self) -> int:
        lines = Path(f"/proc/{self.worker}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) // 1024


@contextlib.contextmanager
def running_web_server(
    sessions: int = 1, size: int = 16 * 1024**2, **extra: str
) -> Iterator[WebServer]:
    data = Path(tempfile.mkdtemp(prefix="web-run-"))
    port = free_port()
    with database() as database_url:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "vidustudio.settings",
            "STUDIO_DATA_DIR": str(data),
            "DATABASE_URL": database_url,
            "STUDIO_SIMULATOR": "yes",
            **extra,
        }
        run_manage(environment, "migrate", "-v0")
        code = PREPARE.format(size=size, sessions=sessions)
        facts = [line.split() for line in run_manage(environment, "shell", "-v0", "-c", code)]
        log = data / "web.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                web_command("127.0.0.1", port), cwd=ROOT, env=environment,
                stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
        keys = [value for name, value in facts if name == "session"]
        video = int(next(value for name, value in facts if name == "video"))
        server = WebServer(port, environment, process, log, keys, video, size)
        try:
            wait_until_it_answers(server)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(45)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            shutil.rmtree(data, ignore_errors=True)


def run_manage(environment: dict[str, str], *arguments: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return [line for line in done.stdout.splitlines() if " " in line]


def wait_until_it_answers(server: WebServer, seconds: float = 120) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and server.process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{server.port}/healthz", timeout=2)
            return
        time.sleep(0.1)
    raise AssertionError(f"the web server did not start:\n{server.log.read_text()[-3000:]}")
