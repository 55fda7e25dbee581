"""Many originals at once: one archive, sent while it is made."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from generation.media.names import disposition
from generation.models import Output
from generation.views.outputs import file_name
from generation.views.shortcuts import StudioRequest, studio_view
from generation.views.trash import MOST_ID, asked_for, too_few_or_many, way_back

CHUNK = 256 * 1024


@require_POST
@studio_view
def download_many(request: StudioRequest) -> HttpResponse:
    """The originals of the chosen outputs, byte for byte."""
    pks = asked_for(request)
    refusal = too_few_or_many(request, pks, way_back(request, reverse("library")))
    if refusal:
        return refusal
    found = seen(request, pks)
    answer: Any = StreamingHttpResponse(archive(found), content_type="application/zip")
    name = f"{request.member.team.name}_{timezone.localdate():%Y-%m-%d}.zip"
    answer["Content-Disposition"] = disposition(name, attachment=True)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer  # type: ignore[no-any-return]


def seen(request: StudioRequest, pks: Sequence[int]) -> list[Output]:
    """All of them, in the order they were asked for; 404 when one is not to be seen."""
    if any(pk > MOST_ID for pk in pks):
        raise Http404
    rows = Output.objects.visible_to(request.user).select_related("task", "media")
    found = rows.in_bulk(pks)
    if len(found) != len(pks):
        raise Http404
    return [found[pk] for pk in pks]


class Basket:
    """What was written and not yet sent. It has no place to seek to, so nothing is rewritten."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self.parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def emptied(self) -> bytes:
        data = b"".join(self.parts)
        self.parts.clear()
        return data


def archive(outputs: Sequence[Output]) -> Iterator[bytes]:
    """Not compressed: what is in it is. A file that is gone is named in a text beside the rest."""
    basket, missing = Basket(), list[str]()
    with ZipFile(basket, "w", ZIP_STORED) as zipped:  # type: ignore[call-overload]
        for output in outputs:
            yield from added(zipped, basket, output, missing)
        if missing:
            zipped.writestr(_("Missing files.txt"), "\r\n".join([said(missing), *missing, ""]))
    yield basket.emptied()


def added(zipped: ZipFile, basket: Basket, output: Output, missing: list[str]) -> Iterator[bytes]:
    extension = PurePath(output.media.path).suffix[1:] or output.media.format
    name = file_name(output, extension)
    try:
        file = default_storage.open(output.media.path)
    except (OSError, ValueError):  # ValueError: a row without a path
        missing.append(name)
        return
    made = timezone.localtime(output.created_at)
    entry = ZipInfo(name, made.timetuple()[:6])
    entry.file_size = output.media.bytes  # decides how the length is written
    with file, zipped.open(entry, "w") as into:
        while chunk := file.read(CHUNK):
            into.write(chunk)
            yield basket.emptied()


def said(missing: Sequence[str]) -> str:
    words = _("Files that are missing in the studio's storage: %(count)s")
    return words % {"count": len(missing)}
