"""Who may be asked for a review, and who is waited for in vain: people who went, revoked links."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from generation.engine.review_state import close_request, hold_outputs
from generation.models import (
    Answer,
    Membership,
    Needed,
    Output,
    RequestState,
    ReviewDecision,
    ReviewRequest,
    ShareLink,
    Team,
    User,
    Verb,
    audit,
)
from generation.models.media import OutputQuerySet
from generation.models.share_links import ShareLinkQuerySet

AT_ONCE = 200  # places a sweep: it comes again in a minute


class NotAsked(Exception):
    """Nobody to ask, or somebody who is no member; or an answer of a member who was not asked."""


def check_reviewers(team: Team, reviewers: Sequence[User], links: Sequence[ShareLink]) -> None:
    people = {one.pk for one in reviewers}
    here = Membership.objects.filter(team=team, user__in=people, user__is_active=True)
    guests = ShareLink.objects.open().filter(team=team, may_approve=True)
    asked = {link.pk for link in links}
    if not people | asked or here.count() != len(people):
        raise NotAsked
    if guests.filter(pk__in=asked).count() != len(asked):
        raise NotAsked


def links_about(output: Output) -> ShareLinkQuerySet:
    """The links that show it now and let guests approve."""
    about = (
        Q(output=output)
        | Q(collection__items__output=output)
        | Q(project=output.project_id)
        | Q(stack__versions__output=output)
    )
    rows = ShareLink.objects.open().filter(about, team=output.team_id, may_approve=True)
    return rows.distinct()


def waited_for(
    person: User | QuerySet[Any, Any], team: Team | int | None = None
) -> QuerySet[ReviewDecision]:
    """The open questions that wait for this person, or for those that a query finds; `team` None:
    in all teams."""
    people = [person] if isinstance(person, User) else person
    rows = ReviewDecision.objects.filter(
        reviewer__in=people, state=Answer.WAITING, request__state=RequestState.OPEN
    )
    return rows if team is None else rows.filter(request__team=team)


def hold_seats(seats: QuerySet[ReviewDecision], more: OutputQuerySet | None = None) -> list[int]:
    """Have who answers these questions wait, and who changes `more` outputs. Call it before teams
    are locked, and give what it returns to `free_seats`: what was asked since is found by the
    sweep."""
    return list(hold_outputs(seats.values_list("request__output", flat=True), more))


@transaction.atomic
def free_seats(
    seats: QuerySet[ReviewDecision], held: Collection[int], by: User | None
) -> int:  # fmt: skip
    """Wait no longer for these, and see what their questions come to without them."""
    freed = 0
    rows = seats.filter(request__output__in=held).select_related("request", "reviewer")
    for seat in rows.order_by("request", "pk"):
        ours = ReviewDecision.objects.filter(pk=seat.pk, state=Answer.WAITING)
        if not ours.delete()[0]:
            continue
        freed += 1
        outputs = Output.objects.select_related("media", "team", "project")
        output = outputs.get(pk=seat.request.output_id)
        state = recount(seat.request, output)
        audit(
            Verb.REVIEWER_FREED, team=output.team, actor=by, target=output,
            name=output.project.name,
            changes={"reviewer": seat.name_then} | ({"closed": str(state)} if state else {}),
        )  # fmt: skip
    return freed


def recount(request: ReviewRequest, output: Output) -> RequestState | None:
    """What a question comes to once one place less is waited for; None: it stays open."""
    seats = request.decisions.filter(asked=True)
    if seats.filter(state=Answer.WAITING).exists():
        return None
    approved = request.needed == Needed.ALL and seats.filter(state=Answer.APPROVED).exists()
    same_file = output.media.sha256 == request.sha256
    state = RequestState.APPROVED if approved and same_file else RequestState.WITHDRAWN
    close_request(request, output, state, timezone.now())
    return state


@transaction.atomic
def free_person(person: User, by: User | None) -> int:
    """In all teams, as of somebody who was suspended."""
    seats = waited_for(person)
    return free_seats(seats, hold_seats(seats), by)


def free_lost(limit: int = AT_ONCE) -> int:
    """Places that nobody will answer: the account is gone or closed, the person left the team, or
    the link was revoked. Returns how many."""
    member = Membership.objects.filter(user=OuterRef("reviewer"), team=OuterRef("request__team"))
    lost = (
        Q(reviewer=None, link=None)
        | Q(reviewer__is_active=False)
        | Q(link__revoked_at__isnull=False)
        | (Q(reviewer__isnull=False) & ~Exists(member))
    )
    waiting = ReviewDecision.objects.filter(
        lost, state=Answer.WAITING, request__state=RequestState.OPEN
    )
    chosen = list(waiting.order_by(F("pk")).values_list("pk", flat=True)[:limit])
    if not chosen:  # the usual sweep writes nothing
        return 0
    with transaction.atomic():
        seats = waiting.filter(pk__in=chosen)
        return free_seats(seats, hold_seats(seats), None)
