"""Choosing inputs from the library: pages of recent outputs, in a dialog or in the form."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from generation.catalogue.modes import MODES
from generation.forms.create_scope import media_inputs
from generation.forms.parsing import parse_id
from generation.forms.search import clean_query, searched
from generation.models import Act, Output
from generation.views.files.input_zones import InputTile
from generation.views.files.uploads import new_row
from generation.web.shortcuts import StudioRequest, find, page_or_fragment, studio_view

PAGE = 24
PICKER = "generation/create/_picker.html"
TILE = "generation/uploads/_tile.html"


@dataclass(frozen=True)
class PickerPage:
    """Recent outputs that suit one input of a mode."""

    mode: str
    name: str
    outputs: list[Output]
    q: str = ""
    more: int = 0  # the id below which the next ones are
    model: str = ""

    @property
    def next(self) -> str:
        asked = {"for": self.name, "q": self.q, "before": self.more, "model": self.model}
        return f"{reverse('create-pick', args=[self.mode])}?{urlencode(asked)}"


def picker_page(request: StudioRequest, mode: str, name: str) -> PickerPage | None:
    """None when the mode has no such input."""
    kind = media_inputs(mode).get(name)
    if kind is None:
        return None
    asked = request.GET
    q, before = clean_query(asked.get("q", "")), parse_id(asked.get("before", ""))
    rows = Output.objects.visible_to(request.user).filter(team=request.member.team, kind=kind)
    rows = rows.kept().select_related("media", "task").order_by("-pk")
    rows = searched(rows, q, request.member.team_id)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE + 1])
    more = found[PAGE - 1].pk if len(found) > PAGE else 0
    return PickerPage(mode, name, found[:PAGE], q, more, asked.get("model", ""))


@require_safe
@studio_view(Act.CREATE)
def pick(request: StudioRequest, mode: str) -> HttpResponse:
    """The picker as a page, and for htmx as the content of the dialog."""
    picker = picker_page(request, mode, request.GET.get("for", "")) if mode in MODES else None
    if picker is None:
        raise Http404
    context: dict[str, Any] = {"picker": picker, "mode": mode}
    return page_or_fragment(request, "generation/create/pick.html", PICKER, context)


@require_safe
@studio_view(Act.CREATE)
def taken(request: StudioRequest, mode: str, output_id: int) -> HttpResponse:
    """The tile of one output, for a form that is open."""
    name = request.GET.get("for", "")
    kind = media_inputs(mode).get(name) if mode in MODES else None
    if kind is None:
        raise Http404
    rows = Output.objects.visible_to(request.user).filter(team=request.member.team, kind=kind)
    output = find(rows.kept().select_related("media"), pk=output_id)
    tile = InputTile(name, output.media, new_row(request, name))
    return trigger_client_event(render(request, TILE, {"tile": tile}), "dialog:close", {})
