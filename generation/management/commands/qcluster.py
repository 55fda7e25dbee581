"""The cluster of this node: django-q2's command, with processes that end as they should."""

import logging
import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, close_old_connections

from generation import brokers, own_secrets
from generation.cluster.main import Cluster
from generation.engine import sweep

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Run the workers of this machine until SIGTERM or Ctrl-C."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--recover", action="store_true",
            help="Look at once at what a former cluster left; `studio` sets it.",
        )  # fmt: skip

    def handle(self, *_: Any, **options: Any) -> None:
        own_secrets.verify_or_exit()
        with brokers.hold_queue():
            try:
                cluster = Cluster()
            except OSError as trouble:
                raise CommandError(f"The cluster cannot start ({trouble}).") from trouble
            code = cluster.run(recover if options["recover"] else lambda: None)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # the thread that reports may wait for a database that never answers


def recover() -> None:
    close_old_connections()
    try:
        sweep.recover()
    except (DatabaseError, OSError) as trouble:
        log.warning("could not look for lost work (%s); the minute's sweep will", trouble)
