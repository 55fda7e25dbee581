"""The whole studio with one command: web server, cluster and simulator."""

import logging
import os
import socket
import subprocess
import time
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from generation import setup_link
from generation.engine import queue, sweep
from generation.models import Beat
from generation.supervisor import Service, Supervisor, free_port, port_is_free, python

log = logging.getLogger(__name__)
CANARY_SECONDS = 5.0
STUCK_AFTER = timedelta(seconds=30)
LOCAL = ("127.0.0.1", "localhost", "::1")
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  compared, not bound


class Command(BaseCommand):
    help = "Migrate, then run the web server, the cluster and the simulator until Ctrl-C."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-simulator", action="store_true")

    def handle(self, *_: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        if not port_is_free(host, port):
            raise CommandError(f"Port {port} is in use. Choose another with --port.")
        call_command("migrate", interactive=False, verbosity=0)
        recover()
        environment = self.environment(host, port, simulator=not options["no_simulator"])
        collect_static(environment)
        supervisor = Supervisor(self.services(host, port, environment), self.say)
        supervisor.every(CANARY_SECONDS, send_canary)
        self.greet(host, port)
        supervisor.run()

    def environment(self, host: str, port: int, *, simulator: bool) -> dict[str, str]:
        """What the parts must know of each other."""
        found = {"STUDIO_STATIC_MANIFEST": "1", "PYTHONUNBUFFERED": "1"}
        here = host if host not in (*EVERYWHERE, *LOCAL) else "127.0.0.1"
        found["STUDIO_LOCAL_URL"] = f"http://{here}:{port}"
        if "ALLOWED_HOSTS" not in os.environ:
            names = {*settings.ALLOWED_HOSTS, *own_names(host)}
            found["ALLOWED_HOSTS"] = ",".join(sorted(names))
        if not simulator:
            found["STUDIO_SIMULATOR"] = "no"
        elif "SIMULATOR_URL" not in os.environ:
            found["SIMULATOR_URL"] = f"http://127.0.0.1:{free_port('127.0.0.1', port + 1)}"
            found["SIMULATOR_DB"] = str(settings.DATA_DIR / "simulator.sqlite3")
        return found

    def services(self, host: str, port: int, environment: dict[str, str]) -> list[Service]:
        web = python(
            "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
            "--workers", "1", "--blocking-threads", "8", "--no-ws", "--respawn-failed-workers",
            "--log-level", "error", "vidustudio.wsgi:application",
        )  # fmt: skip
        cluster = python("manage.py", "qcluster")
        found = [
            Service("web server", web, environment),
            Service("cluster", cluster, environment, cluster_is_healthy, recover),
        ]
        address = environment.get("SIMULATOR_URL", "")
        if address:
            number = address.rpartition(":")[2]
            simulator = python(
                "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", number,
                "--workers", "1", "--log-level", "error", "generation.simulator.app:app",
            )  # fmt: skip
            found.append(Service("simulator", simulator, environment))
        return found

    def greet(self, host: str, port: int) -> None:
        shown = "localhost" if host in LOCAL or host in EVERYWHERE else host
        address = settings.PUBLIC_URL or f"http://{shown}:{port}"
        self.say(f"Vidu Studio is at {address}/")
        token = setup_link.setup_token()
        if token:
            self.say(f"Make the first account here (works once): {address}/welcome/{token}/")
        self.say("Stop it with Ctrl-C.")

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def collect_static(environment: dict[str, str]) -> None:
    """In a process that has the hashed names on, as the web server will."""
    subprocess.run(  # noqa: S603  our own command
        python("manage.py", "collectstatic", "--noinput", "--verbosity", "0"),
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment},
        check=True,
    )


def own_names(host: str) -> list[str]:
    """The names under which others on the network may open the studio."""
    if host in LOCAL:
        return []
    if host not in EVERYWHERE:
        return [host]
    name = socket.gethostname()
    try:
        addresses = [str(info[4][0]) for info in socket.getaddrinfo(name, None)]
    except OSError:
        addresses = []
    return [name, *addresses]


def send_canary() -> None:
    """A message that only a working queue and worker turn into a heartbeat."""
    close_old_connections()
    if queue.backlog() < 1_000:
        queue.send("beat")


def recover() -> None:
    close_old_connections()
    try:
        sweep.recover()
    except DatabaseError:
        log.warning("the database is away; the minute's sweep will look again")


def cluster_is_healthy(started: float) -> bool:
    """False when the canary has not come back for a while, counted from the start."""
    if time.monotonic() - started < STUCK_AFTER.total_seconds():
        return True
    try:
        last = Beat.last("cluster")
    except DatabaseError:
        return True  # the database is away: restarting the cluster would not help
    return last is not None and timezone.now() - last < STUCK_AFTER
