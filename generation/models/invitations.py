"""Invitations to a team, by mail or by an open link."""

import hashlib
import secrets
from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.models.permissions import Act, Role, rank
from generation.models.teams import Membership, Team
from generation.models.users import User

DAYS = 7
MOST_DAYS = 30
MOST_USES = 20
MOST_WAITING = 50  # in a team
MOST_A_DAY = 20  # by one person


def new_invitation_token() -> str:
    return secrets.token_urlsafe(24)


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    ACCEPTED = "accepted", _("Accepted")
    REVOKED = "revoked", _("Revoked")
    EXPIRED = "expired", _("Ended")
    VOID = "void", _("Not valid")  # who invited may no longer do so


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def waiting(self) -> "InvitationQuerySet":
        """Those that open: some whose time is over only wait for the sweep to say so."""
        return self.filter(state=InvitationState.WAITING, expires_at__gt=timezone.now())


class Invitation(models.Model):
    """The token itself is in the link alone; the row has its SHA-256 and the last four letters."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(blank=True)  # lower case; empty: a link for whoever has it
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.MEMBER)
    token_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=4)
    message = models.TextField(max_length=500, blank=True)
    max_uses = models.PositiveSmallIntegerField(default=1)
    uses = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    accepted_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(
        max_length=8, choices=InvitationState.choices, default=InvitationState.WAITING
    )
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    # Set while the present token was mailed to the address and shown to nobody: who has it reads
    # the mail of that address.
    mailed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["team", "email"],
                condition=Q(state="waiting") & ~Q(email=""),
                name="one_invitation_an_address",
            )
        ]
        indexes = [models.Index(fields=["state", "expires_at"])]

    def __str__(self) -> str:
        return f"invitation {self.pk} to {self.team_id} ({self.state})"

    def set_token(self) -> str:
        """Give it a new token, which ends the one before. Returns it: it is stored nowhere."""
        token = new_invitation_token()
        self.token_hash, self.hint = token_hash(token), token[-4:]
        self.mailed_at = None
        return token

    def set_days(self, days: int) -> None:
        self.expires_at = timezone.now() + timedelta(days=days)

    @property
    def is_waiting(self) -> bool:
        return self.state == InvitationState.WAITING and self.expires_at > timezone.now()

    @property
    def masked_email(self) -> str:
        """The first letter and what follows the @: for people who were not meant."""
        name, _at, host = self.email.partition("@")
        return f"{name[:1]}…@{host}"

    def may_come_from(self, member: Membership | None) -> bool:
        """Whether somebody with this membership may invite with this role."""
        return (
            member is not None
            and member.team_id == self.team_id
            and member.may(Act.INVITE)
            and rank(member.role) >= rank(self.role)
        )

    @property
    def inviter_may(self) -> bool:
        """Whether who invited still may."""
        rows = Membership.objects.filter(user=self.created_by, user__is_active=True)
        return self.may_come_from(rows.filter(team=self.team).select_related("team").first())
