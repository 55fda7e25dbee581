"""What became of a piece that guests may answer about, as they may know it."""

from dataclasses import dataclass

from generation.engine.reviews import asked_last
from generation.models import Answer, Output, RequestState, ReviewDecision, ShareLink
from generation.views.share.closed import shown_day, shown_end
from generation.views.share.gate import Visit
from generation.views.share.threads import author_for

ANSWERS = (Answer.APPROVED, Answer.CHANGES)


@dataclass(frozen=True)
class PieceReview:
    """What became of a piece, as its guests may know it."""

    state: str  # waiting, approved, changes or empty: nobody asked
    who: str = ""
    when: str = ""
    note: str = ""
    until: str = ""
    mine: bool = False

    @property
    def may_answer(self) -> bool:
        return self.state in ("", "waiting")


def review_of(visit: Visit, output: Output) -> PieceReview:
    """The answer of this visitor, else the one that closed the question, else what is asked."""
    link, request = visit.link, asked_last(output)
    is_open = request is not None and request.state == RequestState.OPEN
    given = ReviewDecision.objects.filter(request__output=output, state__in=ANSWERS)
    if visit.visitor is not None:
        mine = given.filter(visitor=visit.visitor).order_by("-at").first()
        if mine is not None and (not is_open or mine.request == request):
            return shown_answer(link, mine, mine=True)
    if request is not None and request.state in ANSWERS:
        last = request.decisions.filter(state=request.state).order_by("-at").first()
        return shown_answer(link, last) if last else PieceReview(request.state)
    if request is None or not is_open:
        return PieceReview("")
    if not request.decisions.filter(link=link, state=Answer.WAITING).exists():
        return PieceReview("")
    return PieceReview("waiting", until=shown_end(request.due_at, link.team))


def shown_answer(link: ShareLink, row: ReviewDecision, *, mine: bool = False) -> PieceReview:
    theirs = row.link_id == link.pk
    return PieceReview(
        row.state,
        who=author_for(link, row.name_then, row.link_id, by_guest=row.by_guest),
        when=shown_day(row.at, link.team) if row.at else "",
        note=row.note if theirs else "",
        mine=mine,
    )
