"""Words, switches, numbers, keys and folders."""

import os
import re
from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured

from vidustudio.secret_files import SHORTEST

DATA_KEY = re.compile(r"[!-~]+")
SHORTEST_TOKEN = 16
NUMBER = re.compile(r"[0-9]{1,9}")
QUEUE = re.compile(r"[A-Za-z0-9._:-]{1,80}")
DIFFERENT = 10  # characters that a random key has, and a row of equal ones has not
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def comma_separated(name: str, default: str = "") -> list[str]:
    """What stands between the commas, without the space around it."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def data_keys(name: str) -> list[str]:
    """Keys that cannot be guessed. They are not repeated in what is said of them."""
    keys = comma_separated(name)
    for number, key in enumerate(keys, 1):
        if len(key) < SHORTEST or len(set(key)) < DIFFERENT or not DATA_KEY.fullmatch(key):
            raise ImproperlyConfigured(
                f"Key {number} of {name} is too short or too simple: take {SHORTEST} letters, "
                "digits and signs or more, for example from: openssl rand -base64 48"
            )
    return keys


def token(name: str) -> str:
    """What a program shows to be let in. It is not repeated in what is said of it."""
    found = text(name)
    if found and (len(found) < SHORTEST_TOKEN or not DATA_KEY.fullmatch(found)):
        raise ImproperlyConfigured(
            f"{name} is too short or has spaces or letters with accents: take {SHORTEST_TOKEN} "
            "letters, digits and signs or more, for example from: openssl rand -hex 24"
        )
    return found


def flag(name: str, default: bool = False) -> bool:
    word = os.environ.get(name, "").strip().lower()
    if name not in os.environ:
        return default
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be yes or no, not {word!r}.")


def refuse_both(**flags: bool) -> None:
    """Raise ImproperlyConfigured where flags that exclude each other are all on."""
    if all(flags.values()):
        raise ImproperlyConfigured(f"{' and '.join(flags)} exclude each other. Leave one out.")


def number(name: str, default: int, least: int, most: int) -> int:
    word = text(name) or str(default)
    if not NUMBER.fullmatch(word) or not least <= int(word) <= most:
        raise ImproperlyConfigured(
            f"{name} must be a whole number from {least} to {most}, not {word!r}."
        )
    return int(word)


def name_of_queue(name: str, default: str) -> str:
    word = text(name) or default
    if not QUEUE.fullmatch(word):
        raise ImproperlyConfigured(
            f"{name} must be letters, digits and - . _ : without spaces, 80 at most, not {word!r}."
        )
    return word


def one_of(name: str, default: str, allowed: Collection[str]) -> str:
    word = text(name, default).upper()
    if word not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {word!r}.")
    return word


def time_zone(name: str, default: str) -> str:
    word = text(name, default)
    try:
        ZoneInfo(word)
    except (KeyError, ValueError, OSError):
        raise ImproperlyConfigured(
            f"{name} must be a name such as Europe/Berlin, not {word!r}."
        ) from None
    return word


def folder(name: str, default: Path) -> Path:
    """A folder that exists afterwards."""
    path = Path(text(name) or default).resolve()
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as trouble:
        raise ImproperlyConfigured(
            f"The folder {path} cannot be used ({trouble.strerror}). "
            f"Set {name} to one that this user may write to."
        ) from None
    return path


def require_extra(name: str, extra: str, *modules: str) -> None:
    """Raise ImproperlyConfigured when the setting `name` needs an extra that is not installed."""
    if any(find_spec(module) is None for module in modules):
        raise ImproperlyConfigured(
            f"{name} needs a package that is not installed. "
            f"Install the {extra} extra: uv sync --extra {extra}"
        )
