"""Whether this studio goes on where it was: a copy, or one that was away, sends nothing by itself.

The row of `Installation` says where the database was last at work and when. Whoever is about to
send reads it within the claim itself, so it holds however a process begins or goes on.
"""

import contextlib
import hashlib
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, Q
from django.db.models.functions import Now
from django.utils import timezone

from generation.engine.hold import hold_all
from generation.engine.worker_state import last_sign_of_life
from generation.models import Installation

BEAT_SECONDS = 30.0
BEATS_FILE = "beats"
POSTGRES_PLACE = """
    SELECT current_database(), (SELECT oid FROM pg_database WHERE datname = current_database()),
        to_regclass('generation_installation')::oid,
        has_function_privilege('pg_control_system()', 'EXECUTE')
"""
POSTGRES_SYSTEM = "SELECT system_identifier FROM pg_control_system()"


@dataclass
class _Last:
    """What this process knows since it last noted that the studio is alive."""

    place: str = ""
    at: float = 0.0


_last = _Last()


def database_place() -> str:
    """Where the database lies. The same from every node, and after every restart; not that of a
    copy. A file is known by its number in the file system, which no copy has, and its path."""
    facts = postgres_facts() if connection.vendor == "postgresql" else file_facts()
    return hashlib.sha256("\n".join(map(str, facts)).encode()).hexdigest()


def postgres_facts() -> list[object]:
    """A restored dump has another number, of itself or of its tables."""
    with connection.cursor() as cursor:
        cursor.execute(POSTGRES_PLACE)
        *found, may_ask = cursor.fetchone()
        facts: list[object] = [*found]
        if may_ask:
            cursor.execute(POSTGRES_SYSTEM)
            facts += cursor.fetchone()
    return facts


def file_facts() -> list[object]:
    """Not its device: that number may be another after a restart of the machine."""
    path = Path(connection.settings_dict["NAME"])
    try:
        return [path.resolve(), path.stat().st_ino]
    except OSError:  # in memory
        return [path]


def may_claim() -> Q:
    """For the WHERE of a claim: the studio is known to be at work here."""
    _last.place = _last.place or database_place()
    return at_work_in(_last.place)


@lru_cache(maxsize=1)
def at_work_in(place: str) -> Q:
    """Kept, because it takes longer to build than a claim takes to run."""
    return ~Q(Exists(Installation.objects.not_at_work(place)))


def note_alive() -> None:
    """Note that the studio is at work here. If it was away or is a copy, what is queued is held
    first. May be called by anybody at any time, and dies harmlessly anywhere."""
    _last.place = database_place()
    known = read_beats()
    if not Installation.touch(_last.place, known):
        look_back(_last.place, known)
    found = Installation.objects.values_list("beats", flat=True).first()
    write_beats(found or 0)
    _last.at = time.time()


def note_alive_at_times() -> None:
    """At most every half a minute; by the clock on the wall, which goes on while machines sleep."""
    if abs(time.time() - _last.at) > BEAT_SECONDS:
        note_alive()


def note_if_stale() -> None:
    """After a claim that failed: was it because nobody knows whether the studio was away?"""
    if Installation.objects.not_at_work(_last.place or database_place()).exists():
        note_alive()


@transaction.atomic
def look_back(place: str, known_beats: int) -> None:
    """The row of a database that has none yet is as old as the last heartbeat of any node."""
    last = last_sign_of_life() or timezone.now()
    first = {"place": place, "last_alive": last, "beats": known_beats}
    Installation.objects.get_or_create(defaults=first)
    row = Installation.objects.select_for_update().get()
    if Installation.touch(place, known_beats):  # new, or another node was quicker
        return
    hold_all()
    beats = max(row.beats, known_beats) + 1
    Installation.objects.update(place=place, last_alive=Now(), beats=beats)


def beats_file() -> Path:
    return Path(settings.DATA_DIR) / BEATS_FILE


def read_beats() -> int:
    """How often the database of this folder was known alive. One that knows of fewer is older
    than its folder: a backup was put in its place."""
    try:
        return int(beats_file().read_text())
    except (OSError, ValueError):
        return 0


def write_beats(beats: int) -> None:
    """After the database has it, so that the file never knows more than its own database."""
    draft = beats_file().with_suffix(".draft")
    with contextlib.suppress(OSError):  # the disk is full
        draft.write_text(str(beats))
        draft.replace(beats_file())
