"""Uploads one by one while a form is open, and their removal."""

from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from generation.catalogue import rules
from generation.catalogue.params import PARAMS
from generation.media.images import ANY_IMAGE
from generation.media.storage import NoSpace, Unfit
from generation.models import Act, Media
from generation.views.files.input_zone_builder import frame_row
from generation.views.files.input_zones import InputTile
from generation.views.files.store_upload import (
    Busy,
    delete_files,
    lane_of_inputs,
    limits_for,
    limits_in,
    original_name,
    smaller_copy,
    smaller_size,
    store_upload,
    with_any_shape,
)
from generation.web import lanes
from generation.web.shortcuts import StudioRequest, find, studio_view
from generation.web.upload_limits import is_too_long, most_megabytes

TILE = "generation/uploads/_tile.html"
REFUSED = "generation/uploads/_refused.html"
FILES = ("images", "videos", "sounds", "prompt_sound")


def input_named(request: HttpRequest) -> str:
    """Which input the file is for."""
    name = request.POST.get("for") or request.GET.get("for") or "images"
    return name if name in FILES else "images"


@require_POST
@studio_view(Act.CREATE)
@lanes.in_lane(lambda request: lane_of_inputs(request) or lanes.FILES)
def add_upload(request: StudioRequest) -> HttpResponse:
    """Take one file and answer with its tile, or with a tile that says why not."""
    if is_too_long(request, int(request.META.get("CONTENT_LENGTH") or 0)):
        most = {"most": most_megabytes(request)}
        message = _("This file is too large. Use one of up to %(most)s MB.") % most
        return refused_tile(request, "", message, 413)
    name = input_named(request)
    given = request.FILES.get("file") or request.POST.get("url", "").strip()
    file_name = original_name(given)
    if not given:
        return refused_tile(request, file_name, missing_message(name), 422)
    mode = request.POST.get("mode", "")
    limits = with_any_shape(limits_for(request.POST, name), mode)
    try:
        return tile(request, store_upload(request, given, name, limits), name)
    except (NoSpace, Busy) as unfit:
        status = 507 if isinstance(unfit, NoSpace) else 503
        return refused_tile(request, file_name, unfit.sentence, status)
    except Unfit as unfit:
        more = smaller_offer(request, given, name, limits.max_bytes)
        return refused_tile(request, file_name, unfit.sentence, 422, more)


def missing_message(name: str) -> str:
    match PARAMS[name].kind:
        case "videos":
            return _("Choose a video, or enter its address.")
        case "sounds":
            return _("Choose an audio file, or paste its link.")
    return _("Choose an image, or paste its link.")


def tile(request: StudioRequest, media: Media, name: str) -> HttpResponse:
    mode = request.POST.get("mode") or request.GET.get("mode", "")
    made = InputTile(name, media, new_row(request, name), mode=mode)
    return render(request, TILE, {"tile": made})


def new_row(request: StudioRequest, name: str) -> Any:
    """The fields that lead to a new key frame, where the mode has such."""
    data = request.POST if "mode" in request.POST else request.GET
    offer = rules.offer_named(data.get("mode", ""), data.get("model", ""))
    if name != "images" or offer is None or "frames" not in offer.limits:
        return None
    return frame_row(offer.limits["frames"].row, {})


def refused_tile(
    request: StudioRequest,
    name: str,
    sentence: str,
    status: int,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    context = {"name": name, "sentence": sentence} | (more or {})
    return render(request, REFUSED, context, status=status)


def smaller_offer(request: StudioRequest, given: Any, name: str, most: int) -> dict[str, Any]:
    """Where an image is only too large for this model: what a smaller copy would be."""
    size = getattr(given, "size", 0)
    if PARAMS[name].kind != "images" or not most < size <= ANY_IMAGE.max_bytes:
        return {}
    try:
        given.seek(0)
        limits = with_any_shape(limits_in(None, name), request.POST.get("mode", ""))
        media = store_upload(request, given, name, limits)
    except Unfit:
        return {}
    return {"heavy": media, "pixels": smaller_size(media), "for": name}


@require_POST
@studio_view(Act.CREATE)
@lanes.in_lane(lambda _request: lanes.FILES)
def smaller(request: StudioRequest, media_id: int) -> HttpResponse:
    """A smaller copy of an image, because the person asked for it."""
    try:
        return tile(request, smaller_copy(request, media_id), input_named(request))
    except Busy as unfit:
        return refused_tile(request, "", unfit.sentence, 503)
    except Unfit as unfit:
        return refused_tile(request, "", unfit.sentence, 422)


@require_POST
@studio_view(Act.REMOVE_UPLOAD)
def remove_upload(request: StudioRequest, media_id: int) -> HttpResponse:
    """Delete one's own upload. One that a task or subject uses stays: it only leaves the form."""
    own = Media.objects.visible_to(request.user).filter(created_by=request.user, uploaded=True)
    media = find(own, pk=media_id)
    try:
        with transaction.atomic():
            media.delete()
    except ProtectedError:
        return HttpResponse()
    delete_files(media)
    return HttpResponse()
