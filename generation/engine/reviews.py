"""Reviews: who is asked about exactly which file, what they answer, and what that makes of it.

All of it is written with the rows of the outputs held, a stack's before those of its versions, so
that of two answers in the same second the second sees the first.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from generation.engine.review_notices import (
    REMIND_BEFORE,
    people_of,
    tell_answered,
    tell_asked,
    tell_withdrawn,
)
from generation.engine.review_state import (
    JUDGED,
    close_if_decided,
    hold_outputs,
    set_state,
    state_of,
)
from generation.engine.reviewers import NotAsked, check_reviewers
from generation.engine.share_items import shown_outputs
from generation.models import (
    ActorKind,
    Answer,
    Needed,
    Output,
    RequestState,
    ReviewDecision,
    ReviewRequest,
    ReviewState,
    ShareLink,
    Stack,
    Team,
    User,
    Verb,
    Visitor,
    audit,
)
from generation.models.notices import zone_of

NAME = 80
VERBS = {Answer.APPROVED: Verb.REVIEW_APPROVED, Answer.CHANGES: Verb.REVIEW_CHANGES}


class AlreadyAnswered(Exception):
    """The question is closed, or this person has answered it: `who` did, and `at` what time.

    `state` is what it came to; where it was withdrawn `who` withdrew it.
    """

    def __init__(self, who: str, at: datetime | None, state: str) -> None:
        super().__init__(who, at, state)
        self.who, self.at, self.state = who, at, state


class AlreadyAsked(Exception):
    """There is an open question about this output."""


class FileChanged(Exception):
    """The file is another than the one that the question was about."""


# --- Asking ---------------------------------------------------------------------------------------


def ask(
    output: Output,
    *,
    by: User | None,
    reviewers: Sequence[User] = (),
    links: Sequence[ShareLink] = (),
    needed: str = Needed.ALL,
    message: str = "",
    due_day: date | None = None,
) -> ReviewRequest:
    """Ask members, and guests by links that let them approve. Raises AlreadyAsked or NotAsked."""
    made = ask_many(
        [output], by=by, reviewers=reviewers, links=links, needed=needed, message=message,
        due_day=due_day,
    )  # fmt: skip
    if not made:
        raise AlreadyAsked
    return made[0]


@transaction.atomic
def ask_many(
    outputs: Sequence[Output],
    *,
    by: User | None,
    reviewers: Sequence[User] = (),
    links: Sequence[ShareLink] = (),
    needed: str = Needed.ALL,
    message: str = "",
    due_day: date | None = None,
) -> list[ReviewRequest]:
    """The same question about each of these outputs of one team; those that are asked about now or
    lie in the trash are left out. Raises NotAsked."""
    rows = Output.objects.filter(pk__in=[one.pk for one in outputs]).order_by("pk")
    held = list(rows.kept().select_for_update(of=("self",), no_key=True))
    media = Output.objects.select_related("media", "team", "project")
    free = media.in_bulk([one.pk for one in held])
    asked = ReviewRequest.objects.filter(output__in=free, state=RequestState.OPEN)
    for pk in asked.values_list("output", flat=True):
        del free[pk]
    if not free:
        return []
    team = next(iter(free.values())).team
    check_reviewers(team, reviewers, links)
    due_at, now = due_moment(team, due_day) if due_day else None, timezone.now()
    is_soon = due_at is not None and due_at <= now + REMIND_BEFORE
    name = by.shown_name[:NAME] if by else ""
    made = ReviewRequest.objects.bulk_create(
        ReviewRequest(
            team=team, output=one, sha256=one.media.sha256, message=message, due_at=due_at,
            needed=needed, created_by=by, made_by_name=name,
            reminded_at=now if is_soon else None,
        )
        for one in free.values()
    )  # fmt: skip
    ReviewDecision.objects.bulk_create(
        [
            ReviewDecision(request=request, reviewer=person, name_then=person.shown_name[:NAME])
            for request in made
            for person in reviewers
        ]
        + [
            ReviewDecision(request=request, link=link, by_guest=True, name_then=link.title[:NAME])
            for request in made
            for link in links
        ]
    )
    set_state(free, ReviewState.IN_REVIEW)
    names = [one.shown_name for one in reviewers] + [link.title for link in links]
    shown = list(free.values())
    audit(
        Verb.REVIEW_ASKED, team=team, actor=by, target=shown[0] if len(shown) == 1 else None,
        name=shown[0].project.name, changes={"count": len(shown), "reviewers": names[:20]},
    )  # fmt: skip
    tell_asked(made, reviewers, by)
    return made


def due_moment(team: Team, day: date) -> datetime:
    """A chosen day means its last second in the team's time zone."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=zone_of(team))


def new_version(
    old: Output, new: Output, stack: Stack, *, by: User | None = None
) -> ReviewRequest | None:
    """The same reviewers are asked about a new version, where the stack does that. What was said
    of the old one stays with it."""
    last = asked_last(old)
    if last is None or not stack.ask_again or last.state == RequestState.WITHDRAWN:
        return None
    seats = last.decisions.filter(asked=True)
    people = User.objects.filter(
        pk__in=seats.values("reviewer"), memberships__team=new.team_id, is_active=True
    )
    links = ShareLink.objects.open().filter(pk__in=seats.values("link"), may_approve=True)
    reviewers = list(people.order_by("pk"))
    # A link to the version before alone shows its guests nothing to answer about.
    showing = (link for link in links.order_by("pk") if shown_outputs(link).filter(pk=new.pk))
    guests = list(showing)
    if not reviewers and not guests:
        return None
    by = by or new.user
    made = ask_many([new], by=by, reviewers=reviewers, links=guests, needed=last.needed)
    return made[0] if made else None  # it is asked about already


