"""Faults on demand, set through the control API. A fault is a JSON object:

{"kind": ..., "match": {"path", "method", "prompt", "dialect"}, "count": n, "probability": p, ...}

`path` and `prompt` match as a part, `count` ends it after so many times (absent: never).
Kinds and their own fields, with defaults:

| kind           | what happens                                                                  |
|----------------|-------------------------------------------------------------------------------|
| status         | `status` 500 with `reason`, `message` or all of `body`; `retry_after` seconds |
|                | (`retry_form`: seconds or date); `when` before or after acceptance            |
| gateway        | accepted, then a box on the way answers `status` 303 with `body` (a web page) |
|                | and, for a redirect, `location` (an address of this server)                   |
| delay          | waits `seconds` 1; `when` before or after acceptance                          |
| drop           | closes the connection without an answer; `when` before or after acceptance    |
| half           | half of the reply, then the connection closes                                 |
| garbage, html  | bytes, or a web page, in place of the reply (`status` 200)                    |
| drip           | the reply in pieces of `bytes` 64, a pause of `seconds` 0.2 between them      |
| echo           | `status` 400 and an error message that repeats the Authorization header       |
| moderation     | `when` create: refused; `when` late: accepted, then failed; `reason`, for     |
|                | Vtrix also one of its numbers                                                 |
| stuck          | a created task never ends                                                     |
| state          | polls answer the state `word`                                                 |
| other          | polls answer about the task `id` in place of the one that is asked for        |
| bare           | polls of a finished task name no result                                       |
| expired        | polls give an address that has expired; fetching it answers `status` 403      |
| evil           | polls give `url` as the result's address                                      |
| truncated      | result: the announced length is longer than the data                          |
| empty          | result: no bytes                                                              |
| page           | result: a web page with the name of an image                                  |
| format         | result: a GIF with the name of a PNG                                          |
| endless        | result: data without end (`bytes` 2 GB)                                       |
| shape          | Vtrix replies take the other fields of the fault (see shapes.ReplyShape)      |
"""

import asyncio
import random
import time
from collections.abc import Iterator
from email.utils import formatdate
from typing import Any

from generation.simulator import dialects
from generation.simulator.store import Store
from generation.simulator.wire import HttpReply, Refusal, Request

CREATING = ("moderation", "stuck")
POLLING = ("state", "other", "bare", "expired", "evil", "shape")
RESULTS = ("truncated", "empty", "page", "format", "endless")
ANY = ("status", "gateway", "delay", "drop", "half", "garbage", "html", "drip", "echo")
KINDS = (*CREATING, *POLLING, *RESULTS, *ANY)
MATCHES = ("path", "method", "prompt", "dialect")
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
Fault = dict[str, Any]


class Faults:
    """The active faults, kept in the store so that they outlive a restart."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.active: list[Fault] = store.recall("faults", [])
        self.dice = random.Random()  # noqa: S311  which request is hit, nothing secret

    def set(self, faults: list[Fault], seed: int | None = None) -> None:
        """Put these in place of all others; ValueError says what is wrong with one."""
        for fault in faults:
            validate(fault)
        self.active = [dict(fault) for fault in faults]
        if seed is not None:
            self.dice.seed(seed)
        self.store.remember("faults", self.active)

    def take(self, request: Request, kinds: tuple[str, ...], prompt: str) -> Iterator[Fault]:
        """Every fault of these kinds that hits this request now, each counted as used."""
        for fault in list(self.active):
            if fault["kind"] in kinds and self.hits(fault, request, prompt):
                self.use(fault)
                yield fault

    def first(self, request: Request, kinds: tuple[str, ...], prompt: str) -> Fault | None:
        return next(self.take(request, kinds, prompt), None)

    def hits(self, fault: Fault, request: Request, prompt: str) -> bool:
        match = fault.get("match") or {}
        return (
            match.get("path", "") in request.scope["path"]
            and match.get("method", request.method).upper() == request.method
            and match.get("dialect", request.dialect) == request.dialect
            and match.get("prompt", "") in prompt
            and self.dice.random() < fault.get("probability", 1)
        )

    def use(self, fault: Fault) -> None:
        if fault.get("count") is None:
            return
        fault["count"] -= 1
        if fault["count"] <= 0:
            self.active.remove(fault)
        self.store.remember("faults", self.active)


def validate(fault: Fault) -> None:
    if not isinstance(fault, dict) or fault.get("kind") not in KINDS:
        raise ValueError(f"a fault's kind is one of {', '.join(KINDS)}")
    unknown = set(fault.get("match") or {}) - set(MATCHES)
    if unknown:
        raise ValueError(f"a fault cannot match {', '.join(sorted(unknown))}")
    if fault.get("when", "before") not in ("before", "after", "create", "late"):
        raise ValueError("a fault's when is before, after, create or late")


# --- Faults that hit any request, before the answer is made or after -----------------


async def before(faults: Faults, request: Request, prompt: str) -> HttpReply | None:
    """An answer in place of the real one, or None: nothing has been accepted yet."""
    return await apply_fault(faults, request, prompt, "before", None)


async def after(faults: Faults, request: Request, prompt: str, reply: HttpReply) -> HttpReply:
    """What becomes of the real answer: what was asked for has happened."""
    return await apply_fault(faults, request, prompt, "after", reply) or reply


async def apply_fault(
    faults: Faults, request: Request, prompt: str, when: str, reply: HttpReply | None
) -> HttpReply | None:
    for fault in [item for item in faults.active if item["kind"] in ANY]:
        if moment_of(fault) != when or not faults.hits(fault, request, prompt):
            continue
        faults.use(fault)
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
    if kind == "gateway":
        return gateway(fault, request)
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
        body = reply.content()
        reply.file, reply.body, reply.length = None, body[: len(body) // 2], len(body)
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


def gateway(fault: Fault, request: Request) -> HttpReply:
    """What a box on the way says in its own name, without a word of the provider."""
    code, headers = int(fault.get("status", 303)), {"content-type": "text/html"}
    if 300 <= code < 400:
        headers["location"] = str(fault.get("location") or f"{request.site}/elsewhere")
    body = b"" if code == 304 else str(fault.get("body", PAGE.decode())).encode()
    return HttpReply(code, headers, body)


def retry_after_header(fault: Fault) -> str:
    seconds = float(fault["retry_after"])
    if fault.get("retry_form") == "date":
        return formatdate(time.time() + seconds, usegmt=True)
    return f"{seconds:g}"
