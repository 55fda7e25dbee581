"""Faults that hit a request as a whole, before the answer is made or after."""

import asyncio
from email.utils import formatdate
from time import time

from generation.simulator import dialects
from generation.simulator.faults import ANY, Fault
from generation.simulator.simulator import Simulator
from generation.simulator.wire import HttpReply, Refusal, Request

GARBAGE = b'\x00\xff{"task_id": nothing of this is JSON'
PAGE = b"<!doctype html><html><title>502</title><h1>Bad gateway</h1></html>"
BEFORE = ("status", "delay", "drop", "echo")
REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    429: "TooManyRequests",
}


async def before(sim: Simulator, request: Request, prompt: str) -> HttpReply | None:
    """An answer in place of the real one, or None: nothing has been accepted yet."""
    return await apply_fault(sim, request, prompt, "before", None)


async def after(sim: Simulator, request: Request, prompt: str, reply: HttpReply) -> HttpReply:
    """What becomes of the real answer: what was asked for has happened."""
    return await apply_fault(sim, request, prompt, "after", reply) or reply


async def apply_fault(
    sim: Simulator, request: Request, prompt: str, when: str, reply: HttpReply | None
) -> HttpReply | None:
    for fault in [item for item in sim.faults.active if item["kind"] in ANY]:
        if moment_of(fault) != when or not sim.faults.hits(fault, request, prompt):
            continue
        sim.faults.use(fault)
        if fault["kind"] == "delay":
            await asyncio.sleep(float(fault.get("seconds", 1)))
            continue
        return spoil_reply(fault, request, reply or HttpReply())
    return None


def moment_of(fault: Fault) -> str:
    return str(fault.get("when", "before" if fault["kind"] in BEFORE else "after"))


def spoil_reply(fault: Fault, request: Request, reply: HttpReply) -> HttpReply:
    kind = fault["kind"]
    if kind == "drop":
        return HttpReply(ending="drop")
    if kind == "status":
        return status(fault, request)
    if kind == "echo":
        message = f"cannot serve the key {request.header('authorization')}"
        refusal = Refusal(int(fault.get("status", 400)), "BadRequest", message)
        return dialects.refusal_reply(request, refusal)
    if kind == "garbage":
        return HttpReply(int(fault.get("status", 200)), reply.headers, GARBAGE)
    if kind == "html":
        return HttpReply(int(fault.get("status", 200)), {"content-type": "text/html"}, PAGE)
    reply.ending = "drip" if kind == "drip" else "cut"
    if kind == "drip":
        reply.chunk, reply.pause = int(fault.get("bytes", 64)), float(fault.get("seconds", 0.2))
    else:
        whole = reply.content()
        reply.file, reply.body, reply.length = None, whole[: len(whole) // 2], len(whole)
    return reply


def status(fault: Fault, request: Request) -> HttpReply:
    code = int(fault.get("status", 500))
    reason = str(fault.get("reason") or REASONS.get(code, "InternalServiceFailure"))
    refusal = Refusal(code, reason, str(fault.get("message", "a fault was asked for")))
    reply = dialects.refusal_reply(request, refusal)
    if "body" in fault:
        reply.body = str(fault["body"]).encode()
    reply.status = code
    if fault.get("retry_after") is not None:
        reply.headers["retry-after"] = retry_after_header(fault)
    return reply


def retry_after_header(fault: Fault) -> str:
    seconds = float(fault["retry_after"])
    if fault.get("retry_form") == "date":
        return formatdate(time() + seconds, usegmt=True)
    return f"{seconds:g}"
