"""The control API under /_sim, for tests; it is there only with SIMULATOR_CONTROL=1.

GET  /_sim/ledger     every accepted create request, oldest first
GET  /_sim/tasks      every task: its state, and the hash of its file once that is made
GET  /_sim/subjects   what each subject is called
GET  /_sim/requests   the last 1,000 requests with their bodies, oldest first (?path=, ?method=)
POST /_sim/faults     a list replaces all faults, an object adds one, {"seed", "faults"} does both
GET  /_sim/faults     the active ones
POST /_sim/settings   changes options (see config.Options); GET shows them
POST /_sim/reset      forgets everything
"""

import hashlib
import json
import re
import time
from typing import Any

from generation.simulator.media.cache import ENDINGS
from generation.simulator.simulator import Simulator
from generation.simulator.store import Row
from generation.simulator.tasks import Task
from generation.simulator.wire import HttpReply, Request, reply_json
from generation.simulator.world import hashed

KEPT = 1_000
LONGEST = 64 * 1024
INLINE = re.compile(r"(data:[a-z]+/[a-z0-9.+-]+;base64),?[A-Za-z0-9+/=]{200,}")


def control_reply(sim: Simulator, request: Request) -> HttpReply | None:
    """The reply of the control API; None when there is no such page."""
    name = request.path.removeprefix("/_sim/")
    page = PAGES.get((request.method, name))
    if page is None or not sim.config.control:
        return None
    try:
        return reply_json(page(sim, request))
    except (ValueError, TypeError) as error:
        return reply_json({"error": str(error)}, 400)


def record(sim: Simulator, request: Request) -> None:
    """Keep a request; of files inside only the beginning, of a key only the hash."""
    if not (sim.config.control and sim.world.options.record):
        return
    store = sim.world.store
    scheme, _, key = request.header("authorization").partition(" ")
    headers = {k: v for k, v in request.headers.items() if k != "authorization"}
    text = INLINE.sub(r"\1,...", request.body.decode(errors="replace"))
    number = store.insert(
        "requests",
        at=time.time(),
        dialect=request.dialect,
        method=request.method,
        path=request.scope["path"],
        query=request.query,
        scheme=scheme,
        key_hash=hashed(key) if key else "",
        headers=json.dumps(headers),
        body=text[:LONGEST],
        length=request.length,
        sha256=hashlib.sha256(request.body).hexdigest(),
    )
    if number % 100 == 0:
        store.run("DELETE FROM requests WHERE number <= ?", number - KEPT)


def ledger(sim: Simulator, _: Request) -> list[dict[str, Any]]:
    return [dict(row) for row in sim.world.store.all("SELECT * FROM ledger ORDER BY number")]


def tasks(sim: Simulator, _: Request) -> list[dict[str, Any]]:
    return [task_facts(sim, Task.of(row)) for row in sim.world.store.all("SELECT * FROM tasks")]


def task_facts(sim: Simulator, task: Task) -> dict[str, Any]:
    path = sim.cache.path(task) if task.makes in ENDINGS else None
    is_made = path is not None and path.exists()
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path and is_made else ""
    return {"remote_id": task.id, "state": task.state(time.time()), "sha256": digest}


def subjects(sim: Simulator, _: Request) -> list[dict[str, Any]]:
    rows = sim.world.store.all("SELECT id, name FROM subjects ORDER BY number")
    return [{"remote_id": row["id"], "name": row["name"]} for row in rows]


def requests(sim: Simulator, request: Request) -> list[dict[str, Any]]:
    asked = request.questions()
    rows = sim.world.store.all("SELECT * FROM requests ORDER BY number DESC LIMIT ?", KEPT)
    return [row_body(row) for row in reversed(rows) if matches_filter(row, asked)]


def matches_filter(row: Row, asked: dict[str, list[str]]) -> bool:
    path, method = asked.get("path", [""])[0], asked.get("method", [row["method"]])[0]
    return path in row["path"] and method == row["method"]


def row_body(row: Row) -> dict[str, Any]:
    found = dict(row) | {"headers": json.loads(row["headers"]), "json": None}
    try:
        found["json"] = json.loads(row["body"])
    except ValueError:
        found["json"] = None
    return found


def show_faults(sim: Simulator, _: Request) -> list[dict[str, Any]]:
    return sim.faults.active


def set_faults(sim: Simulator, request: Request) -> list[dict[str, Any]]:
    wanted = json.loads(request.body or b"[]")
    if isinstance(wanted, list):
        sim.faults.set(wanted)
    elif "faults" in wanted:
        sim.faults.set(wanted["faults"], wanted.get("seed"))
    else:
        sim.faults.set([*sim.faults.active, wanted])
    return sim.faults.active


def current_settings(sim: Simulator, request: Request) -> dict[str, Any]:
    return sim.world.change_options(json.loads(request.body or b"{}"))


def show_settings(sim: Simulator, _: Request) -> dict[str, Any]:
    return sim.world.options.as_dict()


def reset(sim: Simulator, _: Request) -> dict[str, Any]:
    sim.reset()
    return {}


PAGES = {
    ("GET", "ledger"): ledger,
    ("GET", "tasks"): tasks,
    ("GET", "subjects"): subjects,
    ("GET", "requests"): requests,
    ("GET", "faults"): show_faults,
    ("POST", "faults"): set_faults,
    ("GET", "settings"): show_settings,
    ("POST", "settings"): current_settings,
    ("POST", "reset"): reset,
}
