"""The clock, the queue, cancelling, the ledger, and what a restart leaves."""

import asyncio
import contextlib
import time
from pathlib import Path

import httpx
import pytest

from generation.simulator.config import Config
from generation.simulator.schedule import AccountQueue
from generation.simulator.store import Store
from generation.simulator.tasks import Task
from generation.simulator.world import World
from tests.simulator.asking import create, created, finished, headers, poll, uri
from tests.simulator.conftest import Inside
from tests.simulator.server import Running, running_simulator


def test_states_come_in_order(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    world, seen = inside.app.sim.world, []
    world.options.change({"queue": 60, "processing": 60, "pace": 1})
    task = world.task(created(inside, key="watcher"))
    for moment in (task.created, task.created + task.noticed_after, task.starts, task.finishes):
        monkeypatch.setattr(time, "time", lambda now=moment: now + 0.001)
        seen.append(poll(inside, task.id, key="watcher")["state"])
    assert seen == ["created", "queueing", "processing", "success"]


def test_five_run_at_once_and_the_rest_wait_their_turn(sim: Running) -> None:
    sim.settings(queue=0, processing=30, pace=1)
    ids = [created(sim.http) for _ in range(8)]
    states = [poll(sim.http, task_id)["state"] for task_id in ids]
    assert states[:5] == ["processing"] * 5
    assert set(states[5:]) <= {"created", "queueing"}
    assert poll(sim.http, created(sim.http, key="another"), key="another")["state"] == "processing"
    remains = sim.http.get("/ent/v2/credits", headers=headers("vidu")).json()["remains"][0]
    assert (remains["current_concurrency"], remains["queue_count"]) == (5, 3)


def test_the_line_gives_the_next_free_place() -> None:
    line = AccountQueue(2)
    assert [line.take(0, 10), line.take(1, 3), line.take(1, 5), line.take(1, 1)] == [0, 1, 4, 9]


def test_cancel_only_before_it_is_scheduled(sim: Running) -> None:
    sim.settings(queue=60, pace=1)
    task_id = created(sim.http)
    path = f"/ent/v2/tasks/{task_id}/cancel"
    reply = sim.http.post(path, json={"id": task_id}, headers=headers("vidu"))
    assert (reply.status_code, reply.json()) == (200, {})
    data = poll(sim.http, task_id)
    assert (data["state"], data["err_code"], data["credits"]) == ("failed", "UserCancelled", 0)
    remains = sim.http.get("/ent/v2/credits", headers=headers("vidu")).json()["remains"][0]
    assert remains["credit_remain"] == 10_000
    assert sim.http.post(path, headers=headers("vidu")).status_code == 400


def test_a_scheduled_task_is_not_cancelled(sim: Running) -> None:
    sim.settings(queue=0, processing=60, pace=1)
    task_id = created(sim.http)
    reply = sim.http.post(f"/ent/v2/tasks/{task_id}/cancel", headers=headers("vidu"))
    data = reply.json()
    assert (reply.status_code, data["code"], data["reason"]) == (400, 400, "BadRequest")
    assert data["message"] == "task state is scheduled, can not cancel"
    assert data["metadata"]["trace_id"]
    assert poll(sim.http, task_id)["state"] == "processing"


def test_those_behind_a_cancelled_task_move_up(inside: Inside) -> None:
    world = inside.app.sim.world
    world.options.change({"concurrency": 1, "queue": 0, "processing": 60, "pace": 1})
    ids = [created(inside, key="mover") for _ in range(3)]
    first, second, third = (world.task(task_id) for task_id in ids)
    assert third.starts == second.finishes
    world.cancel(second)
    assert world.task(third.id).starts == first.finishes


def test_the_ledger_has_every_accepted_request_and_no_key(sim: Running) -> None:
    created(sim.http, payload="first", key="very-secret-key")
    create(sim.http, prompt="")
    created(sim.http, "vtrix", payload="second")
    ledger = sim.ledger()
    assert [(row["dialect"], row["payload"]) for row in ledger] == [
        ("vidu", "first"),
        ("vtrix", "second"),
    ]
    assert len(ledger[0]["body_sha256"]) == 64
    assert "very-secret-key" not in str(ledger) + str(sim.requests())


def test_requests_are_recorded_with_their_bodies(sim: Running) -> None:
    created(sim.http, images=[uri()], payload="seen")
    [record] = sim.requests("reference2image", "POST")
    assert (record["json"]["payload"], record["scheme"]) == ("seen", "Token")
    assert "authorization" not in record["headers"]
    assert sim.requests("creations") == []


def test_a_restart_after_a_crash_loses_nothing() -> None:
    with running_simulator(SIMULATOR_PACE="0.2") as sim:
        sim.faults({"kind": "stuck", "match": {"prompt": "for ever"}})
        task_id = created(sim.http, payload="kept", key="k")
        image = sim.http.get(finished(sim.http, created(sim.http))["creations"][0]["url"]).content
        sim.settings(list_payload=False)
        sim.kill()
        with pytest.raises(httpx.TransportError):
            sim.http.get("/")
        sim.start_again()
        assert poll(sim.http, task_id, key="k")["payload"] == "kept"
        assert len(sim.ledger()) == 2
        assert len(sim.ask("GET", "faults")) == 1
        assert sim.ask("GET", "settings")["list_payload"] is False
        assert finished(sim.http, task_id, key="k")["state"] == "success"
        assert sim.http.get(finished(sim.http, task_id, key="k")["creations"][0]["url"]).content
        assert image.startswith(b"\x89PNG")


def test_without_the_switch_there_is_no_control_api() -> None:
    with running_simulator(SIMULATOR_CONTROL="0") as sim:
        for method, page in (("GET", "ledger"), ("GET", "requests"), ("POST", "reset")):
            assert sim.http.request(method, f"/_sim/{page}").status_code == 404
        created(sim.http)


def test_after_a_week_a_task_is_forgotten(inside: Inside) -> None:
    world = inside.app.sim.world
    old, new = created(inside, key="purger"), created(inside, key="purger")
    week = 7 * 24 * 3600 * 10**9
    world.store.run("UPDATE tasks SET created_ns = created_ns - ? WHERE id = ?", week + 1, old)
    world.purge()
    assert world.task(new).id == new
    with pytest.raises(KeyError):
        world.task(old)


def test_a_task_runs_until_its_video_is_made(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    sim, prolonged = inside.app.sim, []
    task = sim.world.task(created(inside, key="late"))

    async def made(_: Task) -> None:
        await enough.wait()

    def prolong(task_id: str, _: float) -> None:
        prolonged.append(task_id)
        if len(prolonged) == 3:
            enough.set()

    async def begun() -> None:
        await sim.cache.begin(task)

    enough = asyncio.Event()
    monkeypatch.setattr(sim.cache, "result", made)
    monkeypatch.setattr(sim.world, "prolong", prolong)
    monkeypatch.setattr("generation.simulator.media.cache.CHECK_EVERY", 0.001)
    asyncio.run(begun())
    assert prolonged == [task.id] * 3


def test_only_a_task_that_runs_is_prolonged(inside: Inside) -> None:
    world, now = inside.app.sim.world, time.time()
    running, ended = created(inside, key="prolonger"), created(inside, key="prolonger")
    world.store.run("UPDATE tasks SET starts = ?, lasts = 60 WHERE id = ?", now - 10, running)
    world.store.run("UPDATE tasks SET starts = ?, lasts = 5 WHERE id = ?", now - 10, ended)
    for task_id in (running, ended):
        world.prolong(task_id, 300)
    assert now + 300 <= world.task(running).finishes
    assert world.task(ended).lasts == 5
    world.prolong(running, 1)
    assert now + 300 <= world.task(running).finishes


def test_a_file_of_an_older_version_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite3"
    with contextlib.closing(Store(path)) as store:
        store.run("ALTER TABLE tasks DROP COLUMN details")
    world = World(Config(path))
    assert "details" in {row["name"] for row in world.store.all("PRAGMA table_info(tasks)")}
    world.store.close()
