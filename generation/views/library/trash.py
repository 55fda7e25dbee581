"""The trash page, and moving outputs to the trash and back."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from django_htmx.http import reswap, retarget, trigger_client_event

from generation.engine.review_state import approval_of
from generation.forms.paging import asked_page
from generation.forms.parsing import parse_id
from generation.models import (
    TRASH_DAYS,
    Act,
    Membership,
    Output,
    ReviewState,
    StackVersion,
    Team,
    User,
    Verb,
    audit,
)
from generation.models.media import hold_versions, lock_stacks
from generation.views.library.tile import OutputTile, may_trash, title_of, with_tile_columns
from generation.web.shortcuts import (
    SEVERAL,
    StudioRequest,
    page_or_fragment,
    studio_view,
    toast,
)

PAGE = 60
MOST_AT_ONCE = 1_000
MOST_ID = 2**63 - 1  # more than a database holds
TRASH, RESTORE = "trash", "restore"
SURE = "sure"  # the second word
MOST_NAMED = 5
THESE, ALL = "these", "all"  # versions that go together


@require_safe
@studio_view(Act.SEE)
def trash_page(request: StudioRequest) -> HttpResponse:
    """The team's trash, the newest first."""
    every = Output.objects.visible_to(request.user).filter(team=request.member.team)
    rows = with_tile_columns(every.trashed()).order_by("-trashed_at", "-id")
    page = asked_page(rows, request.GET, PAGE, every, "trashed_at")
    tiles = [OutputTile(output, may_trash(request.member, output)) for output in page.rows]
    for tile in tiles[1:]:
        tile.begins_row = tile.output == page.place
    joint = bool(request.htmx and page.before)
    context = {
        "tiles": tiles,
        "more": "" if joint else page.more,
        "more_at": reverse("trash"),
        "earlier": page.earlier,
        "joint": joint,
        "place": str(page.place.pk) if page.place else "",
        "days": TRASH_DAYS,
    }
    part = {"after", "before"} & set(request.GET)
    fragment = "generation/trash/_page.html" if part else "generation/trash/_results.html"
    return page_or_fragment(request, "generation/trash/trash.html", fragment, context)


def requested_ids(request: StudioRequest) -> list[int]:
    """The ids a request names, in fields or in one list; 404 when one is not a number."""
    values = [*request.POST.getlist("ids"), *request.GET.getlist("ids")]
    texts = [text for value in values for text in value.split(",") if text]
    pks = [parse_id(text) for text in dict.fromkeys(texts)]
    if not all(pks):
        raise Http404
    return pks


def movable_ids(request: StudioRequest, pks: Sequence[int]) -> list[int]:
    """Those of the outputs that are the person's to move; 404 when one is not to be seen."""
    if any(pk > MOST_ID for pk in pks):
        raise Http404
    found = Output.objects.visible_to(request.user).only("team_id", "user_id").in_bulk(pks)
    if len(found) != len(pks):
        raise Http404
    memberships = {one.team_id: one for one in Membership.objects.filter(user=request.user)}
    return [pk for pk in pks if may_trash(memberships[found[pk].team_id], found[pk])]


def move_outputs(request: StudioRequest, pks: Sequence[int], to: str, back: str) -> HttpResponse:
    """Trash or restore, say so, and offer the way back. Repeating it changes nothing. Of versions
    it is asked first whether the others go, too."""
    asks = to == TRASH and "undo" not in request.GET
    others = other_versions(request, pks) if asks else []
    if others and asked_versions(request) not in (THESE, ALL):
        return ask_versions(request, pks, others, back)
    pks = [*pks, *others] if asked_versions(request) == ALL else pks
    return write_and_say(request, pks, to, back)


def write_and_say(request: StudioRequest, pks: Sequence[int], to: str, back: str) -> HttpResponse:
    mine = movable_ids(request, pks)
    if not mine and len(pks) == 1:
        raise Http404
    if to == TRASH and SURE not in request.POST and (approved := approved_among(mine)):
        return ask_again(request, pks, approved, back)
    write_move(request.user, mine, to)
    kept = kept_messages(len(pks) - len(mine))
    moved = [trash_message(len(mine), to) % {"count": len(mine)}] if mine else []
    text = " ".join(moved + kept)
    if not request.htmx:
        messages.add_message(request, messages.SUCCESS if mine else messages.WARNING, text)
        return HttpResponseRedirect(back)
    response = HttpResponse(status=204)
    if SURE in request.POST or asked_versions(request):
        trigger_client_event(response, "dialog:close", {})
    if not mine:
        return toast(response, text, "warn")
    trigger_client_event(response, "vs:moved", {"ids": mine, "to": to})
    several = None if kept else (trash_message(SEVERAL, to), len(mine))
    if "undo" in request.GET:
        return toast(response, text, several=several)
    undo = urlencode({"ids": ",".join(map(str, mine)), "to": RESTORE if to == TRASH else TRASH})
    href = f"{reverse('library-trash')}?{undo}&undo=1"
    return toast(response, text, href=href, action=_("Undo"), method="post", several=several)


