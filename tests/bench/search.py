"""What a search of the library costs: run as `python -m tests.bench.search`.

`--rows` outputs of one team with mixed prompts, beside as many of another; the newest 60 of what
each query finds, and how many it finds in all. Works in a temporary folder, or with DATABASE_URL in
a test database.
"""

import argparse
import random
import statistics
import sys
import time
from datetime import timedelta

from tests.bench.audit import measure  # noqa: F401  isort: skip  # sets Django up

from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone

from generation.forms.search import searched
from generation.models import Media, Output, User
from generation.models.search import batch_text
from tests.factories import make_task, make_user

SUBJECTS = (
    "A lighthouse",
    "Die Größe des Waldes",
    "灯塔",
    "黄昏海边的灯塔",
    "Москва ночью",
    "café au lait",
)
STYLES = (
    "neon",
    "film noir",
    "水彩",
    "long exposure",
    "at dusk",
    "夜景",
    "watercolour",
    "slow dolly in",
)
QUERIES = (
    "灯塔", "黄昏海边", "灯塔 neon", "lighthouse", "take4242", "塔", "москва", "nothinglikeit",
    "没有这个", "neon -lighthouse", '"film noir"',
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    asked = parser.parse_args()
    made = setup_databases(verbosity=0, interactive=False)
    try:
        report(asked.rows, asked.rounds)
    finally:
        teardown_databases(made, verbosity=0)
    return 0


def mixed_prompt(dice: random.Random) -> str:
    return f"{dice.choice(SUBJECTS)}, {dice.choice(STYLES)}, take{dice.randrange(9_000)}"


def fill(user: User, rows: int) -> int:
    """The team that has them."""
    dice, now, step = random.Random(7), timezone.now(), 10_000
    facts = {
        "mime": "image/png",
        "format": "png",
        "bytes": 9,
        "width": 16,
        "height": 9,
        "sha256": "",
    }
    for first in range(0, rows, step):
        task = make_task(user, status="succeeded")
        team, project = task.team_id, task.project_id
        media = Media.objects.bulk_create(
            Media(team=task.team, created_by=user, path=f"bench/{user.pk}-{first + n}", **facts)
            for n in range(min(step, rows - first))
        )
        Output.objects.bulk_create(
            (
                Output(
                    task=task, team=task.team, project=task.project, user=user, media=one,
                    position=n, created_at=now - timedelta(seconds=rows - first - n),
                    search_text=batch_text(team, project, [mixed_prompt(dice)]),
                )
                for n, one in enumerate(media)
            ),
            batch_size=2_000,
        )  # fmt: skip
    return team


def report(rows: int, rounds: int) -> None:
    team = fill(make_user(), rows)
    fill(make_user(), rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"{rows:,} rows of two teams each, {connection.vendor}, {rounds} rounds")
    library = Output.objects.filter(team=team, superseded=False).kept().newest_first()
    for query in QUERIES:
        times = []
        for _ in range(rounds):
            began = time.perf_counter()
            list(searched(library, query, team).values_list("pk", "created_at")[:61])
            times.append(1000 * (time.perf_counter() - began))
        found = searched(library, query, team).count()
        p95 = sorted(times)[int(len(times) * 0.95)]
        print(
            f"{query:20} {found:8,} rows  median {statistics.median(times):7.1f} ms  p95 {p95:7.1f}"
        )


if __name__ == "__main__":
    sys.exit(main())
