"""Projects: folders of work in a team."""

import secrets
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from generation.models.teams import Team
from generation.models.users import User


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User) -> "ProjectQuerySet":
        return self.filter(team__in=Team.objects.visible_to(user))

    def active(self) -> "ProjectQuerySet":
        return self.filter(archived_at=None)


class Project(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="projects")
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(max_length=60, unique=True, editable=False)
    description = models.TextField(_("description"), max_length=2_000, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    made_by_name = models.CharField(max_length=80, blank=True)  # where `created_by` is the heir
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:  # one name may stand in many teams: the tail keeps addresses apart
            self.slug = f"{slugify(self.name)[:48] or 'project'}-{secrets.token_hex(4)}"
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("project", args=[self.slug])

    @property
    def maker_name(self) -> str:
        """Who made it, also where it was handed over since; empty when nobody knows."""
        return self.made_by_name or (self.created_by.shown_name if self.created_by else "")
