"""The brokers of the queue without Redis: messages are rows of django-q2's own table.

They are taken oldest first, and whoever takes them waits to be woken instead of asking five times
a second. A wake-up may be lost: every `poll` seconds the table is asked all the same, which also
finds the messages whose lock ran out.
"""

import fcntl
import hashlib
import logging
import os
import select
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError, InterfaceError, OperationalError, connections, transaction
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ

log = logging.getLogger(__name__)
TABLE = OrmQ._meta.db_table
ASK_EVERY = 0.25  # seconds, where nothing wakes
HOLD_SECONDS = 1.0  # `check`, or a cluster that just ends, may hold a queue for a moment

Message = tuple[int, str]


class WakingBroker(ORM):  # type: ignore[misc]  # django-q2 has no types
    """What both databases share: look, and wait only when nothing was there."""

    away = False

    def dequeue(self) -> list[Message] | None:
        """The next messages, or None after a wait. Called only by the process that pushes."""
        try:
            self.get_ready()
            taken = self.take()
            if self.away:
                log.info("the queue answers again")
                self.away = False
            if taken:
                return taken
            self.wait()
        except (OperationalError, InterfaceError) as trouble:
            self.start_anew(trouble)
        return None

    def get_ready(self) -> None:
        """Let wake-ups reach this process, before it looks, so that none falls in between."""
        raise NotImplementedError

    def take(self) -> list[Message]:
        raise NotImplementedError

    def wait(self) -> None:
        """Until a wake-up comes, or it is time to ask."""
        raise NotImplementedError

    def start_anew(self, trouble: Exception) -> None:
        """The database restarts or dropped the connection: the next look opens another."""
        connection = connections[Conf.ORM]
        if connection.in_atomic_block:
            raise trouble
        if not self.away:
            reason = str(trouble).strip().partition("\n")[0]
            log.warning("the queue does not answer (%s); looking again each second", reason)
            self.away = True
        with suppress(OperationalError, InterfaceError):
            connection.close()
        time.sleep(1)


class SkipLockedBroker(WakingBroker):
    """PostgreSQL: several clusters take from one queue, and none takes what another looks at."""

    # One statement, which a pooler in any mode passes on whole.
    TAKE = f"""
        WITH free AS MATERIALIZED (
            SELECT id FROM {TABLE} WHERE key = %s AND lock <= now()
            ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
        )
        UPDATE {TABLE} AS message SET lock = now() + make_interval(secs => %s)
        FROM free WHERE message.id = free.id RETURNING message.id, message.payload
    """  # noqa: S608  the name of a table
    PUT = f"""
        WITH put AS (
            INSERT INTO {TABLE} (key, payload, lock) VALUES (%s, %s, now()) RETURNING id
        )
        SELECT id, pg_notify(%s, '') FROM put
    """  # noqa: S608  the name of a table
    listening: Any = None  # the connection that listens
    is_woken = False

    def enqueue(self, task: str) -> int:
        self.get_connection()
        with connections[Conf.ORM].cursor() as cursor:
            cursor.execute(self.PUT, [self.list_key, task, short_name(self.list_key)])
            return int(cursor.fetchone()[0])

    def take(self) -> list[Message]:
        with connections[Conf.ORM].cursor() as cursor:
            cursor.execute(self.TAKE, [self.list_key, Conf.BULK, Conf.RETRY])
            return sorted(cursor.fetchall())

    def get_ready(self) -> None:
        connection = connections[Conf.ORM]
        connection.ensure_connection()
        if self.listening is connection.connection:
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            # A pooler shows its clients a number of its own. It may hand the connection to
            # another client after each transaction, and wake-ups with it.
            self.is_woken = cursor.fetchone()[0] == connection.connection.info.backend_pid
            if self.is_woken:
                cursor.execute(f'LISTEN "{short_name(self.list_key)}"')
            else:
                log.info("a pooler stands before the database: looking every %s s", ASK_EVERY)
        self.listening = connection.connection

    def wait(self) -> None:
        if not self.is_woken:
            time.sleep(ASK_EVERY)
            return
        connection = connections[Conf.ORM]
        with connection.wrap_database_errors:
            for _ in connection.connection.notifies(timeout=Conf.POLL, stop_after=1):
                pass


