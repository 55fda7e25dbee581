"""Emptying the test database between tests, past the audit log that lets nothing be deleted."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.operations import BaseDatabaseOperations

TABLE = "generation_auditevent"
plain_flush = BaseDatabaseOperations.execute_sql_flush


def flush(operations: BaseDatabaseOperations, statements: list[str]) -> None:
    with unguarded(operations.connection):  # type: ignore[attr-defined]
        plain_flush(operations, statements)


@contextmanager
def unguarded(connection: Any) -> Iterator[None]:
    """The database as it would be without its triggers."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER USER")
            yield
            cursor.execute(f"ALTER TABLE {TABLE} ENABLE TRIGGER USER")
            return
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [TABLE]
        )
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _, statement in triggers:
            cursor.execute(statement)
