"""Approvals and requests for changes by guests, each of exactly the file that they saw."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from generation.catalogue.message import Message
from generation.engine.notices import notify
from generation.engine.reviewers import NotAsked
from generation.engine.reviews import AlreadyAnswered, FileChanged, answer_as_guest
from generation.engine.share_terms import zone_of
from generation.models import Answer, NoticeKind, Output, ReviewDecision, ShareLink, Visitor
from generation.views.share.closed import closed
from generation.views.share.comments import ask_name, back_to_piece
from generation.views.share.gate import guest_view, let_in
from generation.views.share.item import show_item
from generation.views.share.piece_review import ANSWERS
from generation.views.share.pieces import find_piece
from generation.views.share.threads import author_for, is_named

LONGEST_NOTE = 2_000
APPROVED = gettext_noop("%(name)s approved a result in “%(title)s”.")
CHANGES = gettext_noop("%(name)s asked for changes in “%(title)s”.")


@guest_view
@require_POST
def answer_piece(request: HttpRequest, share_token: str, number: int) -> HttpResponse:
    """Approve, or ask for changes. The first answer closes the question; who comes later reads
    who was quicker."""
    visit = let_in(request, share_token)
    if visit is None or visit.visitor is None or not visit.link.may_approve:
        return closed(request)
    piece = find_piece(visit.link, share_token, number)
    state, note = request.POST.get("state", ""), request.POST.get("note", "").strip()
    if piece is None or state not in ANSWERS:
        return show_item(request, visit, share_token, number)
    if not is_named(visit.link, visit.visitor):
        return ask_name(share_token, number)
    if state == Answer.CHANGES and not note:
        problem = _("Say what should change.")
        return show_item(request, visit, share_token, number, status=422, problem=problem)
    if len(note) > LONGEST_NOTE:
        problem = _("This is too long. Use at most %(most)d characters.") % {"most": LONGEST_NOTE}
        return show_item(request, visit, share_token, number, status=422, problem=problem)
    problem = give_answer(visit.link, visit.visitor, piece.output, state, note.replace("\0", ""))
    if problem:
        return show_item(request, visit, share_token, number, status=409, problem=problem)
    return back_to_piece(share_token, number, "answer")


def give_answer(link: ShareLink, visitor: Visitor, output: Output, state: str, note: str) -> str:
    """Why it was not taken; empty: it was."""
    try:
        decision = answer_as_guest(output, visitor=visitor, link=link, state=state, note=note)
    except AlreadyAnswered as late:
        return sentence_of(link, output, late)
    except FileChanged:
        return _("There is another file now. Look at it, then answer again.")
    except NotAsked:
        return _("This is not to be answered any more.")
    if not decision.asked:  # else who asked, and others who were asked, have heard of it
        tell_maker(link, visitor, output, state)
    return ""


def sentence_of(link: ShareLink, output: Output, late: AlreadyAnswered) -> str:
    """Already answered by Ana at 14:02."""
    rows = ReviewDecision.objects.filter(request__output=output, name_then=late.who)
    row = rows.filter(state=late.state).order_by("-at").first() or ReviewDecision()
    is_answer = late.state in ANSWERS
    by_guest = is_answer and row.by_guest
    who = author_for(link, late.who, row.link_id, by_guest=by_guest)
    if not is_answer:
        return _("%(who)s does not ask for an answer any more.") % {"who": who}
    return _("Already answered by %(who)s at %(time)s.") % {
        "who": who, "time": shown_time(link, late.at),
    }  # fmt: skip


def shown_time(link: ShareLink, moment: datetime | None) -> str:
    return f"{moment.astimezone(zone_of(link.team)):%H:%M}" if moment else ""


def tell_maker(link: ShareLink, visitor: Visitor, output: Output, state: str) -> None:
    text = APPROVED if state == Answer.APPROVED else CHANGES
    notify(
        NoticeKind.REVIEW_ANSWERED, link.team, [link.created_by_id],
        Message(text, name=visitor.name, title=link.title),
        url=output.get_absolute_url(), target=f"output:{output.pk}",
    )  # fmt: skip
