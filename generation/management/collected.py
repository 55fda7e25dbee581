"""Whether the pages' files are collected already: most starts follow one with the same files."""

import json
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders

MAKERS = ("django", "whitenoise", "lightningcss", "rjsmin")
OWN_MAKER = Path(settings.BASE_DIR) / "vidustudio" / "static_storage.py"


def source_mark() -> str:
    """Of all that decides what collecting writes."""
    seen = sha256(OWN_MAKER.read_bytes())
    for maker in MAKERS:
        seen.update(f"{maker} {version(maker)}\n".encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            with storage.open(name) as file:
                content = file.read()
            seen.update(f"{name} {len(content)}\n".encode() + content)
    return seen.hexdigest()


def mark_file() -> Path:
    return Path(settings.STATIC_ROOT) / "collected-from"


def is_collected(mark: str) -> bool:
    """Whether the files made from this are there, all of them."""
    root = Path(settings.STATIC_ROOT)
    try:
        if mark_file().read_text() != mark:
            return False
        paths = json.loads((root / "staticfiles.json").read_text())["paths"]
    except (OSError, ValueError, KeyError):
        return False
    return all((root / name).is_file() for name in paths.values())


def forget_collected() -> None:
    mark_file().unlink(missing_ok=True)


def note_collected(mark: str) -> None:
    mark_file().write_text(mark)
