"""How many modules one enters who follows a prompt: run as `python -m tests.bench.modules`.

Presses Generate once in the demo's image mode, then submits, polls and stores the task against the
simulator, and counts the files of `generation/` in which a function is called on the way. The press
is the script's own request (htmx); importing is not counted, nor is the simulator, which runs in a
process of its own. Exits with 1 when a figure is over its bar. `--list` names the modules,
`--plain` presses without scripts. Works in a temporary folder.
"""

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import override_settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from generation import jobs  # noqa: E402
from generation.engine import poll  # noqa: E402
from generation.models import Status, Task, User  # noqa: E402
from tests.factories import make_user, project_of  # noqa: E402
from tests.simulator.server import running_simulator  # noqa: E402

PRESS_BAR, ALL_BAR = 25, 40
ROOT = Path(settings.BASE_DIR) / "generation"
ADDRESS = "/create/image/"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--plain", action="store_true")
    asked = parser.parse_args()
    headers = {} if asked.plain else {"HX-Request": "true"}
    call_command("migrate", verbosity=0, skip_checks=True)
    poll.ROUND_SECONDS = 0.3
    user = make_user()
    client = Client()
    client.force_login(user)
    with running_simulator(SIMULATOR_PACE="0.01") as simulator:
        addresses = settings.PROVIDER_URLS | {"demo": f"{simulator.url}/demo"}
        with override_settings(PROVIDER_URLS=addresses):
            follow(press(client, user, headers))  # imports what is imported late, fills caches
            with entered() as press_only:
                task = press(client, user, headers)
            with entered() as later:
                follow(task)
    everything = press_only | later
    print(f"the press of Generate alone: {len(press_only)} modules (bar {PRESS_BAR})")
    print(f"from the press to the stored file: {len(everything)} modules (bar {ALL_BAR})")
    if asked.list:
        print("in the press:", *sorted(press_only), "after it:", *sorted(later), sep="\n  ")
    return 1 if len(press_only) > PRESS_BAR or len(everything) > ALL_BAR else 0


def press(client: Client, user: User, headers: dict[str, str]) -> Task:
    known = set(Task.objects.values_list("pk", flat=True))
    form = {
        "prompt": "A lighthouse on a cliff at dusk", "model": "demo/viduq2", "count": "1",
        "project": project_of(user).slug, "intent": f"bench-{time.monotonic_ns():020}",
        "resolution": "1080p", "aspect_ratio": "16:9",
    }  # fmt: skip
    answer = client.post(ADDRESS, form, headers=headers)
    assert answer.status_code in (200, 302), answer.status_code
    return Task.objects.exclude(pk__in=known).get()


def follow(task: Task) -> None:
    """The jobs that the cluster would run, one after the other."""
    jobs.send()
    until(task, Status.STORING, jobs.poll)
    jobs.store()
    task.refresh_from_db()
    assert task.status == Status.SUCCEEDED, (task.status, task.error)


def until(task: Task, status: str, step: Callable[[], None]) -> None:
    ends = time.monotonic() + 60
    while Task.objects.get(pk=task.pk).status != status:
        assert time.monotonic() < ends, f"{task} did not get to {status}"
        Task.objects.filter(pk=task.pk).update(next_poll_at=timezone.now())
        step()


@contextmanager
def entered() -> Iterator[set[str]]:
    """The files of `generation/` in which a function was called meanwhile, in any thread."""
    found: set[str] = set()
    names: dict[Any, str] = {}

    def note(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and code not in names:
            path = Path(code.co_filename)
            inside = path.is_relative_to(ROOT) and code.co_name != "<module>"
            names[code] = path.relative_to(ROOT).as_posix() if inside else ""
            found.update(filter(None, [names[code]]))

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield found
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
