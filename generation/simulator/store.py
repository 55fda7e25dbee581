"""The simulator's memory: one SQLite file, used from the event loop's thread alone."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tasks (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    dialect TEXT NOT NULL,
    account TEXT NOT NULL,
    model TEXT NOT NULL,
    prompt TEXT NOT NULL,
    images TEXT NOT NULL,
    aspect_ratio TEXT NOT NULL,
    resolution TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    payload TEXT NOT NULL,
    callback_url TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    site TEXT NOT NULL,
    credits INTEGER NOT NULL,
    created_ns INTEGER NOT NULL,
    arrives REAL NOT NULL,
    starts REAL NOT NULL,
    lasts REAL NOT NULL,
    cancelled INTEGER NOT NULL DEFAULT 0,
    notified INTEGER NOT NULL DEFAULT 0,
    traits TEXT NOT NULL DEFAULT '{}',
    details TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS tasks_of_account ON tasks (dialect, account, number);
CREATE INDEX IF NOT EXISTS tasks_to_notify ON tasks (notified) WHERE callback_url != '';
CREATE TABLE IF NOT EXISTS ledger (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    dialect TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    model TEXT NOT NULL,
    payload TEXT NOT NULL,
    body_sha256 TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS requests (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    dialect TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    query TEXT NOT NULL,
    scheme TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    headers TEXT NOT NULL,
    body TEXT NOT NULL,
    length INTEGER NOT NULL,
    sha256 TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY,
    dialect TEXT NOT NULL,
    account TEXT NOT NULL,
    created REAL NOT NULL,
    etag TEXT NOT NULL DEFAULT '',
    finished INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS subjects (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    dialect TEXT NOT NULL,
    account TEXT NOT NULL,
    ready REAL NOT NULL,
    name TEXT NOT NULL,
    images TEXT NOT NULL,
    videos TEXT NOT NULL,
    voice_id TEXT NOT NULL,
    style TEXT NOT NULL,
    description TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS accounts (
    dialect TEXT NOT NULL,
    account TEXT NOT NULL,
    spent INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (dialect, account)
);
"""
TABLES = ("tasks", "ledger", "requests", "uploads", "subjects", "accounts", "meta")
# Columns that came later than their tables.
ADDED = {"tasks": {"details": "TEXT NOT NULL DEFAULT '{}'"}}
Row = sqlite3.Row


class Store:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None, timeout=20)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode=WAL")
        # An accepted task outlives a killed process; only a dead machine may lose the last ones.
        self.db.execute("PRAGMA synchronous=NORMAL")
        self.db.executescript(SCHEMA)
        self.add_columns()
        path.chmod(0o600)

    def add_columns(self) -> None:
        """To a file that an older version made."""
        for table, columns in ADDED.items():
            there = {row["name"] for row in self.all(f"PRAGMA table_info({table})")}
            for name in columns.keys() - there:
                self.run(f"ALTER TABLE {table} ADD COLUMN {name} {columns[name]}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def one(self, sql: str, *values: Any) -> Row | None:
        row: Row | None = self.db.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: Any) -> list[Row]:
        return self.db.execute(sql, values).fetchall()

    def run(self, sql: str, *values: Any) -> int:
        """Execute and tell how many rows changed."""
        return self.db.execute(sql, values).rowcount

    def insert(self, table: str, **values: Any) -> int:
        names = ", ".join(values)
        places = ", ".join("?" * len(values))
        sql = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608  our own names
        return self.db.execute(sql, tuple(values.values())).lastrowid or 0

    def recall(self, name: str, other: Any = None) -> Any:
        row = self.one("SELECT value FROM meta WHERE name = ?", name)
        return json.loads(row["value"]) if row else other

    def remember(self, name: str, value: Any) -> None:
        self.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", name, json.dumps(value))

    def clear(self) -> None:
        with self.transaction():
            for table in TABLES:
                self.run(f"DELETE FROM {table}")  # noqa: S608

    def close(self) -> None:
        self.db.close()
