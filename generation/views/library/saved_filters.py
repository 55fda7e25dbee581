"""Saved filters: keep what the library is filtered by, under a name, for oneself or the team."""

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generation.forms.form_status import status_of
from generation.forms.library_filter import Filter
from generation.forms.saved_filters import SavedFilterForm
from generation.models import Act, SavedFilter, Verb, audit
from generation.models.saved_filters import LONGEST_QUERY
from generation.views.library.grid import choices_of
from generation.web.shortcuts import StudioRequest, find, page_or_fragment, studio_view

FORM = ["GET", "HEAD", "POST"]


def saved_filters_of(request: StudioRequest) -> QuerySet[SavedFilter]:
    return SavedFilter.objects.visible_to(request.user).filter(team=request.member.team)


def may_change(request: StudioRequest, row: SavedFilter) -> bool:
    """One's own; of those for everybody, what the permission table says."""
    if not row.is_shared:
        return row.user_id == request.user.pk
    return request.member.may_on(Act.SAVE_FILTER, row.created_by_id)


def find_changeable(request: StudioRequest, filter_id: int) -> SavedFilter:
    row = find(saved_filters_of(request).select_related("team"), pk=filter_id)
    if not may_change(request, row):
        raise Http404
    return row


@require_safe
@studio_view(Act.SEE)
def saved_filters(request: StudioRequest) -> HttpResponse:
    """The page, and what the menu of the library's filters holds once it is opened."""
    rows = saved_filters_of(request).select_related("created_by")
    shown = [(row, may_change(request, row)) for row in rows]
    facts = {
        "mine": [one for one in shown if not one[0].is_shared],
        "shared": [one for one in shown if one[0].is_shared],
    }
    page, part = "generation/library/saved_filters.html", "generation/library/_saved_menu.html"
    return page_or_fragment(request, page, part, facts)


@require_http_methods(FORM)
@studio_view(Act.SAVE_FILTER)
def save_filter(request: StudioRequest) -> HttpResponse:
    """Keep what the address asks for; what nobody offers is left out of it."""
    asked = request.META.get("QUERY_STRING", "")
    if request.method == "POST":
        asked = request.POST.get("query", "")
    choices = choices_of(request)
    chosen = Filter.read(QueryDict(asked[:LONGEST_QUERY]), choices)
    query = chosen.query(choices)[:LONGEST_QUERY]
    if not chosen.narrows:
        messages.warning(request, _("Choose a filter first, then save it."))
        return redirect("library")
    form = SavedFilterForm(
        request.POST or None, instance=SavedFilter(query=query), member=request.member
    )
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            row = form.save()
            note(request, Verb.FILTER_SAVED, row)
        messages.success(request, _("%(name)s is saved.") % {"name": row.name})
        return HttpResponseRedirect(row.get_absolute_url())
    page, part = "generation/library/save_filter.html", "generation/library/_save_filter.html"
    facts = {"form": form, "query": query, "back": f"{reverse('library')}?{query}"}
    return page_or_fragment(request, page, part, facts, status_of(form))


@require_http_methods(FORM)
@studio_view(Act.SAVE_FILTER)
def change_filter(request: StudioRequest, filter_id: int) -> HttpResponse:
    """Another name, or for others."""
    row = find_changeable(request, filter_id)
    form = SavedFilterForm(request.POST or None, instance=row, member=request.member)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            note(request, Verb.FILTER_CHANGED, row)
        messages.success(request, _("Saved."))
        return redirect("saved-filters")
    page = "generation/library/change_filter.html"
    facts = {"form": form, "row": find(saved_filters_of(request), pk=filter_id)}
    return render(request, page, facts, status=status_of(form))


@require_POST
@studio_view(Act.SAVE_FILTER)
def delete_filter(request: StudioRequest, filter_id: int) -> HttpResponse:
    row = find_changeable(request, filter_id)
    with transaction.atomic():
        note(request, Verb.FILTER_DELETED, row)
        row.delete()
    messages.success(request, _("%(name)s is deleted.") % {"name": row.name})
    return redirect("saved-filters")


def note(request: StudioRequest, verb: Verb, row: SavedFilter) -> None:
    """Only what is everybody's is worth the log of the team."""
    if row.is_shared:
        audit(verb, team=row.team, actor=request.user, target=row)
