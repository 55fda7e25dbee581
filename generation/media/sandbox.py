"""Has a file opened by a limited process of its own."""

import json
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

WORKER = Path(__file__).with_name("image_worker.py")
FILMS = Path(__file__).with_name("av")  # the same for videos and sounds
SECONDS = 25.0
# Nothing of ours is inherited: neither keys in variables nor open files.
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}
# A process may use a gigabyte or two, so only so many work at once for each of ours.
AT_ONCE = BoundedSemaphore(2)


class ChildFailed(Exception):
    """The worker itself did not run: a fault of the installation, not of the file."""


def ask(worker: Path | None = None, **job: Any) -> dict[str, Any]:
    """The worker's answer: facts, or {"unfit": word}. "work" when it hit one of its limits."""
    command = [sys.executable, "-I", "-W", "ignore", str(worker or WORKER), json.dumps(job)]
    with AT_ONCE:
        try:
            done = subprocess.run(  # noqa: S603  (our own file and our own paths)
                command,
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"unfit": "work"}
    if done.returncode < 0:
        return {"unfit": "work"}
    if done.returncode:
        raise ChildFailed(done.stderr.decode(errors="replace")[-500:])
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
