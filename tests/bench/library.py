"""How fast the library is with 100,000 outputs: run as `python -m tests.bench.library`.

Exits with 1 when a page is over its bar. Works in a temporary folder; DATABASE_URL measures another
database, which is filled once and stays for the next run. The bars are for 100,000.
"""

import argparse
import os
import sys
import time
from dataclasses import dataclass
from statistics import quantiles
from urllib.parse import urlencode

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from generation.forms.library_filter import Filter  # noqa: E402
from generation.forms.paging import Cursor  # noqa: E402
from generation.models import Output, Subject, Task, TaskSubject, Team, User  # noqa: E402
from tests.factories import make_user, team_of  # noqa: E402

PAGE_BAR, SEARCH_BAR, QUERY_BAR = 150, 200, 12  # milliseconds, milliseconds, queries
EMAIL = "bench@example.test"
WARM_UP = 3
PAGE = 60


@dataclass(frozen=True)
class Case:
    name: str
    address: str
    bar: int = PAGE_BAR
    fragment: bool = False
    queries: int = QUERY_BAR


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--outputs", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    asked = parser.parse_args()
    user = filled(asked.outputs)
    client = Client()
    client.force_login(user)
    print(f"{Output.objects.count():,} outputs on {connection.vendor}, {asked.rounds} rounds")
    over = [case.name for case in cases(team_of(user)) if not holds(client, case, asked.rounds)]
    print("over the bar: " + ", ".join(over) if over else "all within their bars")
    return 1 if over else 0


def filled(outputs: int) -> User:
    """The person whose team has that many outputs; a kept database is used as it is."""
    call_command("migrate", verbosity=0, skip_checks=True)
    user = User.objects.filter(email=EMAIL).first() or make_user(EMAIL, name="Bench")
    missing = outputs - Output.objects.count()
    if missing > 0:
        start = time.perf_counter()
        call_command("seed", outputs=missing, user=EMAIL, no_files=True, skip_checks=True)
        print(f"filled in {time.perf_counter() - start:.0f} s")
    return user


def cases(team: Team) -> list[Case]:
    rows = Output.objects.filter(team=team).kept().newest_first()
    pages = rows.count() // PAGE
    deep = {name: after(team, number) for name, number in DEPTHS.items() if number < pages}
    slugs = list(team.projects.values_list("slug", flat=True))
    people = list(team.members.order_by("id").values_list("id", flat=True))
    newest, middle = rows[0].pk, rows[rows.count() // 2].pk
    return [
        Case("first page", "/library/"),
        *(Case(name, f"/library/?after={cursor}") for name, cursor in deep.items()),
        *(Case(f"{name}, appended", f"/library/?after={cursor}", fragment=True)
          for name, cursor in deep.items()),
        # Where the place is, and what stands above it.
        Case("a place in the middle", f"/library/?at={middle}", queries=QUERY_BAR + 2),
        Case("a place that is gone", f"/library/?at={middle}&q=zeppelin", queries=QUERY_BAR + 2),
        Case("oldest first", "/library/?sort=oldest"),
        Case("images", "/library/?type=image"),
        Case("videos", "/library/?type=video"),
        Case("sounds", "/library/?type=audio"),
        Case("one kind of work", "/library/?mode=speech"),
        Case("one subject", f"/library/?subject={rare_subject(team)}"),
        Case("one project", "/library/?" + urlencode({"project": slugs[0]})),
        Case("empty project", "/library/?" + urlencode({"project": empty_project(team)})),
        Case("two projects", "/library/?" + urlencode({"project": slugs[:2]}, doseq=True)),
        Case("one person", f"/library/?person={people[1]}"),
        Case("rare person", f"/library/?person={rare_person(team)}"),
        Case("one model", "/library/?model=viduq1"),
        Case("everything at once", f"/library/?type=image&model=viduq1&person={people[1]}"
             f"&project={slugs[0]}&project={slugs[1]}&sort=oldest"),
        Case("search, common word", "/library/?q=lighthouse", SEARCH_BAR),
        Case("search, two words", "/library/?q=lighthouse+candlelight", SEARCH_BAR),
        Case("search, nothing found", "/library/?q=zeppelin", SEARCH_BAR),
        Case("search in a project", f"/library/?q=zeppelin&project={slugs[0]}", SEARCH_BAR),
        Case("viewer", f"/a/{newest}/"),
        Case("viewer, filtered", f"/a/{newest}/?ctx={Filter(models=('viduq1',)).sealed()}"),
        Case("trash", "/trash/"),
    ]  # fmt: skip


DEPTHS = {"page 100": 100, "page 1,000": 1_000}


def after(team: Team, number: int) -> str:
    rows = Output.objects.filter(team=team).kept().newest_first()
    last = rows.only("created_at")[(number - 1) * PAGE - 1]
    return Cursor.of(last.created_at, last.pk, number)


def empty_project(team: Team) -> str:
    found = team.projects.filter(name="Nothing yet").first()
    return (found or team.projects.create(name="Nothing yet")).slug


def rare_person(team: Team) -> int:
    """Somebody with three old outputs: no index leads to them."""
    user = User.objects.filter(email="rare@seed.invalid").first()
    if user is None:
        user = User.objects.create_user("rare@seed.invalid", name="Rare")
        team.memberships.create(user=user)
        oldest = Output.objects.filter(team=team).order_by("created_at").values_list("pk")[:3]
        Output.objects.filter(pk__in=[pk for (pk,) in oldest]).update(user=user)
    return user.pk


def rare_subject(team: Team) -> int:
    """A subject of one old task."""
    subject, fresh = Subject.objects.get_or_create(team=team, name="Rare")
    if fresh:
        task = Task.objects.filter(team=team).order_by("pk")[10]
        TaskSubject.objects.create(task=task, subject=subject, name="Rare", position=0)
    return subject.pk


def holds(client: Client, case: Case, rounds: int) -> bool:
    """Print one line and say whether the case is within its bars."""
    headers = {"HX-Request": "true"} if case.fragment else {}
    for _ in range(WARM_UP):
        assert client.get(case.address, headers=headers).status_code == 200, case.address
    with CaptureQueriesContext(connection) as asked:
        size = len(client.get(case.address, headers=headers).content)
    queries = len(asked)
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        client.get(case.address, headers=headers)
        times.append(1_000 * (time.perf_counter() - start))
    cuts = quantiles(times, n=20)
    p50, p95 = cuts[9], cuts[18]
    good = p95 <= case.bar and queries <= case.queries
    print(
        f"{case.name:26} p50 {p50:6.1f} ms   p95 {p95:6.1f} of {case.bar} ms   "
        f"{queries:2} queries   {size / 1024:5.0f} KB   {'' if good else 'OVER'}"
    )
    return good


if __name__ == "__main__":
    sys.exit(main())
