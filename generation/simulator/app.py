"""The built-in provider: one ASGI application that speaks three dialects.

| prefix           | speaks                        | key                         |
|------------------|-------------------------------|-----------------------------|
| (none), `/vidu`  | official Vidu                 | `Authorization: Token KEY`  |
| `/vidu-cn`       | official Vidu, another world  | `Authorization: Token KEY`  |
| `/demo`          | official Vidu, free of charge | none needed                 |
| `/kkiai`         | kkiai                         | `Authorization: Bearer KEY` |
| `/vtrix`         | Vtrix                         | `Authorization: Bearer KEY` |

Any key is good unless it contains `wrong` (401), `forbidden` (403) or `empty` (no credits).
All modes of the catalogue: forms.py has the endpoints and what their fields are called.
Triggers in a prompt that make something fail: prompt_triggers.py.
Faults for tests: faults.py, control.py.

    python -m granian --interface asgi --workers 1 --port 8090 generation.simulator.app:app
"""

import re
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from generation.simulator import (
    control,
    dialects,
    faults,
    library,
    official,
    results,
    sending,
    subjects,
    uploads,
    vtrix,
    wire,
)
from generation.simulator.config import Config, from_environment
from generation.simulator.forms import AT_KKIAI, FORMS
from generation.simulator.shapes import ReplyShape
from generation.simulator.simulator import Simulator
from generation.simulator.wire import HttpReply, Receive, Refusal, Request, Scope, Send, reply_json

Handler = Callable[..., Awaitable[HttpReply]]
OFFICIAL = ("vidu", "vidu-cn", "demo")
MIRRORS = (*OFFICIAL, "kkiai")
TASK = r"/ent/v2/tasks/([^/]+)"
ROUTES: tuple[tuple[tuple[str, ...], str, re.Pattern[str], Handler], ...] = tuple(
    (names, method, re.compile(path), handler)
    for names, method, path, handler in (
        (OFFICIAL, "POST", r"/ent/v2/img2video-prompt-recommendation", library.recommend),
        (OFFICIAL, "POST", r"/ent/v2/subjects", library.create_subject),
        (OFFICIAL, "GET", r"/ent/v2/subjects", library.show),
        (OFFICIAL, "PUT", r"/ent/v2/subjects/([^/]+)", library.edit_subject_request),
        (OFFICIAL, "POST", rf"/ent/v2/({'|'.join(FORMS)})", official.create_task),
        (("kkiai",), "POST", rf"/ent/v2/({'|'.join(AT_KKIAI)})", official.create_task),
        (MIRRORS, "GET", rf"{TASK}/creations", official.task_reply),
        (OFFICIAL, "POST", rf"{TASK}/cancel", official.cancel_task),
        (OFFICIAL, "GET", r"/ent/v2/tasks", official.list_tasks),
        (OFFICIAL, "GET", r"/ent/v2/credits", official.credits),
        (OFFICIAL, "POST", r"/tools/v2/files/uploads", uploads.create_upload),
        (OFFICIAL, "PUT", r"/tools/v2/files/uploads/([^/]+)/finish", uploads.finish_upload),
        (("vtrix",), "POST", r"/model/v1/generation", vtrix.create_vtrix_task),
        (("vtrix",), "GET", r"/model/v1/generation/task/([^/]+)", vtrix.vtrix_task_reply),
    )
)
TEXT_FIELDS = ("prompt", "text", "template", "story", "name", "description")
FILE = re.compile(r"/results/([\w-]+)/[\w.-]+")
TASK_NAMED = re.compile(r"/tasks?/([\w-]+)|/results/([\w-]+)-\d+-\d+-[a-z0-9]+-\w+/")
LIBRARY = re.compile(r"/library/([\w-]+)/([\w.-]+)")
STORAGE = re.compile(r"/storage/(\d+)")


class App:
    """The ASGI application around one simulator."""

    def __init__(self, config: Config) -> None:
        self.sim = Simulator(config)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = await wire.read_http_request(scope, receive, self.sim.config.public_url)
        try:
            reply = await self.answer(request)
        except Refusal as refusal:
            shape = ReplyShape.of(self.sim.world.options.vtrix)
            reply = dialects.refusal_reply(request, refusal, shape.refusals)
        await sending.send_reply(request, reply, receive, send)

    async def answer(self, request: Request) -> HttpReply:
        """The reply to one request, with what faults make of it."""
        if request.path == "/":
            return reply_json({"service": "Vidu simulator"})
        if request.path.startswith("/_sim/"):
            return control.control_reply(self.sim, request) or not_found_reply(request)
        dialect = dialects.enter(request)
        control.record(self.sim, request)
        prompt = self.prompt_of(request) if self.sim.faults.active else ""
        injected = await faults.before(self.sim.faults, request, prompt)
        if injected is not None:
            return injected
        reply = await self.dispatch(dialect, request)
        return await faults.after(self.sim.faults, request, prompt, reply)

    async def dispatch(self, dialect: dialects.WireDialect, request: Request) -> HttpReply:
        sim = self.sim
        if request.too_large:
            raise Refusal(413, "BadRequest", "the body is over 20 MB")
        if request.method in ("GET", "HEAD") and (found := FILE.fullmatch(request.path)):
            return await results.result_reply(sim.world, sim.faults, sim.cache, request, found[1])
        if request.method in ("GET", "HEAD") and (found := LIBRARY.fullmatch(request.path)):
            return subjects.subject_file(sim.world, found[1], found[2])
        if request.method == "PUT" and (found := STORAGE.fullmatch(request.path)):
            return await uploads.receive_upload(sim, request, found[1])
        handler, parts = route(request)
        dialects.sign_in(dialect, request)
        sim.caller.recognise(request.key)
        return await handler(sim, request, *parts)

    def prompt_of(self, request: Request) -> str:
        """The prompt a request is about, for faults that match one."""
        found = TASK_NAMED.search(request.path)
        try:
            if found:
                return self.sim.world.task(found[1] or found[2]).prompt
            return prompt_in(request.data)
        except (KeyError, Refusal):
            return ""


def prompt_in(data: dict[str, Any]) -> str:
    try:
        data = data if "input" not in data else data["input"][0]["params"]
        rows = [*(data.get("image_settings") or []), *(data.get("timing_prompts") or [])]
        texts = [data.get(name) for name in TEXT_FIELDS] + [row.get("prompt") for row in rows]
        return " ".join(str(text) for text in texts if text)
    except (LookupError, TypeError, AttributeError):
        return ""


def route(request: Request) -> tuple[Handler, tuple[str, ...]]:
    for names, method, path, handler in ROUTES:
        found = path.fullmatch(request.path)
        if found and request.dialect in names and request.method == method:
            parts = found.groups()
            numbered = request.dialect != "vtrix" and handler is not official.create_task
            if numbered and not all(part.isdecimal() for part in parts):
                # The official server reads the number before it checks the key.
                raise Refusal(400, "CODEC", f"parsing field id: {parts[0][:40]} is no number")
            return handler, parts
    raise Refusal(404, "NotFound", "there is no such endpoint")


def not_found_reply(request: Request) -> HttpReply:
    return dialects.refusal_reply(request, Refusal(404, "NotFound", "there is no such endpoint"))


@cache
def shared_app() -> App:
    """The one application of this process, made when it is first needed."""
    return App(from_environment())


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """What the server is given."""
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "http":
        await shared_app()(scope, receive, send)


async def lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            shared_app()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
