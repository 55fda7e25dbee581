"""Comments of a result: written, answered, changed and resolved by members."""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from generation.engine import comments
from generation.engine.frames import find_frames
from generation.forms.comments import CommentForm
from generation.models import Act, Comment, Membership, Output
from generation.views.library import viewer
from generation.views.library.talk import mark_of, talk_of
from generation.views.library.trash import next_url
from generation.web.shortcuts import StudioRequest, find, member_of, row_view

PART = "X-Part"  # sent by the script, which puts the answer into the page


@require_http_methods(["GET", "HEAD", "POST"])
@row_view(Act.COMMENT)
def output_comments(request: StudioRequest, output_id: int) -> HttpResponse:
    """The list alone; posted to: a new comment or a reply."""
    found = viewer.find_output(request, output_id)
    if request.method != "POST":
        if request.GET.get("v") == mark_of(found):
            return HttpResponse(status=204)
        return talk_part(request, found)
    if found.trashed_at or not member_of(request, found).may(Act.COMMENT):
        raise Http404
    find_frames(found.media)
    form = CommentForm(request.POST, found)
    if not form.is_valid():
        return refuse_comment(request, found, form.first_error, form)
    parent = None
    if form.cleaned_data["parent"]:
        parent = find(Comment.objects.filter(output=found), pk=form.cleaned_data["parent"])
    try:
        comment = comments.post(
            found, author=request.user, parent=parent, audience=form.audience,
            body=form.cleaned_data["body"], **form.place(),
        )  # fmt: skip
    except comments.Refused:
        return refuse_comment(request, found, _("This comment was deleted meanwhile."), form)
    return show_talk(request, comment)


def show_talk(request: StudioRequest, comment: Comment) -> HttpResponse:
    if request.headers.get(PART):
        return talk_part(request, comment.output)
    return HttpResponseRedirect(next_url(request, comment.get_absolute_url()))


def refuse_comment(
    request: StudioRequest, output: Output, sentence: str, form: CommentForm | None = None
) -> HttpResponse:
    """The sentence beside what was typed, which stays."""
    if request.headers.get(PART):
        return HttpResponse(sentence, status=422, content_type="text/plain; charset=utf-8")
    output = viewer.find_output(request, output.pk)
    return viewer.output_page(request, output, say=form, say_error=sentence, status=422)


def talk_part(request: StudioRequest, output: Output) -> HttpResponse:
    base = viewer.viewer_url(output.pk, request.GET.get("ctx", ""))
    find_frames(output.media)
    member = member_of(request, output)
    facts = {
        "output": output,
        "here": base,
        "post_to": reverse("output-comments", args=[output.pk]),
        "own_at": viewer.own_at(),
        "talk": talk_of(output, base, user=request.user, show=request.GET.get("show", "open")),
        "may_comment": not output.trashed_at and member.may(Act.COMMENT),
        "may_moderate": not output.trashed_at and may_moderate(member),
    }
    return render(request, "generation/review/_talk.html", facts)


def find_comment(request: StudioRequest, comment_id: str, act: Act = Act.COMMENT) -> Comment:
    """One that this person may do this to: of a result that is not in the trash."""
    rows = Comment.objects.visible_to(request.user).filter(output__trashed_at=None)
    comment = find(rows.select_related("output__media", "output__team"), pk=comment_id)
    if not member_of(request, comment.output).may_on(act, comment.author_id):
        raise Http404
    return comment


@require_POST
@row_view(Act.EDIT_COMMENT)
def edit_comment(request: StudioRequest, comment_id: str) -> HttpResponse:
    comment = find_comment(request, comment_id, Act.EDIT_COMMENT)
    form = CommentForm({"body": request.POST.get("body", "")}, comment.output)
    if not form.is_valid() and not (comment.drawing and not form.data["body"].strip()):
        return refuse_comment(request, comment.output, form.first_error)
    try:
        comments.edit(comment, form.cleaned_data["body"], author=request.user)
    except comments.Refused:
        late = _("A comment can be changed for 15 minutes. Reply to it instead.")
        return refuse_comment(request, comment.output, late, form)
    return show_talk(request, comment)


@require_POST
@row_view(Act.EDIT_COMMENT)
def delete_comment(request: StudioRequest, comment_id: str) -> HttpResponse:
    """One's own; and of what guests wrote any, where one looks after all links."""
    comment = find_comment(request, comment_id)
    member, moderator = member_of(request, comment.output), None
    if comment.by_guest and may_moderate(member):
        moderator = request.user
    elif not member.may_on(Act.EDIT_COMMENT, comment.author_id):
        raise Http404
    try:
        comments.delete(comment, author=request.user, moderator=moderator)
    except comments.Refused:
        raise Http404 from None
    if request.headers.get(PART):
        return talk_part(request, comment.output)
    return HttpResponseRedirect(next_url(request, comment.output.get_absolute_url()))


def may_moderate(member: Membership) -> bool:
    """Whether the person may change every link, not only their own."""
    return member.may_on(Act.SHARE, None)


@require_POST
@row_view(Act.COMMENT)
def resolve_comment(request: StudioRequest, comment_id: str) -> HttpResponse:
    """Or open it again, with state=open."""
    comment = find_comment(request, comment_id)
    try:
        comments.resolve(comment, request.user, request.POST.get("state") != "open")
    except comments.Refused:
        raise Http404 from None
    return show_talk(request, comment)
