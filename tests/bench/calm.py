"""What once brought the cluster out of step: run as `python -m tests.bench.calm [SCENARIO ...]`.

Each scenario starts a cluster with three senders against a simulator of its own, on SQLite, or on
DATABASE_URL and REDIS_URL where they are set. Exits with 1 when one is over its bar.
"""

import json
import os
import secrets
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.chaos.node import Node, Site, running_site, wait_for

CREATE = {"method": "POST"}
SENDERS = "3"
FINAL = ("succeeded", "failed", "cancelled")
SCENARIOS: dict[str, Callable[[Site], bool]] = {}


def scenario(run: Callable[[Site], bool]) -> Callable[[Site], bool]:
    SCENARIOS[run.__name__] = run
    return run


def main() -> int:
    asked = sys.argv[1:] or list(SCENARIOS)
    missed = []
    for name in asked:
        with running_site() as site:
            code = os.fork()
            if code == 0:  # each has settings and connections of its own
                os._exit(inside(name, site))
            if os.waitstatus_to_exitcode(os.waitpid(code, 0)[1]):
                missed.append(name)
    print("over the bar: " + ", ".join(missed) if missed else "all within their bars")
    return 1 if missed else 0


def inside(name: str, site: Site) -> int:
    os.environ.update(site.environment, STUDIO_WORKERS=SENDERS, LOG_LEVEL="WARNING")
    import django

    django.setup()
    from generation.models import Team, User

    Team.create_personal(User.objects.create_user("calm@example.test", "x"))
    began = time.monotonic()
    try:
        held = SCENARIOS[name](site)
    finally:
        for node in site.started:
            node.process.terminate()
            node.process.wait(60)
    print(f"{name}: {'held' if held else 'NOT HELD'}, {time.monotonic() - began:.0f} s", flush=True)
    return 0 if held else 1


# --- Scenarios ------------------------------------------------------------------------


@scenario
def slow_results(site: Site) -> bool:
    """Four results that take 40 s each."""
    node = started(site)
    order(1, "one to know its size")
    wait_for(lambda: states() == {"succeeded": 1}, 60, f"not stored: {states()}")
    size = size_of_newest()
    drip = {"kind": "drip", "bytes": size // 80 + 1, "seconds": 0.5, "match": {"path": "/results/"}}
    site.simulator.faults(drip)
    order(4, "slow")
    reached = wait_until(lambda: states() == {"succeeded": 5}, 300)
    return show(node, reached)


@scenario
def late_answers(site: Site) -> bool:
    """Twelve creates that are answered after 25 s."""
    node = started(site)
    site.simulator.settings(processing=3600, pace=1)
    site.simulator.faults({"kind": "delay", "when": "after", "seconds": 25, "match": CREATE})
    order(12, "late")
    reached = wait_until(lambda: states() == {"running": 12}, 240)
    return show(node, reached)


@scenario
def endless_downloads(site: Site) -> bool:
    """Two downloads without end, and two that hardly move, beside 20 ordinary tasks."""
    node = started(site)
    usual = seconds_for(20, "usual")
    endless = {"kind": "endless", "bytes": 2 * 1024**4, "match": {"prompt": "endless"}}
    trickle = {"kind": "drip", "bytes": 16, "seconds": 0.5}
    of_trickle = {"match": {"path": "/results/", "prompt": "trickle"}}
    site.simulator.faults(endless, trickle | of_trickle)
    order(2, "endless")
    order(2, "trickle")
    wait_until(lambda: states().get("storing", 0) == 4, 60)
    beside = seconds_for(20, "ordinary")
    print(f"  20 ordinary tasks: alone {usual:.1f} s, beside four endless downloads {beside:.1f} s")
    return show(node, beside < 2 * usual + 5)


@scenario
def outage(site: Site) -> bool:
    """The provider is away for 5 s with 50 tasks queued."""
    node = started(site)
    site.simulator.settings(processing=1, queue=0)
    accepted, lost = {"when": "after", "match": CREATE}, {"match": {"method": "GET"}}
    site.simulator.faults({"kind": "drop"} | accepted, {"kind": "drop"} | lost)
    order(50, "outage")
    uncertain = 0
    ends = time.monotonic() + 5
    while time.monotonic() < ends:
        uncertain = max(uncertain, states().get("uncertain", 0))
        time.sleep(0.1)
    uncertain = max(uncertain, states().get("uncertain", 0))
    site.simulator.faults()
    reached = wait_until(lambda: states() == {"succeeded": 50}, 300)
    paid = len(site.simulator.ledger())
    print(f"  uncertain {uncertain}, paid for {paid} of 50")
    return show(node, reached and uncertain <= 3 and paid == 50)


@scenario
def many_due(site: Site) -> bool:
    """10,000 due rows of each state: how many messages wait at most."""
    from generation.models import Task

    order(1, "template")
    sample = Task.objects.get()
    for status in ("queued", "running", "storing", "uncertain"):
        add_rows(sample, 10_000, status)
    node = started(site)
    most = 0
    ends = time.monotonic() + 60
    while time.monotonic() < ends:
        most = max(most, waiting_messages())
        time.sleep(0.1)
    print(f"  messages waiting at most {most}, {states()}")
    return show(node, most <= 20)


@scenario
def neighbour(site: Site) -> bool:
    """A small team's wait beside a neighbour with 50,000 queued tasks."""
    from generation.models import Task

    site.simulator.settings(processing=3600, queue=0, pace=1)  # sending alone is looked at
    node = started(site)
    alone = waits_of(20)
    node.process.terminate()
    node.process.wait(60)
    order(1, "template", "neighbour@example.test")
    sample = Task.objects.order_by("-pk")[0]
    add_rows(sample, 50_000, "queued")
    node = started(site)
    wait_until(lambda: states().get("running", 0) > 40, 60)
    beside = waits_of(20)
    ratio = statistics.median(beside) / statistics.median(alone)
    print(
        f"  median wait of 20 tasks: alone {statistics.median(alone):.2f} s,"
        f" beside 50,000 {statistics.median(beside):.2f} s, x{ratio:.2f}"
    )
    return show(node, ratio <= 2)


# --- Steps ----------------------------------------------------------------------------


def started(site: Site) -> Node:
    return site.start("qcluster", STUDIO_WORKERS=SENDERS)


def order(count: int, prompt: str, email: str = "calm@example.test") -> list[int]:
    from generation.catalogue import rules
    from generation.engine.start import Start, start
    from generation.models import Task, Team, User

    offer = rules.offer("demo", "image", "viduq2")
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, "x")
        Team.create_personal(user)
    team = user.teams.get()
    last = Task.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for number in range(count):
        values = rules.check(offer, {"prompt": f"{prompt} {number}"}, {})
        start(
            Start(
                user=user, team=team, project=team.projects.get(), key=None, offer=offer,
                intent=secrets.token_hex(8), values=values,
            )
        )  # fmt: skip
    return list(Task.objects.filter(pk__gt=last, user=user).values_list("pk", flat=True))


