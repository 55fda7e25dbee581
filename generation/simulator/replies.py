"""The bodies of official and kkiai replies."""

import time
from typing import Any

from generation.simulator import results
from generation.simulator.tasks import Task, timestamp
from generation.simulator.world import World

FPS = 24


def created_reply(world: World, task: Task, site: str) -> dict[str, Any]:
    """The answer to a create request: what was asked for and what it costs."""
    body = image_reply(task) if task.makes == "image" else echoed_reply(task)
    if task.details.get("instant"):
        body |= {
            "state": task.state(time.time()),
            "file_url": results.result_link(world, task, site),
        }
    return body


def image_reply(task: Task) -> dict[str, Any]:
    """The fields that seeds 002 and 004 list."""
    body: dict[str, Any] = {
        "task_id": task.id,
        "state": "created",
        "model": task.model,
        "prompt": task.prompt,
        "images": list(task.images),
        "seed": task.seed,
        "aspect_ratio": task.aspect_ratio,
        "resolution": task.resolution,
        "callback_url": task.callback_url,
        "payload": task.payload,
        "credits": task.credits,
        "created_at": timestamp(task.created_ns),
    }
    if task.dialect == "kkiai":
        del body["resolution"]
        body |= {"cus_priority": 0, "watermark": False}
    return body


def echoed_reply(task: Task) -> dict[str, Any]:
    """All other modes: the request's own fields again, defaults and the real seed filled in."""
    kind = str(task.details.get("kind", ""))
    body: dict[str, Any] = {"task_id": task.id, "type": kind, "state": "created"}
    if task.model != kind:
        body["model"] = task.model
    body |= {"bgm": False, "off_peak": False, "watermark": False} if task.makes == "video" else {}
    body |= task.details.get("echo", {})
    body |= {
        "seed": task.seed,
        "callback_url": task.callback_url,
        "payload": task.payload,
        "credits": task.credits,
        "created_at": timestamp(task.created_ns),
    }
    if task.dialect == "kkiai":
        body["cus_priority"] = 0
    return body


def polled(
    world: World,
    task: Task,
    site: str,
    *,
    state_name: str = "",
    url: str = "",
    expired: int = 0,
    bare: bool = False,
) -> dict[str, Any]:
    """The answer to a poll; what stands behind the star are faults in place of the truth."""
    now = time.time()
    state = task.state(now)
    if state == "processing":
        state_name = state_name or str(task.traits.get("word", ""))
    made = [creation(world, task, site, url, expired)] if state == "success" and not bare else []
    return {
        "id": task.id,
        "state": state_name or state,
        "err_code": task.error(now),
        "credits": task.charged(now),
        "payload": task.payload,
        "bgm": bool(task.details.get("bgm")),
        "off_peak": bool(task.details.get("off_peak")),
        "creations": made,
    }


def creation(
    world: World, task: Task, site: str, url: str = "", expired: int = 0
) -> dict[str, Any]:
    url = url or results.result_link(world, task, site, expired)
    body = {"id": str(int(task.id) + 1), "url": url, "cover_url": url, "watermarked_url": ""}
    if task.makes == "audio":
        body["cover_url"] = ""
    if task.makes != "video":
        return body
    body["cover_url"] = results.result_link(world, task, site, part=results.COVER)
    if task.details.get("watermark"):
        body["watermarked_url"] = results.result_link(world, task, site, part=results.MARKED)
    size = {"width": task.width, "height": task.height}
    return {**body, "video": {"duration": task.seconds, "fps": FPS, "resolution": size}}


def list_row(world: World, task: Task, site: str) -> dict[str, Any]:
    """One task as the list shows it."""
    now = time.time()
    body = {
        "id": task.id,
        "key_id": task.key_hash,
        "state": task.state(now),
        "err_code": task.error(now),
        "template": task.template,
        "model": task.model,
        "prompt": task.prompt,
        "images": list(task.images),
        "duration": int(task.seconds),
        "resolution": task.resolution,
        "aspect_ratio": task.aspect_ratio,
        "credits": task.charged(now),
        "created_at": timestamp(task.created_ns),
        "creations": [],
    }
    if body["state"] == "success":
        body["creations"] = [creation(world, task, site)]
    if world.options.list_payload:
        body["payload"] = task.payload
    return body
