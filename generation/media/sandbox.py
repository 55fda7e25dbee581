"""Has a file opened by a limited process of its own."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from django.utils.translation import gettext as _

from generation.media.storage import Unfit

WORKER = Path(__file__).with_name("image_worker.py")
VIDEOS = Path(__file__).with_name("av")  # the same for videos and audio
SECONDS = 25.0
RENDITIONS = Path(__file__).with_name("render")  # for guests: smaller, marked, without metadata
# Nothing of ours is inherited: neither keys in variables nor open files.
ENVIRONMENT = {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}
# A process may use a gigabyte or two, so only so many work at once for each of ours.
AT_ONCE = BoundedSemaphore(2)
TRACE = 4_000  # characters of it that are kept: the innermost calls stand at the end
log = logging.getLogger(__name__)


class ChildFailed(Unfit):
    """Our own code or the installation failed in the worker. The file may be fine."""

    def __init__(self, trace: str) -> None:
        super().__init__(trace)
        self.sentence = _(
            "The studio itself failed on this file, which may be fine. "
            "An admin finds the cause in the log."
        )


def run_worker(worker: Path | None = None, limit: float = SECONDS, **job: Any) -> dict[str, Any]:
    """The worker's answer: facts, or {"unfit": word}. "work" when it hit one of its limits."""
    command = [sys.executable, "-I", "-W", "ignore", str(worker or WORKER), json.dumps(job)]
    with AT_ONCE:
        try:
            done = subprocess.run(  # noqa: S603  (our own file and our own paths)
                command,
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=limit,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"unfit": "work"}
    if done.returncode < 0:
        return {"unfit": "work"}
    try:
        done.check_returncode()
        answer: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.CalledProcessError, ValueError):
        trace = (done.stderr or done.stdout).decode(errors="replace")[-TRACE:]
        log.error("the media worker failed at %s:\n%s", job.get("task"), trace)
        raise ChildFailed(trace) from None
    if trace := answer.pop("trace", ""):
        log.warning("a library failed on a file that was refused:\n%s", trace[-TRACE:])
    return answer
