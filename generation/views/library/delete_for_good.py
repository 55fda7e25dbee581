"""Deleting for good what is in the trash, before its days there are over."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget, trigger_client_event

from generation.forms.delete_results import CountForm
from generation.models import Act, Output, User, Verb
from generation.models.media import OutputQuerySet, hold_versions, lock_stacks
from generation.models.permissions import Reach
from generation.views.library.trash import (
    SURE,
    audit_outputs,
    movable_ids,
    requested_ids,
    selection_problem,
)
from generation.web.shortcuts import StudioRequest, page_or_fragment, row_view, toast

ALL = "all"  # everything that lay in the trash when the question was asked
DELETED = "deleted"


@require_POST
@row_view(Act.TRASH_OUTPUT)
def delete_for_good(request: StudioRequest) -> HttpResponse:
    """Ask first, with the number; then the sweep deletes the rows and their files."""
    everything, back = ALL in request.POST, reverse("trash")
    pks = requested_ids(request)
    if not everything and (problem := selection_problem(request, pks, back)):
        return problem
    asked_at = asked_when(request)
    rows = all_in_trash(request, asked_at) if everything else chosen_in_trash(request, pks)
    count = rows.count()
    if not count:
        return say(request, _("There is nothing of yours to delete here."), back)
    form = CountForm(count, request.POST if SURE in request.POST else None)
    if not form.is_valid():
        facts = {
            "form": form, "count": count, "everything": everything,
            "ids": ",".join(map(str, pks)), "asked_at": asked_at.isoformat(), "back": back,
            "kept": 0 if everything else len(pks) - count,
        }  # fmt: skip
        return question_page(request, facts)
    deleted = write_deletion(request.user, rows)
    text = ngettext("%(count)d deleted for good.", "%(count)d deleted for good.", len(deleted))
    text %= {"count": len(deleted)}
    if everything or not request.htmx:
        return say(request, text, back)
    response = trigger_client_event(HttpResponse(status=204), "dialog:close", {})
    trigger_client_event(response, "vs:moved", {"ids": deleted, "to": DELETED})
    return toast(response, text)


def asked_when(request: StudioRequest) -> datetime:
    """When the question was asked: what was trashed since is not part of its number."""
    try:
        given = parse_datetime(request.POST.get("asked_at", ""))
    except ValueError:
        given = None
    return given if given and timezone.is_aware(given) else timezone.now()


def chosen_in_trash(request: StudioRequest, pks: Sequence[int]) -> OutputQuerySet:
    mine = movable_ids(request, pks)
    if not mine:
        raise Http404
    return Output.objects.filter(pk__in=mine).trashed()


def all_in_trash(request: StudioRequest, asked_at: datetime) -> OutputQuerySet:
    """What the person may delete of this team's trash."""
    reach = request.member.reach(Act.TRASH_OUTPUT)
    if reach is Reach.NONE:
        raise Http404
    rows = Output.objects.visible_to(request.user).filter(team=request.member.team)
    rows = rows.trashed().filter(trashed_at__lte=asked_at)
    return rows if reach is Reach.ALL else rows.filter(user=request.user)


def question_page(request: StudioRequest, facts: dict[str, object]) -> HttpResponse:
    page, part = "generation/trash/delete.html", "generation/trash/_delete.html"
    response = page_or_fragment(request, page, part, facts)
    return retarget(reswap(response, "innerHTML"), "#dialog-body") if request.htmx else response


def say(request: StudioRequest, text: str, back: str) -> HttpResponse:
    """On the page of the trash, drawn anew."""
    messages.info(request, text)
    return HttpResponseClientRedirect(back) if request.htmx else HttpResponseRedirect(back)


@transaction.atomic
def write_deletion(user: User, rows: OutputQuerySet) -> list[int]:
    """Returns the numbers of what is deleted; one act for each team."""
    hold_versions(lock_stacks(rows), rows)
    found = rows.select_related("team", "project")
    leaving = list(found.only("team", "team__name", "project__name"))
    Output.objects.filter(pk__in=[one.pk for one in leaving]).delete_for_good()
    for team in {one.team for one in leaving}:
        of_team = [one for one in leaving if one.team_id == team.pk]
        audit_outputs(Verb.OUTPUT_DELETED, user, team, of_team)
    return [one.pk for one in leaving]
