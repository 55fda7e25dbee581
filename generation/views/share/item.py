"""The page of one piece of a link: the file, what became of it, and what was said about it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from generation.engine.frames import find_frames
from generation.forms.comments import CommentForm
from generation.models import MediaKind
from generation.templatetags.studio import face
from generation.views.library.talk import player_of, start_of
from generation.views.share.gate import Visit, arrive, closed, give_cookie, guest_view, let_in
from generation.views.share.live import PART, live_marks, newer_piece, nothing_new, replaced
from generation.views.share.piece_review import review_of
from generation.views.share.pieces import Piece, common_facts, pieces_of
from generation.views.share.threads import comment_asked, is_named, may_write, talk_for


@guest_view
@require_safe
def share_item(request: HttpRequest, share_token: str, number: int) -> HttpResponse:
    """One piece, with the way to its neighbours; for the script of an open page what is new."""
    if request.headers.get(PART):
        return show_news(request, share_token, number)
    visit = arrive(request, share_token)
    if isinstance(visit, HttpResponse):
        return visit
    return show_item(request, visit, share_token, number)


def show_news(request: HttpRequest, token: str, number: int) -> HttpResponse:
    """The parts of an open page, or that there is nothing new. It is no view, and tells nobody."""
    visit = let_in(request, token)
    if visit is None:
        return closed(request)
    same = nothing_new(request, visit, number)
    if same is not None:
        return same
    facts = item_facts(request, visit, token, number)
    if facts is None:
        found = replaced(request, visit, token, number)
        return found or show_item(request, visit, token, number)
    return render(request, "generation/share/_live.html", facts)


def show_item(
    request: HttpRequest,
    visit: Visit,
    token: str,
    number: int,
    *,
    status: int = 200,
    say: CommentForm | None = None,
    error: str = "",
    problem: str = "",
) -> HttpResponse:
    """`error` is about what was written, `problem` about an answer; what was typed stays."""
    facts = item_facts(request, visit, token, number)
    if facts is None:
        gone = common_facts(visit, token)
        response = render(request, "generation/share/gone.html", gone, status=404)
    else:
        facts |= {"say": say, "say_error": error, "problem": problem, "typed": request.POST}
        response = render(request, "generation/share/item.html", facts, status=status)
    give_cookie(request, response, token)
    return response


def item_facts(
    request: HttpRequest, visit: Visit, token: str, number: int
) -> dict[str, Any] | None:
    """What the page of one piece shows; None: there is none of this number any more."""
    link, pieces = visit.link, pieces_of(visit.link, token)
    place = next((at for at, one in enumerate(pieces) if one.number == number), None)
    if place is None:
        return None
    piece = pieces[place]
    media = piece.output.media
    find_frames(media)
    facts = common_facts(visit, token)
    named, writes = is_named(link, visit.visitor), may_write(visit)
    asked = request.GET.get("c", "") if facts["comments_on"] else ""
    chosen = comment_asked(link, piece.output, asked)
    start = start_of(request.GET.get("t", ""), chosen, media)
    poster = piece.preview if media.kind == MediaKind.IMAGE else piece.poster
    return facts | {
        "piece": piece,
        "place": place + 1,
        "total": len(pieces),
        "before": pieces[place - 1] if place else None,
        "after": pieces[place + 1] if place + 1 < len(pieces) else None,
        "player": player_of(piece.output, piece.name, start, url=piece.preview, poster=poster),
        **talk_facts(visit, piece),
        "talk": talk_for(visit, piece.output, piece.href, chosen) if facts["comments_on"] else None,
        "review": review_of(visit, piece.output) if link.may_approve else None,
        "newer": newer_piece(pieces, link, piece.output.pk),
        "marks": live_marks(visit, piece.output),
        "is_named": named,
        "say_face": face(None, "sm guest", visit.visitor.name) if visit.visitor and named else "",
        "asks_name": visit.visitor is not None and not named and (writes or link.may_approve),
    }


def talk_facts(visit: Visit, piece: Piece) -> dict[str, Any]:
    """What the list of comments needs beside the comments."""
    post_to = reverse("share-comments", args=[piece.token, piece.number])
    writes = may_write(visit) and is_named(visit.link, visit.visitor)
    return {"post_to": post_to, "own_at": post_to, "may_comment": writes}