def states() -> Counter[str]:
    from generation.models import Task

    return Counter(Task.objects.values_list("status", flat=True))


def seconds_for(count: int, prompt: str) -> float:
    from generation.models import Task

    began, made = time.monotonic(), order(count, prompt)
    mine = Task.objects.filter(pk__in=made)
    wait_for(lambda: mine.filter(status__in=FINAL).count() == count, 300, "not all ended")
    return time.monotonic() - began


def waits_of(count: int) -> list[float]:
    """Seconds from the press to the acceptance, one task after the other."""
    from generation.models import Task

    found = []
    for number in range(count):
        began, made = time.monotonic(), order(1, f"wait {number}")
        sent = Task.objects.filter(pk__in=made).exclude(status__in=("queued", "submitting"))
        wait_for(sent.exists, 120, "not sent")
        found.append(time.monotonic() - began)
    return found


def add_rows(sample: Any, count: int, status: str) -> None:
    from django.utils import timezone

    from generation.models import Task
    from generation.models.tasks import new_marker

    now = timezone.now() - timedelta(seconds=1)
    due = {"running": "next_poll_at", "storing": "next_store_at", "uncertain": "next_look_at"}
    sample.status, sample.claim = status, ""
    for name in due.values():
        setattr(sample, name, None)
    if status in due:
        setattr(sample, due[status], now)
        sample.sent_at, sample.accepted_at = now, now
    names = [field.attname for field in Task._meta.concrete_fields]
    rows = []
    for number in range(count):
        copied = Task(**{name: getattr(sample, name) for name in names})
        copied.pk, copied.marker = None, new_marker()
        copied.intent = f"{secrets.token_hex(8)}-{number}"
        copied.remote_id = "" if status == "queued" else secrets.token_hex(8)
        rows.append(copied)
    Task.objects.bulk_create(rows, batch_size=500)


def size_of_newest() -> int:
    from generation.models import Output

    return int(Output.objects.order_by("-pk")[0].media.bytes)


def waiting_messages() -> int:
    from django_q.brokers import get_broker

    return int(get_broker().queue_size())


def wait_until(is_true: Callable[[], Any], seconds: float) -> bool:
    ends = time.monotonic() + seconds
    while not is_true():
        if time.monotonic() > ends:
            return False
        time.sleep(0.2)
    return True


def show(node: Node, reached: bool) -> bool:
    """Print what was reached; a warning of the cluster is a miss too."""
    warnings = [line for line in node.lines().splitlines() if "WARNING" in line or "ERROR" in line]
    restarts = [line for line in warnings if "starting another" in line or "restart" in line]
    print(f"  {json.dumps(states())}, restarts {len(restarts)}")
    for line in warnings[:5]:
        print(f"  {line[:160]}")
    return reached and not restarts


if __name__ == "__main__":
    sys.exit(main())
