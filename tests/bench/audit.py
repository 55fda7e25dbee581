"""What the page of the audit log costs: run as `python -m tests.bench.audit`.

Time and queries of its views at `--rows` acts of one team, beside as many of others; works in a
temporary folder, or with DATABASE_URL in a test database.
"""

import argparse
import logging
import os
import random
import re
import sys
import time
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()
logging.disable(logging.INFO)

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import (  # noqa: E402
    CaptureQueriesContext,
    setup_databases,
    teardown_databases,
)
from django.utils import timezone  # noqa: E402

from generation.models import AuditEvent, Role, Team, User, Verb  # noqa: E402
from tests.factories import make_member, make_user, team_of  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--members", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=60)
    asked = parser.parse_args()
    made = setup_databases(verbosity=0, interactive=False)
    try:
        report(asked.rows, asked.members, asked.rounds)
    finally:
        teardown_databases(made, verbosity=0)
    return 0


def report(rows: int, members: int, rounds: int) -> None:
    owner = make_user(name="Nadia Herz")
    team = team_of(owner)
    people = [owner, *(make_member(team, Role.MEMBER) for _ in range(members - 1))]
    fill(team, people, rows)
    fill(team_of(make_user()), people, rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(owner)
    cursor_of_next = re.search(
        r"after=([^\"]+)", client.get("/team/audit/?when=all").content.decode()
    )[1]
    views = {
        "30 days": "?",
        "400 days": "?when=all",
        "second page": f"?when=all&after={cursor_of_next}",
        "one person": f"?when=all&who={people[7].pk}",
        "results and trash": "?when=all&what=results",
        "a name": "?when=all&q=nadia",
        "a request": f"?when=all&q={AuditEvent.objects.order_by('at')[50].request_id}",
        "nothing like it": "?when=all&q=nothing-like-it",
        "export, CSV": "export.csv?when=all",
    }
    print(f"{rows:,} acts, {members} members, {connection.vendor}, {rounds} rounds")
    for name, query in views.items():
        measure(client, name, f"/team/audit/{query}", rounds)


def measure(client: Client, name: str, path: str, rounds: int) -> None:
    times, cpu = [], []
    for _ in range(rounds):
        began, busy = time.perf_counter(), time.process_time()
        client.get(path).getvalue()
        times.append((time.perf_counter() - began) * 1_000)
        cpu.append((time.process_time() - busy) * 1_000)
    times.sort(), cpu.sort()
    with CaptureQueriesContext(connection) as queries:
        client.get(path).getvalue()
    middle, late = rounds // 2, rounds * 95 // 100
    print(f"{name:20} {times[middle]:7.1f} ms, p95 {times[late]:7.1f}; of it CPU "
          f"{cpu[middle]:7.1f}, p95 {cpu[late]:7.1f}; {len(queries)} queries")  # fmt: skip


def fill(team: Team, people: list[User], rows: int) -> None:
    dice, now = random.Random(7), timezone.now()
    AuditEvent.objects.bulk_create(
        (
            AuditEvent(
                team=team, actor=(who := dice.choice(people)), actor_name=who.shown_name,
                actor_kind="user", verb=dice.choice(Verb.values), target_kind="task",
                target_id=str(number), target_name=f"Flacon launch film {number % 40}",
                changes={"count": number % 9, "role": ["viewer", "member"]}, ip="192.0.2.0/24",
                user_agent="Mozilla/5.0 (Macintosh) Firefox/130.0", session_hint="0a1b2c3d",
                request_id=f"{dice.getrandbits(48):012x}",
                at=now - timedelta(minutes=number * 55 * 10_000 // rows),
            )
            for number in range(rows)
        ),
        batch_size=1_000,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
