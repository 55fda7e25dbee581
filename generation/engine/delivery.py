"""What is sent when a result leaves the studio: its file, or a copy that carries marks.

A copy is made when it is first asked for, and kept while there is room. Originals never change.
"""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path, PurePath

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Q, Sum
from django.utils import timezone, translation

from generation.media import storage
from generation.media.provenance import xmp
from generation.media.provenance.carried import (
    C2PA,
    FORMATS,
    Wanted,
    planned_length,
    write_copy,
)
from generation.models import DeliveryCopy, DeliveryRules, Media, MediaKind, Output

VERSION = "1"  # another one has all copies made anew; the hashes of the old ones stay known
SOURCE, AIGC = "s", "a"
KEPT = timedelta(days=30)  # since it was last sent
BROKEN_OFF = timedelta(hours=1)
USED_AGAIN = timedelta(days=1)  # no finer: a download is no reason to write each time
MOST_BYTES = 10 * 1024**3  # of all copies
AT_ONCE = 200
LOCKS = 64
TRIES = 3


@dataclass(frozen=True)
class DeliveredFile:
    """A stored file to send. `is_copy`: it carries marks that the original lacks."""

    path: str
    bytes: int
    sha256: str
    mime: str
    is_copy: bool = False

    @property
    def extension(self) -> str:
        return PurePath(self.path).suffix[1:]


def original_of(media: Media) -> DeliveredFile:
    return DeliveredFile(media.path, media.bytes, media.sha256, media.mime)


def recipe_of(output: Output) -> str:
    """What its team has a copy carry; empty where the original is sent. Read `task` and `media`
    with the output, and `team__delivery_rules`."""
    rules, media = DeliveryRules.of(output.team), output.media
    signed = C2PA in (media.carried or "").split(",")
    if not rules.marks or signed or media.format not in FORMATS:
        return ""
    return VERSION + marks_in(rules)


def marks_in(rules: DeliveryRules) -> str:
    return SOURCE * rules.source_mark + AIGC * rules.aigc_keys


def wanted_for(output: Output, recipe: str) -> Wanted:
    """No number and no name of the studio: a file may go where nobody is to see them."""
    aigc = ""
    if AIGC in recipe:
        with translation.override("en"):  # the same whoever asks
            producer = str(output.task.get_provider_display())
        aigc = xmp.aigc_text(producer, output.media.sha256[:32])
    return Wanted(SOURCE in recipe, aigc)


def wanted_of_guests(rules: DeliveryRules, output: Output) -> Wanted | None:
    """What a file that guests save is to carry. It has lost its own notes before, with any
    signature, so there is none to keep. Read `task` and `media` with the output."""
    if not rules.marks or output.media.kind == MediaKind.AUDIO:
        return None
    return wanted_for(output, marks_in(rules))


def delivered_file(output: Output) -> DeliveredFile:
    """What to send for a result. Raises NoSpace, and FileNotFoundError where it is lost."""
    recipe = recipe_of(output)
    if not recipe:
        return original_of(output.media)
    return kept_copy(output, recipe) or make_copy(output, recipe)


def delivered_lengths(outputs: Sequence[Output]) -> dict[int, int]:
    """How long each is that is there, by its number, before any of them is made."""
    made = DeliveryCopy.objects.filter(media__in=[one.media_id for one in outputs])
    known = {
        (row.media_id, row.recipe): row.bytes
        for row in (made.exclude(made_at=None) if any(map(recipe_of, outputs)) else [])
    }
    found = {}
    for output in outputs:
        media, recipe = output.media, recipe_of(output)
        if not media.path or not default_storage.exists(media.path):
            continue
        found[output.pk] = media.bytes
        if recipe:
            length = known.get((media.pk, recipe)) or length_of(output, recipe)
            found[output.pk] = length
    return found


def length_of(output: Output, recipe: str) -> int:
    with storage.on_disk(output.media.path) as path:
        return planned_length(path, wanted_for(output, recipe))


