"""Versions: making an output the next version of another, and the page of a stack."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from generation.engine import stacks
from generation.engine.carry_comments import carry_over
from generation.engine.stacks import CannotStack
from generation.forms.parsing import parse_id
from generation.forms.search import clean_query, searched
from generation.forms.stacks import NoteForm, StackForm
from generation.models import Act, Comment, Membership, Output, Stack, StackVersion
from generation.models.media import hold_versions, lock_stacks
from generation.views.library.tile import title_of
from generation.views.library.trash import MOST_ID, next_url, requested_ids, selection_problem
from generation.views.library.version_menu import (
    may_change_stack,
    may_change_version,
    may_stack,
    menu_of_stack,
)
from generation.web.shortcuts import (
    StudioRequest,
    find,
    page_or_fragment,
    row_view,
    studio_view,
    toast,
)

FORM = ["GET", "HEAD", "POST"]
OFFERED = 24  # results to choose from, the newest


def member_in(request: StudioRequest, team_id: int) -> Membership:
    if team_id == request.member.team_id:
        return request.member
    return find(Membership.objects.filter(user=request.user), team=team_id)


def kept_outputs(request: StudioRequest) -> Any:
    rows = Output.objects.visible_to(request.user).kept()
    return rows.select_related("task", "media", "user", "team")


# --- Becoming a version ---------------------------------------------------------------------------


@require_http_methods(FORM)
@row_view(Act.REVIEW)
def new_version(request: StudioRequest, output_id: int) -> HttpResponse:
    """Choose what this is the next version of; a post with `of` makes it that."""
    found = find(kept_outputs(request), pk=output_id)
    if not may_stack(member_in(request, found.team_id), found):
        raise Http404
    if request.method != "POST":
        return offer_outputs(request, found)
    same_team = kept_outputs(request).filter(team=found.team_id)
    below = find(same_team, pk=parse_id(request.POST.get("of", "")))
    back = next_url(request, found.get_absolute_url())
    try:
        version = stacks.add_version(below, found, request.user)
    except CannotStack as refusal:
        return refuse_stack(request, refusal.sentence, back)
    gone = list(below_of(version).values_list("pk", flat=True))
    return say_version(request, [version], gone, back)


def offer_outputs(request: StudioRequest, found: Output) -> HttpResponse:
    """The newest results of its kind, or those whose prompt has the words asked for."""
    search = clean_query(request.GET.get("q", ""))
    rows = kept_outputs(request).filter(team=found.team_id, kind=found.kind, superseded=False)
    own = StackVersion.objects.filter(stack__versions__output=found.pk, output=OuterRef("pk"))
    rows = rows.exclude(pk=found.pk).filter(~Exists(own))
    chosen = searched(rows, search, found.team_id).newest_first()[:OFFERED]
    stack = stacks.stack_of(found)
    facts = {
        "output": found,
        "title": title_of(found),
        "stack": stack,
        "search": search,
        "offered": [] if stack else [(one, title_of(one)) for one in chosen],
    }
    page, part = "generation/review/new_version.html", "generation/review/_offered.html"
    return page_or_fragment(request, page, part, facts)


def below_of(version: StackVersion) -> Any:
    rows = Output.objects.filter(version__stack=version.stack_id, superseded=True)
    return rows.kept()


@require_POST
@row_view(Act.REVIEW)
def stack_many(request: StudioRequest) -> HttpResponse:
    """Make the chosen ones versions of one thing, in the order they were made in; with `undo` take
    them out again."""
    pks, back = requested_ids(request), next_url(request, reverse("library"))
    if problem := selection_problem(request, pks, back):
        return problem
    chosen = chosen_outputs(request, pks)
    if "undo" in request.GET:
        return taken_out(request, chosen, back)
    if len(chosen) < 2:
        return refuse_stack(request, _("Select two results or more."), back)
    try:
        versions = put_together(request, chosen)
    except CannotStack as refusal:
        return refuse_stack(request, refusal.sentence, back)
    gone = list(below_of(versions[-1]).values_list("pk", flat=True))
    return say_version(request, versions, gone, back)


def chosen_outputs(request: StudioRequest, pks: Sequence[int]) -> list[Output]:
    """The oldest first; 404 when one is not to be seen, or none is the person's to stack."""
    if any(pk > MOST_ID for pk in pks):
        raise Http404
    found = kept_outputs(request).in_bulk(pks)
    teams = {one.team_id for one in found.values()}
    if len(found) != len(pks) or len(teams) != 1:
        raise Http404
    member = member_in(request, teams.pop())
    if not any(may_stack(member, one) for one in found.values()):
        raise Http404
    return sorted(found.values(), key=lambda one: (one.created_at, one.pk))


