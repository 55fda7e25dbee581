"""Inputs that come with the form, without JavaScript, and the buttons that change them."""

from dataclasses import dataclass, field, replace

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, QueryDict

from generation.catalogue.types import Offer
from generation.forms.create_scope import CreateScope, media_inputs
from generation.forms.mentioned_subjects import without
from generation.forms.parsing import ButtonAction, parse_id
from generation.forms.row_fields import PARTS
from generation.media.storage import Unfit
from generation.models import Media, Output
from generation.views.files.crop import CropTool, crop_tool, cropped_copy
from generation.views.files.store_upload import (
    Busy,
    lane_of_inputs,
    limits_in,
    original_name,
    smaller_copy,
    store_upload,
    with_any_shape,
)
from generation.web.lanes import FILES, LINKS
from generation.web.shortcuts import StudioRequest

STEPS = {"left": -1, "right": 1}


@dataclass
class UploadedInputs:
    """What was stored of a form's files and addresses, and why others were not taken."""

    taken: dict[str, list[Media]] = field(default_factory=dict)
    refused: dict[str, list[str]] = field(default_factory=dict)


def lane_of_form(request: HttpRequest) -> str:
    """The lane for what came with the form, or for what the pressed button does."""
    acts = {"ideas": LINKS, "smaller": FILES, "cropped": FILES}
    action = ButtonAction.parse(request.POST.get("edit", ""))
    return lane_of_inputs(request) or acts.get(action.act, "")


def store_uploads(
    request: StudioRequest, scope: CreateScope, offer: Offer | None
) -> UploadedInputs:
    """Store the files and addresses that were sent along."""
    found = UploadedInputs()
    for name in media_inputs(scope.mode):
        address = request.POST.get(f"{name}_url", "").strip()
        sources: list[UploadedFile[bytes] | str] = [*request.FILES.getlist(f"new_{name}")]
        for source in [*sources, address] if address else sources:
            try:
                limits = with_any_shape(limits_in(offer, name), scope.mode)
                media = store_upload(request, source, name, limits)
                found.taken.setdefault(name, []).append(media)
            except Unfit as unfit:
                label = source if isinstance(unfit, Busy) else original_name(source)
                message = f"{label}: {unfit.sentence}"
                found.refused.setdefault(name, []).append(message)
    return found


def apply_action(request: StudioRequest, scope: CreateScope, found: UploadedInputs) -> QueryDict:
    """What was posted, with new inputs at the end and what the pressed button does."""
    data = request.POST.copy()
    for name, many in found.taken.items():
        data.setlist(name, [*data.getlist(name), *(str(media.pk) for media in many)])
    action = ButtonAction.parse(data.get("edit", ""))
    act, name, ident = action.act, action.name, action.id
    if act in (*STEPS, "remove", "swap") and name in (*media_inputs(scope.mode), "subjects"):
        rearrange(data, act, name, ident)
    elif act == "remove-subject":
        remove_subject(scope, data, name)
    elif act in ("take", "smaller", "cropped", "original"):
        bring_file(request, scope, data, action, found)
    elif act in ("row", "unrow"):
        change_rows(data, act, name, parse_id(ident))
    elif act == "idea":
        data["prompt"] = data.get(f"idea-{parse_id(name)}", data.get("prompt", ""))
    return data


def bring_file(
    request: StudioRequest,
    scope: CreateScope,
    data: QueryDict,
    action: ButtonAction,
    found: UploadedInputs,
) -> None:
    """One file more, or another in the place of one."""
    if action.act == "take":
        add_from_library(request, scope, data, action.name, action.id)
    elif action.act == "smaller":
        make_smaller(request, data, action.name, action.id, found)
    else:
        put_crop(request, scope, data, action, found)


def rearrange(data: QueryDict, act: str, name: str, ident: str) -> None:
    """Move or remove one input, and the row that leads to it."""
    ids = data.getlist(name)
    if act == "swap":
        data.setlist(name, ids[::-1])
    if ident not in ids:
        return
    place = ids.index(ident)
    columns = [name]
    if name == "images":
        columns += [f"frames.{part}" for part in PARTS["frames"]]
    for column in columns:
        moved(data, column, place, STEPS.get(act))


def remove_subject(scope: CreateScope, data: QueryDict, ident: str) -> None:
    """A subject that is taken away is not mentioned either: its name stays as a plain word."""
    data.setlist("subjects", [one for one in data.getlist("subjects") if one != ident])
    for subject in scope.subjects([ident], ""):
        if subject:
            data["prompt"] = without(data.get("prompt", ""), subject.name)


def moved(data: QueryDict, column: str, place: int, step: int | None) -> None:
    values = data.getlist(column)
    if place >= len(values):
        return
    one = values.pop(place)
    if step:
        values.insert(max(0, place + step), one)
    data.setlist(column, values)


def add_from_library(
    request: StudioRequest, scope: CreateScope, data: QueryDict, name: str, ident: str
) -> None:
    """Add a file of the library."""
    kind = media_inputs(scope.mode).get(name)
    rows = Output.objects.visible_to(request.user).filter(team=scope.team, kind=kind).kept()
    output = rows.filter(pk=parse_id(ident)).first() if kind else None
    if output:
        data.appendlist(name, str(output.media_id))


def make_smaller(
    request: StudioRequest, data: QueryDict, name: str, ident: str, found: UploadedInputs
) -> None:
    """Put a smaller copy of a picture in its place, because the person asked for it."""
    ids = data.getlist(name)
    if ident not in ids:
        return
    try:
        media = smaller_copy(request, parse_id(ident))
    except Unfit as unfit:
        found.refused.setdefault(name, []).append(unfit.sentence)
    else:
        data.setlist(name, [str(media.pk) if one == ident else one for one in ids])


def open_crop(
    request: StudioRequest, scope: CreateScope, data: QueryDict, action: ButtonAction
) -> CropTool | None:
    """The fields that crop an image of the form; None where it is not in the form any more."""
    if action.id not in data.getlist(action.name):
        return None
    asked = data.copy()
    asked["mode"] = scope.mode
    given = None if action.act == "crop" else data
    try:
        tool = crop_tool(request, parse_id(action.id), action.name, asked, given)
    except Http404:
        return None
    return replace(tool, form=tool.form.fit()) if action.act == "fit" else tool


def put_crop(
    request: StudioRequest,
    scope: CreateScope,
    data: QueryDict,
    action: ButtonAction,
    found: UploadedInputs,
) -> None:
    """Put a crop of an image in its place, or the original of a crop."""
    tool = open_crop(request, scope, data, action)
    if tool is None:
        return
    media = tool.original if action.act == "original" else None
    if media is None and tool.form.is_valid():
        try:
            media = cropped_copy(request, tool)
        except Unfit as unfit:
            found.refused.setdefault(action.name, []).append(unfit.sentence)
    if media is not None:
        pk, ids = str(media.pk), data.getlist(action.name)
        data.setlist(action.name, [pk if one == action.id else one for one in ids])


def change_rows(data: QueryDict, act: str, name: str, place: int) -> None:
    """One more row of sounds in time, or one less."""
    for part in PARTS.get(name, ()):
        values = data.getlist(f"{name}.{part}")
        if act == "row":
            values.append("")
        elif 0 <= place < len(values):
            values.pop(place)
        data.setlist(f"{name}.{part}", values)
