"""Outputs: the generated images and videos of the library."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from generation.models.media import Media, MediaKind
from generation.models.projects import Project
from generation.models.tasks import Task
from generation.models.teams import Team
from generation.models.users import User

TRASH_DAYS = 30


class OutputQuerySet(models.QuerySet["Output"]):
    def visible_to(self, user: User) -> "OutputQuerySet":
        return self.filter(team__in=Team.objects.visible_to(user))

    def kept(self) -> "OutputQuerySet":
        return self.filter(trashed_at=None)

    def trashed(self) -> "OutputQuerySet":
        return self.filter(trashed_at__isnull=False)

    def newest_first(self) -> "OutputQuerySet":
        return self.order_by("-created_at", "-id")


class Output(models.Model):
    """One generated file. `kind`, `project` and `created_at` repeat what its task and media say,
    because the library filters and pages by them at 100,000 rows."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="outputs")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="outputs")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="outputs")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="outputs")
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
        ]

    def __str__(self) -> str:
        return f"output {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("output", args=[self.pk])

    def trash(self, user: User) -> None:
        Output.objects.filter(pk=self.pk, trashed_at=None).update(
            trashed_at=timezone.now(), trashed_by=user
        )

    def restore(self) -> None:
        Output.objects.filter(pk=self.pk).update(trashed_at=None, trashed_by=None)

    @property
    def purged_at(self) -> object:
        return self.trashed_at and self.trashed_at + timedelta(days=TRASH_DAYS)
