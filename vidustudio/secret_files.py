"""The installation's own secrets: made at first run, readable by their owner alone."""

import os
import secrets
import stat
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SHORTEST = 32


def read_or_make(path: Path, data_exist: bool) -> str:
    """Return the secret in `path`; make it when nothing depends on it yet.

    Raises ImproperlyConfigured when others may read the file, or when data exist that were
    made with a key that is gone: a fresh key would leave them unreadable without a word.
    """
    try:
        return read_secret(path, data_exist)
    except OSError as trouble:
        raise ImproperlyConfigured(
            f"{path} cannot be read or written ({trouble.strerror}). "
            "Run as the user who owns it, and see that its disk has room."
        ) from None


def read_secret(path: Path, data_exist: bool) -> str:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        if data_exist:
            raise ImproperlyConfigured(
                f"{path.name} is missing but data made with it exist. Restore it from a backup."
            ) from None
        return write_secret(path)
    with os.fdopen(handle) as file:
        if os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ImproperlyConfigured(f"Others can read {path.name}. Run: chmod 600 {path}")
        secret = file.read().strip()
    if len(secret) < SHORTEST:
        raise ImproperlyConfigured(
            f"{path} is {'too short' if secret else 'empty'}. Restore it from a backup, "
            "or remove it where nothing was made with it yet."
        )
    return secret


def write_secret(path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = secrets.token_urlsafe(48)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # the first process wins, and readers never see half a file
    except FileExistsError:
        return path.read_text().strip()
    finally:
        draft.unlink()
    return secret
