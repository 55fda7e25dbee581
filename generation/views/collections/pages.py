"""The list of collections, and one collection: its items, name and note, order and end."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from generation.forms.collections import CollectionForm
from generation.forms.form_status import status_of
from generation.forms.library_filter import Filter
from generation.forms.paging import ABOVE
from generation.forms.parsing import parse_id
from generation.forms.search import clean_query, holding
from generation.models import (
    Act,
    Collection,
    CollectionItem,
    Output,
    ReviewState,
    SavedFilter,
    Verb,
    audit,
    changed_fields,
)
from generation.views.feed.polling import Live
from generation.views.library.grid import size_of
from generation.views.library.live import grid_live
from generation.views.library.rating_labels import bulk_stars
from generation.views.library.tile import OutputTile, output_tiles, with_tile_columns
from generation.web.shortcuts import StudioRequest, find, page_or_fragment, studio_view

PAGE = 60
MOST_LISTED = 200
COVERS = 4
MINE = "mine"
FORM = ["GET", "HEAD", "POST"]


def collections_of(request: StudioRequest) -> QuerySet[Collection]:
    return Collection.objects.visible_to(request.user).filter(team=request.member.team)


def may_edit(request: StudioRequest, row: Collection) -> bool:
    return request.member.may_on(Act.EDIT_COLLECTION, row.created_by_id)


def find_editable(request: StudioRequest, collection_id: int) -> Collection:
    row = find(collections_of(request).select_related("team"), pk=collection_id)
    if not may_edit(request, row):
        raise Http404
    return row


# --- The list -------------------------------------------------------------------------------------


@require_safe
@studio_view(Act.SEE)
def collections(request: StudioRequest) -> HttpResponse:
    wanted, whose = clean_query(request.GET.get("q", "")), request.GET.get("whose", "")
    rows = collections_of(request)
    total = rows.count()
    if whose == MINE:
        rows = rows.filter(created_by=request.user)
    rows = holding(rows, wanted, "name", "note")
    shown = with_covers(rows).select_related("created_by").order_by("-changed_at", "-pk")
    facts = {
        "cards": [(row, cover_urls(row)) for row in shown[:MOST_LISTED]],
        "total": total,
        "q": wanted,
        "mine": whose == MINE,
        "filters": smart_collections(request, wanted, whose == MINE),
    }
    return render(request, "generation/collections/collections.html", facts)


def smart_collections(
    request: StudioRequest, wanted: str, only_mine: bool
) -> QuerySet[SavedFilter]:
    """Filters that were saved for the team: collections that fill themselves, newest first."""
    rows = SavedFilter.objects.visible_to(request.user).filter(team=request.member.team, user=None)
    if only_mine:
        rows = rows.filter(created_by=request.user)
    return holding(rows, wanted, "name").select_related("created_by")


def with_covers(rows: QuerySet[Collection]) -> QuerySet[Collection]:
    """Each with its count and first pictures, in one query however many there are."""
    shown = CollectionItem.objects.filter(collection=OuterRef("pk"), output__trashed_at=None)
    total = shown.order_by().values("collection").annotate(n=Count("pk")).values("n")
    first = shown.order_by("position", "pk").values("output__media")
    covers: dict[str, Any] = {f"cover{i}": Subquery(first[i : i + 1]) for i in range(COVERS)}
    chosen = Output.objects.kept().filter(pk=OuterRef("cover")).values("media")
    covers["chosen"] = Subquery(chosen)
    return rows.annotate(total=Coalesce(Subquery(total), 0), **covers)


def cover_urls(row: Collection) -> list[str]:
    """The chosen cover before the first items."""
    media = [getattr(row, f"cover{i}") for i in range(COVERS)]
    chosen = getattr(row, "chosen", None)
    ordered = [chosen, *(one for one in media if one != chosen)] if chosen else media
    return [reverse("media", args=[one, "thumb"]) for one in ordered[:COVERS] if one]


# --- One collection -------------------------------------------------------------------------------


@require_safe
@studio_view(Act.SEE)
def collection(request: StudioRequest, collection_id: int) -> HttpResponse:
    row = find(collections_of(request).select_related("created_by"), pk=collection_id)
    only = request.GET.get("only") == ReviewState.APPROVED
    context = items_context(request, row, only_approved=only) | {
        "only": only,
        "query": f"only={ReviewState.APPROVED}" if only else "",
        "approved": row.shown_items.filter(output__review=ReviewState.APPROVED).count(),
        "collection": row,
        "may_edit": may_edit(request, row),
        "total": row.shown_items.count(),
        "size": size_of(request),
        "bulk_stars": bulk_stars(),
    }
    page, part = "generation/collections/collection.html", "generation/library/_page.html"
    return page_or_fragment(request, page, part, context)


def items_context(
    request: StudioRequest, row: Collection, *, only_approved: bool = False
) -> dict[str, Any]:
    """One page of tiles by their numbers; where the next one and the one before it begin."""
    items = row.shown_items
    if only_approved:
        items = items.filter(output__review=ReviewState.APPROVED)
    number, start, end = asked_span(request, row, items)
    places = list(items.values_list("output", flat=True)[start : end + 1])
    shown = places[: end - start]
    found = with_tile_columns(Output.objects.filter(pk__in=shown))
    by_pk = {tile.output.pk: tile for tile in tiles_of(request, list(found))}
    for count, pk in enumerate(shown, start + 1):
        by_pk[pk].place = count
        by_pk[pk].begins_row = count > start + 1 and count - 1 == number
    joint = bool(request.htmx and "before" in request.GET)
    at = shown[min(number - start, len(shown) - 1)] if number is not None and shown else ""
    upward = "before" in request.GET or number is not None
    return {
        "tiles": [by_pk[pk] for pk in shown],
        "context": Filter(collection=row.pk).sealed(),
        "more_at": row.get_absolute_url(),
        "automatic": True,
        "more": str(end) if len(places) > end - start and not joint else "",
        "earlier": str(start) if upward and start else "",
        "joint": joint,
        "place": str(at),
        "first": not start,
        "may_create": request.member.may_create,
    } | ({"live": live_of(request, row)} if not start or number is not None else {})


def asked_span(
    request: StudioRequest, row: Collection, items: QuerySet[CollectionItem]
) -> tuple[int | None, int, int]:
    """How many items stand before the output that the address asks for, before the page, and
    before the page that follows."""
    asked = {name: parse_id(request.GET.get(name, "")) for name in ("at", "before", "after")}
    item = row.items.filter(output=asked["at"]).first() if asked["at"] else None
    if item:
        earlier = Q(position__lt=item.position) | Q(position=item.position, pk__lt=item.pk)
        number = items.filter(earlier).count()
        return number, max(0, number - ABOVE), number + PAGE
    if asked["before"]:
        return None, max(0, asked["before"] - PAGE), asked["before"]
    return None, asked["after"], asked["after"] + PAGE


def live_of(request: StudioRequest, row: Collection) -> Live:
    """What tells an open page that others added to the collection, rated or trashed."""
    newest = row.items.aggregate(last=Max("pk"))["last"] or 0
    return grid_live(request, Filter(collection=row.pk), newest)


def tiles_of(request: StudioRequest, outputs: list[Output]) -> list[OutputTile]:
    """Without the headings of days."""
    tiles = output_tiles(outputs, request.member, None, None)
    for tile in tiles:
        tile.day = ""
    return tiles


@require_http_methods(FORM)
@studio_view(Act.CREATE)
def new_collection(request: StudioRequest) -> HttpResponse:
    form = CollectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect(make_collection(request, form))
    page = "generation/collections/new.html"
    return render(request, page, {"form": form}, status=status_of(form))


@transaction.atomic
def make_collection(request: StudioRequest, form: CollectionForm) -> Collection:
    facts = form.cleaned_data
    row = Collection.objects.create(
        team=request.member.team, name=facts["name"], note=facts["note"], created_by=request.user
    )
    audit(Verb.COLLECTION_CREATED, team=row.team, actor=request.user, target=row)
    return row


@require_http_methods(FORM)
@studio_view(Act.EDIT_COLLECTION)
def edit_collection(request: StudioRequest, collection_id: int) -> HttpResponse:
    row = find_editable(request, collection_id)
    before = {"name": row.name, "note": row.note}
    form = CollectionForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            if changes := changed_fields(before, {"name": row.name, "note": row.note}):
                audit(
                    Verb.COLLECTION_CHANGED, team=row.team, actor=request.user, target=row,
                    changes=changes,
                )  # fmt: skip
        messages.success(request, _("Saved."))
        return redirect(row)
    facts = {"form": form, "collection": find(collections_of(request), pk=collection_id)}
    page = "generation/collections/edit.html"
    return render(request, page, facts, status=status_of(form))


@require_http_methods(FORM)
@studio_view(Act.EDIT_COLLECTION)
def delete_collection(request: StudioRequest, collection_id: int) -> HttpResponse:
    """Ask first; what is in it stays in the library."""
    row = find_editable(request, collection_id)
    if request.method != "POST":
        facts = {"collection": row, "total": row.shown_items.count()}
        page, part = "generation/collections/delete.html", "generation/collections/_delete.html"
        return page_or_fragment(request, page, part, facts)
    with transaction.atomic():
        audit(Verb.COLLECTION_DELETED, team=row.team, actor=request.user, target=row)
        row.delete()
    text = _("%(name)s is deleted. What was in it is still in the library.")
    messages.success(request, text % {"name": row.name})
    return redirect("collections")
