"""What pages cost whoever is in many large teams: run as `python -m tests.bench.teams`.

Time and queries of pages for a person in `--teams` teams, one of them with `--members` members and
`--rows` acts in its log; works in a temporary folder, or with DATABASE_URL in a test database.
"""

import argparse
import sys

from tests.bench.audit import fill, measure  # isort: skip  # sets Django up

from django.db import connection
from django.test import Client
from django.test.utils import setup_databases, teardown_databases

from generation.models import Role, Team
from tests.factories import make_invitation, make_member, make_output, make_user, team_of

PAGES = (
    "/create/image/", "/library/", "/projects/", "/subjects/", "/settings/", "/team/members/",
    "/team/invitations/", "/team/roles/", "/team/audit/", "/team/settings/",
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--teams", type=int, default=40)
    parser.add_argument("--members", type=int, default=50)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=40)
    asked = parser.parse_args()
    made = setup_databases(verbosity=0, interactive=False)
    try:
        report(asked)
    finally:
        teardown_databases(made, verbosity=0)
    return 0


def report(asked: argparse.Namespace) -> None:
    owner = make_user(name="Nadia Herz")
    team = team_of(owner)
    people = [owner, *(make_member(team, Role.MEMBER) for _ in range(asked.members - 1))]
    fill(team, people, asked.rows)
    for number in range(50):
        make_invitation(team, owner, f"guest{number}@example.test")
    for _ in range(30):
        make_output(owner)
    for number in range(asked.teams - 1):
        Team.found(f"Maison Odile, {number} rue de la Paix", owner)
    client = Client()
    client.force_login(owner)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"{asked.teams} teams, {asked.members} members, {asked.rows:,} acts, {connection.vendor}")
    for path in PAGES:
        measure(client, path, path, asked.rounds)


if __name__ == "__main__":
    sys.exit(main())
