"""Vtrix replies in every shape that its documents and its own client print."""

import time
from dataclasses import dataclass, fields
from typing import Any

from generation.simulator import results
from generation.simulator.dialects import vtrix_code
from generation.simulator.tasks import Task
from generation.simulator.wire import Refusal
from generation.simulator.world import World

STATES = {
    # style: (waiting, running, success, failed) of the top-level status
    "plain": ("in_progress", "in_progress", "completed", "failed"),
    "queue": ("in_queue", "processing", "success", "failed"),
    "pending": ("pending", "processing", "completed", "failed"),
    "done": ("in_progress", "in_progress", "done", "failed"),
}
INNER = {"created": "in_queue", "queueing": "in_queue"}
# How the page of a model prints its replies; the first page, seed 000, is the default.
LIST = {"output": "array"}
PAGES = {"viduq2_pro_reference": {**LIST, "error": "integer_code"}}
PLACE = {"created": 0, "queueing": 0, "processing": 1, "success": 2, "failed": 3}


@dataclass(frozen=True)
class ReplyShape:
    """How a reply is shaped; the defaults are those of seed 000 with a status at the top."""

    output: str = "object"  # object: {status, content}; array: [{content}]
    status: bool = True  # whether there is a status at the top level
    state_names: str = "plain"  # a row of STATES
    word: str = ""  # any status in place of the row's
    error: str = "string_code"  # string_code, integer_code (error_message), string
    type: str = ""  # of a content, in place of what it is; also image_url, text
    refusals: str = "message"  # of HTTP errors: message, error, object
    extras: bool = False  # the optional fields of the command line client

    @classmethod
    def of(cls, *layers: dict[str, Any]) -> "ReplyShape":
        """The shape that the layers give together, later ones winning."""
        known = {item.name for item in fields(cls)}
        chosen = {k: v for layer in layers for k, v in layer.items() if k in known}
        return cls(**chosen)


def default_shape(task: Task) -> dict[str, str]:
    """The shape of the model's own page."""
    return {} if task.makes == "image" else PAGES.get(task.model, LIST)


def reply_body(
    world: World,
    task: Task,
    site: str,
    shape: ReplyShape,
    *,
    url: str = "",
    expired: int = 0,
    text: str = "",
    bare: bool = False,
) -> dict[str, Any]:
    """The answer to a create request and to a poll, which are alike."""
    now = time.time()
    state = task.state(now)
    content = []
    if state == "success" and not bare:
        address = "" if text else url or results.result_link(world, task, site, expired)
        content = [output_content(task, shape, address, text) | marked(world, task, site, expired)]
    reply: dict[str, Any] = {
        "id": task.id,
        "created_at": int(task.created),
        "model": task.model,
        "metadata": {},
    }
    if shape.status:
        reply["status"] = shape.word or STATES[shape.state_names][PLACE[state]]
    if state in ("processing", "success"):
        reply["progress"] = task.progress(now)
    if shape.output == "object":
        reply["output"] = {"status": INNER.get(state, state), "content": content}
    elif content:
        reply["output"] = [{"content": content}]
    if state == "success":
        reply["usage"] = usage(task, shape)
    if state == "failed":
        reply["error"] = error(task.error(now), shape)
    return reply


def marked(world: World, task: Task, site: str, expired: int) -> dict[str, str]:
    """The address of the file with the watermark, where one was asked for (seed 001)."""
    if not task.details.get("watermark"):
        return {}
    return {"watermarked_url": results.result_link(world, task, site, expired, results.MARKED)}


def output_content(task: Task, shape: ReplyShape, address: str, text: str) -> dict[str, Any]:
    if text:
        return {"type": "text", "text": text}
    kind = shape.type or task.makes
    content: dict[str, Any] = {"type": kind, "url": address, "jobId": f"job-{task.id}"}
    if shape.extras:
        content |= {"id": f"c-{task.id}", "img_id": task.number, "duration": f"{task.seconds:g}"}
    return content


def usage(task: Task, shape: ReplyShape) -> dict[str, Any]:
    """Credits at the official rate of half a cent, in US dollars."""
    cost = f"{task.credits * 0.005:.3f}"
    found: dict[str, Any] = {"cost": cost, "discount": 0}
    if shape.extras:
        found |= {"quantity": 1, "unit_price": cost, "extra_info": {}}
    return found


def error(reason: str, shape: ReplyShape) -> Any:
    message = f"the task failed: {reason}"
    code = vtrix_code(Refusal(400, reason, message))
    if shape.error == "string":
        return message
    if shape.error == "integer_code":
        return {"code": int(code), "error_message": message}
    return {"code": code, "message": message}