def asked_last(output: Output) -> ReviewRequest | None:
    """The newest question about it, open or closed."""
    return output.review_requests.exclude(state=RequestState.NOTED).first()


# --- Answering ------------------------------------------------------------------------------------


@transaction.atomic
def answer(
    request: ReviewRequest,
    *,
    reviewer: User | None = None,
    visitor: Visitor | None = None,
    link: ShareLink | None = None,
    state: str,
    note: str = "",
) -> ReviewDecision:
    """Write an answer, of a member or of a guest who came by a link that lets guests approve, and
    close the question where that was the last one needed.

    A guest who was not asked is written down, which closes nothing. Raises AlreadyAnswered,
    NotAsked or FileChanged.
    """
    output = hold_outputs([request.output_id]).get(request.output_id)
    if output is None or output.trashed_at:
        raise NotAsked  # deleted meanwhile
    if state == Answer.APPROVED and output.media.sha256 != request.sha256:
        raise FileChanged
    now = timezone.now()
    given: dict[str, Any] = {"state": state, "note": note, "at": now}
    seats = ReviewDecision.objects.filter(request=request)
    if reviewer is not None:
        mine = seats.filter(reviewer=reviewer)
        seat = mine.filter(state=Answer.WAITING).first()
    elif visitor is not None and link is not None and link.may_approve:
        # Waits for whoever comes by this link; the first who answers has the place.
        mine = seats.filter(visitor=visitor)
        seat = seats.filter(link=link, visitor=None, asked=True, state=Answer.WAITING).first()
        given |= {"visitor": visitor, "by_guest": True}
        given["name_then"] = (visitor.name or link.title)[:NAME]
    else:
        raise NotAsked
    if mine.exclude(state=Answer.WAITING).exists():
        seat = None
    # One statement decides who was first: the place still waits, and the question is still open.
    ours = ReviewDecision.objects.filter(
        pk=seat.pk if seat else 0, state=Answer.WAITING,
        request__in=ReviewRequest.objects.filter(pk=request.pk, state=RequestState.OPEN),
    )  # fmt: skip
    if seat is not None and ours.update(**given):
        decision = seats.get(pk=seat.pk)
        close_if_decided(request, output, decision, now)
    else:
        refuse_late(request, mine)
        if visitor is None:
            raise NotAsked
        decision = ReviewDecision.objects.create(request=request, link=link, asked=False, **given)
    write_answer(output, decision)
    tell_answered(request, output, decision)
    return decision


def answer_as_guest(
    output: Output, *, visitor: Visitor, link: ShareLink, state: str, note: str = ""
) -> ReviewDecision:
    """The answer of a guest, whether or not anybody asked for one. Raises as `answer` does."""
    with transaction.atomic():
        held = hold_outputs([output.pk]).get(output.pk)
        if held is None or held.trashed_at:
            raise NotAsked
        last = asked_last(held)
        by_link = last is not None and last.decisions.filter(link=link, asked=True).exists()
        if last is None or not (last.state == RequestState.OPEN or by_link):
            last, _new = ReviewRequest.objects.get_or_create(
                output=held, state=RequestState.NOTED, sha256=held.media.sha256,
                defaults={"team": held.team, "closed_at": timezone.now()},
            )  # fmt: skip
        return answer(last, visitor=visitor, link=link, state=state, note=note)


def refuse_late(request: ReviewRequest, mine: QuerySet[ReviewDecision]) -> None:
    """Raise who was quicker; nothing where a guest who was not asked may still be written down."""
    own = mine.exclude(state=Answer.WAITING).first()
    if own is not None:
        raise AlreadyAnswered(own.name_then, own.at, own.state)
    now = ReviewRequest.objects.get(pk=request.pk)
    if now.state == RequestState.WITHDRAWN:
        raise AlreadyAnswered(now.asker_name, now.closed_at, now.state)
    if now.state in JUDGED:
        last = now.decisions.filter(asked=True, state=now.state).order_by("-at", "-pk").first()
        raise AlreadyAnswered(last.name_then if last else "", now.closed_at, now.state)


def write_answer(output: Output, decision: ReviewDecision) -> None:
    guest = decision.by_guest
    audit(
        VERBS[Answer(decision.state)], team=output.team, actor=decision.reviewer, target=output,
        name=output.project.name, kind=ActorKind.GUEST if guest else None,
        changes={"guest": decision.name_then} if guest else {},
    )  # fmt: skip


@transaction.atomic
def withdraw(request: ReviewRequest, by: User | None) -> bool:
    """Nobody is asked any more; what was said stays. False where it was closed before."""
    output = hold_outputs([request.output_id])[request.output_id]
    ours = ReviewRequest.objects.filter(pk=request.pk, state=RequestState.OPEN)
    if not ours.update(state=RequestState.WITHDRAWN, closed_at=timezone.now()):
        return False
    waiting = people_of(request, waiting=True)
    request.decisions.filter(state=Answer.WAITING).delete()
    tell_withdrawn(output, waiting, by)
    set_state([output.pk], state_of(output))
    audit(
        Verb.REVIEW_WITHDRAWN, team=output.team, actor=by, target=output, name=output.project.name
    )
    return True