def kept_copy(output: Output, recipe: str) -> DeliveredFile | None:
    media = output.media
    row = DeliveryCopy.objects.filter(media=media, recipe=recipe).exclude(made_at=None).first()
    if row is None or not default_storage.exists(row.path):
        return None
    if default_storage.size(row.path) != row.bytes:  # cut off by a disk that failed
        return None
    now = timezone.now()
    if row.used_at < now - USED_AGAIN:
        DeliveryCopy.objects.filter(pk=row.pk).update(used_at=now)
    return DeliveredFile(row.path, row.bytes, row.sha256, media.mime, is_copy=True)


def make_copy(output: Output, recipe: str) -> DeliveredFile:
    """One at a time for a file; who comes second finds it made."""
    media = output.media
    with one_at_a_time(media.pk):
        for _try in range(TRIES):
            found = kept_copy(output, recipe) or write_and_keep(output, recipe)
            if found:
                return found
    return original_of(media)


def write_and_keep(output: Output, recipe: str) -> DeliveredFile | None:
    """None where another machine made one in the same moment, or the row is gone."""
    media = output.media
    wanted = wanted_for(output, recipe)
    with (
        storage.report_full_disk(),
        storage.on_disk(media.path) as source,
        storage.scratch() as target,
    ):
        if not storage.enough_space(media.bytes):
            raise storage.NoSpace
        digest = write_copy(source, wanted, target)
        if not digest:
            return original_of(media)
        size = target.stat().st_size
        name = storage.random_name(PurePath(media.path).suffix[1:])
        try:
            reserve(media, recipe, name)
        except IntegrityError:
            return None
        storage.store_as(target, name)
    return publish(media, recipe, name, size, digest)


def reserve(media: Media, recipe: str, name: str) -> None:
    """Note the name first: what is broken off from here on is found and removed."""
    now = timezone.now()
    with transaction.atomic():
        rows = DeliveryCopy.objects.select_for_update().filter(media=media, recipe=recipe)
        row = rows.first()
        if row is None:
            DeliveryCopy.objects.create(media=media, recipe=recipe, path=name)
            return
        rows.update(path=name, made_at=None, used_at=now)
        if row.path:
            transaction.on_commit(lambda: storage.delete(row.path))


def publish(media: Media, recipe: str, name: str, size: int, digest: str) -> DeliveredFile | None:
    now = timezone.now()
    mine = DeliveryCopy.objects.filter(media=media, recipe=recipe, path=name)
    if not mine.update(bytes=size, sha256=digest, made_at=now, used_at=now):
        storage.delete(name)
        return None
    return DeliveredFile(name, size, digest, media.mime, is_copy=True)


@contextmanager
def one_at_a_time(number: int) -> Iterator[None]:
    """A file lock, which ends with its process."""
    folder = Path(settings.DATA_DIR) / "run" / "delivery"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / f"{number % LOCKS}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# --- The end of copies ----------------------------------------------------------------------------


def copy_paths(media: Media) -> list[str]:
    """The files to remove with a file, also those that are under way."""
    return list(media.delivery_copies.exclude(path="").values_list("path", flat=True))


def purge_copies(now: datetime) -> int:
    """Remove what was broken off, what nobody asks for any more, and what is too much."""
    rows = DeliveryCopy.objects.exclude(path="").order_by("used_at")
    broken = Q(made_at=None, used_at__lt=now - BROKEN_OFF)
    found = list(rows.filter(broken | Q(used_at__lt=now - KEPT))[:AT_ONCE])
    total = rows.aggregate(total=Sum("bytes"))["total"] or 0
    excess = total - sum(row.bytes for row in found) - MOST_BYTES
    if excess > 0:
        chosen = {row.pk for row in found}
        for row in rows.exclude(made_at=None)[:AT_ONCE]:
            if excess <= 0:
                break
            if row.pk not in chosen:
                found.append(row)
                excess -= row.bytes
    for row in found:
        forget_file(row)
    return len(found)


def forget_file(row: DeliveryCopy) -> None:
    """The file before its name, so that one which is left is found again."""
    storage.delete(row.path)
    DeliveryCopy.objects.filter(pk=row.pk, path=row.path).update(path="", made_at=None)