def approved_among(pks: Sequence[int]) -> list[Output]:
    """What somebody has approved goes only on a second word."""
    rows = Output.objects.filter(pk__in=pks, review=ReviewState.APPROVED).kept()
    return list(rows.select_related("task", "media").order_by("-created_at", "-pk"))


def ask_again(
    request: StudioRequest, pks: Sequence[int], approved: Sequence[Output], back: str
) -> HttpResponse:
    """The question that names whose approval it is, in the dialog or as a page."""
    shown = [(title_of(one), one, approval_of(one)) for one in approved[:MOST_NAMED]]
    facts = {
        "approved": shown,
        "count": len(approved),
        "more": len(approved) - len(shown),
        "all": len(pks),
        "ids": ",".join(map(str, pks)),
        "next": back,
    }
    page, part = "generation/trash/approved.html", "generation/trash/_approved.html"
    response = page_or_fragment(request, page, part, facts)
    return retarget(reswap(response, "innerHTML"), "#dialog-body") if request.htmx else response


def asked_versions(request: StudioRequest) -> str:
    """Whether other versions go to the trash with one: `these` alone, `all`, or not said yet."""
    return request.POST.get("versions", "")


def other_versions(request: StudioRequest, pks: Sequence[int]) -> list[int]:
    """What else is kept in the stacks of these outputs, as far as the person sees them."""
    if any(pk > MOST_ID for pk in pks):
        raise Http404
    rows = Output.objects.visible_to(request.user)
    if not rows.filter(pk__in=pks, version_number__isnull=False).exists():
        return []
    stacks = StackVersion.objects.filter(output__in=rows.kept().filter(pk__in=pks)).values("stack")
    others = rows.kept().filter(version__stack__in=stacks).exclude(pk__in=pks)
    return list(others.values_list("pk", flat=True)[:MOST_AT_ONCE])


def ask_versions(
    request: StudioRequest, pks: Sequence[int], others: Sequence[int], back: str
) -> HttpResponse:
    """A question in the dialog, or on a page of its own: these versions, or all of their stacks."""
    if not movable_ids(request, pks):
        raise Http404
    facts = {
        "ids": ",".join(map(str, pks)), "count": len(pks), "all": len(pks) + len(others),
        "back": back,
    }  # fmt: skip
    page, part = "generation/review/trash_versions.html", "generation/review/_trash_versions.html"
    response = page_or_fragment(request, page, part, facts)
    if request.htmx:
        response["HX-Retarget"], response["HX-Reswap"] = "#dialog-body", "innerHTML"
    return response


@transaction.atomic
def write_move(user: User, pks: Sequence[int], to: str) -> None:
    """Move those that are not there yet; one act for each team, however many it moves."""
    rows = Output.objects.filter(pk__in=pks)
    hold_versions(lock_stacks(rows), rows)
    rows = rows.kept() if to == TRASH else rows.trashed()
    found = rows.select_related("team", "project")
    moving = list(found.only("team", "team__name", "project__name"))
    to_move = Output.objects.filter(pk__in=[one.pk for one in moving])
    if to == TRASH:
        verb = Verb.OUTPUT_TRASHED
        to_move.trash(user)
    else:
        verb = Verb.OUTPUT_RESTORED
        to_move.restore()
    for team in {one.team for one in moving}:
        audit_outputs(verb, user, team, [one for one in moving if one.team_id == team.pk])


def audit_outputs(verb: Verb, user: User, team: Team, outputs: Sequence[Output]) -> None:
    """One act on all of them: it names one by itself, and where all come from one project that."""
    names = {one.project.name for one in outputs}
    audit(
        verb,
        team=team,
        actor=user,
        target=outputs[0] if len(outputs) == 1 else None,
        name=names.pop() if len(names) == 1 else "",
        changes={"count": len(outputs)},
    )


def selection_problem(request: StudioRequest, pks: Sequence[int], back: str) -> HttpResponse | None:
    """The answer to a selection of nothing, or of more than is done at once."""
    if 0 < len(pks) <= MOST_AT_ONCE:
        return None
    message = _("Select at most 1,000 at once.") if pks else _("Select something first.")
    if request.htmx:
        return toast(HttpResponse(status=204), message, "warn")
    messages.warning(request, message)
    return HttpResponseRedirect(back)


def trash_message(count: int, to: str) -> str:
    """With its number still to be put in."""
    if to == TRASH:
        return ngettext("Moved to the trash.", "%(count)d moved to the trash.", count)
    return ngettext("Back in the library.", "%(count)d are back in the library.", count)


def kept_messages(count: int) -> list[str]:
    """The message on outputs that the person chose but may not move."""
    message = ngettext(
        "%(count)d stays: only whoever made it or an admin can move it.",
        "%(count)d stay: only whoever made them or an admin can move them.",
        count,
    )
    return [message % {"count": count}] if count else []


def next_url(request: StudioRequest, default: str) -> str:
    """Where a form without scripts returns to: a page of this studio, or the usual one."""
    wanted = request.POST.get("next", "")
    allowed = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure())
    return wanted if allowed else default
