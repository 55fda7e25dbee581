"""The official endpoints around a library of subjects, and prompt ideas for an image."""

from typing import Any

from generation.catalogue.prices import FREE, SUBJECT_CREDITS
from generation.simulator import create_requests, inputs, references, subjects
from generation.simulator.simulator import Simulator
from generation.simulator.subjects import SubjectChange
from generation.simulator.wire import HttpReply, Refusal, Request, int_or, reply_json

CREATING = ("name", "images", "videos", "voice_id", "style", "description")
FEWEST, MOST, USUAL = 1, 100, 20
KINDS = ("template", "img2video")
SIZES = ("360p", "720p")
IDEAS = (
    "The camera moves slowly closer while the light grows warmer",
    "A soft wind stirs everything that can move, the rest stays calm",
    "The view turns around the middle of the picture, half a circle",
    "Dust and light drift through the scene, seen against the dark",
    "The subject looks up, smiles and turns away",
    "Night falls over the scene and small lights come on",
    "The camera rises until the whole place is seen from above",
    "Everything stands still but the shadows, which wander",
    "Rain begins, the ground starts to shine",
    "The picture wakes from black and white into colour",
)
EFFECTS = ("hugging", "kissing", "muscling", "outfit_show")


async def create_subject(sim: Simulator, request: Request) -> HttpReply:
    """Make a subject; it is there at once, and charged."""
    found = subjects.read_change(request.data, CREATING)
    subjects.check_name(found)
    files = await subjects.material(sim.world, request, found.images or [], found.videos or [])
    subjects.counted(files)
    traits = create_requests.moderated(sim, request, subject_texts(found))
    credits = subject_price(request)
    subject_id = sim.world.register(request, "subjects", credits)
    subjects.save_subject(sim.world, request, subject_id, 0, found, files)
    row = subjects.one(sim.world, request, subject_id)
    reply = reply_json({**subjects.subject_body(sim.world, row, request.site), "credits": credits})
    reply.ending = "drop" if traits.get("lost") else reply.ending
    return reply


def subject_price(request: Request) -> int:
    return 0 if request.dialect in FREE else SUBJECT_CREDITS


def subject_texts(found: SubjectChange) -> str:
    return f"{found.texts.get('name', '')} {found.texts.get('description', '')}".strip()


async def edit_subject_request(sim: Simulator, request: Request, subject_id: str) -> HttpReply:
    data = {name: value for name, value in request.data.items() if name != "id"}
    await apply_change(sim, request, subject_id, subjects.read_change(data, CREATING))
    row = subjects.one(sim.world, request, subject_id)
    return reply_json(subjects.subject_body(sim.world, row, request.site))


async def apply_change(
    sim: Simulator, request: Request, subject_id: str, found: SubjectChange
) -> None:
    row = subjects.one(sim.world, request, subject_id)
    if "name" in found.texts:
        subjects.check_name(found)
    images = [] if found.videos else found.images or []
    files = await subjects.material(sim.world, request, images, found.videos or [])
    if files.count:
        subjects.counted(files)
    subjects.change_subject(sim.world, row, found, files)


async def show(sim: Simulator, request: Request) -> HttpReply:
    """The library, a page at a time; the questions come in the address or, as printed, a body."""
    asked: dict[str, Any] = dict(request.questions())
    if request.body:
        asked |= request.data
    return reply_json(subject_page(sim, request, asked))


def subject_page(sim: Simulator, request: Request, asked: dict[str, Any]) -> dict[str, Any]:
    count = int_or(single(asked, "count") or str(USUAL), -1)
    if not FEWEST <= count <= MOST:
        raise Refusal(400, "PageSizeOutOfRange", f"count is not from 1 to {MOST}", "count")
    ownership = single(asked, "ownership") or "private"
    if ownership not in ("private", "system"):
        raise Refusal(400, "FieldInvalid", "ownership is neither system nor private", "ownership")
    if ownership == "system":  # this server has no subjects of its own
        return {"subjects": [], "next_page_token": "", "count": 0}
    ids = ",".join(map(str, asked.get("subject_ids") or [])).split(",")
    rows, token = subjects.list_subjects(
        sim.world, request, [one for one in ids if one], count, single(asked, "next_page_token")
    )
    shown = [subjects.subject_body(sim.world, row, request.site) for row in rows]
    return {"subjects": shown, "next_page_token": token, "count": len(shown)}


def single(asked: dict[str, Any], name: str) -> str:
    value = asked.get(name)
    return str(value[0] if isinstance(value, list) and value else value or "")


async def recommend(sim: Simulator, request: Request) -> HttpReply:
    """Ideas for what one image may become, at once and without a task."""
    data = request.data
    unknown = sorted(set(data) - {"images", "type", "resolution", "count"})
    if unknown:
        raise Refusal(400, "FieldUnwanted", f"{unknown[0][:80]} is not accepted here", "")
    images, kinds = strings(data, "images"), strings(data, "type") or ["img2video"]
    if len(images) != 1:
        raise Refusal(400, "FieldItemCountOutOfRange", "images: exactly 1 is taken", "images")
    refused = references.reference_refusal(
        (await inputs.read_images(sim.world, request, images))[0]
    )
    if refused:
        raise refused
    resolution, count = data.get("resolution") or SIZES[0], data.get("count") or 5
    if set(kinds) - set(KINDS) or resolution not in SIZES:
        raise Refusal(400, "FieldInvalid", "type or resolution is none of its words", "type")
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= len(IDEAS):
        raise Refusal(400, "FieldInvalid", "count is not from 1 to 10", "count")
    ideas = [idea(kind, place, resolution) for kind in kinds for place in range(count)]
    return reply_json({"prompts": ideas})


def strings(data: dict[str, Any], name: str) -> list[str]:
    value = data.get(name) or []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Refusal(400, "FieldInvalid", f"{name} is no list of strings", name)
    return value


def idea(kind: str, place: int, resolution: str) -> dict[str, str]:
    return {
        "type": kind,
        "content": IDEAS[place],
        "prompt": IDEAS[place],
        "template": EFFECTS[place % len(EFFECTS)] if kind == "template" else "",
        "resolution": resolution,
    }
