"""What large collections cost: run as `python -m tests.bench.collections`.

Time and queries of the pages of a collection with `--items` items and of moving one of them; works
in a temporary folder, or with DATABASE_URL in a test database.
"""

import argparse
import statistics
import sys
import time

from tests.bench.audit import measure  # isort: skip  # sets Django up

from django.db import connection
from django.test import Client
from django.test.utils import setup_databases, teardown_databases

from generation.models import Collection
from tests.factories import make_output, make_user, team_of


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=40)
    asked = parser.parse_args()
    made = setup_databases(verbosity=0, interactive=False)
    try:
        report(asked.items, asked.rounds)
    finally:
        teardown_databases(made, verbosity=0)
    return 0


def report(items: int, rounds: int) -> None:
    owner = make_user(name="Nadia Herz")
    row = Collection.objects.create(team=team_of(owner), name="Final picks", created_by=owner)
    outputs = [make_output(owner) for _ in range(items)]
    row.add(outputs, owner)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(owner)
    print(f"{items:,} items, {connection.vendor}, {rounds} rounds")
    for name, path in (
        ("list", "/collections/"), ("collection", f"/collections/{row.pk}/"),
        ("arrange", f"/collections/{row.pk}/arrange/"),
        ("arrange, in the middle", f"/collections/{row.pk}/arrange/?page=10"),
    ):  # fmt: skip
        measure(client, name, path, rounds)
    times, arrange = [], f"/collections/{row.pk}/arrange/"
    for number in range(rounds):
        to = ("first", "later", "last")[number % 3]
        body = {"output": outputs[number * 7 % items].pk, "to": to}
        began = time.perf_counter()
        answer = client.post(arrange, body, headers={"HX-Request": "true"})
        times.append(1000 * (time.perf_counter() - began))
        assert answer.status_code < 400, answer.status_code
    p95 = sorted(times)[int(len(times) * 0.95)]
    print(f"{'a move':24} median {statistics.median(times):.0f} ms, p95 {p95:.0f} ms")


if __name__ == "__main__":
    sys.exit(main())
