"""Deleting a team: read-only for a week, in which an owner may keep it, then gone for good."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from generation.engine import key_loans
from generation.engine.purge import AT_ONCE, remove_paper
from generation.engine.team_owners import locked_owner, withdraw
from generation.media import storage
from generation.models import (
    ConsentFile,
    Invitation,
    InvitationState,
    KeyLoan,
    Media,
    Membership,
    Notice,
    Subject,
    Task,
    Team,
    User,
    Verb,
    audit,
)
from generation.models.tasks import SENT
from generation.models.teams import LEAVING_TIME


@transaction.atomic
def delete_team(actor: Membership) -> None:
    """From now on nobody makes anything in it: what is queued is not sent, invitations are over."""
    lent = KeyLoan.objects.filter(team=actor.team_id)
    key_loans.hold(lent)
    owner = locked_owner(actor)
    begin_leaving(owner.team, owner.user)


def begin_leaving(team: Team, owner: User) -> None:
    """Call it with the members locked. Once: who comes second changes nothing."""
    now = timezone.now()
    if not Team.objects.filter(pk=team.pk, leaving_since=None).update(leaving_since=now):
        return
    withdraw(team)
    key_loans.end(KeyLoan.objects.filter(team=team), owner)
    Invitation.objects.filter(team=team, state=InvitationState.WAITING).update(
        state=InvitationState.REVOKED, ended_at=now
    )
    audit(Verb.TEAM_LEAVING, team=team, actor=owner, target=team)


@transaction.atomic
def keep_team(actor: Membership) -> bool:
    """Take the deletion back; False when it is too late."""
    owner = locked_owner(actor)
    soonest = timezone.now() - LEAVING_TIME
    if not Team.objects.filter(pk=owner.team_id, leaving_since__gt=soonest).update(
        leaving_since=None
    ):
        return False
    audit(Verb.TEAM_KEPT, team=owner.team, actor=owner.user, target=owner.team)
    return True


def purge_teams(now: datetime) -> None:
    """A piece of each team whose week is over, or that nobody is in who could keep it.

    A sweep comes each minute. What a provider still works at is waited for: it is paid for, and
    its rows are needed until it ends. Where nobody is left to decide about it, not for ever.
    """
    over, deserted = Q(leaving_since__lt=now - LEAVING_TIME), Q(memberships=None)
    teams = Team.objects.filter(over | deserted, leaving_since__isnull=False)
    for team in teams.distinct():
        waits = Task.objects.filter(team=team, status__in=SENT).exists()
        if not waits or teams.filter(over, deserted, pk=team.pk).exists():
            purge_piece(team)


def purge_piece(team: Team) -> None:
    """Tasks with their outputs first, then subjects with their consents: all hold files. The files
    go with their rows, so that one that is left is found by the next piece."""
    pieces = (
        Task.objects.filter(team=team),
        Subject.objects.filter(team=team),
        Notice.objects.filter(team=team),
    )
    for rows in pieces:
        ids = list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        if ids:
            rows.filter(pk__in=ids).delete()
            return
    papers = list(ConsentFile.objects.filter(team=team).values_list("pk", flat=True)[:AT_ONCE])
    if papers:
        for pk in papers:
            remove_paper(pk)
        return
    files = list(Media.objects.filter(team=team)[:AT_ONCE])
    if not files:
        team.delete()
        return
    for media in files:
        paths = media.path, media.thumb_path, media.preview_path
        with transaction.atomic():
            media.delete()
            transaction.on_commit(partial(storage.delete, *paths))


def left_of(team: Team) -> int:
    """Files that are still to be deleted."""
    papers = ConsentFile.objects.filter(team=team).count()
    return papers + Media.objects.filter(team=team).count()
