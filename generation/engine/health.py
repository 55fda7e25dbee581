"""Whether work goes on, and if not what is missing, each under a name of its own."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache as once
from threading import Thread
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.engine.figures import readiness_details
from generation.engine.worker_state import last_sign_of_life
from generation.media.storage import RESERVE, enough_space, local_root
from generation.models import Status, Task

STALE = timedelta(seconds=90)
LATE = timedelta(minutes=2)
DETAIL_SECONDS = 2
BANNER_SECONDS, SCHEMA_SECONDS, BUCKET_SECONDS = 10, 30, 60
REDIS_LIMIT, BUCKET_LIMIT = 2.0, 5.0
# What an admin reads of each.
SENTENCES = {
    "database": _("The database does not answer, or something in it is broken."),
    "migrations": _("The database is from an older version. Stop the studio and start it again."),
    "tables": _("Tables are missing in the database. Restore it from a backup."),
    "queue": _("Redis does not answer. Nothing is sent or saved until it does."),
    "cluster": _("No cluster is at work. Nothing is sent or saved. The log tells why."),
    "disk": _("The disk is full. Nothing is sent or saved until there is room."),
    "storage": _(
        "Files cannot be kept in the S3 bucket. Check its name, its keys and what they may do."
    ),
    "polling": _("Results are noticed late: the studio does not keep up with asking for them."),
}


def not_ready() -> list[str]:
    """What is missing for work to go on; empty when ready."""
    return [*missing_in_database(), *missing_elsewhere()]


def details() -> dict[str, Any]:
    """Who works on what since when, and what waits; asked at most every two seconds."""
    try:
        found: dict[str, Any] = kept("health-details", DETAIL_SECONDS, readiness_details)
    except DatabaseError:
        return {"workers": [], "lanes": {}}
    return found


def admin_sentences() -> list[Any]:
    """For the banner that admins see. A studio whose cluster never ran is only being set up."""
    names = kept("health-banner", BANNER_SECONDS, not_ready)
    if "cluster" in names and not is_stale():
        names = [name for name in names if name != "cluster"]
    return [SENTENCES[name] for name in names]


def cluster_is_down() -> bool:
    """For the banner in the pages; asked at most every 10 s."""
    return bool(kept("cluster-down", BANNER_SECONDS, is_stale))


def is_stale() -> bool:
    try:
        last = last_sign_of_life()
    except DatabaseError:
        return True
    return last is not None and timezone.now() - last > STALE


def kept(name: str, seconds: float, ask: Callable[[], Any]) -> Any:
    """The answer of the last so many seconds."""
    known = cache.get(name)
    if known is None:
        known = ask()
        with suppress(OSError):  # the disk is full
            cache.set(name, known, seconds)
    return known


def missing_in_database() -> Iterator[str]:
    now = timezone.now()
    try:
        yield from kept("health-schema", SCHEMA_SECONDS, missing_in_schema)
        last = last_sign_of_life()
        if last is None or now - last > STALE:
            yield "cluster"
        if is_late(now):
            yield "polling"
    except DatabaseError:
        yield "database"


def is_late(now: datetime) -> bool:
    return Task.objects.filter(status=Status.RUNNING, next_poll_at__lt=now - LATE).exists()


def missing_in_schema() -> list[str]:
    found = []
    if not migrations_on_disk() <= set(MigrationRecorder(connection).applied_migrations()):
        found.append("migrations")
    tables = {model._meta.db_table for model in apps.get_models() if model._meta.managed}
    if not tables <= set(connection.introspection.table_names()):
        found.append("tables")
    return found


@once
def migrations_on_disk() -> set[tuple[str, str]]:
    return set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def missing_elsewhere() -> Iterator[str]:
    if settings.REDIS_URL and not redis_answers():
        yield "queue"
    if not has_room():
        yield "disk"
    if local_root() is None and not kept("health-bucket", BUCKET_SECONDS, bucket_is_writable):
        yield "storage"


def redis_answers() -> bool:
    from redis import Redis, RedisError  # the package is an extra

    asked = Redis.from_url(
        settings.REDIS_URL, socket_timeout=REDIS_LIMIT, socket_connect_timeout=REDIS_LIMIT
    )
    try:
        return bool(asked.ping())
    except (RedisError, OSError):
        return False
    finally:
        asked.close()


def has_room() -> bool:
    """On the disk of the results, and on that of the database and the logs."""
    try:
        return enough_space(0) and shutil.disk_usage(settings.DATA_DIR).free >= RESERVE
    except OSError:
        return False


def bucket_is_writable() -> bool:
    """By writing to it as results are; in a thread, so that one that hangs holds up no page."""
    done: list[bool] = []

    def write() -> None:
        with suppress(Exception):  # whatever it is, results could not be kept either
            name = default_storage.save("health/check", ContentFile(b"kept"))
            default_storage.delete(name)
            done.append(True)

    thread = Thread(target=write, daemon=True, name="bucket")
    thread.start()
    thread.join(BUCKET_LIMIT)
    return bool(done)
