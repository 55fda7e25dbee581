"""Sends the comments of a review as a file: of an output, of all versions, of a collection."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import connection
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generation.forms.timecode import EDITORS_START, frames_a_second
from generation.media.filenames import disposition
from generation.models import Act, Collection, Comment, CommentState, Output, Stack
from generation.views.library.tile import title_of
from generation.views.library.viewer import find_output
from generation.views.review.comment_files import FORMS, CommentList, Marked
from generation.web.shortcuts import StudioRequest, find, studio_view

PIECE = 20  # outputs that are read at once
MOST_COMMENTS = 20_000  # of such a piece


@require_safe
@studio_view(Act.SEE)
def export_output(request: StudioRequest, output_id: int, form: str) -> HttpResponse:
    found = find_output(request, output_id)
    return exported_file(request, form, [found.pk], title_of(found), in_a_row=False)


@require_safe
@studio_view(Act.SEE)
def export_collection(request: StudioRequest, collection_id: int, form: str) -> HttpResponse:
    """In its order; on a timeline one item begins where the one before ends."""
    row = find(Collection.objects.visible_to(request.user), pk=collection_id)
    pks = list(row.shown_items.values_list("output", flat=True))
    return exported_file(request, form, pks, row.name, in_a_row=True)


@require_safe
@studio_view(Act.SEE)
def export_stack(request: StudioRequest, stack_id: int, form: str) -> HttpResponse:
    """All versions, each from the start of the timeline: they are one shot."""
    row = find(Stack.objects.visible_to(request.user), pk=stack_id)
    kept = row.versions.filter(output__trashed_at=None)
    pks = list(kept.order_by("-number").values_list("output", flat=True))
    return exported_file(request, form, pks, row.name or str(_("Versions")), in_a_row=False)


def exported_file(
    request: StudioRequest, form: str, pks: Sequence[int], title: str, *, in_a_row: bool
) -> HttpResponse:
    """Piece by piece. `?state=open` leaves out what is resolved, `?start=` says where the timeline
    begins."""
    if form not in FORMS:
        raise Http404
    mime, extension, written = FORMS[form]
    only_open = request.GET.get("state") == CommentState.OPEN
    pieces = marked_outputs(pks, only_open=only_open, in_a_row=in_a_row)
    start = request.GET.get("start", "") or EDITORS_START
    answer: Any = StreamingHttpResponse(
        written(CommentList(pieces, title, start)), content_type=mime
    )
    slug = slugify(title, allow_unicode=True)[:60].strip("-_") or "review"
    name = f"{slug}_{'avid' if form == 'avid' else 'comments'}.{extension}"
    answer["Content-Disposition"] = disposition(name, attachment=True)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer  # type: ignore[no-any-return]


def marked_outputs(
    pks: Sequence[int], *, only_open: bool, in_a_row: bool
) -> Iterator[Marked]:  # fmt: skip
    """Page by page: whoever reads slowly holds neither a query nor a connection open."""
    labels = {"guest": _("%(name)s (guest)"), "drawing": _("Drawing")}
    return pieces_of(pks, labels, only_open=only_open, in_a_row=in_a_row)


def pieces_of(
    pks: Sequence[int], labels: Mapping[str, str], *, only_open: bool, in_a_row: bool
) -> Iterator[Marked]:
    offset, base = 0, 0
    for at in range(0, len(pks), PIECE):
        wanted = pks[at : at + PIECE]
        rows = Output.objects.filter(pk__in=wanted).select_related("media", "task")
        found = rows.in_bulk()
        found_comments = comments_of(wanted, only_open=only_open)
        if not connection.in_atomic_block:
            connection.close()  # the next piece may be asked for by another thread
        for pk in wanted:
            if pk not in found:
                continue
            output = found[pk]
            base = base or frames_a_second(output.media.fps)
            comments, replies = found_comments.get(pk, ([], {}))
            here = base if in_a_row else frames_a_second(output.media.fps)
            yield Marked(output, title_of(output), offset, here, comments, replies, labels)
            if in_a_row:
                offset += max(1, round((output.media.seconds or 0) * base))


def comments_of(
    pks: Sequence[int], *, only_open: bool
) -> dict[int, tuple[list[Comment], dict[Any, list[Comment]]]]:
    """By output: comments in the order of their time, and the replies to each."""
    rows = Comment.objects.filter(output__in=pks, deleted_at=None)
    found: dict[int, tuple[list[Comment], dict[Any, list[Comment]]]] = {}
    for one in rows.order_by("created_at", "pk")[:MOST_COMMENTS]:
        comments, replies = found.setdefault(one.output_id, ([], {}))
        if one.parent_id is not None:
            replies.setdefault(one.parent_id, []).append(one)
        elif not only_open or one.state == CommentState.OPEN:
            comments.append(one)
    for comments, _replies in found.values():
        comments.sort(key=lambda one: (one.at_ms or 0, one.frame or 0, one.created_at))
    return found
