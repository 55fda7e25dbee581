"""The page of one piece of a link: the file, what became of it, and what was said about it."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from generation.engine.frames import find_frames
from generation.models import MediaKind
from generation.views.share.gate import Visit, arrive, give_cookie, guest_view
from generation.views.share.piece_review import review_of
from generation.views.share.pieces import common_facts, pieces_of
from generation.views.share.threads import comments_of, is_named, may_write

SECONDS = re.compile(r"\d{1,6}(\.\d{1,3})?", re.ASCII)


@guest_view
@require_safe
def share_item(request: HttpRequest, share_token: str, number: int) -> HttpResponse:
    """One piece, with the way to its neighbours."""
    visit = arrive(request, share_token)
    if isinstance(visit, HttpResponse):
        return visit
    return show_item(request, visit, share_token, number)


def show_item(
    request: HttpRequest,
    visit: Visit,
    token: str,
    number: int,
    *,
    status: int = 200,
    error: str = "",
    problem: str = "",
) -> HttpResponse:
    """`error` is about what was written, `problem` about an answer; what was typed stays."""
    facts = item_facts(visit, token, number)
    if facts is None:
        gone = common_facts(visit, token)
        response = render(request, "generation/share/gone.html", gone, status=404)
    else:
        at = request.GET.get("t", "")  # where a comment leads that is opened without a script
        at = at if SECONDS.fullmatch(at) else ""
        facts |= {"error": error, "problem": problem, "typed": request.POST, "at": at}
        response = render(request, "generation/share/item.html", facts, status=status)
    give_cookie(request, response, token)
    return response


def item_facts(visit: Visit, token: str, number: int) -> dict[str, Any] | None:
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
    return facts | {
        "piece": piece,
        "place": place + 1,
        "total": len(pieces),
        "before": pieces[place - 1] if place else None,
        "after": pieces[place + 1] if place + 1 < len(pieces) else None,
        "is_image": media.kind == MediaKind.IMAGE,
        "is_video": media.kind == MediaKind.VIDEO,
        "rate": f"{float(media.frame_rate):.6f}" if media.frame_rate else "",
        "threads": comments_of(visit, piece.output) if facts["comments_on"] else [],
        "review": review_of(visit, piece.output) if link.may_approve else None,
        "may_write": writes,
        "is_named": named,
        "asks_name": visit.visitor is not None and not named and (writes or link.may_approve),
    }
