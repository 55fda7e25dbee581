"""What becomes of the work when somebody leaves a team, by themselves or removed by another."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from generation.catalogue.message import Message as _
from generation.engine import key_loans, share_links
from generation.engine.notices import forget_notices
from generation.engine.reviewers import free_seats, hold_seats, waited_for
from generation.models import (
    Act,
    Batch,
    Collection,
    KeyLoan,
    Media,
    Membership,
    Output,
    Project,
    Registration,
    RegistrationState,
    ReviewRequest,
    Role,
    SavedFilter,
    ShareLink,
    Status,
    Subject,
    Task,
    User,
    Verb,
    audit,
)
from generation.models.key_loans import KeyLoanQuerySet
from generation.models.tasks import SENT
from generation.models.teams import MAY_CREATE


class LastOwner(Exception):
    """A team needs an owner: this one cannot go before there is another."""


class NotAllowed(Exception):
    """Rights or members have changed since the page was drawn."""


@dataclass(frozen=True)
class Work:
    """What a member has in the team, as counts."""

    outputs: int
    subjects: int
    projects: int
    collections: int
    running: int
    queued: int
    lent: int  # keys of theirs
    links: int  # to visitors, that were not switched off


def work_of(member: Membership) -> Work:
    mine = {"team": member.team_id, "user": member.user_id}
    made = {"team": member.team_id, "created_by": member.user_id}
    return Work(
        outputs=Output.objects.filter(**mine).kept().count(),
        subjects=Subject.objects.filter(**made).active().count(),
        projects=Project.objects.filter(**made).active().count(),
        collections=Collection.objects.filter(**made).count(),
        running=Task.objects.filter(**mine, status__in=SENT).count(),
        queued=Task.objects.filter(**mine, status=Status.QUEUED).count(),
        links=ShareLink.objects.filter(**made, revoked_at=None).count(),
        lent=KeyLoan.objects.live().filter(team=member.team_id, key__user=member.user_id).count(),
    )


def heirs_of(member: Membership) -> QuerySet[Membership]:
    """Who may receive the work: whoever may make something, the highest role first."""
    rows = Membership.objects.filter(team=member.team_id, role__in=MAY_CREATE)
    rows = rows.filter(user__is_active=True).exclude(pk=member.pk)
    return rows.select_related("user").order_by("joined_at", "id")


def is_last_owner(member: Membership) -> bool:
    owners = member.team.owners.exclude(pk=member.pk)
    return member.role == Role.OWNER and not owners.exists()


@transaction.atomic
def remove_member(
    actor: Membership, member_id: int, heir_id: int | None, keep_links: bool = True
) -> Membership:
    """Take a member out of the actor's team; leaving is removing oneself. Returns who went.

    Their work goes to the heir with their name on it, and their share links, unless these are
    switched off; what they had queued is cancelled, what was sent is finished for the team. Raises
    LastOwner, or NotAllowed where somebody was quicker.
    """
    lent = KeyLoan.objects.filter(team=actor.team_id, key__user__memberships=member_id)
    leaver = Membership.objects.filter(pk=member_id, team=actor.team_id)
    held = hold_work(leaver, lent)
    actor.team.lock_members()
    rows = Membership.objects.select_related("user", "team").filter(team=actor.team_id)
    now_actor = rows.filter(pk=actor.pk).first()
    member = rows.filter(pk=member_id).first()
    if now_actor is None or member is None or not now_actor.may_to(Act.REMOVE_MEMBER, member):
        raise NotAllowed
    if is_last_owner(member):
        raise LastOwner
    heir = heirs_of(member).filter(pk=heir_id).first() if heir_id else None
    SavedFilter.objects.filter(team=member.team_id, user=member.user_id).delete()
    off = 0 if keep_links else switch_links_off(member, now_actor.user)
    given = hand_over(member, heir.user) if heir else {}
    if heir is None and has_work(member):
        raise NotAllowed  # the heir has gone meanwhile
    cancelled = stop_work(member)
    note = _("%(name)s, whose key it was, left the team.", name=member.user.shown_name)
    key_loans.end(lent, now_actor.user, note)
    rows.filter(pk=member.pk).delete()
    forget_notices(member.user_id, member.team_id)
    free_seats(waited_for(member.user, member.team), held, now_actor.user)
    audit(
        Verb.MEMBER_LEFT if member.pk == now_actor.pk else Verb.MEMBER_REMOVED,
        team=member.team,
        actor=now_actor.user,
        target=member.user,
        changes={
            **({"heir": heir.user.shown_name} if heir else {}),
            **{name: count for name, count in given.items() if count},
            **({"links switched off": off} if off else {}),
            **({"cancelled": cancelled} if cancelled else {}),
        },
    )
    return member


def hold_work(leaving: QuerySet[Membership], lent: KeyLoanQuerySet) -> list[int]:
    """Have others wait who change what is handed over when these memberships end, or who answer
    what waits for these people. Call it before teams are locked, as everybody else takes these
    rows before a team; give what it returns to `free_seats`.

    What they get in the moment before the team is locked is not held: it is new, and nobody has
    opened it yet.
    """
    people, teams = leaving.values("user"), leaving.values("team")
    mine = Q(user__in=people, team__in=teams)
    made = {"created_by__in": people, "team__in": teams}
    key_loans.hold(lent, mine & Q(status__in=[Status.QUEUED, *SENT]))
    subjects = Subject.objects.filter(**made).order_by("pk")
    list(subjects.select_for_update(of=("self",), no_key=True).values_list("pk"))
    asked = ReviewRequest.objects.filter(**made).values("output")
    outputs = Output.objects.filter(mine | Q(pk__in=asked))
    waiting = waited_for(people).filter(request__team__in=teams)
    return hold_seats(waiting, outputs)


def has_work(member: Membership) -> bool:
    work = work_of(member)
    made = work.outputs, work.subjects, work.projects, work.collections, work.links
    return any(made)


def give_links(rows: QuerySet[ShareLink], heir: User | None) -> int:
    """All go to the heir; returns how many of them were not switched off."""
    count = rows.filter(revoked_at=None).count()
    rows.update(created_by=heir)
    return count


def switch_links_off(member: Membership, by: User) -> int:
    """The share links that they made or inherited. Call it with the members locked."""
    rows = ShareLink.objects.filter(team=member.team_id, created_by=member.user_id)
    return share_links.switch_off(rows, by)


def hand_over(member: Membership, heir: User | None) -> dict[str, int]:
    """All of it in this team belongs to the heir, where there is one; the maker's name stays on it
    as text."""
    name = member.user.shown_name[:80]
    mine = {"team": member.team_id, "user": member.user_id}
    made = {"team": member.team_id, "created_by": member.user_id}
    unnamed = {"made_by_name": ""}  # what they had inherited keeps the name of its maker
    Output.objects.filter(**mine, **unnamed).update(made_by_name=name)
    Subject.objects.filter(**made, **unnamed).update(made_by_name=name)
    Project.objects.filter(**made, **unnamed).update(made_by_name=name)
    Collection.objects.filter(**made, **unnamed).update(made_by_name=name)
    SavedFilter.objects.filter(**made, **unnamed).update(made_by_name=name)
    SavedFilter.objects.filter(**made).update(created_by=heir)
    ShareLink.objects.filter(**made, **unnamed).update(made_by_name=name)
    Batch.objects.filter(**mine, **unnamed).update(made_by_name=name)
    Media.objects.filter(**made, **unnamed).update(made_by_name=name)
    Media.objects.filter(**made).update(created_by=heir)
    ReviewRequest.objects.filter(**made).update(created_by=heir)
    return {
        "outputs": Output.objects.filter(**mine).update(user=heir),
        "subjects": Subject.objects.filter(**made).update(created_by=heir),
        "projects": Project.objects.filter(**made).update(created_by=heir),
        "collections": Collection.objects.filter(**made).update(created_by=heir),
        "links": give_links(ShareLink.objects.filter(**made), heir),
    }


def stop_work(member: Membership) -> int:
    """Cancel what was not sent yet; returns how many tasks. What is out goes on."""
    note, now = _("The person who asked left the team."), timezone.now()
    queued = Task.objects.filter(
        team=member.team_id, user=member.user_id, status=Status.QUEUED
    ).select_related("team")
    cancelled = sum(
        task.move(
            Status.CANCELLED, note, finished_at=now, credits=0, held_since=None, next_look_at=None
        )
        for task in queued
    )
    waiting = Registration.objects.filter(
        subject__team=member.team_id, key__user=member.user_id, state=RegistrationState.WAITING,
        sent_at=None,
    )  # fmt: skip
    for row in waiting.select_related("subject"):
        row.step(
            RegistrationState.FAILED,
            where=Q(state=RegistrationState.WAITING),
            error=_("The person whose key it was left the team."),
            next_look_at=None,
        )
    return cancelled
