"""One migrated SQLite file, from which each process of the tests starts: the migrations cost more
than most files of tests, and run once for the same migrations and packages."""

import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".pytest_cache" / "databases"


def kept_file() -> Path:
    """Its name has a digest of all that it depends on."""
    parts = ["generation/migrations", "generation/models", "generation/apps.py", "uv.lock"]
    files = [path for part in parts for path in [ROOT / part, *sorted((ROOT / part).rglob("*.py"))]]
    digest = hashlib.sha256(sqlite3.sqlite_version.encode())
    for path in files:
        digest.update(path.read_bytes() if path.is_file() else b"")
    return FOLDER / f"{digest.hexdigest()[:16]}.sqlite3"


@contextmanager
def starting_migrated(creation: Any) -> Iterator[Callable[[sqlite3.Connection], None]]:
    """Test databases start as the kept file while this is open. Where there is none, one process
    makes it, by giving its migrated database to what this yields, and others wait for it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    kept, create, open_until_the_end = kept_file(), creation._create_test_db, []
    lock = (FOLDER / "lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)

    def create_filled(self: Any, *args: Any, **kwargs: Any) -> str:
        name: str = create(self, *args, **kwargs)
        if kept.exists():
            target = sqlite3.connect(name, uri=name.startswith("file:"))
            open_until_the_end.append(target)  # a database in memory lives as long as this
            with closing(sqlite3.connect(kept)) as source:
                source.backup(target)
        return name

    def keep(migrated: sqlite3.Connection) -> None:
        if not kept.exists():
            part = kept.with_suffix(f".{os.getpid()}")
            with closing(sqlite3.connect(part)) as target:
                migrated.backup(target)
            part.rename(kept)
            for other in FOLDER.glob("*.sqlite3"):
                if other != kept:
                    other.unlink(missing_ok=True)
        lock.close()  # the others go on

    creation._create_test_db = create_filled
    try:
        yield keep
    finally:
        creation._create_test_db = create
        lock.close()
        for one in open_until_the_end:
            one.close()
