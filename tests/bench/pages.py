"""What the pages cost: run as `python -m tests.bench.pages`.

CPU of one request through the whole application, and its bytes on the wire as a browser takes them,
beside the health page and the log-in page in the same minute. Works in a temporary folder;
`--profile NAME` shows where the time of one row goes.
"""

import argparse
import cProfile
import logging
import os
import pstats
import sys
import time
from collections.abc import Callable

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()
logging.disable(logging.INFO)

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from generation.models import Team  # noqa: E402
from generation.views.feed.polling import Scope, active_state, live_of  # noqa: E402
from tests.factories import make_task, make_user, project_of, team_of  # noqa: E402

Ask = Callable[[], HttpResponse]
BEFORE: dict[str, Callable[[], object]] = {}  # by row, what is done before each and not measured
EMAIL = "bench@example.test"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outputs", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--profile", default="")
    asked = parser.parse_args()
    call_command("migrate", verbosity=0, skip_checks=True)
    rows = pages(asked.outputs)
    if asked.profile:
        BEFORE.get(asked.profile, bool)()
        profile(rows[asked.profile], asked.rounds)
        return 0
    print(f"{asked.outputs:,} outputs on {connection.vendor}, {asked.rounds} rounds, CPU of one")
    base = cpu_of(rows["log-in page"], asked.rounds)
    for name, ask in rows.items():
        cost = cpu_of(ask, asked.rounds, BEFORE.get(name, bool))
        BEFORE.get(name, bool)()
        with CaptureQueriesContext(connection) as queries:
            size = len(ask().content)
        print(f"{name:24}{cost:7.1f} ms {cost / base:5.1f} x log-in {len(queries):4} queries "
              f"{size / 1024:7.1f} KB")  # fmt: skip
    return 0


def cpu_of(ask: Ask, rounds: int, before: Callable[[], object] = bool) -> float:
    """Milliseconds: the median, as a busy machine makes some of them longer."""
    times = []
    for _ in range(rounds + 3):
        before()
        began = time.process_time()
        ask()
        times.append(time.process_time() - began)
    return sorted(times[3:])[rounds // 2] * 1_000


def profile(ask: Ask, rounds: int) -> None:
    for _ in range(3):
        ask()
    with cProfile.Profile() as seen:
        for _ in range(rounds):
            ask()
    shown = pstats.Stats(seen)
    shown.sort_stats("cumtime").print_stats(90)
    shown.sort_stats("tottime").print_stats(40)


def pages(outputs: int) -> dict[str, Ask]:
    user = make_user(EMAIL, name="Bench")
    call_command("seed", outputs=outputs, user=EMAIL, no_files=True, skip_checks=True)
    client, stranger = Client(), Client()
    client.force_login(user)
    numbers = iter(range(1_000_000))

    def get(address: str, who: Client = client, **headers: str) -> Ask:
        sent = {"Accept-Encoding": "gzip", **headers}
        return lambda: expect(who.get(address, headers=sent))

    asked: list[str] = []

    def change() -> None:
        asked[:] = [live(team_of(user))]
        task.record(progress=0.5)

    def changed() -> HttpResponse:
        """One task changed since the page asked, as most polls of a busy page find."""
        headers = {"Accept-Encoding": "gzip", "HX-Request": "true"}
        return expect(client.get(asked[0], headers=headers))

    def live(team: Team) -> str:
        scope = Scope(team.memberships.get(user=user))
        return live_of(scope, team.change_seq, active_state(scope), task.batch_id).url

    def press() -> HttpResponse:
        form = {
            "prompt": f"A lighthouse on a cliff at dusk {next(numbers)}", "model": "demo/viduq2",
            "count": "1", "project": project_of(user).slug, "resolution": "1080p",
            "intent": f"bench-{time.monotonic_ns():020}", "aspect_ratio": "16:9",
        }  # fmt: skip
        return expect(client.post("/create/image/", form, headers={"HX-Request": "true"}))

    BEFORE["live poll, one change"] = change
    task = make_task(user, status="running", accepted_at=timezone.now(), sent_at=timezone.now())
    return {
        "health page": get("/healthz", stranger),
        "log-in page": get("/login/", stranger),
        "create": get("/create/image/"),
        "create, video": get("/create/reference/"),
        "live poll, nothing new": get(live(team_of(user))),
        "live poll, one change": changed,
        "library of 60": get("/library/"),
        "submit, web part": press,
    }


def expect(answer: HttpResponse) -> HttpResponse:
    assert answer.status_code in (200, 204, 302), answer.status_code
    return answer


if __name__ == "__main__":
    sys.exit(main())
