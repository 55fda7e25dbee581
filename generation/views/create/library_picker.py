"""Choosing inputs from the library: a page at a time, in a dialog or in the form."""

from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe
from django_htmx.http import trigger_client_event

from generation.catalogue.modes import MODES
from generation.forms.create_scope import media_inputs
from generation.forms.library_filter import Choices, Filter
from generation.forms.paging import page_of
from generation.forms.parsing import ButtonAction
from generation.models import Act, Output
from generation.views.files.input_zones import TAKES_NO, InputTile
from generation.views.files.uploads import new_row, refused_tile
from generation.views.library.grid import choices_of
from generation.web.shortcuts import StudioRequest, find, page_or_fragment, studio_view

PAGE = 24
MOST_COUNTED = 1_000  # beyond it nobody wants to know
PREFIX = "pick-"  # of the fields of a picker that stands in a form
PICKER = "generation/create/_picker.html"
TILE = "generation/uploads/_tile.html"


@dataclass(frozen=True)
class PickerPage:
    """Outputs that suit one input of a mode, as far as they are asked for; the newest first."""

    mode: str
    name: str
    model: str
    outputs: list[Output]
    chosen: Filter
    choices: Choices
    count: int | None  # of all that fit, up to one more than is counted; None: was said before
    more: str  # where the next ones begin
    next: str  # their address

    @property
    def kinds(self) -> list[tuple[str, str, bool]]:
        """The inputs of the mode by the kind of their files, where there are several."""
        found = media_inputs(self.mode)
        kinds = [(name, str(kind.label), name == self.name) for name, kind in found.items()]
        return kinds if len(kinds) > 1 else []

    @property
    def modes(self) -> list[tuple[str, str]]:
        """Those that make what this input takes."""
        kind = media_inputs(self.mode)[self.name].value
        return [row for row in self.choices.modes.items() if MODES[row[0]].makes == kind]

    @property
    def narrows(self) -> bool:
        return replace(self.chosen, kind="").narrows

    @property
    def found(self) -> str:
        """How many fit, for people."""
        if self.count is None:
            return ""
        if self.count > MOST_COUNTED:
            return _("More than %(n)s matches") % {"n": number_format(MOST_COUNTED)}
        return ngettext("%(n)s match", "%(n)s matches", self.count) % {"n": self.count}


def picker_page(
    request: StudioRequest, mode: str, name: str, asked: QueryDict, after: str = ""
) -> PickerPage | None:
    """`asked` has what is searched for and the filters. None when the mode has no such input."""
    kind = media_inputs(mode).get(name)
    if kind is None:
        return None
    choices = choices_of(request)
    chosen = Filter.read(asked, choices)
    modes = tuple(one for one in chosen.modes if MODES[one].makes == kind)
    chosen = replace(chosen, kind=kind.value, modes=modes, oldest=False)
    rows = Output.objects.visible_to(request.user).filter(team=request.member.team).kept()
    rows = chosen.apply(rows, request.user)
    page = page_of(rows.select_related("media", "task"), after, PAGE)
    count = None if page.after else rows[: MOST_COUNTED + 1].count()
    further = asked.copy()
    further["for"], further["after"] = name, page.more
    address = f"{reverse('create-pick', args=[mode])}?{further.urlencode()}"
    model = asked.get("model", "")
    return PickerPage(mode, name, model, page.rows, chosen, choices, count, page.more, address)


def picker_in_form(request: StudioRequest, mode: str, action: ButtonAction) -> PickerPage | None:
    """The same within the form, whose own fields have the names of some filters."""
    asked = QueryDict(mutable=True)
    for name, values in request.POST.lists():
        if name.startswith(PREFIX):
            asked.setlist(name.removeprefix(PREFIX), values)
    return picker_page(request, mode, action.name, asked, action.id)


@require_safe
@studio_view(Act.CREATE)
def pick(request: StudioRequest, mode: str) -> HttpResponse:
    """The picker as a page, and for htmx as the content of the dialog."""
    name, after = request.GET.get("for", ""), request.GET.get("after", "")
    picker = picker_page(request, mode, name, request.GET, after) if mode in MODES else None
    if picker is None:
        raise Http404
    context: dict[str, Any] = {"picker": picker, "mode": mode}
    return page_or_fragment(request, "generation/create/pick.html", PICKER, context)


@require_safe
@studio_view(Act.CREATE)
def taken(request: StudioRequest, mode: str, output_id: int) -> HttpResponse:
    """The tile of one output, for a form that is open."""
    name, inputs = request.GET.get("for", ""), media_inputs(mode) if mode in MODES else {}
    rows = Output.objects.visible_to(request.user).filter(team=request.member.team)
    output = find(rows.kept().select_related("media"), pk=output_id)
    if not name:  # dropped by its address: the first input that takes its kind
        name = next((one for one, kind in inputs.items() if kind == output.kind), "")
        if not name:
            return refused_tile(request, "", str(TAKES_NO[output.kind]), 422)
    if inputs.get(name) != output.kind:
        raise Http404
    tile = InputTile(name, output.media, new_row(request, name), mode=mode)
    return trigger_client_event(render(request, TILE, {"tile": tile}), "dialog:close", {})
