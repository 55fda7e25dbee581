"""What an open page of a piece asks for every few seconds: what others wrote, answered or added."""

import hashlib
import json
from typing import Any

from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from generation.engine.share_items import find_item, guest_comments, shown_outputs
from generation.models import (
    Comment,
    Commenting,
    CommentState,
    Output,
    ReviewDecision,
    ShareLink,
    StackVersion,
)
from generation.views.share.gate import Visit
from generation.views.share.pieces import Piece, pieces_of

PART = "X-Part"  # sent by the script, which puts the answer into the page
SEEN = "v"  # the marks of what the page shows


def mark_of(*facts: Any) -> str:
    text = json.dumps(facts, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def talk_mark(link: ShareLink, output: Output) -> str:
    """Another one: somebody wrote, changed, resolved or deleted something that guests may read."""
    rows = Comment.objects.filter(guest_comments(link), output=output)
    facts = rows.order_by().aggregate(
        count=Count("pk"), made=Max("created_at"), edited=Max("edited_at"),
        resolved=Max("resolved_at"), open=Count("pk", filter=Q(state=CommentState.OPEN)),
    )  # fmt: skip
    return mark_of(*facts.values())


def answer_mark(visit: Visit, output: Output) -> str:
    rows = ReviewDecision.objects.filter(request__output=output).order_by("pk")
    given = rows.values_list("pk", "state", "at", "request__state", "request__due_at")
    name = visit.visitor.name if visit.visitor else ""
    return mark_of(output.review, name, list(given))


def newest_version(link: ShareLink, output_id: int) -> int | None:
    """The later version that the link shows as well, if there is one."""
    version = StackVersion.objects.filter(output=output_id).first()
    if version is None:
        return None
    rows = shown_outputs(link).filter(version__stack=version.stack_id)
    later = rows.filter(version__number__gt=version.number).order_by("-version__number")
    return later.values_list("pk", flat=True).first()


def live_marks(visit: Visit, output: Output) -> dict[str, str]:
    """Of the parts, in the order of the page."""
    link = visit.link
    marks = {
        "news": mark_of(newest_version(link, output.pk)), "answer": answer_mark(visit, output)
    }  # fmt: skip
    return marks if link.comments == Commenting.OFF else marks | {"talk": talk_mark(link, output)}


def is_same(request: HttpRequest, marks: dict[str, str]) -> bool:
    return request.GET.get(SEEN, "") == ".".join(marks.values())


def newer_piece(pieces: list[Piece], link: ShareLink, output_id: int) -> Piece | None:
    found = newest_version(link, output_id)
    return next((one for one in pieces if one.output.pk == found), None) if found else None


def nothing_new(request: HttpRequest, visit: Visit, number: int) -> HttpResponse | None:
    """204 where the page shows all there is; a few small questions, without reading the link."""
    output = find_item(visit.link, number, ("media",))
    if output is not None and is_same(request, live_marks(visit, output)):
        return HttpResponse(status=204)
    return None


def replaced(request: HttpRequest, visit: Visit, token: str, number: int) -> HttpResponse | None:
    """A link that shows the newest version alone does not show this one any more: the way there,
    and what was being typed stays."""
    row = visit.link.items.filter(number=number).first()
    newer = newer_piece(pieces_of(visit.link, token), visit.link, row.output_id) if row else None
    if newer is None:
        return None
    facts = {"newer": newer, "marks": {"news": mark_of(newer.output.pk)}}
    return render(request, "generation/share/_news.html", facts)
