"""Vtrix: one address for every model, the model's name chooses what happens."""

import json
from collections.abc import Mapping
from typing import Any

from generation.simulator import create_requests, library, shapes, subjects
from generation.simulator.forms import DOMESTIC, UPSTREAM, VTRIX, Form
from generation.simulator.official import link_faults, polled_task, watched
from generation.simulator.shapes import ReplyShape
from generation.simulator.simulator import Simulator
from generation.simulator.tasks import CheckedRequest, Task
from generation.simulator.wire import HttpReply, Refusal, Request, reply_json

TOP = {"model", "input", "moderation"}  # clients of its sister gateway send the last one
MAKING = ("name", "images", "videos", "voice_id")
EDITING = ("name", "style", "description", "voice_id")
LISTING = {"ownership", "subject_ids", "count", "next_page_token"}


async def create_vtrix_task(sim: Simulator, request: Request) -> HttpReply:
    model, fields = request.data.get("model"), params(request.data)
    if model in SUBJECT_TASKS:
        task = await SUBJECT_TASKS[model](sim, request, model, fields)
    else:
        task = await media_task(sim, request, model, fields)
    shape = vtrix_shape(sim, request, task)
    body = shapes.reply_body(sim.world, task, request.site, shape, text=text_of(sim, request, task))
    return create_requests.remember_reply(task, reply_json(body))


async def media_task(sim: Simulator, request: Request, model: Any, fields: dict[str, Any]) -> Task:
    fields = dict(fields)
    if model in DOMESTIC:
        upstream(model, fields.pop("model", None))
    # A model that does not exist is refused as such, whatever its mode would be.
    form = VTRIX.get(create_requests.mode_of("vtrix", model), Form("image"))
    checked = await create_requests.read_request(sim, request, form, model, fields)
    return await create_requests.accept_request(sim, request, checked)


def upstream(model: str, named: Any) -> None:
    """The pages of the domestic models want the upstream name as well."""
    wanted = UPSTREAM.get(model)
    if wanted and not named:
        raise Refusal(400, "FieldLacking", "model is missing in params", "model")
    if wanted and named != wanted:
        raise Refusal(400, "FieldInvalid", f"model in params is not {wanted}", "model")


def params(data: dict[str, Any]) -> dict[str, Any]:
    """What is inside the wrapping: {"model", "input": [{"params": {...}}]}."""
    unknown = set(data) - TOP
    if unknown:
        name = sorted(unknown)[0][:80]
        raise Refusal(400, "FieldUnwanted", f"{name} is not accepted here", name)
    blocks = data.get("input")
    if not isinstance(blocks, list) or len(blocks) != 1 or not isinstance(blocks[0], dict):
        raise Refusal(400, "FieldInvalid", "input is no list of one object", "input")
    found = blocks[0].get("params")
    if not isinstance(found, dict) or set(blocks[0]) != {"params"}:
        raise Refusal(400, "FieldLacking", "input[0] holds params and nothing else", "input")
    return found


async def vtrix_task_reply(sim: Simulator, request: Request, task_id: str) -> HttpReply:
    task = polled_task(sim, request, task_id)
    watched(sim, task)
    shape = vtrix_shape(sim, request, task)
    faults = link_faults(sim, request, task)
    text = text_of(sim, request, task)
    return reply_json(shapes.reply_body(sim.world, task, request.site, shape, text=text, **faults))


def vtrix_shape(sim: Simulator, request: Request, task: Task) -> ReplyShape:
    """The shape in force: that of the model's page, changed by the options, then by a fault."""
    fault = sim.faults.first(request, ("shape", "state"), task.prompt) or {}
    return ReplyShape.of(shapes.default_shape(task), sim.world.options.vtrix, fault)


# --- Subjects, which are tasks here -----------------------------------------------------------


async def make_subject(
    sim: Simulator, request: Request, model: str, fields: dict[str, Any]
) -> Task:
    found = subjects.read_change(fields, MAKING)
    subjects.check_name(found)
    files = await subjects.material(sim.world, request, found.images or [], found.videos or [])
    if not files.images:
        raise Refusal(400, "FieldItemCountOutOfRange", "images: 1 to 3 are taken", "images")
    subjects.counted(files)
    traits = create_requests.moderated(sim, request, library.subject_texts(found))
    checked = text_request(
        model, library.subject_texts(found), library.subject_price(request), traits
    )
    task = sim.world.accept(request, checked)
    if not traits.get("late") and not traits.get("stuck"):
        subjects.save_subject(sim.world, request, task.id, task.finishes, found, files)
    return task


async def edit_subject(
    sim: Simulator, request: Request, model: str, fields: dict[str, Any]
) -> Task:
    fields = dict(fields)
    subject_id = fields.pop("id", None)
    if not isinstance(subject_id, str) or not subject_id:
        raise Refusal(400, "FieldLacking", "id is missing", "id")
    found = subjects.read_change(fields, EDITING)
    traits = create_requests.moderated(sim, request, library.subject_texts(found))
    await library.apply_change(sim, request, subject_id, found)
    checked = text_request(model, library.subject_texts(found), 0, traits, subject=subject_id)
    return sim.world.accept(request, checked)


async def get_subjects(
    sim: Simulator, request: Request, model: str, fields: dict[str, Any]
) -> Task:
    unknown = sorted(set(fields) - LISTING)
    if unknown:
        raise Refusal(400, "FieldUnwanted", f"{unknown[0][:80]} is not accepted here", "")
    library.subject_page(sim, request, fields)  # refuses what it cannot answer
    return sim.world.accept(request, text_request(model, "", 0, {}, asked=fields))


SUBJECT_TASKS = {
    "vidu_create_subjects": make_subject,
    "vidu_edit_subjects": edit_subject,
    "vidu_get_subjects": get_subjects,
}


def text_request(
    model: str, prompt: str, credits: int, traits: Mapping[str, Any], **details: Any
) -> CheckedRequest:
    return CheckedRequest(
        model=model,
        prompt=prompt,
        images=(),
        aspect_ratio="",
        resolution="",
        size=(0, 0),
        seed=0,
        payload="",
        callback_url="",
        credits=credits,
        traits=dict(traits),
        details={"makes": "text", **details},
    )


def text_of(sim: Simulator, request: Request, task: Task) -> str:
    """The answer of a task without a file: JSON as text."""
    if task.makes != "text" or not task.is_done:
        return ""
    if task.model == "vidu_get_subjects":
        return json.dumps(library.subject_page(sim, request, dict(task.details.get("asked", {}))))
    subject_id = str(task.details.get("subject") or task.id)
    row = subjects.one(sim.world, request, subject_id)
    return json.dumps(subjects.subject_body(sim.world, row, request.site), ensure_ascii=False)
