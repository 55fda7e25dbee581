"""The library of subjects that each account keeps."""

import asyncio
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generation.catalogue.check_inputs import video_problem
from generation.catalogue.types import ImageLimits, VideoFacts, VideoLimits
from generation.simulator import inputs, references, uploads
from generation.simulator.inputs import Medium
from generation.simulator.references import Reference
from generation.simulator.store import Row
from generation.simulator.wire import HttpReply, Refusal, Request
from generation.simulator.world import SUBJECTS, World

LONGEST = {"name": 64, "style": 100, "description": 2_000, "voice_id": 256}
SLOTS = 3  # images and videos together
FIVE_SECONDS = VideoLimits(max_seconds=5)
ENDINGS = {"png": "png", "jpeg": "jpg", "webp": "webp", "mp4": "mp4", "mov": "mov", "avi": "avi"}
TYPES = {
    "png": "image/png", "jpg": "image/jpeg", "webp": "image/webp",
    "mp4": "video/mp4", "mov": "video/quicktime", "avi": "video/x-msvideo",
}  # fmt: skip


@dataclass(frozen=True)
class Material:
    """What a subject is made from: its images and videos, read and measured."""

    images: Sequence[Reference] = ()
    videos: Sequence[Medium] = ()

    @property
    def count(self) -> int:
        return len(self.images) + len(self.videos)


@dataclass(frozen=True)
class SubjectChange:
    """A subject to keep, or what is to change about one; None leaves it as it is."""

    texts: Mapping[str, str] = field(default_factory=dict)
    images: Sequence[str] | None = None
    videos: Sequence[str] | None = None


def read_change(data: Mapping[str, Any], known: Sequence[str]) -> SubjectChange:
    """Read a request's fields with their types checked; null counts as absent."""
    for name, value in data.items():
        if name not in known:
            raise Refusal(400, "FieldUnwanted", f"{name[:80]} is not accepted here", name[:80])
        if value is not None:
            check_type(name, value)
    texts = {name: data[name] for name in LONGEST if data.get(name) is not None}
    return SubjectChange(texts, data.get("images"), data.get("videos"))


def check_type(name: str, value: Any) -> None:
    if name in ("images", "videos"):
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise Refusal(400, "FieldInvalid", f"{name} is no list of strings", name)
    elif not isinstance(value, str):
        raise Refusal(400, "FieldInvalid", f"{name} is no string", name)
    elif len(value) > LONGEST.get(name, len(value)):
        raise Refusal(400, "FieldInvalid", f"{name} is over {LONGEST[name]} characters", name)


def check_name(found: SubjectChange) -> None:
    if not found.texts.get("name", "").strip():
        raise Refusal(400, "FieldLacking", "name is missing", "name")


async def material(
    world: World, request: Request, images: Sequence[str], videos: Sequence[str]
) -> Material:
    """The files of one subject; raises Refusal for what the documents do not allow."""
    files = await inputs.read_images(world, request, images)
    for one in files:
        refused = references.reference_refusal(one, ImageLimits())
        if refused:
            raise refused
    media = [fitting_video(await read_video(text)) for text in videos]
    return Material(files, media)


async def read_video(text: str) -> Medium:
    if not text.startswith("data:"):
        if not references.is_address(text):
            raise Refusal(400, "FieldInvalid", "videos: an input is no http address", "videos")
        return Medium(text, inputs.believed(FIVE_SECONDS), known=False)
    return await asyncio.to_thread(inputs.inline, text, FIVE_SECONDS)


def fitting_video(video: Medium) -> Medium:
    problem = (
        video_problem(FIVE_SECONDS, video.facts) if isinstance(video.facts, VideoFacts) else None
    )
    if problem:
        raise Refusal(400, "FieldInvalid", f"videos: {problem}", "videos")
    return video


def counted(found: Material) -> None:
    if not 1 <= found.count <= SLOTS:
        raise Refusal(400, "FieldItemCountOutOfRange", "images: 1 to 3 are taken", "images")
    if len(found.videos) > 1:
        raise Refusal(400, "FieldItemCountOutOfRange", "videos: at most 1 is taken", "videos")


# --- The library ------------------------------------------------------------------------------