class SqliteBroker(WakingBroker):
    """SQLite on one machine: a byte in a named pipe wakes the process that pushes."""

    pipe: int | None = None
    is_unheard = False

    @property
    def path(self) -> Path:
        return run_folder() / f"{short_name(self.list_key)}.wake"

    def enqueue(self, task: str) -> int:
        messages = OrmQ.objects.using(Conf.ORM)
        with no_wait_for_disk():
            number = messages.create(key=self.list_key, payload=task, lock=timezone.now()).pk
        transaction.on_commit(self.wake, using=Conf.ORM)
        return int(number)

    def delete(self, task_id: int) -> None:
        with no_wait_for_disk():
            OrmQ.objects.using(Conf.ORM).filter(pk=task_id).delete()

    def wake(self) -> None:
        """Nobody may be there, or nobody may have read for long: then it is of no use."""
        with suppress(OSError):
            pipe = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
            try:
                if stat.S_ISFIFO(os.fstat(pipe).st_mode):
                    os.write(pipe, b"\n")
            finally:
                os.close(pipe)

    def take(self) -> list[Message]:
        messages = OrmQ.objects.using(Conf.ORM)
        free = messages.filter(key=self.list_key, lock__lte=timezone.now()).order_by("pk")
        waiting = list(free[: Conf.BULK])
        if not waiting:
            return []
        with no_wait_for_disk():
            return [
                (one.pk, one.payload)
                for one in waiting
                if messages.filter(pk=one.pk, lock=one.lock).update(lock=self.timeout(one))
            ]

    def get_ready(self) -> None:
        if self.pipe is not None and is_same_file(self.pipe, self.path):
            return
        self.close()
        try:
            self.pipe = open_pipe(self.path)
        except OSError as trouble:
            if not self.is_unheard:
                log.warning(
                    "%s cannot be used (%s): looking for messages every %s s",
                    self.path, trouble.strerror, ASK_EVERY,
                )  # fmt: skip
            self.is_unheard = True

    def wait(self) -> None:
        if self.pipe is None:
            time.sleep(ASK_EVERY)
        elif select.select([self.pipe], [], [], Conf.POLL)[0]:
            os.read(self.pipe, 65_536)

    def close(self) -> None:
        if self.pipe is not None:
            os.close(self.pipe)
            self.pipe = None


@contextmanager
def no_wait_for_disk() -> Iterator[None]:
    """Commit messages without the 5 to 15 ms that a disk takes, and nothing else.

    A power cut may lose one, or bring one again; both are harmless. What is written before and
    after waits for the disk as ever.
    """
    connection = connections[Conf.ORM]
    connection.ensure_connection()
    with connection.cursor() as cursor:
        level = cursor.execute("PRAGMA synchronous").fetchone()[0]
        journal = cursor.execute("PRAGMA journal_mode").fetchone()[0]
    # Without a write-ahead log the file itself could suffer.
    if connection.in_atomic_block or journal != "wal":
        yield
        return
    try:
        connection.cursor().execute("PRAGMA synchronous=NORMAL").close()
        yield
    finally:
        try:
            connection.cursor().execute(f"PRAGMA synchronous={level}").close()
        except DatabaseError:
            connection.close()  # the next one begins with what the settings say
            raise


def open_pipe(path: Path) -> int:
    """Open a pipe for reading, made where there is none. Raises OSError.

    It is open for writing too, or it would be at its end after the first writer.
    """
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if path.is_symlink() or (path.exists() and not path.is_fifo()):
        path.unlink()
    with suppress(FileExistsError):
        os.mkfifo(path, 0o600)
    return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW)


def is_same_file(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except OSError:
        return False


def run_folder() -> Path:
    return Path(settings.DATA_DIR) / "run"


def short_name(queue: str) -> str:
    """A name that suits files and channels, whatever the queue is called."""
    return f"queue-{hashlib.sha256(queue.encode()).hexdigest()[:16]}"


def queue_size(queue: str | None = None) -> int:
    """How many messages wait that nobody has taken."""
    return int(get_broker(queue).queue_size())


class QueueTaken(CommandError):
    """Another cluster takes the messages of this queue."""


@contextmanager
def hold_queue(queue: str | None = None) -> Iterator[None]:
    """Keep a second cluster of this machine off a queue that SQLite holds.

    For the main process of a cluster. Its children do not inherit the lock, so that an orphan
    keeps no new cluster from starting. Raises QueueTaken with a sentence for people.
    """
    queue = queue or Conf.CLUSTER_NAME
    if not isinstance(get_broker(queue), SqliteBroker):
        yield
        return
    run_folder().mkdir(mode=0o700, exist_ok=True)
    with (run_folder() / f"{short_name(queue)}.lock").open("a+") as file:
        ends = time.monotonic() + HOLD_SECONDS
        while not is_locked_here(file.fileno()):
            if time.monotonic() > ends:
                raise QueueTaken(
                    f"Another cluster takes the messages of the queue {queue!r} in "
                    f"{settings.DATA_DIR}, and SQLite serves one at a time. Stop it, "
                    "or use PostgreSQL (DATABASE_URL) or Redis (REDIS_URL)."
                )
            time.sleep(0.05)
        yield


def is_locked_here(handle: int) -> bool:
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
