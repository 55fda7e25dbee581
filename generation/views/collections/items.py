"""What goes into a collection and out of it, from wherever outputs are selected."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from generation.forms.collections import CollectionForm
from generation.models import Act, Collection, Output, Verb, audit
from generation.models.collections import Full
from generation.views.collections.pages import (
    collections_of,
    find_editable,
    make_collection,
    may_edit,
)
from generation.views.library.trash import MOST_ID, next_url, requested_ids, selection_problem
from generation.web.shortcuts import StudioRequest, page_or_fragment, studio_view, toast

MOST_OFFERED = 100  # collections to choose from, the ones changed last


def chosen_outputs(request: StudioRequest, pks: list[int]) -> list[Output]:
    """Of the team that the person works in, in the order asked for; 404 when one is not."""
    if any(pk > MOST_ID for pk in pks):
        raise Http404
    rows = Output.objects.visible_to(request.user).filter(team=request.member.team).kept()
    found = rows.only("pk").in_bulk(pks)
    if len(found) != len(pks):
        raise Http404
    return [found[pk] for pk in pks]


@require_POST
@studio_view(Act.CREATE)
def collect(request: StudioRequest) -> HttpResponse:
    """First the choice of a collection for what is selected, then putting it in."""
    pks, back = requested_ids(request), next_url(request, reverse("library"))
    if problem := selection_problem(request, pks, back):
        return problem
    outputs = chosen_outputs(request, pks)
    if "name" in request.POST:
        form = CollectionForm(request.POST)
        if not form.is_valid():
            return offer(request, pks, form, 422)
        with transaction.atomic():
            row = make_collection(request, form)
            return put_in(request, row, outputs, back)
    if request.POST.get("into"):
        return put_in(request, find_editable(request, request.POST["into"]), outputs, back)  # type: ignore[arg-type]
    return offer(request, pks, CollectionForm())


def offer(
    request: StudioRequest, pks: list[int], form: CollectionForm, status: int = 200
) -> HttpResponse:
    rows = collections_of(request).order_by("-changed_at", "-pk")[:MOST_OFFERED]
    facts = {
        "collections": [row for row in rows if may_edit(request, row)],
        "ids": ",".join(map(str, pks)),
        "count": len(pks),
        "form": form,
        "next": request.POST.get("next", ""),
    }
    page, part = "generation/collections/collect.html", "generation/collections/_collect.html"
    return page_or_fragment(request, page, part, facts, status)


def put_in(
    request: StudioRequest, row: Collection, outputs: list[Output], back: str
) -> HttpResponse:
    try:
        with transaction.atomic():
            added = row.add(outputs, request.user)
            if added:
                audit(
                    Verb.COLLECTION_FILLED, team=row.team, actor=request.user, target=row,
                    changes={"count": added},
                )  # fmt: skip
    except Full as full:
        text = ngettext(
            "%(name)s has room for %(count)d more. Select fewer, or another collection.",
            "%(name)s has room for %(count)d more. Select fewer, or another collection.",
            full.room,
        ) % {"name": row.name, "count": full.room}
        return answer(request, text, "warn", back)
    text = ngettext(
        "%(count)d added to %(name)s.", "%(count)d added to %(name)s.", added
    ) % {"count": added, "name": row.name}  # fmt: skip
    if not added:
        text = _("All of these are in %(name)s already.") % {"name": row.name}
    return answer(request, text, "ok", back, row)


def answer(
    request: StudioRequest, text: str, level: str, back: str, row: Collection | None = None
) -> HttpResponse:
    if not request.htmx:
        messages.add_message(request, messages.SUCCESS if level == "ok" else messages.WARNING, text)
        return HttpResponseRedirect(back)
    response = trigger_client_event(HttpResponse(status=204), "dialog:close", {})
    if row is None:
        return toast(response, text, level)
    return toast(response, text, level, row.get_absolute_url(), _("Open"))


@require_POST
@studio_view(Act.EDIT_COLLECTION)
def take_out(request: StudioRequest, collection_id: int) -> HttpResponse:
    """Out of the collection, not out of the library; the toast puts them back at the end."""
    row, pks = find_editable(request, collection_id), requested_ids(request)
    if problem := selection_problem(request, pks, row.get_absolute_url()):
        return problem
    with transaction.atomic():
        gone = row.take_out(pks)
        if gone:
            audit(
                Verb.COLLECTION_THINNED, team=row.team, actor=request.user, target=row,
                changes={"count": gone},
            )  # fmt: skip
    text = ngettext("Taken out. It is still in the library.",
                    "%(count)d taken out. They are still in the library.", gone)  # fmt: skip
    if not request.htmx:
        messages.success(request, text % {"count": gone})
        return redirect(row)
    response = render(request, "generation/collections/_gone.html", {"pks": map(str, pks)})
    return toast(response, text % {"count": gone})


@require_POST
@studio_view(Act.EDIT_COLLECTION)
def choose_cover(request: StudioRequest, collection_id: int) -> HttpResponse:
    """The first one of the selection."""
    row, pks = find_editable(request, collection_id), requested_ids(request)
    if problem := selection_problem(request, pks, row.get_absolute_url()):
        return problem
    if not row.shown_items.filter(output=pks[0]).exists():
        raise Http404
    with transaction.atomic():
        Collection.objects.filter(pk=row.pk).update(cover=pks[0])
        audit(
            Verb.COLLECTION_CHANGED, team=row.team, actor=request.user, target=row,
            changes={"cover": pks[0]},
        )  # fmt: skip
    text = _("This is the cover of %(name)s now.") % {"name": row.name}
    if request.htmx:
        return toast(HttpResponse(status=204), text)
    messages.success(request, text)
    return redirect(row)