def hold_all(chosen: Sequence[Output]) -> None:
    """With their stacks, before the first of them changes: later would be behind their team."""
    rows = Output.objects.filter(pk__in=[one.pk for one in chosen])
    hold_versions(lock_stacks(rows), rows)


@transaction.atomic
def put_together(request: StudioRequest, chosen: Sequence[Output]) -> list[StackVersion]:
    """On the stack that one of them is in, else on the oldest. Raises CannotStack."""
    hold_all(chosen)
    member = member_in(request, chosen[0].team_id)
    first = next((one for one in chosen if one.version_number), chosen[0])
    others = [one for one in chosen if one.pk != first.pk]
    if not all(may_stack(member, one) for one in others):
        raise CannotStack(_("Only whoever made a result or an admin can make it a version."))
    return [stacks.add_version(first, one, request.user) for one in others]


def say_version(
    request: StudioRequest, versions: Sequence[StackVersion], gone: Sequence[int], back: str
) -> HttpResponse:
    """Say what it is now; a grid gets the numbers of the tiles that lie below, and a way back."""
    last = versions[-1]
    text = _("Now v%(number)d. Earlier versions lie below it.") % {"number": last.number}
    if not request.htmx:
        messages.success(request, text)
        return HttpResponseRedirect(back)
    event = {"id": last.output_id, "label": f"v{last.number}", "gone": list(gone)}
    response = trigger_client_event(HttpResponse(status=204), "vs:version", event)
    ids = ",".join(str(one.output_id) for one in versions)
    href = f"{reverse('library-versions')}?{urlencode({'ids': ids, 'undo': 1})}"
    return toast(response, text, href=href, action=_("Undo"), method="post")


def refuse_stack(request: StudioRequest, sentence: str, back: str) -> HttpResponse:
    if request.htmx:
        return toast(HttpResponse(status=204), sentence, "warn")
    messages.warning(request, sentence)
    return HttpResponseRedirect(back)


@transaction.atomic
def taken_out(request: StudioRequest, chosen: Sequence[Output], back: str) -> HttpResponse:
    hold_all(chosen)
    member = member_in(request, chosen[0].team_id)
    rows = StackVersion.objects.filter(output__in=[one.pk for one in chosen])
    for version in rows.select_related("stack", "output").order_by("-number"):
        if may_change_version(member, version):
            stacks.take_out(version.output, request.user)
    if not request.htmx:
        return HttpResponseRedirect(back)
    response: Any = HttpResponse(status=204)
    response["HX-Refresh"] = "true"
    return response  # type: ignore[no-any-return]


# --- A stack --------------------------------------------------------------------------------------


def find_stack(request: StudioRequest, stack_id: int) -> Stack:
    return find(Stack.objects.visible_to(request.user).select_related("team"), pk=stack_id)


