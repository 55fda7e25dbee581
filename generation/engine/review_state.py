"""What reviews come to: the state of an output, and the one approved version of a stack."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from generation.engine.review_notices import tell_moved
from generation.models import (
    Answer,
    Needed,
    Output,
    RequestState,
    ReviewDecision,
    ReviewRequest,
    ReviewState,
    Stack,
    StackVersion,
    Verb,
    audit,
)
from generation.models.media import OutputQuerySet, tell_teams

JUDGED = {RequestState.APPROVED: ReviewState.APPROVED, RequestState.CHANGES: ReviewState.CHANGES}


@dataclass(frozen=True)
class Approval:
    """Who approved exactly this file, and when: the last who was needed."""

    who: str
    at: datetime
    sha256: str
    by_guest: bool


def hold_outputs(
    output_ids: Iterable[int], more: OutputQuerySet | None = None
) -> dict[int, Output]:
    """Have who else decides about these outputs, or about other versions of them, wait, and who
    changes `more` outputs. Returns these alone, as they are now.

    Stacks, then outputs, all by their numbers: the order of tests/engine/test_lock_order.py.
    """
    wanted = list(output_ids)
    if not wanted and more is None:
        return {}
    stacks = Stack.objects.filter(
        pk__in=StackVersion.objects.filter(output__in=wanted).values("stack")
    )
    list(stacks.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    versions = StackVersion.objects.filter(stack__in=stacks.values("pk")).values("output")
    asked = Q(pk__in=wanted) | Q(pk__in=versions)
    rows = Output.objects.filter(asked if more is None else asked | Q(pk__in=more.values("pk")))
    list(rows.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))
    return Output.objects.select_related("media", "team", "project").in_bulk(wanted)


def close_if_decided(
    request: ReviewRequest, output: Output, decision: ReviewDecision, now: datetime
) -> None:
    """The first that asks for changes closes, and the last approval that is needed."""
    if decision.state == Answer.CHANGES:
        close_request(request, output, RequestState.CHANGES, now)
        return
    waits = request.decisions.filter(asked=True, state=Answer.WAITING).exists()
    if request.needed == Needed.ANY or not waits:
        close_request(request, output, RequestState.APPROVED, now)


def close_request(
    request: ReviewRequest, output: Output, state: RequestState, now: datetime
) -> None:
    """Write what an open question came to. Call with the versions held."""
    ours = ReviewRequest.objects.filter(pk=request.pk, state=RequestState.OPEN)
    if not ours.update(state=state, closed_at=now):
        return
    if state == RequestState.APPROVED:
        take_approval(request, output, now)
    set_state([output.pk], state_of(output))


def take_approval(request: ReviewRequest, output: Output, now: datetime) -> None:
    """At most one version of a stack is approved: the one that was has it no more."""
    stack = StackVersion.objects.filter(stack__versions__output=output).exclude(output=output)
    others = ReviewRequest.objects.filter(
        output__in=stack.values("output"), state=RequestState.APPROVED, moved_at=None
    )
    for other in others.select_related("output__project", "team"):
        ReviewRequest.objects.filter(pk=other.pk).update(moved_at=now, moved_by=request)
        set_state([other.output_id], state_of(other.output))
        given = request.decisions.filter(asked=True, state=Answer.APPROVED).order_by("at").last()
        tell_moved(other, request, output, given.name_then if given else "")
        audit(
            Verb.REVIEW_MOVED, team=other.team, actor=None, target=other.output,
            name=other.output.project.name, changes={"to": request.output_id},
        )  # fmt: skip


def keep_approval(version: StackVersion) -> None:
    """What was approved before it came into a stack that has an approved version: that one stays
    so. Call with the versions held."""
    rows = ReviewRequest.objects.filter(
        output__version__stack=version.stack_id, state=RequestState.APPROVED, moved_at=None
    )
    standing = rows.exclude(output=version.output_id).select_related("output").first()
    if standing is not None:
        take_approval(standing, standing.output, timezone.now())


def state_of(output: Output) -> ReviewState:
    """What its questions come to: the newest that was not withdrawn counts."""
    rows = output.review_requests.exclude(state__in=[RequestState.NOTED, RequestState.WITHDRAWN])
    last = rows.first()
    if last is None or last.moved_at is not None:
        return ReviewState.NONE
    return JUDGED.get(RequestState(last.state), ReviewState.IN_REVIEW)


def set_state(output_ids: Iterable[int], state: ReviewState) -> None:
    """Say it on the outputs, and have open pages show it. Call with their rows held."""
    rows = Output.objects.filter(pk__in=list(output_ids))
    rows.update(review=state)
    tell_teams(rows)


def approval_of(output: Output) -> Approval | None:
    """The approval of exactly the file that it has now; None where there is none."""
    if output.review != ReviewState.APPROVED:
        return None  # without asking the database: a ZIP asks for each of its files
    last = output.review_requests.filter(
        state=RequestState.APPROVED, moved_at=None, sha256=output.media.sha256
    ).first()
    if last is None:
        return None
    given = last.decisions.filter(asked=True, state=Answer.APPROVED).order_by("-at", "-pk").first()
    if given is None or given.at is None:
        return None
    return Approval(given.name_then, given.at, last.sha256, given.by_guest)
