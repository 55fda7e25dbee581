"""The data folder and the database file: for the user who runs the studio alone."""

import os
import stat
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

OTHERS = stat.S_IRWXG | stat.S_IRWXO
# What stands in a data folder: another folder's rights are not for us to change.
OURS = {"secrets", "media", "studio.sqlite3", "cache", "run", "static"}


def make_folder_private(path: Path) -> None:
    """Raise ImproperlyConfigured when others may look into it and that cannot be changed."""
    if not is_open(path):
        return
    names = {one.name for one in path.iterdir()}
    if names and not names & OURS:
        raise ImproperlyConfigured(
            f"Others can look into {path}, which holds other things than a studio's. "
            f"Set STUDIO_DATA_DIR to a folder of its own, or run: chmod 700 {path}"
        )
    close(path, 0o700)


def make_database_private(path: Path) -> None:
    """Made here where it is missing: SQLite gives the files beside it the rights of this one."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        pass
    except OSError as trouble:
        raise ImproperlyConfigured(
            f"{path} cannot be made ({trouble.strerror}). See that its disk has room."
        ) from None
    for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        if file.exists() and is_open(file):
            close(file, 0o600)


def is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & OTHERS)


def close(path: Path, mode: int) -> None:
    try:
        path.chmod(mode)
    except OSError:
        still_open = True
    else:
        still_open = is_open(path)  # not every file system keeps rights
    if still_open:
        raise ImproperlyConfigured(
            f"Others can read {path}, and this user cannot change that. "
            f"As its owner run: chmod {mode:o} {path}"
        )
