"""Who is told what of reviews, in the transaction of what happened. Guests see it on their page."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from generation.catalogue.message import Message
from generation.catalogue.message import Message as _
from generation.engine.notices import notify
from generation.models import (
    Answer,
    NoticeKind,
    Output,
    RequestState,
    ReviewDecision,
    ReviewRequest,
    User,
)

REMIND_BEFORE = timedelta(hours=39)  # nine in the morning of the day before the last second
AT_ONCE = 200  # requests a sweep: it comes again in a minute
ASKED = _("%(name)s asks for your review in %(project)s.")
ASKED_MANY = _("%(name)s asks for your review of %(number)s items.")
NEW_VERSION = _("A new version in %(project)s waits for your review.")
WITHDRAWN = _("%(name)s no longer asks for your review in %(project)s.")
SAID = {
    Answer.APPROVED: _("%(name)s approves what was asked about in %(project)s."),
    Answer.CHANGES: _("%(name)s asks for changes in %(project)s."),
}
MOVED = _("The approval in %(project)s is now of v%(new)s, which %(name)s approved; "
          "it was of v%(old)s.")  # fmt: skip
TOMORROW = _("Your answer to a review in %(project)s is due tomorrow.")
OVERDUE = _("Your answer to a review in %(project)s is overdue.")


def people_of(request: ReviewRequest, *, waiting: bool = False) -> list[int]:
    """The members among its reviewers, and unless only `waiting` ones are meant who asked."""
    seats = request.decisions.filter(asked=True, reviewer__isnull=False)
    if waiting:
        return list(seats.filter(state=Answer.WAITING).values_list("reviewer", flat=True))
    asker = [request.created_by_id] if request.created_by_id else []
    return [*seats.values_list("reviewer", flat=True), *asker]


def tell_asked(
    requests: Sequence[ReviewRequest], reviewers: Iterable[User], by: User | None
) -> None:
    first, output = requests[0], requests[0].output
    url, text = output.get_absolute_url(), Message(NEW_VERSION.text, project=output.project.name)
    if by is not None and len(requests) > 1:
        text = Message(ASKED_MANY.text, name=by.shown_name, number=len(requests))
        url = f"{reverse('library')}?review=mine"
    elif by is not None:
        text = Message(ASKED.text, name=by.shown_name, project=output.project.name)
    notify(NoticeKind.REVIEW_ASKED, first.team, reviewers, text, url=url,
           target=f"output:{output.pk}", actor=by)  # fmt: skip


def tell_answered(request: ReviewRequest, output: Output, decision: ReviewDecision) -> None:
    """Who asked, and the others who were asked: it may have closed the question."""
    text = Message(
        SAID[Answer(decision.state)].text, name=decision.name_then, project=output.project.name
    )
    notify(NoticeKind.REVIEW_ANSWERED, output.team, people_of(request), text,
           url=output.get_absolute_url(), target=f"output:{output.pk}",
           actor=decision.reviewer)  # fmt: skip


def tell_moved(old: ReviewRequest, new: ReviewRequest, output: Output, who: str) -> None:
    """The reviewers of both versions."""
    numbers = {"old": old.output.version_number or 0, "new": output.version_number or 0}
    text = Message(MOVED.text, project=output.project.name, name=who, **numbers)
    notify(NoticeKind.REVIEW_ANSWERED, output.team, people_of(old) + people_of(new), text,
           url=output.get_absolute_url(), target=f"output:{output.pk}")  # fmt: skip


def tell_withdrawn(output: Output, people: Iterable[int], by: User | None) -> None:
    if by is None:
        return
    text = Message(WITHDRAWN.text, name=by.shown_name, project=output.project.name)
    notify(NoticeKind.REVIEW_ASKED, output.team, people, text, url=output.get_absolute_url(),
           target=f"output:{output.pk}", actor=by)  # fmt: skip


def remind_due(now: datetime) -> int:
    """Tell who is still waited for, on the day before and when the day is over; returns how many
    questions. Each of the two is written down in the statement that takes it, so once."""
    rows = ReviewRequest.objects.filter(
        state=RequestState.OPEN, due_at__isnull=False, output__trashed_at=None,
        team__leaving_since=None,
    )  # fmt: skip
    late = Q(due_at__lt=now, reminded_late_at=None)
    soon = Q(due_at__gte=now, due_at__lte=now + REMIND_BEFORE, reminded_at=None)
    found = rows.filter(late | soon).select_related("output__project", "team").order_by("due_at")
    return sum(remind(request, now) for request in found[:AT_ONCE])


@transaction.atomic
def remind(request: ReviewRequest, now: datetime) -> bool:
    is_late = request.due_at is not None and request.due_at < now
    field = "reminded_late_at" if is_late else "reminded_at"
    ours = ReviewRequest.objects.filter(pk=request.pk, state=RequestState.OPEN, **{field: None})
    if not ours.update(**{field: now}):
        return False
    text = Message((OVERDUE if is_late else TOMORROW).text, project=request.output.project.name)
    notify(NoticeKind.REVIEW_ASKED, request.team, people_of(request, waiting=True), text,
           url=request.output.get_absolute_url(), target=f"output:{request.output_id}")  # fmt: skip
    return True
