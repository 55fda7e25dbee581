"""The subjects that a reference request speaks of: shown by their files, or from the library."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from generation.catalogue import rules
from generation.catalogue.types import ImageFacts, Offer, SubjectFacts, VideoFacts
from generation.simulator import subjects
from generation.simulator.forms import SUBJECT_ID
from generation.simulator.references import Reference
from generation.simulator.wire import Refusal, Request
from generation.simulator.world import World

FILES = ("images", "videos", "voice_id")


async def read_mentioned(
    world: World, request: Request, offer: Offer, given: Sequence[Mapping[str, Any]]
) -> tuple[list[SubjectFacts], list[Reference]]:
    """The subjects of a reference request: their facts, and their images."""
    facts, shown = [], []
    called = "id" if offer.model_name in SUBJECT_ID else "name"
    for data in given:
        found, images = await read_subject(world, request, offer, data, called)
        facts.append(found)
        shown += images
    check_video_count(offer, given, facts)
    return facts, shown


def check_video_count(
    offer: Offer, given: Sequence[Mapping[str, Any]], facts: Sequence[SubjectFacts]
) -> None:
    """Fewer subjects may be shown by a video than come from the library with one."""
    if "videos" not in offer.limits:
        return
    most = int(rules.limit(offer, "videos", {}, {"subjects": len(given)}).maximum or 0)
    passing = [one for data, one in zip(given, facts, strict=True) if not data.get("server_id")]
    if sum(1 for one in passing if one.videos) > most:
        message = f"subjects: at most {most} with videos and without a server_id"
        raise Refusal(400, "FieldItemCountOutOfRange", message, "subjects")


async def read_subject(
    world: World, request: Request, offer: Offer, data: Mapping[str, Any], called: str
) -> tuple[SubjectFacts, list[Reference]]:
    known = (called, "server_id") if request.dialect == "vtrix" else (called, "server_id", *FILES)
    if offer.subjects_inline:
        known = (called, "server_id", *FILES)
    for name, value in data.items():
        if name not in known:
            raise unwanted(name, called)
        if value is not None:
            subjects.check_type(name, value)
    name = str(data.get(called) or "")
    if not name.strip():
        raise Refusal(400, "FieldLacking", f"subjects: {called} is missing", "subjects")
    if data.get("server_id"):
        return from_library(world, request, str(data["server_id"]), name)
    images, videos = data.get("images") or [], data.get("videos") or []
    files = await subjects.material(world, request, images, videos)
    if not files.count and request.dialect != "vtrix":
        raise Refusal(400, "FieldLacking", f"subjects: {name} has no images", "subjects")
    facts = tuple(one.facts for one in files.videos if isinstance(one.facts, VideoFacts))
    return SubjectFacts(name, tuple(one.image for one in files.images), facts), list(files.images)


def unwanted(name: str, called: str) -> Refusal:
    """A field that subjects do not have here; the old spelling of the name leaves it lacking."""
    if name in ("id", "name"):
        return Refusal(400, "FieldLacking", f"subjects: {called} is missing", "subjects")
    message = f"subjects: {name[:80]} is not accepted here"
    return Refusal(400, "FieldUnwanted", message, "subjects")


def from_library(
    world: World, request: Request, server_id: str, name: str
) -> tuple[SubjectFacts, list[Reference]]:
    try:
        row = subjects.one(world, request, server_id)
    except Refusal:
        message = f"subjects: there is no subject {server_id[:80]} in the library"
        raise Refusal(400, "FieldInvalid", message, "subjects") from None
    files = [*json.loads(row["images"])]
    images = tuple(ImageFacts(**file["facts"]) for file in files)
    videos = tuple(VideoFacts(**file["facts"]) for file in json.loads(row["videos"]))
    return SubjectFacts(name, images, videos), [library_image(world, file) for file in files]


def library_image(world: World, file: Mapping[str, Any]) -> Reference:
    """An image of the library."""
    path = subjects.subject_file_path(world, file["file"]) if "file" in file else None
    data = path.read_bytes() if path and path.exists() else b""
    return Reference(str(file.get("url", "")), ImageFacts(**file["facts"]), data)
