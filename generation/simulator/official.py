"""The official endpoints, which kkiai mirrors in part."""

import asyncio
import time
from typing import Any

from generation.simulator import create_requests, replies
from generation.simulator.faults import Fault
from generation.simulator.forms import FORMS
from generation.simulator.simulator import Simulator
from generation.simulator.tasks import Task, parse_time
from generation.simulator.wire import HttpReply, Refusal, Request, int_or, reply_json

WINDOW = 7 * 24 * 3600
MOST_LISTED = 100


async def create_task(sim: Simulator, request: Request, name: str) -> HttpReply:
    form, fields = FORMS[name], dict(request.data)
    model = None if form.model else fields.pop("model", None)
    checked = await create_requests.read_request(sim, request, form, model, fields)
    task = await create_requests.accept_request(sim, request, checked)
    return create_requests.remember_reply(
        task, reply_json(replies.created_reply(sim.world, task, request.site))
    )


async def task_reply(sim: Simulator, request: Request, task_id: str) -> HttpReply:
    task = polled_task(sim, request, task_id)
    watched(sim, task)
    fault = sim.faults.first(request, ("state",), task.prompt) or {}
    body = replies.polled(
        sim.world,
        task,
        request.site,
        state_name=str(fault.get("word", "")),
        **link_faults(sim, request, task),
    )
    return reply_json(body)


def polled_task(sim: Simulator, request: Request, task_id: str) -> Task:
    """The task that a poll asks for, or the one that a fault puts in its place."""
    task = sim.world.task_of(request, task_id)
    fault = sim.faults.first(request, ("other",), task.prompt)
    return sim.world.task_of(request, str(fault["id"])) if fault else task


def watched(sim: Simulator, task: Task) -> None:
    """Somebody waits for a task: after a restart its result is begun again."""
    if task.state(time.time()) in ("queueing", "processing"):
        sim.cache.expect(task)


def link_faults(sim: Simulator, request: Request, task: Task) -> dict[str, Any]:
    """What is wrong with the address this poll gives, for a task that has one."""
    if task.state(time.time()) != "success":
        return {}
    fault: Fault = sim.faults.first(request, ("expired", "evil", "bare"), task.prompt) or {}
    if fault.get("kind") == "bare":
        return {"bare": True}
    if fault.get("kind") == "evil":
        return {"url": str(fault.get("url", ""))}
    if not fault and task.traits.get("expired"):
        sim.world.drop_trait(task, "expired")
        fault = {"kind": "expired"}
    return {"expired": int(fault.get("status", 403))} if fault else {}


async def cancel_task(sim: Simulator, request: Request, task_id: str) -> HttpReply:
    if request.body and str(request.data.get("id", task_id)) != task_id:
        raise Refusal(400, "FieldInvalid", "id is not the task of the address", "id")
    sim.world.cancel(sim.world.task_of(request, task_id))
    return reply_json({})


async def list_tasks(sim: Simulator, request: Request) -> HttpReply:
    asked = request.questions()
    page = parse_count(asked, "page", 0, 1_000_000)
    size = parse_count(asked, "pagesz", 10, MOST_LISTED)
    token = first_of(asked, "page_token")
    now = time.time()
    found = sim.world.tasks_of(
        request,
        instant(asked, "created_at.from", now - WINDOW),
        instant(asked, "created_at.to", now + 1),
    )
    found = [task for task in found if matches_list_filter(asked, task, now)]
    if token:
        found = [task for task in found if task.number < int_or(token, 0)]
    rest = found if token else found[page * size :]
    shown = rest[:size]
    body = {
        "next_page_token": str(shown[-1].number) if len(rest) > size else "",
        "tasks": [replies.list_row(sim.world, task, request.site) for task in shown],
    }
    return reply_json(body)


def first_of(asked: dict[str, list[str]], name: str) -> str:
    """A pager's value under any of the names that are printed somewhere."""
    for spelling in (f"pager.{name}", f"paper.{name}", name):
        if spelling in asked:
            return asked[spelling][0]
    return ""


def parse_count(asked: dict[str, list[str]], name: str, other: int, most: int) -> int:
    text = first_of(asked, name)
    value = int_or(text, -1) if text else other
    if not 0 <= value <= most:
        raise Refusal(400, "FieldInvalid", f"{name} is not from 0 to {most}", name)
    return value


def instant(asked: dict[str, list[str]], name: str, other: float) -> float:
    text = asked.get(name, [""])[0]
    try:
        return parse_time(text.replace(" ", "+")) if text else other
    except ValueError:
        raise Refusal(400, "FieldInvalid", f"{name} is no time", name) from None


def matches_list_filter(asked: dict[str, list[str]], task: Task, now: float) -> bool:
    """Whether the list's filters let a task through; a filter's values may be joined by commas."""
    facts = {
        "task_ids": task.id,
        "states": task.state(now),
        "resolutions": task.resolution,
        "model_versions": task.model.removeprefix("vidu"),
        "templates": task.template,
    }
    return all(
        fact in ",".join(asked[name]).split(",") for name, fact in facts.items() if name in asked
    )


async def credits(sim: Simulator, request: Request) -> HttpReply:
    left = sim.world.credits_left(request.dialect, request.account)
    left = 0 if "empty" in request.account and request.dialect != "demo" else left
    running, waiting = sim.world.at_work(request)
    body: dict[str, Any] = {
        "remains": [
            {
                "type": "metered",
                "credit_remain": left,
                "concurrency_limit": sim.world.options.concurrency,
                "current_concurrency": running,
                "queue_count": waiting,
            }
        ],
        "packages": [],
    }
    if request.questions().get("show_detail", [""])[0] == "true":
        body["packages"] = [package(sim, left)]
    await asyncio.sleep(0)
    return reply_json(body)


def package(sim: Simulator, left: int) -> dict[str, Any]:
    return {
        "id": "1",
        "name": "Simulator",
        "type": "metered",
        "concurrency": sim.world.options.concurrency,
        "credit_amount": sim.world.options.credits,
        "credit_remain": left,
        "created_at": "2026-01-01T00:00:00Z",
        "purchase_at": "2026-01-01T00:00:00Z",
        "valid_from": "2026-01-01T00:00:00Z",
        "valid_to": "2099-12-31T23:59:59Z",
    }
