"""Many files at once, as the team has them delivered: one ZIP, sent while it is made."""

import json
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any

from django.core.files.storage import default_storage
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from zipstream import ZipStream

from generation.engine.delivery import (
    DeliveredFile,
    delivered_file,
    delivered_lengths,
)
from generation.engine.personal_data import leave_database
from generation.media.filenames import disposition
from generation.models import Act, DeliveryRules, Output, Verb
from generation.views.library.download import file_name, sidecar
from generation.views.library.trash import (
    MOST_ID,
    audit_outputs,
    next_url,
    requested_ids,
    selection_problem,
)
from generation.web.shortcuts import StudioRequest, studio_view

CHUNK = 64 * 1024
HASH_LENGTH = 64


@require_POST
@studio_view(Act.SEE)
def download_many(request: StudioRequest) -> HttpResponse:
    """The files of the chosen outputs."""
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
    answer["Accept-Ranges"] = "none"  # made anew each time, with sums that are known at the end
    return answer  # type: ignore[no-any-return]


def find_outputs(request: StudioRequest, pks: Sequence[int]) -> list[Output]:
    """All of them, in the order they were asked for; 404 when one is not to be seen."""
    if any(pk > MOST_ID for pk in pks):
        raise Http404
    rows = Output.objects.visible_to(request.user).select_related(
        "task", "media", "project", "team__delivery_rules", "user", "taken_from__media"
    )
    found = rows.in_bulk(pks)
    if len(found) != len(pks):
        raise Http404
    return [found[pk] for pk in pks]


def zip_stream(outputs: Sequence[Output]) -> ZipStream:
    """Not compressed: what is in it is. A file that is gone is named in a text beside the rest."""
    zipped, missing = ZipStream(sized=True), list[str]()
    with_settings = [one for one in outputs if DeliveryRules.of(one.team).sidecar_in_zip]
    prefetch_related_objects(with_settings, "task__inputs__media__output")
    lengths = delivered_lengths(outputs)
    for output in outputs:
        media = output.media
        name = file_name(output, PurePath(media.path).suffix[1:] or media.format)
        if output.pk not in lengths:
            missing.append(name)
            continue
        length = lengths[output.pk]
        zipped.add(file_chunks(output), name, size=length)
        if output in with_settings:
            add_settings(zipped, output, length)
    if missing:
        zipped.add("\r\n".join([missing_note(missing), *missing, ""]), _("Missing files.txt"))
    return zipped


def file_chunks(output: Output) -> Iterator[bytes]:
    """Opened, or made, when its turn comes. One that is lost by then breaks the download off,
    visibly."""
    sent = delivered_file(output)
    leave_database()
    with default_storage.open(sent.path) as file:
        yield from file.chunks(CHUNK)


def add_settings(zipped: ZipStream, output: Output, length: int) -> None:
    """The hash of a copy is known when that is made; how long the text is, before."""
    draft = DeliveredFile(output.media.path, length, "0" * HASH_LENGTH, output.media.mime)
    facts = sidecar(output, draft)
    chunks = settings_chunks(output, facts)
    zipped.add(chunks, file_name(output, "json"), size=len(settings_json(facts)))


def settings_chunks(output: Output, facts: dict[str, Any]) -> Iterator[bytes]:
    sent = delivered_file(output)
    leave_database()
    yield settings_json(facts | {"sha256": sent.sha256})


def settings_json(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2).encode()


def missing_note(missing: Sequence[str]) -> str:
    message = _("Files that are missing in the studio's storage: %(count)s")
    return message % {"count": len(missing)}
