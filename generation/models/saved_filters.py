"""Saved filters of the library: a name for what an address asks for."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.models.teams import Team
from generation.models.users import User

MOST_SAVED = 50  # by one person for themselves, and in a team for everybody
LONGEST_QUERY = 2_000


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def visible_to(self, user: User) -> "SavedFilterQuerySet":
        """One's own, and those for everybody in the team."""
        rows = self.filter(team__in=Team.objects.visible_to(user))
        return rows.filter(Q(user=user) | Q(user=None))


class SavedFilter(models.Model):
    """One that is for everybody is also shown among the collections: it fills itself."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="saved_filters")
    # Whose it is; None: for everybody in the team.
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, null=True, related_name="saved_filters"
    )
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=LONGEST_QUERY)  # as in the address, after the "?"
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    made_by_name = models.CharField(max_length=80, blank=True)  # where `created_by` is the heir
    created_at = models.DateTimeField(default=timezone.now)

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["team", "user", "name"], name="filters_of_team")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"{reverse('library')}?{self.query}"

    @property
    def is_shared(self) -> bool:
        return self.user_id is None

    @property
    def maker_name(self) -> Any:
        return self.made_by_name or (self.created_by.shown_name if self.created_by else "")
