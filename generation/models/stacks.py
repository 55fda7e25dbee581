"""Stacks: versions of one shot, numbered from 1; the highest that is not trashed is the head."""

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.models.media import Output
from generation.models.projects import Project
from generation.models.teams import Team
from generation.models.users import User

MOST_VERSIONS = 200


class StackQuerySet(models.QuerySet["Stack"]):
    def visible_to(self, user: User) -> "StackQuerySet":
        return self.filter(team__in=Team.objects.visible_to(user))


class Stack(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="stacks")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="stacks")
    name = models.CharField(_("name"), max_length=120, blank=True)
    # Whether a new version asks those who were asked about the one before.
    ask_again = models.BooleanField(default=True)
    # The highest number that was ever given, also where that version is gone for good.
    last_number = models.PositiveIntegerField(default=0, db_default=0)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = StackQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name or f"stack {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("stack", args=[self.pk])


class StackVersion(models.Model):
    """An output as number so-and-so of a stack. Numbers are never given twice: one that was
    deleted leaves a gap."""

    stack = models.ForeignKey(Stack, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    output = models.OneToOneField(Output, on_delete=models.CASCADE, related_name="version")
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["stack", "number"], name="one_version_a_number")
        ]

    def __str__(self) -> str:
        return f"v{self.number} of {self.stack_id}"
