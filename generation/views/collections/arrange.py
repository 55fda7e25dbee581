"""The order of a collection: by buttons, keys and a field, also without scripts."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from generation.forms.parsing import parse_id
from generation.models import Act, Collection, Output
from generation.views.collections.pages import find_editable
from generation.views.library.tile import OutputTile, title_of
from generation.web.shortcuts import StudioRequest, find, page_or_fragment, studio_view

PAGE = 100
FIRST, EARLIER, LATER, LAST, PLACE = MOVES = ("first", "earlier", "later", "last", "place")


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view(Act.EDIT_COLLECTION)
def arrange(request: StudioRequest, collection_id: int) -> HttpResponse:
    """The items, a page at a time, with their buttons; each press moves one and shows the page
    that it is on then."""
    row = find_editable(request, collection_id)
    status, number = "", request.GET.get("page", "1")
    if request.method == "POST":
        status, place = move_asked(request, row)
        number = str((place - 1) // PAGE + 1)
    address = reverse("collection-arrange", args=[row.pk])
    if status and not request.htmx:
        messages.success(request, status)
        moved = parse_id(request.POST.get("output", ""))
        return HttpResponseRedirect(f"{address}?page={number}#i{moved}")
    items = row.shown_items.select_related("output__media", "output__task")
    shown = Paginator(items, PAGE).get_page(number)
    tiles = [OutputTile(item.output, may_trash=False) for item in shown]
    facts = {
        "collection": row,
        "items": list(enumerate(tiles, shown.start_index())),
        "shown": shown,
        "address": address,
        "status": status,
    }
    page, part = "generation/collections/arrange.html", "generation/collections/_order.html"
    return page_or_fragment(request, page, part, facts)


def move_asked(request: StudioRequest, row: Collection) -> tuple[str, int]:
    """Move what a button or the field of a position asks for; returns what to say, and which of
    the items it is now."""
    asked, place = request.POST.get("to", ""), parse_id(request.POST.get("place", ""))
    inside = Output.objects.kept().filter(places__collection=row).select_related("task")
    output = find(inside, pk=request.POST.get("output", ""))
    if asked not in MOVES or (asked == PLACE and not place):
        raise Http404
    order = list(row.shown_items.values_list("output", flat=True))
    here = order.index(output.pk) + 1
    wanted = {FIRST: 1, EARLIER: here - 1, LATER: here + 1, LAST: len(order), PLACE: place}
    now = row.move(output.pk, wanted[asked])
    known = {"name": title_of(output), "n": now, "all": len(order)}
    return _("%(name)s: now %(n)d of %(all)d") % known, now
