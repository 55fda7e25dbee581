"""Keys that their owners lend to a team: others use them there, and nobody reads them."""

from collections.abc import Collection
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from generation.models.keys import NEEDS_KEY, ApiKey, keyless_providers
from generation.models.permissions import Act, roles_for
from generation.models.teams import Membership, Team
from generation.models.users import User

MAY_LEND = roles_for(Act.LEND_KEY)


def week_of(now: datetime) -> tuple[datetime, datetime]:
    """The week of a loan: from Monday 00:00 to the next, by the clock of the studio."""
    zone = timezone.get_default_timezone()
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    start, end = (
        datetime.combine(monday + timedelta(days=days), time.min, tzinfo=zone) for days in (0, 7)
    )
    return start, end


class KeyLoanQuerySet(models.QuerySet["KeyLoan"]):
    def live(self) -> "KeyLoanQuerySet":
        return self.filter(ended_at=None)

    def usable(self) -> "KeyLoanQuerySet":
        """Those that a task may be sent with now: the lender is there and may lend."""
        lenders = Membership.objects.filter(
            team=OuterRef("team"), user=OuterRef("key__user"), role__in=MAY_LEND
        )
        rows = self.live().filter(Exists(lenders), key__user__is_active=True)
        return rows.filter(team__leaving_since=None).exclude(key__sealed=b"")

    def open_to(self, user: User, team: Team) -> "KeyLoanQuerySet":
        """What somebody may use in this team beside the own keys."""
        return self.usable().filter(team=team).exclude(key__user=user)


class KeyLoan(models.Model):
    """One key lent to one team, from then until its end. What is used of it are the tasks of it.

    `weekly_credits` is for all others together; None: as much as they like.
    """

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="loans")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="key_loans")
    weekly_credits = models.PositiveIntegerField(null=True, blank=True)
    lent_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = KeyLoanQuerySet.as_manager()

    class Meta:
        ordering = ["lent_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "team"], condition=Q(ended_at=None), name="one_live_loan"
            )
        ]

    def __str__(self) -> str:
        return f"loan {self.pk}"

    @property
    def lender(self) -> User:
        return self.key.user

    @property
    def lender_name(self) -> str:
        return self.key.user.shown_name

    @property
    def key_name(self) -> str:
        """What the lender calls the key; never a sign of it."""
        return self.key.label or str(self.key.get_provider_display())


def offered_providers(user: User, team: Team) -> list[str]:
    """What this person can generate with now in this team: providers with a usable key of theirs
    or lent to the team, and the demo."""
    owned = ApiKey.objects.visible_to(user).usable().values_list("provider", "base_url")
    lent = KeyLoan.objects.open_to(user, team).values_list("key__provider", "key__base_url")
    keys = owned.order_by().union(lent.order_by())
    return providers_with({name for name, url in keys if url == settings.PROVIDER_URLS[name]})


def providers_with(usable: Collection[str]) -> list[str]:
    """What whoever has a usable key of these providers can generate with, in their usual order."""
    return [*(str(name) for name in NEEDS_KEY if name in usable), *keyless_providers()]
