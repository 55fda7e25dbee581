"""Kill a studio while its provider fails, and judge what becomes of the work."""

import secrets
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from generation.drill.faults import read_faults
from generation.drill.plan import DrillPlan
from generation.drill.setting import NoDatabase, run_apart
from generation.simulator.faults import validate


class Command(BaseCommand):
    help = (
        "Start a studio of its own against a simulator, kill its processes and let the provider "
        "fail, then judge by the simulator's ledger. Nothing of this installation is touched."
    )
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tasks", type=int, default=300)
        parser.add_argument("--kills", type=int, default=30)
        parser.add_argument(
            "--faults", default="standard", help="standard, none, or a JSON file with a list"
        )
        parser.add_argument("--seconds", type=float, default=600, help="how long the trouble lasts")
        parser.add_argument(
            "--patience", type=float, default=300, help="how long the calm after it may take"
        )
        parser.add_argument(
            "--database-url", default="", help="a PostgreSQL server to make a new database on"
        )
        parser.add_argument("--redis-url", default="", help="a Redis for the queue")
        parser.add_argument(
            "--quick", action="store_true", help="short waits for what is uncertain"
        )
        parser.add_argument("--seed", type=int, help="of the dice, to repeat the same kills")
        parser.add_argument("--keep", action="store_true", help="leave the folder with its logs")
        parser.add_argument(
            "--naive", action="store_true", help="send without a claim: this has to fail"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            faults, outages = read_faults(options["faults"], options["seconds"])
            for fault in faults:
                validate(fault)
        except (OSError, ValueError) as trouble:
            raise CommandError(f"The faults cannot be read ({trouble}).") from None
        url = options["database_url"]
        if url and not url.startswith(("postgres://", "postgresql://")):
            raise CommandError("--database-url must begin with postgres:// or postgresql://.")
        seed = secrets.randbelow(10_000) if options["seed"] is None else options["seed"]
        self.stdout.write(f"Drill with the seed {seed}.")
        plan = DrillPlan(
            tasks=options["tasks"], kills=options["kills"], seconds=options["seconds"],
            patience=options["patience"], naive=options["naive"], seed=seed, faults=faults,
            outages=outages,
        )  # fmt: skip
        try:
            code = run_apart(
                plan, settings.BASE_DIR, url, options["redis_url"],
                quick=options["quick"], keep=options["keep"],
            )  # fmt: skip
        except NoDatabase as trouble:
            raise CommandError(f"No database could be made for it ({trouble}).") from None
        sys.exit(code)
