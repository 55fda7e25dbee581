"""Deleting an account: the log-in ends at once, the teams keep their work and an owner, and a key
stays sealed until what was sent with it is done."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from generation.catalogue.message import Message as _
from generation.engine import key_loans
from generation.engine.delete_team import begin_leaving
from generation.engine.departures import (
    Work,
    hand_over,
    has_work,
    heirs_of,
    hold_work,
    stop_work,
    switch_links_off,
    work_of,
)
from generation.engine.invitations import end_invitation
from generation.engine.notices import forget_notices
from generation.engine.purge import UNDER_WAY
from generation.engine.reviewers import free_seats, waited_for
from generation.models import (
    ApiKey,
    AuditEvent,
    Invitation,
    InvitationState,
    KeyLoan,
    Membership,
    NoticeChoice,
    Output,
    Registration,
    RegistrationState,
    Role,
    Status,
    Task,
    Team,
    Theme,
    User,
    Verb,
    audit,
)
from generation.models.addresses import no_address
from generation.models.permissions import rank
from generation.models.tasks import SENT
from generation.models.users import NOWHERE

DELETE = "delete"  # the choice beside the members of a team
KEY_WAIT = timedelta(days=7)  # no key outlives its account for longer, whatever is out
ACTS_KEPT = timedelta(days=31)  # the database refuses to delete acts that are younger than 30
AT_ONCE = 200  # rows a sweep: it comes again in a minute


class TeamsChanged(Exception):
    """What was decided does not fit the teams any more: somebody joined, left or was made owner."""


class Fate(StrEnum):
    """What a team needs when one of its members deletes the account."""

    ALONE = "alone"  # nobody else is in it: it is deleted, too
    OWNED = "owned"  # nobody else owns it: another owner, or its deletion
    SHARED = "shared"  # an heir for what the person made


@dataclass
class Plan:
    """One team of somebody who deletes their account. `others` may be chosen, the likeliest first:
    as owner, or as heir."""

    member: Membership
    fate: Fate
    others: list[Membership]

    @property
    def team(self) -> Team:
        return self.member.team

    @cached_property
    def work(self) -> Work:
        return work_of(self.member)

    @cached_property
    def outputs_in_all(self) -> int:
        return Output.objects.filter(team=self.team).kept().count()

    @property
    def heir_is_asked(self) -> bool:
        return self.fate is Fate.SHARED and bool(self.others) and has_work(self.member)

    @property
    def may_be_handed_over(self) -> bool:
        """Suspended people cannot look after a team, but may be back before it is gone."""
        return self.others[0].user.is_active

    @property
    def usual_choice(self) -> str:
        """Where nobody chose: nothing of others is deleted."""
        if not self.others:
            return ""
        asked = self.fate is Fate.OWNED and not self.may_be_handed_over
        return DELETE if asked else str(self.others[0].pk)

    def chosen(self, choice: str) -> Membership | None:
        """Who becomes the owner or the heir. Where the team is to be deleted, it is whoever may
        still keep it. Raises TeamsChanged."""
        if self.fate is Fate.ALONE or not self.others:
            return None
        if choice == DELETE or (self.fate is Fate.SHARED and not choice):
            return self.others[0]
        found = next((one for one in self.others if str(one.pk) == choice), None)
        if found is None or (self.fate is Fate.OWNED and not found.user.is_active):
            raise TeamsChanged
        return found


@dataclass(frozen=True)
class NewOwner:
    """Somebody who is to hear that a team is theirs now."""

    user: User
    team: Team
    is_deleted: bool


def plans_of(person: User) -> list[Plan]:
    rows = Membership.objects.filter(user=person).select_related("team", "user")
    return [plan_of(member) for member in rows.order_by("team")]


def plan_of(member: Membership) -> Plan:
    others = [
        one
        for one in member.team.memberships.select_related("user").order_by("joined_at", "id")
        if one.pk != member.pk
    ]
    if not others:
        return Plan(member, Fate.ALONE, [])
    others.sort(key=lambda one: -rank(one.role))
    active = [one for one in others if one.user.is_active]
    if member.role == Role.OWNER and not any(one.role == Role.OWNER for one in active):
        return Plan(member, Fate.OWNED, active or others)
    heirs = set(heirs_of(member).values_list("pk", flat=True))
    return Plan(member, Fate.SHARED, [one for one in active if one.pk in heirs])


def signature_of(plans: Iterable[Plan]) -> str:
    """What a person was shown: the same while it means the same."""
    rows = sorted((plan.team.pk, plan.fate) for plan in plans)
    return ",".join(f"{pk}-{fate}" for pk, fate in rows)


def close_account(
    person: User, seen: str, choices: Mapping[int, str], keep_links: bool = True
) -> list[NewOwner]:
    """Delete the account. `choices`: for each team the membership of an heir or owner, or DELETE.

    One transaction, but for the address: it is a key of the row, and to write it while the teams
    are locked would wait for others who wait for those. Raises TeamsChanged, with nothing done.
    """
    with transaction.atomic():
        owners = end_account(person, seen, choices, keep_links)
    forget_person(person.pk)
    return owners


def end_account(
    person: User, seen: str, choices: Mapping[int, str], keep_links: bool
) -> list[NewOwner]:
    # First this row: whoever starts something takes it before the team, too.
    row = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if row.closed_at:
        return []
    mine = Membership.objects.filter(user=row).values("team")
    lent = KeyLoan.objects.filter(Q(key__user=row) | Q(team__in=mine))
    held = hold_work(Membership.objects.filter(user=row), lent)
    list(Team.objects.select_for_update().filter(pk__in=mine).order_by("pk").values_list("pk"))
    plans = plans_of(row)
    if signature_of(plans) != seen:
        raise TeamsChanged
    note = _("The person whose key it was deleted their account.")
    key_loans.end(KeyLoan.objects.filter(key__user=row), row, note)
    owners = [leave_team(plan, choices.get(plan.team.pk, ""), keep_links) for plan in plans]
    free_seats(waited_for(row), held, row)
    end_questions(row)
    stop_keys(row)
    end_log_in(row)
    audit(Verb.ACCOUNT_DELETED, team=None, actor=row, target=row)
    User.objects.filter(pk=row.pk).update(
        name="", language="", theme=Theme.SYSTEM, zone="", browser_zone="",
        password=make_password(None), is_active=False, is_staff=False, is_superuser=False,
        logs_in_unproven=False, closed_at=timezone.now(),
    )  # fmt: skip
    wipe_keys(ApiKey.objects.filter(user=row))
    return [one for one in owners if one is not None]


def leave_team(plan: Plan, choice: str, keep_links: bool = True) -> NewOwner | None:
    """Take the person out, so that the team has an owner, or nobody and an end. Share links go to
    who inherits, or are switched off."""
    member, team, heir = plan.member, plan.team, plan.chosen(choice)
    is_deleted = plan.fate is Fate.ALONE or (plan.fate is Fate.OWNED and choice == DELETE)
    if heir is not None and plan.fate is Fate.OWNED:
        make_owner(heir, member)
    if is_deleted:
        begin_leaving(team, member.user)
    off = 0 if keep_links and heir else switch_links_off(member, member.user)
    given = hand_over(member, heir.user if heir else None)
    out = Task.objects.filter(team=team, user=member.user, status__in=SENT)
    out.update(user=heir.user if heir else None)  # what comes of them is the heir's, too
    cancelled = stop_work(member)
    Membership.objects.filter(pk=member.pk).delete()
    forget_notices(member.user_id, team.pk)
    facts = {
        "heir": heir.user.shown_name if heir else "", **given,
        "links switched off": off, "cancelled": cancelled,
    }  # fmt: skip
    audit(
        Verb.MEMBER_LEFT, team=team, actor=member.user, target=member.user,
        changes={name: fact for name, fact in facts.items() if fact},
    )  # fmt: skip
    if heir is None or plan.fate is not Fate.OWNED:
        return None
    return NewOwner(heir.user, team, is_deleted or team.leaving_since is not None)


def make_owner(heir: Membership, member: Membership) -> None:
    before = heir.role
    heir.set_role(Role.OWNER)
    audit(
        Verb.MEMBER_ROLE, team=member.team, actor=member.user, target=heir.user,
        changes={"role": [before, str(Role.OWNER)]},
    )  # fmt: skip


def end_questions(person: User) -> None:
    """What waits for an answer of others, or of this person."""
    asked = Team.objects.filter(Q(offered_to=person) | Q(offered_by=person))
    asked.update(offered_to=None, offered_by=None, offered_at=None)
    sent = Invitation.objects.filter(created_by=person, state=InvitationState.WAITING)
    for row in sent.select_related("team"):
        end_invitation(row, InvitationState.VOID, Verb.INVITATION_VOID, None)
    addresses = EmailAddress.objects.filter(user=person).values("email")
    got = Invitation.objects.filter(Q(email__in=addresses) | Q(accepted_by=person))
    got.exclude(state=InvitationState.WAITING).update(email="")


def stop_keys(person: User) -> None:
    """Nothing more is sent with a key of theirs, whoever asked for it and in whichever team."""
    note = _("The person whose key it was deleted their account.")
    queued = Task.objects.filter(Q(user=person) | Q(key__user=person), status=Status.QUEUED)
    for task in queued.select_related("team"):
        task.move(
            Status.CANCELLED, note, finished_at=timezone.now(), credits=0, held_since=None,
            next_look_at=None,
        )  # fmt: skip


def end_log_in(person: User) -> None:
    for session in UserSession.objects.filter(user=person):
        session.end()
    Authenticator.objects.filter(user=person).delete()
    NoticeChoice.objects.filter(user=person).delete()
    EmailAddress.objects.filter(user=person).delete()
    row = User(pk=person.pk)
    row.groups.clear()
    row.user_permissions.clear()


def forget_person(user_id: int) -> None:
    """The address is free from here on."""
    User.objects.filter(pk=user_id, closed_at__isnull=False).update(email=no_address())


# --- What remains, until it is needed no more -----------------------------------------------------


def purge_closed(now: datetime) -> None:
    """After each closed account: what came late, its keys, its acts, and at last its row."""
    closed = User.objects.filter(closed_at__isnull=False)
    if not closed.exists():
        return
    for pk in closed.exclude(email__endswith=NOWHERE).values_list("pk", flat=True)[:AT_ONCE]:
        forget_person(pk)  # who closed it died before this
    leave_late_teams(closed)
    keys = ApiKey.objects.filter(user__closed_at__isnull=False)
    wipe_keys(keys)
    keys.filter(user__closed_at__lt=now - KEY_WAIT).delete()
    over = closed.filter(closed_at__lt=now - ACTS_KEPT)
    acts = AuditEvent.objects.filter(team=None, actor__in=over.values("pk"))
    acts.filter(at__lt=now - ACTS_KEPT).delete()
    for person in over.filter(keys=None)[:AT_ONCE]:
        if not AuditEvent.objects.filter(team=None, actor=person).exists():
            person.delete()


def leave_late_teams(closed: QuerySet[User]) -> None:
    """A team that was made, or joined, while the account was being deleted."""
    late = Membership.objects.filter(user__in=closed).select_related("team", "user")
    for member in late.order_by("team")[:AT_ONCE]:
        with transaction.atomic():
            hold_work(Membership.objects.filter(pk=member.pk), KeyLoan.objects.none())
            member.team.lock_members()
            plan = plan_of(member)
            leave_team(plan, plan.usual_choice)


def wipe_keys(keys: QuerySet[ApiKey]) -> None:
    """Those that nothing that was sent needs any more."""
    waiting = Registration.objects.filter(key__in=keys, state=RegistrationState.WAITING)
    with transaction.atomic():
        list(waiting.select_for_update(of=("self",)).values_list("pk"))  # holds back a claim
        keys.exclude(
            Exists(Task.objects.filter(key=OuterRef("pk"), status__in=SENT))
            | Exists(Registration.objects.filter(key=OuterRef("pk"), state__in=UNDER_WAY))
        ).delete()
