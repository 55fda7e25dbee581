"""Cropping an image of a form: in a dialog, on a page of its own, and within the form."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from generation.catalogue import rules
from generation.catalogue.modes import MODES
from generation.catalogue.params import PARAMS
from generation.catalogue.types import ImageLimits
from generation.forms.create_scope import media_inputs, parse_ids
from generation.forms.crops import CropForm
from generation.media import images, storage
from generation.media.motion import moves
from generation.media.storage import Unfit
from generation.models import Act, Media, MediaKind
from generation.views.files.store_upload import Busy, create_media, limits_for
from generation.views.files.uploads import tile
from generation.web.lanes import FILES, busy, in_lane
from generation.web.shortcuts import StudioRequest, find, page_or_fragment, studio_view

PAGE = "generation/uploads/crop.html"
DIALOG = "generation/uploads/_crop.html"


@dataclass(frozen=True)
class CropTool:
    """An image, the input that it is for, and the form that says which part of it is kept."""

    media: Media
    name: str
    mode: str
    model: str
    ids: Sequence[int]  # what lies in the input, this image among it
    like: Media | None
    form: CropForm

    @property
    def address(self) -> str:
        return f"{reverse('upload-crop', args=[self.media.pk])}?{urlencode(self.asked(self.ids))}"

    def asked(self, ids: Sequence[int]) -> list[tuple[str, str]]:
        found = [("for", self.name), ("mode", self.mode), ("model", self.model)]
        return [*found, *((self.name, str(pk)) for pk in ids)]

    def back(self, pk: int) -> str:
        """The page of the form, with another image in the place of this one."""
        ids = [pk if one == self.media.pk else one for one in self.ids or (self.media.pk,)]
        query = urlencode([one for one in self.asked(ids)[2:] if one[1]])
        return f"{reverse('create', args=[self.mode])}?{query}#compose"

    @property
    def back_unchanged(self) -> str:
        return self.back(self.media.pk)

    @property
    def original(self) -> Media | None:
        """What it was cropped from, where that is still there."""
        return self.media.cropped_from


def crop_tool(
    request: StudioRequest,
    media_id: int,
    name: str,
    asked: QueryDict,
    data: QueryDict | None = None,
) -> CropTool:
    """`asked` has the mode, the model and what lies in the input; `data` the frame, where given.
    An image that is not this team's is not found."""
    mode = asked.get("mode", "")
    if mode not in MODES or media_inputs(mode).get(name) != MediaKind.IMAGE:
        raise Http404
    rows = Media.objects.visible_to(request.user).filter(team=request.member.team)
    rows = rows.filter(kind=MediaKind.IMAGE).select_related("cropped_from")
    media = find(rows, pk=media_id)
    ids = [pk for pk in parse_ids(asked.getlist(name)) if pk]
    other = other_of_pair(mode, asked.get("model", ""), name, ids, media.pk)
    like = rows.filter(pk=other).first() if other else None
    limits = limits_for(asked, name)
    assert isinstance(limits, ImageLimits)  # noqa: S101  (an input for images)
    form = CropForm(data, image=media.image, limits=limits, like=like.image if like else None)
    return CropTool(media, name, mode, asked.get("model", ""), ids, like, form)


def other_of_pair(mode: str, model: str, name: str, ids: Sequence[int], pk: int) -> int:
    """The other one of two images that have to agree; 0 where there is none."""
    offer = rules.offer_named(mode, model) or next(iter(rules.offers(mode=mode)), None)
    rule = offer.limits.get(name) if offer else None
    others = [one for one in ids if one != pk]
    return others[0] if rule and rule.pair and len(ids) == 2 and len(others) == 1 else 0


def cropped_copy(request: StudioRequest, tool: CropTool) -> Media:
    """The part that the form names, as an image of its own. Raises Unfit."""
    if sentence := busy(request, FILES):
        raise Busy(sentence)
    media, form = tool.media, tool.form
    stored = images.crop_image(media.path, form.box, form.size, form.limits)
    stored = replace(stored, carried=media.carried or "")
    stem = PurePath(media.name).stem
    label = _("Cropped: %(name)s") % {"name": stem} if stem else _("Cropped")
    crop = create_media(request, stored, label[:200], cropped_from=tool.original or media)
    with storage.on_disk(media.path) as path, path.open("rb") as file:
        crop.lost_motion = moves(file)
    return crop


def lane_of_crop(request: HttpRequest) -> str:
    return FILES if request.method == "POST" else ""


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view(Act.CREATE)
@in_lane(lane_of_crop)
def crop_upload(request: StudioRequest, media_id: int) -> HttpResponse:
    """Crop an image of a form. The original stays; the answer is the tile of the new image."""
    name = request.GET.get("for", "images")
    if name not in PARAMS:
        raise Http404
    data = request.POST if request.method == "POST" else None
    tool = crop_tool(request, media_id, name, request.GET, data)
    if data is None:
        return shown(request, tool)
    if "fit" in data:
        return shown(request, replace(tool, form=tool.form.fit()))
    if "original" in data and tool.original:
        return in_place(request, tool, tool.original)
    if not tool.form.is_valid():
        return shown(request, tool, 422)
    try:
        return in_place(request, tool, cropped_copy(request, tool))
    except Unfit as unfit:
        tool.form.add_error(None, unfit.sentence)
        return shown(request, tool, 422)


def shown(request: StudioRequest, tool: CropTool, status: int = 200) -> HttpResponse:
    return page_or_fragment(request, PAGE, DIALOG, {"tool": tool}, status)


def in_place(request: StudioRequest, tool: CropTool, media: Media) -> HttpResponse:
    """The tile for the form that is open; without a script the form again, with it in place."""
    if not request.htmx:
        return redirect(tool.back(media.pk))
    response = tile(request, media, tool.name)
    response["HX-Reswap"] = "none"
    return trigger_client_event(response, "dialog:close", {})
