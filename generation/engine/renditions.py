"""What guests are given in place of stored files: asked for by pages, made by the cluster, once."""

import contextlib
import logging
import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Case, IntegerField, Q, Value, When
from django.utils import timezone

from generation.engine.queue import Job, wake
from generation.engine.worker_state import progress, stopping
from generation.log_lines import log_line
from generation.media import renditions as media_renditions
from generation.media import storage
from generation.media.renditions import Rendered
from generation.media.storage import NoSpace, Unfit
from generation.models import (
    Media,
    MediaKind,
    Rendition,
    RenditionKind,
    RenditionState,
    ShareLink,
    ZipTicket,
)
from generation.models.renditions import TRIES_MOST

AGAIN = timedelta(minutes=2)
NOTED = timedelta(hours=1)  # how exact `used_at` is
# What is burnt in may change each day, so such a file is soon of no use; others wait for longer.
KEPT_MARKED, KEPT = timedelta(days=3), timedelta(days=14)
MOST_WANTED = 4_000  # of one link: of what is asked for beyond, nothing is noted
AT_ONCE = 200
K = RenditionKind
ORDER = {K.THUMB: 0, K.POSTER: 1, K.SOCIAL: 1, K.PLAY: 2, K.CLEAN: 3}
log = logging.getLogger(__name__)


def find_rendition(
    media: Media, kind: str, link: ShareLink | None = None, text: str = ""
) -> Rendition | None:
    """The finished one, or None: then it is being made from now on, or it cannot be."""
    key = Rendition.key_of(media, kind, link, text)
    row = Rendition.objects.filter(key=key).first()
    now = timezone.now()
    if row is None:
        want(media, kind, link, text)
        return None
    if row.used_at < now - NOTED:
        Rendition.objects.filter(pk=row.pk).update(used_at=now)
    return row


def want(media: Media, kind: str, link: ShareLink | None = None, text: str = "") -> None:
    owner = link if text else None
    open_ones = Rendition.objects.filter(state=RenditionState.WANTED, link=owner)
    if owner is not None and open_ones.count() >= MOST_WANTED:
        return
    with contextlib.suppress(IntegrityError), transaction.atomic():  # another page asked as well
        Rendition.objects.create(
            key=Rendition.key_of(media, kind, link, text),
            media=media, kind=kind, link=owner, text=text,
        )  # fmt: skip
    wake(Job.RENDER)


def render_due(ends: float) -> bool:
    """Make what is wanted, small things first. True when work is left."""
    while time.monotonic() < ends and not stopping():
        now = timezone.now()
        row = next_wanted(now)
        if row is None:
            return False
        if row.tries >= TRIES_MOST:  # each try before died with its worker
            Rendition.objects.filter(pk=row.pk).update(state=RenditionState.FAILED)
        elif row.claim(now):
            progress(f"rendition {row.pk}")
            render(row)
    return next_wanted(timezone.now()) is not None


def free_claims(now: datetime) -> None:
    """What a cluster that died was making is made again; where another still makes it, the first
    that is done counts."""
    Rendition.objects.filter(state=RenditionState.WANTED, next_at__gt=now).update(next_at=now)


def next_wanted(now: datetime) -> Rendition | None:
    rank = Case(
        *(When(kind=kind, then=Value(place)) for kind, place in ORDER.items()),
        output_field=IntegerField(),
    )
    rows = Rendition.objects.filter(state=RenditionState.WANTED, next_at__lte=now)
    return rows.select_related("media").order_by(rank, "next_at", "pk").first()


def render(row: Rendition) -> None:
    """The file is stored in full before the row tells of it, so nobody is given a half of one."""
    media = row.media
    if media is None:
        Rendition.objects.filter(pk=row.pk).delete()
        return
    try:
        made = make(media, row.kind, row.text)
    except (Unfit, OSError) as trouble:
        put_off(row, trouble)
        return
    facts = {"path": made.path, "mime": made.mime, "bytes": made.bytes}
    rows = Rendition.objects.filter(pk=row.pk, state=RenditionState.WANTED)
    if not rows.update(state=RenditionState.MADE, **facts):  # purged or made meanwhile
        storage.delete(made.path)


def put_off(row: Rendition, trouble: Exception) -> None:
    """Try again later; the third time give it up. A full disk is no fault of the file."""
    is_full = isinstance(trouble, NoSpace)
    again = is_full or row.tries + 1 < TRIES_MOST
    state = RenditionState.WANTED if again else RenditionState.FAILED
    tries = row.tries if is_full else row.tries + 1
    rows = Rendition.objects.filter(pk=row.pk)
    rows.update(state=state, tries=tries, next_at=timezone.now() + AGAIN)
    log.warning(log_line("rendition", rendition=row.pk, kind=row.kind, trouble=str(trouble)[:200]))


def make(media: Media, kind: str, text: str) -> Rendered:
    if kind == K.CLEAN:
        return media_renditions.render_clean(media.path, media.kind)
    if kind == K.PLAY and media.kind != MediaKind.IMAGE:
        seconds = media.seconds or 0.0
        spoken = text if media.kind == MediaKind.VIDEO else ""
        return media_renditions.render_playable(media.path, media.kind, seconds, spoken)
    return media_renditions.render_image(media.preview_path, kind, text)


def purge_renditions(now: datetime) -> int:
    """Remove what is of no use any more: its link or file is gone, or nobody asked for it lately.

    The file before its row, so that a row which is left is found again. Returns how many.
    """
    orphan = Q(media=None) | (~Q(text="") & (Q(link=None) | Q(link__revoked_at__isnull=False)))
    unused = Q(used_at__lt=now - KEPT) | (~Q(text="") & Q(used_at__lt=now - KEPT_MARKED))
    rows = Rendition.objects.filter(orphan | unused).order_by("used_at")[:AT_ONCE]
    remove_renditions(rows)
    ZipTicket.objects.filter(ends_at__lt=now).delete()
    return len(rows)


def remove_renditions(rows: Iterable[Rendition]) -> None:
    for row in rows:
        if row.path:
            storage.delete(row.path)
        row.delete()
