"""Stored files, uploaded or generated, and the outputs of tasks that the library shows."""

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.catalogue.types import AudioFacts, ImageFacts, VideoFacts
from generation.models.paths import path_of
from generation.models.projects import Project
from generation.models.search import search_column
from generation.models.teams import Team
from generation.models.users import User

TRASH_DAYS = 30


class MediaKind(models.TextChoices):
    IMAGE = "image", _("Image")
    VIDEO = "video", _("Video")
    AUDIO = "audio", _("Audio")


class ReviewState(models.TextChoices):
    NONE = "none", _("Not in review")
    IN_REVIEW = "in_review", _("In review")
    APPROVED = "approved", _("Approved")
    CHANGES = "changes", _("Changes asked for")


class MediaQuerySet(models.QuerySet["Media"]):
    def visible_to(self, user: User) -> "MediaQuerySet":
        return self.filter(team__in=Team.objects.visible_to(user))


class Media(models.Model):
    """One stored file. Paths are random names in the default storage; no one else sees them."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="media")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    made_by_name = models.CharField(max_length=80, blank=True)  # where `created_by` is the heir
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
    # Of videos: whether frame n is shown at n seconds over this fraction, and how many there are.
    # None: nobody has looked yet.
    constant_rate = models.BooleanField(null=True)
    rate_numerator = models.PositiveIntegerField(null=True)
    rate_denominator = models.PositiveIntegerField(null=True)
    frame_count = models.PositiveIntegerField(null=True)
    codec = models.CharField(max_length=20, blank=True)
    has_sound = models.BooleanField(default=False)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True)  # what the person called it; text only
    source_url = models.URLField(max_length=2_048, blank=True)
    # What the file that came said of itself, as words with commas; None: nobody looked.
    carried = models.CharField(max_length=40, null=True)
    # Of the file that came, where it is stored without its notes.
    given_sha256 = models.CharField(max_length=64, null=True)
    # What it was cropped from, as long as that is there.
    cropped_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="crops"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    lost_motion = False  # while the upload is answered: the picture that came moved

    objects = MediaQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["sha256"], name="media_sha256"),
            models.Index(
                fields=["given_sha256"],
                condition=Q(given_sha256__isnull=False),
                name="media_given_sha256",
            ),
        ]

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
    def frame_rate(self) -> Fraction | None:
        """Frames a second, exactly; None where a time does not tell which frame is shown."""
        if not self.constant_rate or not self.rate_numerator or not self.rate_denominator:
            return None
        return Fraction(self.rate_numerator, self.rate_denominator)

    @property
    def url(self) -> str:
        return path_of("media", self.pk, "original")

    @property
    def thumb_url(self) -> str:
        return path_of("media", self.pk, "thumb")

    @property
    def preview_url(self) -> str:
        return path_of("media", self.pk, "preview")


class OutputQuerySet(models.QuerySet["Output"]):
    def visible_to(self, user: User) -> "OutputQuerySet":
        return self.filter(team__in=Team.objects.visible_to(user), deleted_at=None)

    def kept(self) -> "OutputQuerySet":
        return self.filter(trashed_at=None)

    def trashed(self) -> "OutputQuerySet":
        return self.filter(trashed_at__isnull=False, deleted_at=None)

    def delete_for_good(self) -> None:
        """Have the sweep delete what is in the trash of these, with its files: from now on nobody
        sees or restores it. The caller holds the rows."""
        self.trashed().update(deleted_at=timezone.now())

    @transaction.atomic
    def trash(self, user: User) -> None:
        """Move what is kept of these to the trash, and have open pages of their teams show it."""
        rows = self.kept()
        stacks = lock_stacks(rows)
        hold_versions(stacks, rows)
        tell_teams(rows)
        rows.update(trashed_at=timezone.now(), trashed_by=user)
        set_heads(stacks)

    @transaction.atomic
    def restore(self) -> None:
        rows = self.trashed()
        stacks = lock_stacks(rows)
        hold_versions(stacks, rows)
        tell_teams(rows)
        rows.update(trashed_at=None, trashed_by=None)
        set_heads(stacks)

    def newest_first(self) -> "OutputQuerySet":
        return self.order_by("-created_at", "-id")


def tell_teams(rows: OutputQuerySet) -> None:
    """The tasks of these outputs changed, for whoever looks at them."""
    tasks: Any = Output._meta.get_field("task").related_model
    for team_id in sorted(set(rows.order_by().values_list("team", flat=True))):
        change = Team.next_change(team_id)
        tasks.objects.filter(pk__in=rows.filter(team=team_id).values("task")).update(change=change)


def lock_stacks(rows: OutputQuerySet) -> list[int]:
    """Have others who change the stacks of these outputs wait for this transaction.

    Stacks are always locked before outputs, and by number, so that nobody waits in a circle.
    """
    stacks = set(rows.order_by().exclude(version=None).values_list("version__stack", flat=True))
    versions: Any = Output._meta.get_field("version").related_model
    model: Any = versions._meta.get_field("stack").related_model
    locked = model.objects.select_for_update(no_key=True).filter(pk__in=stacks).order_by("pk")
    return list(locked.values_list("pk", flat=True)) if stacks else []


def hold_versions(stacks: Sequence[int], rows: "OutputQuerySet | None" = None) -> None:
    """Have others who change any version of these locked stacks, or these outputs, wait.

    All at once and by number, and before their team is told: who is told first waits for those
    who hold an output and tell next. Others may refer to the rows meanwhile.
    """
    wanted = Q(version__stack__in=stacks) if stacks else Q(pk__in=())
    if rows is not None:
        wanted |= Q(pk__in=rows.order_by().values("pk"))
    found = Output.objects.filter(wanted).order_by("pk")
    list(found.select_for_update(of=("self",), no_key=True).values_list("pk"))


def set_heads(stacks: Sequence[int]) -> None:
    """Write down which versions of these locked stacks a later one took the place of: the highest
    that is not in the trash is the head. Open pages hear of what changes."""
    if not stacks:
        return
    rows = Output.objects.filter(version__stack__in=stacks).order_by()
    facts = list(rows.values_list("pk", "version__stack", "version_number", "superseded"))
    kept = rows.kept().values_list("version__stack")
    heads = dict(kept.annotate(models.Max("version_number")))
    for superseded in (True, False):
        changed = [
            pk for pk, stack, number, now in facts
            if now is not superseded and superseded is (number < heads.get(stack, 0))
        ]  # fmt: skip
        if changed:
            tell_teams(Output.objects.filter(pk__in=changed))
            Output.objects.filter(pk__in=changed).update(superseded=superseded)


class Output(models.Model):
    """One generated file. `kind`, `project` and `created_at` repeat what its task and media say,
    because the library filters and pages by them at 100,000 rows."""

    task = models.ForeignKey("generation.Task", on_delete=models.CASCADE, related_name="outputs")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="outputs")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="outputs")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="outputs")
    # Who made it, as text, where `user` is the heir of somebody who left the team.
    made_by_name = models.CharField(max_length=80, blank=True)
    media = models.OneToOneField(Media, on_delete=models.PROTECT, related_name="output")
    kind = models.CharField(max_length=5, choices=MediaKind.choices, default=MediaKind.IMAGE)
    position = models.PositiveSmallIntegerField(default=0)
    remote_id = models.CharField(max_length=120, blank=True)
    marked = models.BooleanField(default=False)  # the copy with the watermark, beside the clean one
    # A frame that somebody saved: the video it is from, and where.
    taken_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="frames"
    )
    taken_at = models.FloatField(null=True, blank=True)  # seconds
    created_at = models.DateTimeField(default=timezone.now)
    trashed_at = models.DateTimeField(null=True, blank=True)
    trashed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    # Of what is in the trash: somebody asked to delete it before its days there are over.
    deleted_at = models.DateTimeField(null=True)
    # What the team thinks of it, from its ratings: twice the median, which may lie between two.
    raters = models.PositiveIntegerField(default=0, db_default=0)
    stars_doubled = models.PositiveSmallIntegerField(null=True)
    # What its last review came to, and how many comments of it are open: tiles and filters ask.
    review = models.CharField(
        max_length=9, choices=ReviewState.choices, default="none", db_default="none"
    )
    open_comments = models.PositiveIntegerField(default=0, db_default=0)
    # Its number in its stack, and whether a later version took its place; else None and False.
    version_number = models.PositiveIntegerField(null=True)
    superseded = models.BooleanField(default=False, db_default=False)
    search_text = search_column()  # as its batch has it

    objects = OutputQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "position"], name="one_output_a_place")
        ]
        indexes = [
            models.Index(
                fields=["team", "-created_at", "-id"],
                condition=Q(trashed_at=None),
                name="output_library",
            ),
            models.Index(
                fields=["team", "kind", "-created_at", "-id"],
                condition=Q(trashed_at=None),
                name="output_library_kind",
            ),
            models.Index(
                fields=["project", "-created_at", "-id"],
                condition=Q(trashed_at=None),
                name="output_library_project",
            ),
            models.Index(
                fields=["team", "-trashed_at"],
                condition=Q(trashed_at__isnull=False),
                name="output_trash",
            ),
            models.Index(
                fields=["team", "review", "-created_at", "-id"],
                condition=Q(trashed_at=None) & ~Q(review="none"),
                name="output_in_review",
            ),
        ]

    def __str__(self) -> str:
        return f"output {self.pk}"

    def save(self, *args: Any, **facts: Any) -> None:
        """A new one is found by the words that find its batch."""
        if self._state.adding and not self.search_text:
            self.search_text = self.task.batch.search_text
        super().save(*args, **facts)

    def get_absolute_url(self) -> str:
        return reverse("output", args=[self.pk])

    def trash(self, user: User) -> None:
        Output.objects.filter(pk=self.pk).trash(user)

    def restore(self) -> None:
        Output.objects.filter(pk=self.pk).restore()

    @property
    def maker_name(self) -> str:
        """Who made it, also where it was handed over since; empty when nobody knows."""
        return self.made_by_name or (self.user.shown_name if self.user else "")

    @property
    def median_stars(self) -> float | None:
        """1 to 5; None where nobody gave any."""
        return self.stars_doubled / 2 if self.stars_doubled else None

    @property
    def purged_at(self) -> object:
        return self.trashed_at and self.trashed_at + timedelta(days=TRASH_DAYS)
