"""What a worker of the cluster knows of itself, and tells: stop, progress, slots."""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import Any

from django.conf import settings

from generation.models import Heartbeat

BEAT_SECONDS = 5.0
PROGRESS_SECONDS = 1.0  # more often nobody reads it
NODES = "cluster:"  # the heartbeat rows of all nodes begin with it


@dataclass
class HeartbeatFile:
    """Who works on what, for whoever looks after the process. A full disk only ages the words.

    The time of the file is the heartbeat: setting it needs no room.
    """

    folder: Path
    name: str
    pid: int = field(default_factory=os.getpid)
    started: float = field(default_factory=time.time)
    job: str = ""
    since: float = field(default_factory=time.time)
    progress: str = ""

    @property
    def path(self) -> Path:
        return self.folder / f"{self.name}.json"

    def write(self) -> None:
        facts = {name: value for name, value in asdict(self).items() if name != "folder"}
        draft = self.path.with_suffix(f".{self.pid}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump(facts, file)
            draft.replace(self.path)
        except OSError:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
            self.touch()

    def touch(self) -> None:
        with contextlib.suppress(OSError):
            os.utime(self.path)

    def keep_touching(self) -> None:
        """From a thread, however long the job takes: only a process that hangs falls silent."""
        Thread(target=self.touch_for_ever, daemon=True, name="heartbeat").start()

    def touch_for_ever(self) -> None:
        while True:
            time.sleep(BEAT_SECONDS)
            self.touch()

    def begin(self, job: str) -> None:
        self.job, self.since, self.progress = job, time.time(), ""
        self.write()

    def remove(self) -> None:
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)


def read(file: Path) -> dict[str, Any]:
    """What a heartbeat file tells; nothing when it is gone."""
    try:
        facts: dict[str, Any] = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return facts


@dataclass
class _Worker:
    """This process, as far as it belongs to a cluster."""

    heartbeat: HeartbeatFile | None = None
    parent: int = 0
    asked_to_stop: bool = False
    written_at: float = 0.0


_me = _Worker()


def join(folder: Path, name: str) -> HeartbeatFile:
    """From now on this process is one of the cluster whose folder this is."""
    _me.heartbeat, _me.parent = HeartbeatFile(folder, name), os.getppid()
    _me.asked_to_stop, _me.written_at = False, 0.0
    return _me.heartbeat


def leave() -> None:
    if _me.heartbeat is not None:
        _me.heartbeat.remove()
    _me.heartbeat, _me.asked_to_stop = None, False


def ask_to_stop() -> None:
    """For a signal handler: only notes it."""
    _me.asked_to_stop = True


def asked_to_stop() -> bool:
    return _me.asked_to_stop


def stopping() -> bool:
    """Whether this worker was asked to stop: finish the step in hand, begin nothing."""
    orphaned = _me.heartbeat is not None and os.getppid() != _me.parent
    return _me.asked_to_stop or orphaned


def progress(text: str) -> None:
    """Tell how far the job is. Cheap, and nothing outside of a cluster."""
    mine, now = _me.heartbeat, time.monotonic()
    if mine is None or now - _me.written_at < PROGRESS_SECONDS:
        return
    _me.written_at, mine.progress = now, text[:200]
    mine.write()


def run_folder() -> Path:
    """Of this worker's cluster; outside of any, one for all such processes."""
    if _me.heartbeat is not None:
        return _me.heartbeat.folder
    return Path(settings.DATA_DIR) / "run" / "outside"


@contextlib.contextmanager
def slot(name: str, how_many: int) -> Iterator[bool]:
    """One of `how_many` places of this cluster for a lane; False at once when all are taken.

    The kernel frees the place of a process that dies.
    """
    folder = run_folder() / "slots"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in range(how_many):
        descriptor = os.open(folder / f"{name}.{number}", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        try:
            yield True
        finally:
            os.close(descriptor)
        return
    yield False


def last_sign_of_life() -> datetime | None:
    """The newest heartbeat row of any node; one of the future proves nothing."""
    return Heartbeat.newest(NODES)
