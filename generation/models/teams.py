"""Teams, their members and roles."""

from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Exists, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from generation.models.permissions import (
    WHILE_LEAVING,
    Act,
    Reach,
    Role,
    rank,
    reach_of,
    roles_for,
    roles_up_to,
)
from generation.models.users import User, initials_of

MAY_CREATE = roles_for(Act.CREATE)
HERE = timedelta(minutes=3)
# In a session: the id of the membership that it works with, and what to call its team at its end.
MEMBERSHIP, TEAM_NAME = "membership", "team_name"
LEAVING_TIME = timedelta(days=7)
OFFER_TIME = timedelta(days=7)
TAKE_CHANGE = "UPDATE generation_team SET change_seq = change_seq + 1 WHERE id = %s"
READ_CHANGE = "SELECT change_seq FROM generation_team WHERE id = %s"


SECOND_STEPS = ("totp", "webauthn")  # as allauth calls them


def second_steps_of(user: User) -> Any:
    """What the person has for the second step at log-in; allauth's rows, loaded after ours."""
    rows = apps.get_model("mfa", "Authenticator").objects
    return rows.filter(user_id=user.pk, type__in=SECOND_STEPS)


class TeamQuerySet(models.QuerySet["Team"]):
    def joined_by(self, user: User) -> "TeamQuerySet":
        return self.filter(memberships__user=user, memberships__user__is_active=True)

    def visible_to(self, user: User) -> "TeamQuerySet":
        """Those whose rows the person may see: not one that asks for a second step in vain."""
        asks_nothing = Q(factor_required_from=None) | Q(factor_required_from__gt=Now())
        return self.joined_by(user).filter(asks_nothing | Exists(second_steps_of(user)))


class Team(models.Model):
    """A workspace. `change_seq` grows with every change of a task: the cursor of live pages."""

    name = models.CharField(_("name"), max_length=80)
    members = models.ManyToManyField(User, through="Membership", related_name="teams")
    change_seq = models.BigIntegerField(default=0)
    # Set while tasks of it may wait for a person's decision: pages of other teams ask nothing.
    held_since = models.DateTimeField(null=True)
    avatar = models.ForeignKey(
        "generation.Media", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # What new work starts with, {kind: {setting: value}}: a person's own choice goes first.
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    default_project = models.ForeignKey(
        "generation.Project", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    default_settings = models.JSONField(default=dict, blank=True)
    # From then on, members without a second factor are led to set one up.
    factor_required_from = models.DateTimeField(null=True, blank=True)
    # What its share links may be: their longest life in days, and whether they may never end.
    share_days = models.PositiveSmallIntegerField(default=90, db_default=90)
    share_forever = models.BooleanField(default=False, db_default=False)
    share_password = models.BooleanField(default=False, db_default=False)  # each must have one
    share_originals = models.BooleanField(default=True, db_default=True)
    # Deleted by its owner: read-only until it is purged, and can be kept until then.
    leaving_since = models.DateTimeField(null=True, blank=True)
    # Whom an owner has asked to take the team over, until that person answers.
    offered_to = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    offered_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    offered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        return initials_of(self.name)

    @property
    def ends_at(self) -> datetime | None:
        """When what was deleted is gone for good."""
        return self.leaving_since and self.leaving_since + LEAVING_TIME

    def lock_members(self) -> None:
        """Have who else changes members of this team wait until this transaction ends; look at
        rights after it, not before."""
        Team.objects.select_for_update().get(pk=self.pk)  # SQLite has one writer as it is

    @property
    def owners(self) -> "models.QuerySet[Membership]":
        return self.memberships.filter(role=Role.OWNER, user__is_active=True)

    @staticmethod
    def next_change(team_id: int) -> int:
        """Take the next change number. Call inside the transaction that makes the change: the
        row lock keeps numbers in commit order, so a reader never skips one.

        Every change of a task takes one, and Django builds these statements for longer than the
        database works at them."""
        with connection.cursor() as cursor:
            cursor.execute(TAKE_CHANGE, [team_id])
            cursor.execute(READ_CHANGE, [team_id])
            return int(cursor.fetchone()[0])

    @classmethod
    @transaction.atomic
    def create_personal(cls, user: User) -> "Team":
        """The team, role and first project that every new account gets."""
        return cls.found(gettext("%(name)s's team") % {"name": user.shown_name[:60]}, user)

    @classmethod
    @transaction.atomic
    def found(cls, name: str, owner: User) -> "Team":
        """A new team with its owner and a first project."""
        team = cls.objects.create(name=name)
        Membership.objects.create(team=team, user=owner, role=Role.OWNER)
        team.projects.create(name=gettext("Drafts"), created_by=owner)
        return team


class Membership(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.MEMBER)
    joined_at = models.DateTimeField(auto_now_add=True)
    chosen_at = models.DateTimeField(null=True)  # when the person last switched to this team

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_role_per_team")]

    def __str__(self) -> str:
        return f"{self.user} / {self.team} / {self.role}"

    def reach(self, act: Act) -> Reach:
        if self.team.leaving_since and act not in WHILE_LEAVING:
            return Reach.NONE
        return reach_of(self.role, act)

    def may(self, act: Act) -> bool:
        """Whether at least rows of their own allow it."""
        return self.reach(act) is not Reach.NONE

    def may_on(self, act: Act, maker_id: int | None) -> bool:
        """Whether a row of this team allows it, by who made that row."""
        reach = self.reach(act)
        return reach is Reach.ALL or (reach is Reach.OWN and maker_id == self.user_id)

    def may_to(self, act: Act, other: "Membership") -> bool:
        """Whether another member of this team may be treated so: never one of a higher role."""
        if not self.may_on(act, other.user_id):
            return False
        return other.pk == self.pk or rank(other.role) <= rank(self.role)

    @property
    def is_shared(self) -> bool:
        """Whether others are in the team, where the row was read with `has_others`."""
        return bool(getattr(self, "has_others", False))

    @property
    def unread(self) -> int:
        """How many notices of this team the person has not read, where the row was read with it."""
        return int(getattr(self, "unread_notices", None) or 0)

    @property
    def is_here(self) -> bool:
        """Seen within the last minutes. Select `presence` with the rows."""
        presence = getattr(self, "presence", None)
        return presence is not None and presence.seen_at > timezone.now() - HERE

    def set_role(self, role: str) -> None:
        Membership.objects.filter(pk=self.pk).update(role=role)
        self.role = role

    @property
    def gives(self) -> tuple[Role, ...]:
        """The roles that this person may give to others."""
        return roles_up_to(self.role) if self.may(Act.CHANGE_ROLE) else ()

    @property
    def may_create(self) -> bool:
        return self.may(Act.CREATE)

    @property
    def may_review(self) -> bool:
        return self.may(Act.REVIEW)

    @property
    def may_lend(self) -> bool:
        return self.may(Act.LEND_KEY)

    @property
    def may_manage(self) -> bool:
        return self.may(Act.MANAGE_TEAM)

    @property
    def may_invite(self) -> bool:
        return self.may(Act.INVITE)

    @property
    def may_read_audit(self) -> bool:
        return self.may(Act.READ_AUDIT)
