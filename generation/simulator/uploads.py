"""The three steps of an upload: ask for a place, put the bytes, say that it is done."""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from generation.simulator import references
from generation.simulator.simulator import Simulator
from generation.simulator.tasks import timestamp
from generation.simulator.wire import HttpReply, Refusal, Request, reply_json
from generation.simulator.world import World

MOST_BYTES = 10 * 1024 * 1024
KEPT = 7 * 24 * 3600
PUT_FOR = 3600


async def create_upload(sim: Simulator, request: Request) -> HttpReply:
    world = sim.world
    if request.data.get("scene") != "vidu":
        raise Refusal(400, "FieldInvalid", "scene must be vidu", "scene")
    upload_id = str(secrets.randbelow(9 * 10**17) + 10**17)
    now = time.time()
    world.store.insert(
        "uploads", id=upload_id, dialect=request.dialect, account=request.account, created=now
    )
    signature = world.sign(f"put {upload_id}")
    return reply_json(
        {
            "id": upload_id,
            "put_url": f"{request.site}/storage/{upload_id}?signature={signature}",
            "expires_at": timestamp(int((now + PUT_FOR) * 1e9)),
        }
    )


async def receive_upload(sim: Simulator, request: Request, upload_id: str) -> HttpReply:
    """The bytes themselves, with the signed address in place of a key."""
    world = sim.world
    signature = "".join(request.questions().get("signature", []))
    row = world.store.one("SELECT * FROM uploads WHERE id = ?", upload_id)
    if row is None or not hmac.compare_digest(signature, world.sign(f"put {upload_id}")):
        raise Refusal(403, "Forbidden", "the signature does not match")
    if request.length >= MOST_BYTES:
        raise Refusal(413, "BadRequest", "an upload has less than 10 MB")
    reference = references.Reference("", references.measure(request.body))
    refused = references.reference_refusal(reference)
    if refused:
        raise refused
    path = upload_path(world, upload_id)
    await asyncio.to_thread(write_upload, path, request.body)
    etag = hashlib.md5(request.body, usedforsecurity=False).hexdigest()
    world.store.run("UPDATE uploads SET etag = ? WHERE id = ?", etag, upload_id)
    return HttpReply(200, {"etag": f'"{etag}"'})


async def finish_upload(sim: Simulator, request: Request, upload_id: str) -> HttpReply:
    row = sim.world.store.one(
        "SELECT * FROM uploads WHERE id = ? AND dialect = ? AND account = ?",
        upload_id,
        request.dialect,
        request.account,
    )
    if row is None or not row["etag"]:
        raise Refusal(404, "NotFound", "there is no such upload")
    if str(request.data.get("etag", "")).strip('"') != row["etag"]:
        raise Refusal(400, "FieldInvalid", "the etag does not match", "etag")
    sim.world.store.run("UPDATE uploads SET finished = 1 WHERE id = ?", upload_id)
    return reply_json({"uri": f"ssupload:?id={upload_id}"})


def contents(world: World, request: Request, images: Sequence[str]) -> dict[str, bytes]:
    """The bytes of every finished upload of this account that `images` names."""
    found: dict[str, bytes] = {}
    for text in images:
        if not text.startswith("ssupload:"):
            continue
        upload_id = "".join(parse_qs(urlsplit(text).query).get("id", []))
        row = world.store.one(
            "SELECT * FROM uploads WHERE id = ? AND dialect = ? AND account = ? "
            "AND finished AND created > ?",
            upload_id,
            request.dialect,
            request.account,
            time.time() - KEPT,
        )
        if row is not None:
            found[upload_id] = upload_path(world, upload_id).read_bytes()
    return found


def upload_path(world: World, upload_id: str) -> Path:
    return world.config.folder / "uploads" / upload_id


def write_upload(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(data)
