"""The input zone of the editor: a subject's images or its video."""

from django.core.files.uploadedfile import UploadedFile

from generation.catalogue.types import Limit
from generation.forms.subjects import IMAGE, VIDEO, SubjectForm
from generation.media.storage import Unfit
from generation.models import Media, MediaKind
from generation.models.subjects import MOST_IMAGES
from generation.views.files.input_zones import InputSlot, InputTile, InputZone
from generation.views.files.store_upload import Busy, Limits, original_name, store_upload
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
