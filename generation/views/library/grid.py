"""All outputs of the team, a page at a time, as fast at any depth."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generation.catalogue import rules
from generation.catalogue.modes import MODES
from generation.forms.days import read_day
from generation.forms.library_filter import Choices, Filter, model_names
from generation.forms.paging import Page, asked_page
from generation.models import Act, MediaKind, Membership, Output, Subject
from generation.models.media import OutputQuerySet
from generation.views.feed.source_title import mode_label
from generation.views.library.live import grid_live
from generation.views.library.rating_labels import bulk_stars, rating_chips, rating_choices
from generation.views.library.review_labels import review_chips, review_choices
from generation.views.library.tile import (
    OutputTile,
    output_tiles,
    outputs_per_day,
    with_tile_columns,
)
from generation.views.library.trash import (
    RESTORE,
    TRASH,
    move_outputs,
    next_url,
    requested_ids,
    selection_problem,
)
from generation.web.days import day_name, day_of
from generation.web.shortcuts import (
    StudioRequest,
    page_or_fragment,
    projects_of,
    row_view,
    studio_view,
)

PAGE = 60
AUTOMATIC_PAGES = 5  # then a click is asked for, so that the end of the page can be reached
MOST_SUBJECTS = 100  # in the menu, the ones changed last
SIZES = ("s", "m", "l")
SIZE_COOKIE = "tiles"
YEAR = 365 * 24 * 3600


@require_safe
@studio_view(Act.SEE)
def library(request: StudioRequest) -> HttpResponse:
    choices = choices_of(request)
    chosen = Filter.read(request.GET, choices)
    if request.GET.get("size") in SIZES:
        return remember_size(request, chosen.query(choices))
    context = grid_context(request, chosen) | {
        "chosen": chosen,
        "chips": chips_of(chosen, choices),
        "query": chosen.query(choices),
        "choices": choices,
        "kinds": kind_chips(request),
        "rating_choices": rating_choices(chosen),
        "review_choices": review_choices(chosen.review),
    }
    fragment = "_page" if {"after", "before"} & set(request.GET) else "_answer"
    return page_or_fragment(
        request, "generation/library/library.html", f"generation/library/{fragment}.html", context
    )


def every_row(request: StudioRequest) -> OutputQuerySet:
    return Output.objects.visible_to(request.user).filter(team=request.member.team)


def rows_of(request: StudioRequest) -> OutputQuerySet:
    return every_row(request).kept()


def grid_context(request: StudioRequest, chosen: Filter) -> dict[str, Any]:
    """One page of tiles and the places where the next one and the one before it begin."""
    rows = rows_of(request)
    found = with_tile_columns(chosen.apply(rows, request.user))
    page = asked_page(found, request.GET, PAGE, every_row(request), later=chosen.oldest)
    is_part = bool(request.htmx and (page.after or page.before))
    appended = page.after.at if page.after and is_part else None
    counted = None if chosen.narrows else chosen.apply(rows, request.user)
    tiles = output_tiles(page.rows, request.member, appended, counted)
    joint = joint_of(page, counted) if page.before and is_part else {}
    return {
        "tiles": tiles,
        "may_create": request.member.may_create,
        "more": "" if joint else page.more,
        "more_at": reverse("library"),
        "automatic": page.number % (AUTOMATIC_PAGES + 1) != 0,
        "first": page.is_first,
        "context": chosen.sealed(),
        "size": size_of(request),
        "bulk_stars": bulk_stars(),
        **place_context(page.place, tiles, page.earlier),
        **joint,
        **({} if is_part or page.after else {"live": grid_live(request, chosen, newest_of(rows))}),
    }


def place_context(place: Output | None, tiles: list[OutputTile], earlier: str) -> dict[str, Any]:
    """The tile that an address asks for begins a row; the first day is named by the link to the
    page before, which will name it."""
    context: dict[str, Any] = {"place": str(place.pk) if place else "", "earlier": earlier}
    if earlier and tiles and tiles[0].day:
        context |= {"earlier_day": tiles[0].day, "earlier_count": tiles[0].count}
        tiles[0].day = ""
    for tile in tiles[1:]:
        tile.begins_row = tile.output == place and not tile.day
    return context


def joint_of(page: Page[Output], counted: OutputQuerySet | None) -> dict[str, Any]:
    """How an earlier page ends, above the tiles that are on the page already: they keep their
    rows, and the heading of their day if it is another one."""
    below = day_of(page.before.at) if page.before else None
    if below is None or (page.rows and day_of(page.rows[-1].created_at) == below):
        return {"joint": True}
    counts = outputs_per_day(counted, [below]) if counted is not None else {}
    return {"joint": True, "joint_day": day_name(below), "joint_count": counts.get(below)}


def newest_of(rows: OutputQuerySet) -> int:
    """The highest number, by which what comes later is known."""
    newest = rows.order_by("-created_at", "-pk").values_list("pk", flat=True).first()
    return newest or 0


def choices_of(request: StudioRequest) -> Choices:
    members = Membership.objects.filter(team=request.member.team).select_related("user")
    people = sorted((member.user.shown_name, member.user_id) for member in members)
    offers = rules.offers()
    labels = {offer.model_name: offer.label for offer in offers}
    subjects = Subject.objects.visible_to(request.user).filter(team=request.member.team).active()
    named = subjects.order_by("-changed_at").values_list("pk", "name")[:MOST_SUBJECTS]
    return Choices(
        {project.slug: (project.pk, project.name) for project in projects_of(request)},
        {str(pk): (pk, name) for name, pk in people},
        {key: labels[key] for key in model_names()},
        {offer.mode: mode_label(offer.mode) for offer in offers},
        {
            str(pk): (pk, f"@{name}")
            for pk, name in sorted(named, key=lambda row: row[1].casefold())
        },
        request.member.team_id,
    )


def kind_chips(request: StudioRequest) -> list[tuple[str, str, str]]:
    """The type chips: value, label, icon. Only of what models make or the team has."""
    made = {MODES[offer.mode].makes for offer in rules.offers()}
    kinds = (
        (MediaKind.IMAGE.value, _("Images"), "image"),
        (MediaKind.VIDEO.value, _("Videos"), "film"),
        (MediaKind.AUDIO.value, _("Audio"), "audio-lines"),
    )
    shown = [
        row for row in kinds if row[0] in made or rows_of(request).filter(kind=row[0]).exists()
    ]
    return [("", _("All"), ""), *shown]


def chips_of(chosen: Filter, choices: Choices) -> list[tuple[str, str]]:
    """The applied filters: the label, and the address without it."""
    menus: tuple[tuple[str, tuple[Any, ...], Mapping[Any, str]], ...] = (
        ("projects", chosen.projects, dict(choices.projects.values())),
        ("people", chosen.people, dict(choices.people.values())),
        ("models", chosen.models, choices.models),
        ("modes", chosen.modes, choices.modes),
        ("subjects", chosen.subjects, dict(choices.subjects.values())),
    )
    chips = [
        (names[value], chosen.without(field, value).query(choices))
        for field, values, names in menus
        for value in values
    ]
    chips += [
        (label, chosen.without(field).query(choices)) for field, label in rating_chips(chosen)
    ]
    chips += [
        (label, chosen.without(field).query(choices)) for field, label in review_chips(chosen)
    ]
    chips += [(label, chosen.without(field).query(choices)) for field, label in day_chips(chosen)]
    if chosen.all_versions:
        chips.append((_("All versions"), chosen.without("all_versions").query(choices)))
    if chosen.search:
        chips.append((f"“{chosen.search}”", chosen.without("search").query(choices)))
    return chips


def day_chips(chosen: Filter) -> list[tuple[str, str]]:
    """The applied days: the field of the filter, and its words."""
    labels = (("since", _("From %(day)s")), ("until", _("Until %(day)s")))
    days = [(field, text, read_day(getattr(chosen, field))) for field, text in labels]
    return [(field, text % {"day": date_format(day)}) for field, text, day in days if day]


def size_of(request: StudioRequest) -> str:
    size = request.COOKIES.get(SIZE_COOKIE, "")
    return size if size in SIZES else "m"


def remember_size(request: StudioRequest, query: str) -> HttpResponse:
    response = redirect(f"{reverse('library')}?{query}" if query else "library")
    response.set_cookie(
        SIZE_COOKIE, request.GET["size"], max_age=YEAR, path=settings.COOKIE_PATH, samesite="Lax"
    )
    return response


@require_POST
@row_view(Act.TRASH_OUTPUT)
def trash_many(request: StudioRequest) -> HttpResponse:
    """Trash the chosen outputs, or with to=restore bring them back."""
    pks, back = requested_ids(request), next_url(request, reverse("library"))
    to = RESTORE if RESTORE in (request.POST.get("to"), request.GET.get("to")) else TRASH
    return selection_problem(request, pks, back) or move_outputs(request, pks, to, back)
