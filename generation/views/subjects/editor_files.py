"""The input zone of the editor: a subject's images or its video."""

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from generation.catalogue.types import Limit
from generation.engine.save_frame import save_frame
from generation.forms.subjects import IMAGE, VIDEO, SubjectForm
from generation.media.storage import Unfit
from generation.models import Media, MediaKind, Output
from generation.models.subjects import MOST_IMAGES, VIDEO_SECONDS
from generation.views.files.input_zones import InputSlot, InputTile, InputZone
from generation.views.files.store_upload import (
    Busy,
    Limits,
    lane_of_inputs,
    original_name,
    store_upload,
)
from generation.web.lanes import FILES, busy
from generation.web.shortcuts import StudioRequest

LIMITS: dict[str, Limits] = {"images": IMAGE, "videos": VIDEO}


def editor_zone(form: SubjectForm) -> InputZone:
    """Like the composer's input zones, so that the same script and tiles work here."""
    images, videos = len(form.images), len(form.videos)
    slots = [
        InputSlot("images", Limit(maximum=MOST_IMAGES, image=IMAGE), images),
        InputSlot("videos", Limit(maximum=1, video=VIDEO), videos),
    ]
    tiles = [
        InputTile("videos" if one.kind == MediaKind.VIDEO else "images", one) for one in form.pieces
    ]
    return InputZone("subject", slots, tiles, errors=form.file_errors)


def lane_of_editor(request: HttpRequest) -> str:
    return FILES if request.POST.get("frame") else lane_of_inputs(request)


def is_too_long(media: Media) -> bool:
    """A video that no subject can be made of; a frame of it can."""
    return media.kind == MediaKind.VIDEO and (media.seconds or 0) > VIDEO_SECONDS


def first_frame(request: StudioRequest, output: Output) -> tuple[list[Media], list[str]]:
    """The first frame of a video as an image, or why there is none. The same one each time."""
    saved = output.frames.kept().filter(taken_at=0).select_related("media").first()
    if saved is None and (sentence := busy(request, FILES)):
        return [], [sentence]
    try:
        return [(saved or save_frame(output, 0, request.user)).media], []
    except Unfit as unfit:
        return [], [unfit.sentence]


def received_files(request: StudioRequest) -> tuple[list[Media], list[str]]:
    """Files and addresses sent along without scripts, and why some could not be taken."""
    taken: list[Media] = []
    refused: list[str] = []
    for name, limits in LIMITS.items():
        address = request.POST.get(f"{name}_url", "").strip()
        sources: list[UploadedFile[bytes] | str] = [*request.FILES.getlist(f"new_{name}")]
        for source in [*sources, address] if address else sources:
            try:
                taken.append(store_upload(request, source, name, limits))
            except Unfit as unfit:
                label = source if isinstance(unfit, Busy) else original_name(source)
                refused.append(f"{label}: {unfit.sentence}")
    return taken, refused
