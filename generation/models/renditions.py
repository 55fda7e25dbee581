"""What guests are given in place of stored files, made once; and tickets for their zips."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from generation.models.invitations import token_hash
from generation.models.media import Media
from generation.models.share_links import ShareLink, Visitor

TRIES_MOST = 3
CLAIMED = timedelta(minutes=16)  # longer than one may take to make
TICKET_LIFE = timedelta(hours=4)
TICKET_TRIES = 3


class RenditionKind(models.TextChoices):
    THUMB = "thumb"
    POSTER = "poster"
    PLAY = "play"
    SOCIAL = "social"
    CLEAN = "clean"


class RenditionState(models.TextChoices):
    WANTED = "wanted"
    MADE = "made"
    FAILED = "failed"


class Rendition(models.Model):
    """A file derived from another: smaller, or with a text burnt in, or without its metadata.

    One with a text belongs to a link. Where the link or the file is gone, the sweep finds the row
    by its empty column, and removes what was made.
    """

    key = models.CharField(max_length=64, unique=True)  # of what follows, as SQL has null <> null
    media = models.ForeignKey(Media, on_delete=models.SET_NULL, null=True, related_name="+")
    link = models.ForeignKey(ShareLink, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=6, choices=RenditionKind.choices)
    text = models.CharField(max_length=200, blank=True)  # what is burnt in
    state = models.CharField(
        max_length=6, choices=RenditionState.choices, default=RenditionState.WANTED
    )
    path = models.CharField(max_length=200, blank=True)
    mime = models.CharField(max_length=40, blank=True)
    bytes = models.BigIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)  # when it may be claimed
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state="wanted"), name="renditions_wanted"),
            models.Index(fields=["used_at"], name="renditions_used"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.media_id}"

    @staticmethod
    def key_of(media: Media, kind: str, link: ShareLink | None, text: str) -> str:
        parts = f"{media.pk}:{kind}:{link.pk if link and text else ''}:{text}"
        return hashlib.sha256(parts.encode()).hexdigest()

    def claim(self, now: datetime) -> bool:
        """Whether this process makes it; a claim that died is free again later."""
        rows = Rendition.objects.filter(
            pk=self.pk, state=RenditionState.WANTED, next_at=self.next_at
        )
        return bool(rows.update(next_at=now + CLAIMED, tries=F("tries") + 1))


class ZipTicket(models.Model):
    """The right of one visitor (or member) to download some files of a link as a zip."""

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="+")
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, null=True, related_name="+")
    secret_hash = models.CharField(max_length=64, unique=True)
    numbers = models.JSONField(default=list)
    tries = models.PositiveSmallIntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"ticket {self.pk}"

    @classmethod
    def issue(cls, link: ShareLink, visitor: Visitor | None, numbers: list[int]) -> str:
        """A new one; returns its secret."""
        secret = secrets.token_urlsafe(24)
        cls.objects.create(
            link=link, visitor=visitor, secret_hash=token_hash(secret), numbers=numbers,
            ends_at=timezone.now() + TICKET_LIFE,
        )  # fmt: skip
        return secret

    @classmethod
    def find(cls, link: ShareLink, visitor: Visitor | None, secret: str) -> "ZipTicket | None":
        """That of this visitor while it lasts."""
        rows = cls.objects.filter(link=link, visitor=visitor, secret_hash=token_hash(secret))
        return rows.filter(tries__lt=TICKET_TRIES, ends_at__gt=timezone.now()).first()

    def use(self) -> bool:
        """Count one try: of several at once no more than there are get it."""
        rows = ZipTicket.objects.filter(pk=self.pk, tries__lt=TICKET_TRIES)
        return bool(rows.update(tries=F("tries") + 1))
