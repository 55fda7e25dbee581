"""Handing a team over: an owner asks a member, who says yes or no."""

from django.db import transaction
from django.utils import timezone

from generation.engine.departures import NotAllowed
from generation.models import Act, Membership, Role, Team, User, Verb, audit
from generation.models.teams import OFFER_TIME


def locked_owner(actor: Membership) -> Membership:
    """Whoever acts, as they are once nobody else changes the members of the team."""
    actor.team.lock_members()
    owner = Membership.objects.select_related("user", "team").filter(pk=actor.pk).first()
    if owner is None or not owner.may(Act.MANAGE_TEAM):
        raise NotAllowed
    return owner


@transaction.atomic
def offer_team(actor: Membership, member_id: int) -> Membership:
    """Ask a member to own the team; a new question replaces the one before."""
    owner = locked_owner(actor)
    rows = Membership.objects.select_related("user", "team").filter(team=actor.team_id)
    member = rows.filter(pk=member_id).first()
    if member is None or member.pk == owner.pk:
        raise NotAllowed
    if not member.user.is_active or owner.team.leaving_since:
        raise NotAllowed
    Team.objects.filter(pk=owner.team_id).update(
        offered_to=member.user, offered_by=owner.user, offered_at=timezone.now()
    )
    audit(Verb.TEAM_OFFERED, team=owner.team, actor=owner.user, target=member.user)
    return member


def standing_offer(member: Membership) -> User | None:
    """Who asks this member to take the team over; None when nobody does any more."""
    team = member.team
    if team.offered_to_id != member.user_id or team.offered_at is None or team.leaving_since:
        return None
    if team.offered_at < timezone.now() - OFFER_TIME:
        return None
    asker = team.owners.filter(user=team.offered_by_id).select_related("user").first()
    return asker.user if asker else None


@transaction.atomic
def answer_offer(actor: Membership, *, accept: bool) -> bool:
    """Say yes or no. False when the offer no longer stands: nothing has changed."""
    actor.team.lock_members()
    rows = Membership.objects.select_related("user", "team").filter(team=actor.team_id)
    member = rows.filter(pk=actor.pk).first()
    asker = standing_offer(member) if member else None
    if member is None or asker is None:
        return False
    withdraw(member.team)
    if accept:
        rows.filter(user=asker).update(role=Role.ADMIN)
        member.set_role(Role.OWNER)
    verb = Verb.TEAM_TRANSFERRED if accept else Verb.TEAM_DECLINED
    audit(verb, team=member.team, actor=member.user, target=asker)
    return True


@transaction.atomic
def withdraw_offer(actor: Membership) -> bool:
    """Ask no longer. False when nobody is asked: the answer may have come meanwhile."""
    owner = locked_owner(actor)
    asked = owner.team.offered_to
    if asked is None:
        return False
    withdraw(owner.team)
    audit(Verb.TEAM_OFFER_WITHDRAWN, team=owner.team, actor=owner.user, target=asked)
    return True


def withdraw(team: Team) -> None:
    Team.objects.filter(pk=team.pk).update(offered_to=None, offered_by=None, offered_at=None)
