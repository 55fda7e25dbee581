"""Many originals at once: one ZIP, sent while it is made."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any

from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from zipstream import ZipStream

from generation.media.filenames import disposition
from generation.models import Act, Output, Verb
from generation.views.library.trash import (
    MOST_ID,
    audit_outputs,
    next_url,
    requested_ids,
    selection_problem,
)
from generation.views.library.viewer import file_name
from generation.web.shortcuts import StudioRequest, studio_view

CHUNK = 64 * 1024


@require_POST
@studio_view(Act.SEE)
def download_many(request: StudioRequest) -> HttpResponse:
    """The originals of the chosen outputs, byte for byte."""
    pks = requested_ids(request)
    refusal = selection_problem(request, pks, next_url(request, reverse("library")))
    if refusal:
        return refusal
    found = find_outputs(request, pks)
    for team in {one.team for one in found}:
        chosen = [one for one in found if one.team_id == team.pk]
        audit_outputs(Verb.OUTPUT_DOWNLOADED, request.user, team, chosen)
    zipped = zip_stream(found)
    answer: Any = StreamingHttpResponse(zipped, content_type="application/zip")
    answer["Content-Length"] = len(zipped)
    name = f"{request.member.team.name}_{timezone.localdate():%Y-%m-%d}.zip"
    answer["Content-Disposition"] = disposition(name, attachment=True)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer  # type: ignore[no-any-return]


def find_outputs(request: StudioRequest, pks: Sequence[int]) -> list[Output]:
    """All of them, in the order they were asked for; 404 when one is not to be seen."""
    if any(pk > MOST_ID for pk in pks):
        raise Http404
    rows = Output.objects.visible_to(request.user).select_related(
        "task", "media", "project", "team"
    )
    found = rows.in_bulk(pks)
    if len(found) != len(pks):
        raise Http404
    return [found[pk] for pk in pks]


def zip_stream(outputs: Sequence[Output]) -> ZipStream:
    """Not compressed: what is in it is. A file that is gone is named in a text beside the rest."""
    zipped, missing = ZipStream(sized=True), list[str]()
    for output in outputs:
        media = output.media
        name = file_name(output, PurePath(media.path).suffix[1:] or media.format)
        if media.path and default_storage.exists(media.path):
            zipped.add(file_chunks(media.path), name, size=media.bytes)
        else:
            missing.append(name)
    if missing:
        zipped.add("\r\n".join([missing_note(missing), *missing, ""]), _("Missing files.txt"))
    return zipped


def file_chunks(path: str) -> Iterator[bytes]:
    """Opened when its turn comes. One that is lost by then breaks the download off, visibly."""
    with default_storage.open(path) as file:
        yield from file.chunks(CHUNK)


def missing_note(missing: Sequence[str]) -> str:
    message = _("Files that are missing in the studio's storage: %(count)s")
    return message % {"count": len(missing)}
