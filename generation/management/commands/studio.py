"""The whole studio with one command: web server, cluster and simulator."""

import fcntl
import os
import subprocess
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections

from generation import own_secrets, setup_link
from generation.cluster.folders import node, run_root
from generation.management import collected
from generation.management.own_names import EVERYWHERE, LOCAL, own_names
from generation.supervisor import (
    STOP_SECONDS,
    Service,
    become,
    free_port,
    python,
    why_not_listen,
)


class Command(BaseCommand):
    help = "Migrate, then run the web server, the cluster and the simulator until Ctrl-C."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-simulator", action="store_true")

    def handle(self, *_: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        if trouble := why_not_listen(host, port):
            raise CommandError(trouble)
        with in_a_sentence(), alone():
            self.say("Preparing the database and the pages.")
            call_command("migrate", interactive=False, verbosity=0)
            own_secrets.verify()
            environment = self.environment(host, port, simulator=not options["no_simulator"])
            collect_static(environment)
            self.greet(host, port)
            connections.close_all()
            become(self.services(host, port, environment))

    def environment(self, host: str, port: int, *, simulator: bool) -> dict[str, str]:
        """What the parts must know of each other."""
        found = {"STUDIO_STATIC_MANIFEST": "1", "PYTHONUNBUFFERED": "1"}
        here = host if host not in (*EVERYWHERE, *LOCAL) else "127.0.0.1"
        here = f"[{here}]" if ":" in here else here
        found["STUDIO_LOCAL_URL"] = f"http://{here}:{port}"
        names = [*settings.ALLOWED_HOSTS, here]  # links in mail have the first
        if "ALLOWED_HOSTS" not in os.environ:
            names += own_names(host)
        found["ALLOWED_HOSTS"] = ",".join(dict.fromkeys(names))
        if not simulator:
            found["STUDIO_SIMULATOR"] = "no"
        elif "SIMULATOR_URL" not in os.environ:
            found["SIMULATOR_URL"] = f"http://127.0.0.1:{free_port('127.0.0.1', port + 1)}"
            found["SIMULATOR_DB"] = str(settings.DATA_DIR / "simulator.sqlite3")
        return found

    def services(self, host: str, port: int, environment: dict[str, str]) -> list[Service]:
        cluster = python("manage.py", "qcluster", "--recover")
        found = [
            Service("web", web_command(host, port), environment),
            Service(
                "cluster", cluster, environment, drain=STOP_SECONDS,
                heartbeats=str(run_root() / f"{node()}-{{pid}}" / "[ms]*.json"),
            ),
        ]  # fmt: skip
        address = environment.get("SIMULATOR_URL", "")
        if address:
            number = address.rpartition(":")[2]
            simulator = python(
                "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", number,
                "--workers", "1", "--log-level", "error", "generation.simulator.app:app",
            )  # fmt: skip
            found.append(Service("simulator", simulator, environment, is_needed=True))
        return [replace(service, folder=str(settings.BASE_DIR)) for service in found]

    def greet(self, host: str, port: int) -> None:
        shown = "localhost" if host in LOCAL or host in EVERYWHERE else host
        address = settings.PUBLIC_URL or f"http://{shown}:{port}"
        self.say(f"Vidu Studio is at {address}/")
        if host in EVERYWHERE and "ALLOWED_HOSTS" not in os.environ:
            below = settings.PUBLIC_PATH
            also = [f"http://{name}:{port}{below}/" for name in own_names(host)]
            if also:
                self.say(f"On this network: {' '.join(also)}")
        token = setup_link.setup_token()
        if token:
            self.say(f"Make the first account here (works once): {address}/welcome/{token}/")
        self.say("Stop it with Ctrl-C.")

    def say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def web_command(host: str, port: int) -> list[str]:
    return python(
        "-m", "granian", "--interface", "asgi", "--host", host, "--port", str(port),
        "--workers", "1", "--no-ws", "--respawn-failed-workers", "--http1-buffer-size", "65536",
        "--workers-kill-timeout", "20", "--log-level", "error", "vidustudio.asgi:application",
    )  # fmt: skip


@contextmanager
def alone() -> Iterator[None]:
    """Two studios on one folder would share the queue, the pages' files and the simulator."""
    with (settings.DATA_DIR / "studio.lock").open("w") as file:
        os.set_inheritable(file.fileno(), True)  # this process goes on as the supervisor
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(
                f"Another studio runs on {settings.DATA_DIR}. "
                "Stop it, or set STUDIO_DATA_DIR to a folder of its own."
            ) from None
        yield


@contextmanager
def in_a_sentence() -> Iterator[None]:
    """What keeps the studio from starting, for a person; --traceback shows all of it."""
    advice = f"See that {settings.DATA_DIR} may be written to and has room."
    try:
        yield
    except DatabaseError as trouble:
        if settings.DATABASE_URL:
            advice = "See that its server runs, and that DATABASE_URL is right."
        reason = str(trouble).strip().partition("\n")[0]
        raise CommandError(f"The database cannot be used ({reason}). {advice}") from trouble
    except OSError as trouble:
        raise CommandError(f"The studio cannot start ({trouble}). {advice}") from trouble


def collect_static(environment: dict[str, str]) -> None:
    """In a process with the hashed names on, as the web server will; once for the same files."""
    mark = collected.source_mark()
    if collected.is_collected(mark):
        return
    collected.forget_collected()
    done = subprocess.run(  # noqa: S603  our own command
        python("manage.py", "collectstatic", "--noinput", "--verbosity", "0"),
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it was ended"])[-1]
        raise CommandError(
            f"The files of the pages could not be written ({reason}). "
            f"See that {settings.STATIC_ROOT} may be written to and has room."
        )
    collected.note_collected(mark)
