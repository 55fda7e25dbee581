"""A folder, a database and a queue for one drill alone, and the environment that names them."""

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from generation.drill.plan import DrillPlan
from generation.supervisor import die_with_parent, free_port, python
from vidustudio import env

# What an operator has set for the real studio must not reach the drill.
SETTINGS = re.compile(
    r"(STUDIO|SIMULATOR|AWS|EMAIL)_\w+|\w+_BASE_URL|DATABASE_URL|REDIS_URL|SECRET_KEY|ALLOWED_HOSTS"
    r"|DEBUG|TIME_ZONE|LOG_LEVEL"
)
PROVIDERS = {"VIDU": "vidu", "VIDU_CN": "vidu-cn", "KKIAI": "kkiai", "VTRIX": "vtrix"}
OPTIONS = {"concurrency": 20, "credits": 1_000_000}  # of the simulator
# So that a short drill sees the end of what is uncertain.
QUICK = {"STUDIO_SEND_SECONDS": "5", "STUDIO_RECONCILE_GRACE": "3", "STUDIO_RECONCILE_GAP": "2"}
LOWEST, MANY = 20_000, 12_000  # ports below those that outgoing connections are given


def run_apart(
    plan: DrillPlan, base: Path, database_url: str, redis_url: str, *, quick: bool, keep: bool
) -> int:
    """Run a drill in a process and a place of its own; returns its exit code."""
    folder = Path(tempfile.mkdtemp(prefix="studio-drill-"))
    try:
        with own_database(database_url) as url:
            environment = environment_for(folder, url, redis_url) | (QUICK if quick else {})
            process = subprocess.Popen(  # noqa: S603  our own command
                python("-m", "generation.drill", plan.as_text()),
                cwd=base,
                env=environment,
                preexec_fn=die_with_parent,
            )
            return wait_for_end(process)
    finally:
        if keep:
            sys.stdout.write(f"Logs and data are in {folder}\n")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def wait_for_end(process: subprocess.Popen[bytes]) -> int:
    """Ctrl-C reaches it too: it then ends its studio, and that is waited for."""
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            return process.wait()


def environment_for(folder: Path, database_url: str, redis_url: str) -> dict[str, str]:
    simulator, studio = any_port(), any_port()
    address = f"http://127.0.0.1:{simulator}"
    kept = {name: value for name, value in os.environ.items() if not SETTINGS.fullmatch(name)}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "vidustudio.settings",
        "PYTHONUNBUFFERED": "1",
        "STUDIO_DATA_DIR": str(folder),
        "STUDIO_QUEUE": f"drill-{secrets.token_hex(6)}",
        "STUDIO_PUBLIC_URL": f"http://127.0.0.1:{studio}",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SIMULATOR_URL": address,
        "SIMULATOR_DB": str(folder / "simulator.sqlite3"),
        "SIMULATOR_CONTROL": "1",
        "SIMULATOR_PICTURES": "quick",
        "SIMULATOR_PACE": "0.2",
        "SIMULATOR_OPTIONS": json.dumps(OPTIONS),
        **{f"{name}_BASE_URL": f"{address}/{path}" for name, path in PROVIDERS.items()},
    }


def any_port() -> int:
    return free_port("127.0.0.1", LOWEST + secrets.randbelow(MANY))


class NoDatabase(Exception):
    """The server did not give a database to drill with."""


@contextlib.contextmanager
def own_database(url: str) -> Iterator[str]:
    """A new database on the server of `url`, removed afterwards; "" is a file in the folder."""
    if not url:
        yield ""
        return
    env.require_extra("--database-url", "postgres", "psycopg")
    import psycopg
    from psycopg import sql

    name = f"studio_drill_{secrets.token_hex(6)}"
    try:
        server = psycopg.connect(url, autocommit=True)
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg.Error as trouble:
        raise NoDatabase(str(trouble).strip().partition("\n")[0]) from None
    with server:
        try:
            yield at_database(url, name)
        finally:
            drop = sql.SQL("DROP DATABASE {} WITH (FORCE)")
            server.execute(drop.format(sql.Identifier(name)))


def at_database(url: str, name: str) -> str:
    return urlsplit(url)._replace(path=f"/{name}").geturl()
