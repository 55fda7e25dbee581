"""What guests of a link write about a piece.

A guest changes only what was written by the same visitor, through the same link, a short while ago.
"""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from generation.catalogue.message import Message
from generation.engine.comments import Refused, TooManyComments, delete, edit, is_editable, post
from generation.engine.frames import find_frames
from generation.engine.notices import notify
from generation.engine.share_items import guest_comments
from generation.forms.comments import CommentForm
from generation.models import Comment, NoticeKind, Output
from generation.views.share.closed import closed
from generation.views.share.gate import Visit, guest_view, let_in
from generation.views.share.item import show_item, talk_facts
from generation.views.share.live import PART, talk_mark
from generation.views.share.pieces import Piece, find_piece
from generation.views.share.threads import is_named, may_write, talk_for

ONE = gettext_noop("%(name)s commented in “%(title)s”.")
MANY = gettext_noop("%(count)s comments of guests in “%(title)s”.")


@guest_view
@require_POST
def post_comment(request: HttpRequest, share_token: str, number: int) -> HttpResponse:
    visit = let_in(request, share_token)
    if visit is None or not may_write(visit):
        return closed(request)
    piece = find_piece(visit.link, share_token, number)
    if piece is None:
        return show_item(request, visit, share_token, number)
    if not is_named(visit.link, visit.visitor):
        return ask_name(share_token, number)
    output = piece.output
    find_frames(output.media)
    form = CommentForm(request.POST, output)
    if not form.is_valid():
        return refuse(request, visit, piece, form.first_error, 422, form)
    try:
        row = write(visit, output, form)
    except TooManyComments:
        error = _("That is a lot within an hour. Your text is still here: send it a little later.")
        return refuse(request, visit, piece, error, 429, form)
    except Refused:
        error = _("What you answer to is not here any more.")
        return refuse(request, visit, piece, error, 409, form)
    tell_team(visit, row, output)
    return show_talk(request, visit, piece, row)


def show_talk(
    request: HttpRequest, visit: Visit, piece: Piece, row: Comment | None = None
) -> HttpResponse:
    """The comments for the script; without it the page, at `row`."""
    if request.headers.get(PART):
        facts = talk_facts(visit, piece)
        facts |= {
            "talk": talk_for(visit, piece.output, piece.href),
            "marks": {"talk": talk_mark(visit.link, piece.output)},
        }
        return render(request, "generation/share/_talk.html", facts)
    if row is None:
        return back_to_piece(piece.token, piece.number, "talk")
    return HttpResponseRedirect(f"{piece.href}?c={row.pk}#c-{row.pk}")


def refuse(
    request: HttpRequest,
    visit: Visit,
    piece: Piece,
    sentence: str,
    status: int,
    form: CommentForm | None = None,
) -> HttpResponse:
    """The sentence beside what was typed, which stays."""
    if request.headers.get(PART):
        return HttpResponse(sentence, status=422, content_type="text/plain; charset=utf-8")
    return show_item(
        request, visit, piece.token, piece.number, status=status, say=form, error=sentence
    )


def write(visit: Visit, output: Output, form: CommentForm) -> Comment:
    """Raises Refused, TooManyComments."""
    parent, wanted = None, form.cleaned_data["parent"]
    if wanted:
        rows = Comment.objects.filter(guest_comments(visit.link), output=output)
        parent = rows.filter(pk=wanted).first()
        if parent is None:
            raise Refused
    return post(
        output, visitor=visit.visitor, link=visit.link, parent=parent,
        body=form.cleaned_data["body"], **form.place(),
    )  # fmt: skip


@guest_view
@require_POST
def change_comment(
    request: HttpRequest, share_token: str, number: int, guest_comment_id: Any
) -> HttpResponse:
    """Other words, or with `delete` none, for what this visitor wrote through this link."""
    visit = let_in(request, share_token)
    if visit is None or not may_write(visit):
        return closed(request)
    piece = find_piece(visit.link, share_token, number)
    own = Comment.objects.filter(link=visit.link, visitor=visit.visitor, deleted_at=None)
    row = own.filter(pk=guest_comment_id, output=piece.output).first() if piece else None
    if piece is None or row is None or not is_editable(row):
        return closed(request)
    try:
        if "delete" in request.POST:
            delete(row, visitor=visit.visitor)
            return show_talk(request, visit, piece)
        form = CommentForm({"body": request.POST.get("body", "")}, row.output)
        if not form.is_valid() and not (row.drawing and not form.data["body"].strip()):
            return refuse(request, visit, piece, form.first_error, 422, form)
        row = edit(row, form.cleaned_data["body"], visitor=visit.visitor)
    except Refused:
        return closed(request)
    return show_talk(request, visit, piece, row)


def ask_name(token: str, number: int) -> HttpResponse:
    page = reverse("share-name", args=[token])
    return HttpResponseRedirect(f"{page}?{urlencode({'back': number})}")


def back_to_piece(token: str, number: int, anchor: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('share-item', args=[token, number])}#{anchor}")


def tell_team(visit: Visit, row: Comment, output: Output) -> None:
    """Who made the link, where they want to hear of it."""
    link = visit.link
    if not link.tell_comments:
        return
    notify(
        NoticeKind.LINK_COMMENTED, link.team, [link.created_by_id],
        Message(ONE, name=row.name_then, title=link.title),
        many=Message(MANY, title=link.title),
        url=output.get_absolute_url(), target=f"link:{link.pk}", group=f"guest comments:{link.pk}",
    )  # fmt: skip