@require_http_methods(FORM)
@studio_view(Act.SEE, post=Act.REVIEW)
def stack_page(request: StudioRequest, stack_id: int) -> HttpResponse:
    """Its versions with their notes, its name, and whether new versions are asked about."""
    stack = find_stack(request, stack_id)
    member = member_in(request, stack.team_id)
    may_change = may_change_stack(member, stack)
    form = StackForm(request.POST or None, instance=find_stack(request, stack_id))
    if request.method == "POST":
        if not may_change:
            raise Http404
        if form.is_valid():
            stacks.change(stack, request.user, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("stack", stack.pk)
    menu = menu_of_stack(stack)
    changeable = [
        row.number for row in menu.rows if row.version and may_change_version(member, row.version)
    ]
    facts = {
        "menu": menu, "stack": stack, "form": form, "may_change": may_change,
        "changeable": changeable, "longest_note": NoteForm.longest,
    }  # fmt: skip
    status = 422 if form.errors else 200
    return render(request, "generation/review/stack.html", facts, status=status)


@require_http_methods(FORM)
@row_view(Act.REVIEW)
def dissolve_stack(request: StudioRequest, stack_id: int) -> HttpResponse:
    """Ask first; the versions stay in the library."""
    stack = find_stack(request, stack_id)
    if not may_change_stack(member_in(request, stack.team_id), stack):
        raise Http404
    if request.method != "POST":
        facts = {
            "stack": stack, "menu": menu_of_stack(stack),
            "links": stack.share_links.filter(revoked_at=None).count(),
        }  # fmt: skip
        page, part = "generation/review/dissolve.html", "generation/review/_dissolve.html"
        return page_or_fragment(request, page, part, facts)
    head = stacks.head_of(stack)
    count = stack.versions.count()
    stacks.dissolve(stack, request.user)
    text = ngettext(
        "Dissolved. The %(count)d version stands for itself in the library.",
        "Dissolved. The %(count)d versions stand for themselves in the library.",
        count,
    )
    messages.success(request, text % {"count": count})
    return redirect(head or "library")


def find_version(request: StudioRequest, version_id: int) -> StackVersion:
    """One that the person may change; else 404."""
    rows = StackVersion.objects.filter(stack__in=Stack.objects.visible_to(request.user))
    version = find(rows.select_related("stack", "output"), pk=version_id)
    if not may_change_version(member_in(request, version.stack.team_id), version):
        raise Http404
    return version


@require_POST
@row_view(Act.REVIEW)
def take_out_version(request: StudioRequest, version_id: int) -> HttpResponse:
    """Out of the stack, not out of the library."""
    version = find_version(request, version_id)
    stack_id, output = version.stack_id, version.output
    stacks.take_out(output, request.user)
    messages.success(request, _("Taken out. It stands for itself in the library."))
    left = Stack.objects.filter(pk=stack_id).exists()
    return redirect("stack", stack_id) if left else redirect(output)


@require_POST
@row_view(Act.REVIEW)
def note_version(request: StudioRequest, version_id: int) -> HttpResponse:
    version = find_version(request, version_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        sentence = " ".join(map(str, form.errors["note"]))
        return refuse_stack(request, sentence, version.stack.get_absolute_url())
    StackVersion.objects.filter(pk=version.pk).update(note=form.cleaned_data["note"])
    messages.success(request, _("Saved."))
    return redirect(f"{reverse('stack', args=[version.stack_id])}#v{version.number}")


@require_POST
@row_view(Act.COMMENT)
def still_open(request: StudioRequest, version_id: int) -> HttpResponse:
    """A comment that is open on the version before is open on this one, too."""
    rows = StackVersion.objects.filter(stack__in=Stack.objects.visible_to(request.user))
    version = find(rows.select_related("stack", "output"), pk=version_id)
    team_id = version.stack.team_id
    if not member_in(request, team_id).may(Act.COMMENT):
        raise Http404
    try:
        comment = Comment.objects.filter(team=team_id).get(pk=UUID(request.POST.get("comment", "")))
    except (ValueError, Comment.DoesNotExist):
        raise Http404 from None
    carry_over(comment, version.output)
    return HttpResponseRedirect(next_url(request, version.output.get_absolute_url()))
