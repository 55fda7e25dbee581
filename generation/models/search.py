"""The index that searches ask: one column of words a table, beside it FTS5 on SQLite and a
`tsvector` on PostgreSQL. Migration 0043 makes them; `keep_index` mends what SQLite lost."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import BooleanField, F, Func, TextField

from generation.catalogue.folding import Group, Part, index_text

TABLES = ("generation_output", "generation_batch", "generation_subject")


def search_column() -> "TextField[str, str]":
    """Words as `catalogue.folding.index_text` gives them, with the team's mark among them."""
    return TextField(default="", db_default="", editable=False)


def team_mark(team_id: int) -> str:
    return f"zzt{team_id}"


def project_mark(project_id: int) -> str:
    """Instead of its name, which may change: a search asks which projects have the word."""
    return f"zzp{project_id}"


def batch_text(team_id: int, project_id: int, texts: Iterable[str]) -> str:
    """What the index holds of a press of Generate, and of each of its results: `texts` are the
    prompt and the names of subjects and files."""
    return index_text(texts, team_mark(team_id), project_mark(project_id))


def fts5(part: Part) -> str:
    found = '"' + " ".join(part.tokens) + '"' + ("*" if part.is_beginning else "")
    return "(" + " OR ".join([found, *(f'"{mark}"' for mark in part.marks)]) + ")"


def tsquery(part: Part) -> str:
    found = " <-> ".join(part.tokens) + (":*" if part.is_beginning else "")
    return "(" + " | ".join([f"({found})", *part.marks]) + ")"


Sql = tuple[str, tuple[Any, ...]]


class Found(Func):
    """Whether the index of the row's table finds the row. The index is asked first and once, so a
    search that finds nothing walks no table."""

    output_field = BooleanField()

    def __init__(self, table: str, team_id: int, groups: tuple[Group, ...]) -> None:
        super().__init__(F("pk"))
        self.table, self.team, self.groups = table, team_mark(team_id), groups

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Sql:  # noqa: ARG002
        lhs, params = compiler.compile(self.get_source_expressions()[0])
        match = " AND ".join([f'"{self.team}"', *self.each(fts5, " AND ", negative=False)])
        for group in self.each(fts5, " AND ", negative=True):
            match = f"({match}) NOT ({group})"
        index = f"{self.table}_search"
        sql = f"{lhs} IN (SELECT rowid FROM {index} WHERE {index} MATCH %s)"  # noqa: S608
        return sql, (*params, match)

    def as_postgresql(self, compiler: Any, _connection: Any, **_: Any) -> Sql:
        lhs, params = compiler.compile(self.get_source_expressions()[0])
        wanted = [self.team, *self.each(tsquery, " & ", negative=False)]
        wanted += [f"!({group})" for group in self.each(tsquery, " & ", negative=True)]
        found = f"SELECT id FROM {self.table} WHERE search_vector @@ %s::tsquery"  # noqa: S608
        return f"{lhs} = ANY(ARRAY({found}))", (*params, " & ".join(wanted))

    def each(self, form: Callable[[Part], str], joint: str, *, negative: bool) -> list[str]:
        groups = [group.parts for group in self.groups if group.negative == negative]
        return [joint.join(map(form, parts)) for parts in groups]


def keep_index(connection: Any) -> None:
    """Make what is missing of the index. SQLite loses triggers where a migration writes a table
    anew; then what was written meanwhile is read again."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE name LIKE 'generation%'")
        present = {name for (name,) in cursor.fetchall()}
        for table in TABLES:
            index = f"{table}_search"
            wanted = {index, f"{index}_added", f"{index}_changed", f"{index}_removed"}
            if table in present and not wanted <= present:
                for statement in sqlite_statements(table):
                    cursor.execute(statement)


def sqlite_statements(table: str) -> list[str]:
    index = f"{table}_search"
    add = f"INSERT INTO {index}(rowid, search_text) VALUES (new.id, new.search_text);"  # noqa: S608
    remove = (
        f"INSERT INTO {index}({index}, rowid, search_text)"  # noqa: S608
        " VALUES ('delete', old.id, old.search_text);"
    )
    triggers = {
        "added": f"AFTER INSERT ON {table} BEGIN {add} END",
        "changed": f"AFTER UPDATE OF search_text ON {table} BEGIN {remove} {add} END",
        "removed": f"AFTER DELETE ON {table} BEGIN {remove} END",
    }
    return [
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {index} USING fts5("
        f"search_text, content='{table}', content_rowid='id', tokenize='ascii')",
        *(f"CREATE TRIGGER IF NOT EXISTS {index}_{name} {what}" for name, what in triggers.items()),
        f"INSERT INTO {index}({index}) VALUES ('rebuild')",  # noqa: S608
    ]


def postgresql_statements(table: str) -> list[str]:
    return [
        f"ALTER TABLE {table} ADD COLUMN search_vector tsvector"
        " GENERATED ALWAYS AS (to_tsvector('simple', search_text)) STORED",
        f"CREATE INDEX {table}_search ON {table} USING gin (search_vector)",
    ]
