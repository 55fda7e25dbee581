"""The database and Redis. Their addresses may hold a password, so they are not repeated."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from vidustudio.env.addresses import fault_of_server
from vidustudio.env.values import require_extra, text

POSTGRES = ("postgres", "postgresql", "pgsql")
REDIS_NUMBER = re.compile(r"/?[0-9]{0,6}")


def sqlite(path: Path) -> dict[str, Any]:
    """The database of an installation on one machine."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL: a claimed task must be on the disk before the first byte leaves.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "PRAGMA cache_size=-32000; PRAGMA mmap_size=134217728;",
        },
    }


def database(name: str) -> dict[str, Any]:
    found = text(name)
    scheme = found.partition("://")[0] if "://" in found else ""
    if scheme == "sqlite":
        return sqlite(sqlite_file(name, found))
    if scheme and scheme not in POSTGRES:
        raise ImproperlyConfigured(
            f"{name} names a database that the studio does not work with. Write "
            "postgres://user:password@host/name, or leave it out for SQLite in the data folder."
        )
    try:
        facts = dj_database_url.parse(found, conn_max_age=60, conn_health_checks=True)
        fault = not facts.get("NAME") or bool(re.search(r"\s", found))
    except ValueError:
        fault = True
    if fault:
        raise ImproperlyConfigured(
            f"{name} is no address of a database. Write postgres://user:password@host/name, "
            "with every special character of the password as %XX."
        )
    require_extra(name, "postgres", "psycopg")
    return dict(facts)


def sqlite_file(name: str, found: str) -> Path:
    """Its path. A database in memory would be another one in each process."""
    rest = found.removeprefix("sqlite://")
    file = Path(rest[1:])
    if not rest.startswith("/") or rest[1:] in ("", "/", ":memory:") or rest.endswith("/"):
        raise ImproperlyConfigured(
            f"{name} names no file. Write sqlite:////path/to/studio.sqlite3 (four slashes), or "
            "leave it out for one in the data folder."
        )
    if not file.absolute().parent.is_dir():
        raise ImproperlyConfigured(
            f"{name} names a file in {file.absolute().parent}, and there is no such folder. Make "
            "it, or leave the setting out for a file in the data folder."
        )
    return file.absolute()


def redis(name: str) -> str:
    """redis://host:port/number, or unix:///path?db=number; empty where there is none."""
    found = text(name).rstrip("/")
    if not found:
        return ""
    scheme, _, rest = found.partition("://")
    if scheme not in ("redis", "rediss", "unix") or not rest:
        raise ImproperlyConfigured(
            f"{name} must begin with redis:// or rediss:// or unix://. "
            "Write it as redis://host:6379/0"
        )
    if fault := fault_of_redis(found, is_socket=scheme == "unix"):
        raise ImproperlyConfigured(f"{name} {fault}. Write it as redis://host:6379/0")
    return found


def fault_of_redis(found: str, *, is_socket: bool) -> str:
    if re.search(r"\s", found):
        return "has a space in it"
    try:
        parts = urlsplit(found)
    except ValueError:
        return "has a bracket that is not closed, and a password needs its signs as %XX"
    numbers = [*parse_qs(parts.query).get("db", []), *([] if is_socket else [parts.path])]
    if not is_socket and (fault := fault_of_server(parts.netloc.rpartition("@")[2])):
        return fault
    if not all(REDIS_NUMBER.fullmatch(one) for one in numbers):
        return "has a database that is no number"
    return ""