def save_subject(
    world: World,
    request: Request,
    subject_id: str,
    ready: float,
    found: SubjectChange,
    files: Material,
) -> None:
    """Put a subject into the library; it is there from the time `ready` on."""
    world.store.insert(
        "subjects",
        id=subject_id,
        dialect=request.dialect,
        account=request.account,
        ready=ready,
        images=json.dumps(stored(world, subject_id, files.images)),
        videos=json.dumps(stored(world, subject_id, files.videos)),
        **{name: found.texts.get(name, "") for name in LONGEST},
    )


def stored(
    world: World, subject_id: str, files: Sequence[Reference | Medium]
) -> list[dict[str, Any]]:
    """How each file is remembered: its facts, and where its bytes or else it itself lies."""
    kept: list[dict[str, Any]] = []
    for one in files:
        facts = one.image if isinstance(one, Reference) else one.facts
        row: dict[str, Any] = {"facts": vars(facts)}
        if one.data:
            ending = ENDINGS.get(facts.format, "bin")
            row["file"] = f"{subject_id}-{len(kept)}-{time.time_ns():x}.{ending}"
            uploads.write_upload(subject_file_path(world, row["file"]), one.data)
        else:
            row["url"] = one.echo
        kept.append(row)
    return kept


def subject_file_path(world: World, name: str) -> Path:
    return world.config.folder / SUBJECTS / name


def one(world: World, request: Request, subject_id: str) -> Row:
    """A subject of the account; raises Refusal when there is none."""
    row = world.store.one(
        "SELECT * FROM subjects WHERE id = ? AND dialect = ? AND account = ? AND ready <= ?",
        subject_id,
        request.dialect,
        request.account,
        time.time(),
    )
    if row is None:
        raise Refusal(404, "NotFound", "there is no such subject", "id")
    return row


def change_subject(world: World, row: Row, found: SubjectChange, files: Material) -> None:
    """Edit a subject: new files take the place of all old ones, videos that of the images."""
    changed: dict[str, Any] = dict(found.texts)
    if found.videos:
        changed |= {"videos": stored(world, row["id"], files.videos), "images": []}
    elif found.images:
        changed |= {"images": stored(world, row["id"], files.images), "videos": []}
    for name, value in changed.items():
        text = value if isinstance(value, str) else json.dumps(value)
        sql = f"UPDATE subjects SET {name} = ? WHERE id = ?"  # noqa: S608  our own names
        world.store.run(sql, text, row["id"])


def list_subjects(
    world: World, request: Request, ids: Sequence[str], count: int, token: str
) -> tuple[list[Row], str]:
    """Subjects of the account, newest first, and the token of the next page."""
    rows = world.store.all(
        "SELECT * FROM subjects WHERE dialect = ? AND account = ? AND ready <= ? "
        "AND number < ? ORDER BY number DESC",
        request.dialect,
        request.account,
        time.time(),
        int(token) if token.isdecimal() else 2**62,
    )
    rows = [row for row in rows if not ids or row["id"] in ids]
    shown = rows[:count]
    return shown, str(shown[-1]["number"]) if len(rows) > count else ""


def subject_body(world: World, row: Row, site: str) -> dict[str, Any]:
    """A subject as replies show it; the addresses of its files are good for a while."""
    return {
        "id": row["id"],
        "name": row["name"],
        "images": [file_url(world, file, site) for file in json.loads(row["images"])],
        "videos": [file_url(world, file, site) for file in json.loads(row["videos"])],
        "voice_id": row["voice_id"],
        "style": row["style"],
        "description": row["description"],
    }


def file_url(world: World, file: Mapping[str, Any], site: str) -> str:
    if "url" in file:
        return str(file["url"])
    until = int(time.time() + world.options.expiry)
    name = file["file"]
    return f"{site}/library/{until}-{world.sign(f'{name} {until}')}/{name}"


def subject_file(world: World, token: str, name: str) -> HttpReply:
    """One stored file."""
    until, _, signature = token.partition("-")
    right = world.sign(f"{name} {until}")
    if not hmac.compare_digest(signature, right) or time.time() > int(until):
        raise Refusal(403, "Forbidden", "the address is not good any more")
    path = subject_file_path(world, name)
    if not path.exists():
        raise Refusal(404, "NotFound", "there is no such file")
    return HttpReply(headers={"content-type": TYPES.get(path.suffix[1:], "")}, file=path)
