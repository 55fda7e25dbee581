"""One result to take along: its file as the team has it delivered, or its settings beside it."""

import logging
from typing import Any

from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generation.engine.delivery import DeliveredFile, delivered_file
from generation.engine.review_state import approval_of
from generation.media.filenames import disposition, slug, with_extension
from generation.media.storage import NoSpace
from generation.models import Act, DeliveryCopy, DeliveryRules, MediaKind, Output
from generation.views.files.media import HEADERS, stored_response
from generation.views.library.tile import output_name
from generation.views.library.viewer import find_output
from generation.web.lanes import FILES, in_lane
from generation.web.shortcuts import StudioRequest, studio_view

logger = logging.getLogger(__name__)
SLUG = 48
FRAME = "frame"


def lane_of_download(request: HttpRequest) -> str:
    """Making a copy takes a while; sending one that is there does not."""
    if not DeliveryRules.of(request.member.team).marks:  # type: ignore[attr-defined]
        return ""
    pk = request.resolver_match.kwargs["output_id"] if request.resolver_match else 0
    made = DeliveryCopy.objects.filter(media__output=pk).exclude(made_at=None)
    return "" if made.exists() else FILES


@require_safe
@studio_view(Act.SEE)
@in_lane(lane_of_download)
def download_output(request: StudioRequest, output_id: int) -> HttpResponse:
    """The file, which a browser may fetch in parts; with ?sidecar its settings."""
    found = find_output(request, output_id)
    try:
        sent = delivered_file(found)
        if not default_storage.exists(sent.path):
            raise FileNotFoundError(sent.path)
    except FileNotFoundError:
        logger.error("The file is missing from the storage: %s", found.media.path)
        sentence = _("The file is missing from the storage.")
        return HttpResponse(sentence, status=404, content_type="text/plain; charset=utf-8")
    except NoSpace as full:
        return HttpResponse(full.sentence, status=503, content_type="text/plain")
    if "sidecar" in request.GET:
        settings = JsonResponse(sidecar(found, sent), json_dumps_params={"indent": 2})
        settings["Content-Disposition"] = disposition(file_name(found, "json"), attachment=True)
        return settings
    etag = f'"{sent.sha256[:32]}-delivered"'
    response: Any = get_conditional_response(request, etag=etag)
    if response is None:
        response = stored_response(request, sent.path, sent.mime, etag)
        name = file_name(found, sent.extension or found.media.format)
        response["Content-Disposition"] = disposition(name, attachment=True)
    # Asked for again each time: a team can change what its files carry.
    for name, value in (HEADERS | {"ETag": etag, "Cache-Control": "private, no-cache"}).items():
        response[name] = value
    return response  # type: ignore[no-any-return]


def file_name(found: Output, extension: str) -> str:
    """Such as lighthouse-at-dusk_viduq2_123.png."""
    stem = slug(found.task.prompt[: 4 * SLUG], SLUG)
    return with_extension(f"{stem or found.kind}_{found.task.model_name}_{found.pk}.x", extension)


# --- The settings beside it -----------------------------------------------------------------------


def sidecar(found: Output, sent: DeliveredFile) -> dict[str, Any]:
    """Everything that was asked for and what came of it, to read beside the file that is sent.

    Two queries, or none where `task__inputs__media__output` were read before.
    """
    task, media = found.task, found.media
    inputs = input_facts(found)
    return {
        "prompt": task.prompt,
        "provider": task.provider,
        "mode": task.mode,
        "model": task.model_name,
        "settings": {name: value for name, value in task.values.items() if name != "prompt"},
        "seed_used": task.seed_used,
        "references": len(inputs),
        "inputs": inputs,
        "parents": parents_of(found, inputs),
        "kind": media.kind,
        "seconds": media.seconds,
        "frames_a_second": media.fps,
        "codec": media.codec,
        "sound": media.has_sound or media.kind == MediaKind.AUDIO,
        "width": media.width,
        "height": media.height,
        "bytes": sent.bytes,
        "format": media.format,
        "sha256": sent.sha256,
        "original_sha256": media.sha256,
        "asked_at": task.created_at,
        "sent_at": task.sent_at,
        "finished_at": task.finished_at,
        "created_at": found.created_at.isoformat(),
        "created_by": output_name(found) if DeliveryRules.of(found.team).names_maker else None,
        "approval": approval_facts(found),
        "project": found.project.name,
        "task": task.pk,
        "output": found.pk,
        "credits": task.credits,
        "cost_usd": None if task.cost is None else str(task.cost),
    }


def approval_facts(found: Output) -> dict[str, Any] | None:
    """Who approved exactly this file, and when; None where nobody has."""
    given = approval_of(found)
    if given is None:
        return None
    return {"by": given.who, "at": given.at, "sha256": given.sha256}


def input_facts(found: Output) -> list[dict[str, Any]]:
    """The files that its task worked from, in order; the frame of a video has none of its own."""
    if found.taken_at is not None:
        return []
    rows = sorted(found.task.inputs.all(), key=lambda row: (row.role, row.position))
    return [
        {
            "role": row.role,
            "position": row.position,
            "kind": row.media.kind,
            "sha256": row.media.sha256,
            "given_sha256": row.media.given_sha256,
            "output": getattr(getattr(row.media, "output", None), "pk", None),
        }
        for row in rows
    ]


def parents_of(found: Output, inputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The results that it was made of; what those were made of, their own settings say."""
    video = found.taken_from
    if found.taken_at is not None and video:
        facts = {"output": video.pk, "sha256": video.media.sha256}
        return [facts | {"as": FRAME, "seconds": found.taken_at}]
    return [
        {"output": one["output"], "sha256": one["sha256"], "as": one["role"]}
        for one in inputs
        if one["output"]
    ]
