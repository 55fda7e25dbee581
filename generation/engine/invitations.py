"""Invitations to a team: made, renewed, revoked, accepted, and ended when their time is over."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from generation.engine.mail_setup import has_mail_server
from generation.engine.notices import tell_joined
from generation.models import (
    Act,
    AuditEvent,
    Invitation,
    InvitationState,
    Membership,
    Role,
    Team,
    User,
    Verb,
    audit,
)
from generation.models.invitations import InvitationQuerySet, token_hash
from generation.models.permissions import rank, roles_for

AT_ONCE = 200  # rows a sweep: it comes again in a minute


class Standing(Enum):
    """What an invitation is to the person who opened it."""

    OPEN = "open"
    ALREADY_IN = "already in"
    FOR_ANOTHER = "for another"  # address than those of this person
    UNPROVEN = "unproven"  # the person's address, but not confirmed
    OVER = "over"  # or never was: nobody is told which


# --- Who invites ----------------------------------------------------------------------------------


def invite(
    member: Membership, *, email: str, role: str, days: int, max_uses: int, message: str
) -> tuple[Invitation, str]:
    """A new invitation and its token. Call it with the members locked.

    One for the same address is replaced, its token dead.
    """
    for old in member.team.invitations.filter(state=InvitationState.WAITING, email=email):
        if email:
            revoke(old, member)
    row = Invitation(
        team=member.team, email=email, role=role, message=message, created_by=member.user,
        max_uses=1 if email else max_uses,
    )  # fmt: skip
    row.set_days(days)
    token = row.set_token()
    row.save()
    facts = {"role": ["", role], "uses": ["", row.max_uses], "days": ["", days]}
    record(Verb.INVITED, row, member.user, facts)
    return row, token


def renew(row: Invitation, member: Membership) -> str:
    """A new token, which ends the one before. Who makes it is the one who invites from then on."""
    token, before = row.set_token(), row.created_by
    row.created_by = member.user
    row.save(update_fields=["token_hash", "hint", "mailed_at", "created_by"])
    inviter = {"inviter": [str(before or ""), str(member.user)]}
    changes = {} if before == member.user else inviter
    record(Verb.INVITATION_RENEWED, row, member.user, changes)
    return token


def revoke(row: Invitation, member: Membership) -> None:
    """End it. One whose time is over has ended by itself."""
    if row.is_waiting:
        end_invitation(row, InvitationState.REVOKED, Verb.INVITATION_REVOKED, member.user)
    elif row.state == InvitationState.WAITING:
        end_invitation(row, InvitationState.EXPIRED, Verb.INVITATION_EXPIRED, None)


def note_mailed(row: Invitation) -> None:
    """After the mail server took it. Not for a token that was replaced meanwhile."""
    Invitation.objects.filter(pk=row.pk, token_hash=row.token_hash).update(mailed_at=timezone.now())


def sent_today(user: User) -> int:
    """How often this person invited or renewed within a day, in whichever team."""
    verbs, since = (Verb.INVITED, Verb.INVITATION_RENEWED), timezone.now() - timedelta(days=1)
    return AuditEvent.objects.filter(actor=user, verb__in=verbs, at__gt=since).count()


def is_member_with(team: Team, email: str) -> bool:
    """Whether somebody in the team has this address."""
    proven = EmailAddress.objects.filter(user=OuterRef("user"), email=email, verified=True)
    rows = team.memberships.filter(Q(user__email=email) | Exists(proven))
    return rows.exists()


# --- Who was invited ------------------------------------------------------------------------------


def find_by_token(token: str) -> Invitation | None:
    return find_by_hash(token_hash(token))


def find_by_hash(digest: str) -> Invitation | None:
    rows = Invitation.objects.select_related("team", "team__avatar", "created_by")
    return rows.filter(token_hash=digest).first()


def standing_of(row: Invitation | None, user: User | None) -> Standing:
    """What it is to this person; to nobody in particular with None."""
    if row is None or row.team.leaving_since:
        return Standing.OVER
    is_in = user is not None and row.team.memberships.filter(user=user).exists()
    if is_in and row.state == InvitationState.ACCEPTED:  # opened once more by who accepted it
        return Standing.ALREADY_IN
    if not row.is_waiting or not row.inviter_may:
        return Standing.OVER
    if user is None:
        return Standing.OPEN
    by_address = standing_by_address(row, user) if row.email else Standing.OPEN
    return Standing.ALREADY_IN if is_in and by_address is Standing.OPEN else by_address


def standing_by_address(row: Invitation, user: User) -> Standing:
    rows = EmailAddress.objects.filter(email=row.email)
    if rows.filter(user=user, verified=True).exists():
        return Standing.OPEN
    claims = user.email == row.email or rows.filter(user=user).exists()
    # Without a mail server nobody can confirm an address: there the inviter's link is the proof.
    if not claims or rows.filter(verified=True).exists():  # then another has proven it
        return Standing.FOR_ANOTHER
    return Standing.UNPROVEN if has_mail_server() else Standing.OPEN


def vouches_for(row: Invitation, email: str) -> bool:
    """Whether who signs up with this token may be taken for the owner of the address.

    A token that was mailed reached the mailbox. Without a mail server no address can be proven:
    there who gave the link by hand vouches for the person, unless somebody has proven the address.
    An account that exists already gets nothing of this: a stranger may have made it.
    """
    if EmailAddress.objects.filter(email=email, verified=True).exists():
        return False
    was_mailed = row.mailed_at is not None and row.email == email
    return was_mailed or (not has_mail_server() and row.email in ("", email))


def accept_invitation(row: Invitation, user: User) -> Standing:
    """Join the team, if the invitation is open to this person; what it is to them otherwise.

    It is looked at once more when nobody else can change the members: of ten who come with a token
    for one, one joins.
    """
    with transaction.atomic():
        try:
            row.team.lock_members()
            now = Invitation.objects.select_related("team", "created_by").get(pk=row.pk)
            person = User.objects.select_for_update().get(pk=user.pk, is_active=True)
        except (Team.DoesNotExist, Invitation.DoesNotExist, User.DoesNotExist):
            return Standing.OVER
        standing = standing_of(now, person)
        if standing is Standing.OPEN:
            return join(now, person)
        if now.is_waiting and not now.team.leaving_since and not now.inviter_may:
            end_invitation(now, InvitationState.VOID, Verb.INVITATION_VOID, None)
        return standing


def join(row: Invitation, person: User) -> Standing:
    left = Invitation.objects.waiting().filter(pk=row.pk, uses__lt=F("max_uses"))
    if not left.update(uses=F("uses") + 1, accepted_by=person):
        return Standing.OVER
    row.refresh_from_db(fields=["uses"])
    # A session that begins now works in this team.
    Membership.objects.create(team=row.team, user=person, role=row.role, chosen_at=timezone.now())
    record(Verb.INVITATION_ACCEPTED, row, person, {"uses": [row.uses - 1, row.uses]})
    audit(
        Verb.MEMBER_JOINED, team=row.team, actor=person, target=person,
        changes={"role": ["", row.role]},
    )  # fmt: skip
    tell_joined(row.team, person, row.role)
    if row.uses >= row.max_uses:
        Invitation.objects.filter(pk=row.pk).update(
            state=InvitationState.ACCEPTED, ended_at=timezone.now()
        )
    return Standing.OPEN


# --- How they end by themselves -------------------------------------------------------------------


def end_overdue(now: datetime) -> int:
    """End what is past its time, and what was sent by who may not invite so any more."""
    over = Invitation.objects.filter(state=InvitationState.WAITING, expires_at__lte=now)
    late = end_invitations(over, InvitationState.EXPIRED, Verb.INVITATION_EXPIRED)
    return late + end_invitations(unbacked(), InvitationState.VOID, Verb.INVITATION_VOID)


def unbacked() -> InvitationQuerySet:
    """Those that wait, but whose inviter may no longer invite with their role."""
    found = Q()
    for role in Role:
        may = [one for one in roles_for(Act.INVITE) if rank(one) >= rank(role)]
        inviter = Membership.objects.filter(
            team=OuterRef("team"), user=OuterRef("created_by"), user__is_active=True, role__in=may
        )
        found |= Q(~Exists(inviter), role=role)
    return Invitation.objects.waiting().filter(found, team__leaving_since=None)


def end_invitations(rows: InvitationQuerySet, state: InvitationState, verb: Verb) -> int:
    found = list(rows.select_related("team")[:AT_ONCE])
    for row in found:
        with transaction.atomic():
            end_invitation(row, state, verb, None)
    return len(found)


def end_invitation(row: Invitation, state: InvitationState, verb: Verb, by: User | None) -> None:
    """Once: who comes second changes nothing and records nothing."""
    waiting = Invitation.objects.filter(pk=row.pk, state=InvitationState.WAITING)
    if waiting.update(state=state, ended_at=timezone.now(), ended_by=by):
        row.state = state
        record(verb, row, by)


def record(
    verb: Verb, row: Invitation, actor: User | None, changes: Mapping[str, object] | None = None
) -> None:
    name = row.email or "open link"
    audit(verb, team=row.team, actor=actor, target=row, name=name, changes=dict(changes or {}))
