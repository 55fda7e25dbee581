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
from generation.forms.paging import page_of
from generation.models import Act, MediaKind, Membership, Output, Subject
from generation.models.media import OutputQuerySet
from generation.views.feed.task_card import mode_label
from generation.views.library.live import grid_live
from generation.views.library.rating_labels import bulk_stars, rating_chips, rating_choices
from generation.views.library.review_labels import review_chips, review_choices
from generation.views.library.tile import output_tiles, with_tile_columns
from generation.views.library.trash import (
    RESTORE,
    TRASH,
    move_outputs,
    next_url,
    requested_ids,
    selection_problem,
)
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
    fragment = "_page" if "after" in request.GET else "_answer"
    return page_or_fragment(
        request, "generation/library/library.html", f"generation/library/{fragment}.html", context
    )


def rows_of(request: StudioRequest) -> OutputQuerySet:
    return Output.objects.visible_to(request.user).filter(team=request.member.team).kept()


def grid_context(request: StudioRequest, chosen: Filter) -> dict[str, Any]:
    """One page of tiles and the place where the next one starts."""
    rows = rows_of(request)
    found = with_tile_columns(chosen.apply(rows, request.user))
    page = page_of(found, request.GET.get("after", ""), PAGE, later=chosen.oldest)
    appended = page.after.at if page.after and request.htmx else None
    counted = None if chosen.narrows else chosen.apply(rows, request.user)
    return {
        "tiles": output_tiles(page.rows, request.member, appended, counted),
        "may_create": request.member.may_create,
        "more": page.more,
        "more_at": reverse("library"),
        "automatic": page.number % (AUTOMATIC_PAGES + 1) != 0,
        "first": page.after is None,
        "context": chosen.sealed(),
        "size": size_of(request),
        "bulk_stars": bulk_stars(),
        **({} if page.after else {"live": grid_live(request, chosen, newest_of(rows))}),
    }


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
