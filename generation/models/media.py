"""Stored files, uploaded or generated, with their previews."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from generation.catalogue.types import AudioFacts, ImageFacts, VideoFacts
from generation.models.teams import Team
from generation.models.users import User


class MediaKind(models.TextChoices):
    IMAGE = "image", _("Image")
    VIDEO = "video", _("Video")
    AUDIO = "audio", _("Audio")


class MediaQuerySet(models.QuerySet["Media"]):
    def visible_to(self, user: User) -> "MediaQuerySet":
        return self.filter(team__in=Team.objects.visible_to(user))


class Media(models.Model):
    """One stored file. Paths are random names in the default storage; no one else sees them."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="media")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=5, choices=MediaKind.choices, default=MediaKind.IMAGE)
    uploaded = models.BooleanField(default=False)
    path = models.CharField(max_length=200, unique=True)
    thumb_path = models.CharField(max_length=200, blank=True)
    preview_path = models.CharField(max_length=200, blank=True)
    mime = models.CharField(max_length=40)
    format = models.CharField(max_length=12)  # as the catalogue calls it: png, jpeg, webp
    bytes = models.BigIntegerField()
    seconds = models.FloatField(null=True)  # of videos and sounds, as decoded
    fps = models.FloatField(null=True)
    codec = models.CharField(max_length=20, blank=True)
    has_sound = models.BooleanField(default=False)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True)  # what the person called it; text only
    source_url = models.URLField(max_length=2_048, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MediaQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def image(self) -> ImageFacts:
        return ImageFacts(self.width, self.height, self.format, self.bytes)

    @property
    def video(self) -> VideoFacts:
        return VideoFacts(
            self.width, self.height, self.format, self.bytes, self.seconds or 0.0, self.fps or 0.0,
            self.codec, self.has_sound,
        )  # fmt: skip

    @property
    def audio(self) -> AudioFacts:
        return AudioFacts(self.format, self.bytes, self.seconds or 0.0)

    @property
    def facts(self) -> ImageFacts | VideoFacts | AudioFacts:
        """What the catalogue's limits speak of."""
        if self.kind == MediaKind.VIDEO:
            return self.video
        return self.audio if self.kind == MediaKind.AUDIO else self.image

    @property
    def url(self) -> str:
        return reverse("media", args=[self.pk, "original"])

    @property
    def thumb_url(self) -> str:
        return reverse("media", args=[self.pk, "thumb"])

    @property
    def preview_url(self) -> str:
        return reverse("media", args=[self.pk, "preview"])
