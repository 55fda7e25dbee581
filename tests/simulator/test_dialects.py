"""Replies, keys and errors of each system, as its document and our notes print them."""

import re
import time
from datetime import datetime

import httpx
import pytest

from tests.simulator.asking import (
    DIALECTS,
    MIRRORS,
    PREFIX,
    create,
    created,
    finished,
    headers,
    poll,
    poll_path,
    state,
    uri,
    url,
)
from tests.simulator.server import Running

OFFICIAL = {
    "task_id", "state", "model", "prompt", "images", "seed", "aspect_ratio", "resolution",
    "callback_url", "payload", "credits", "created_at",
}  # fmt: skip
KKIAI = (OFFICIAL - {"resolution"}) | {"cus_priority", "watermark"}


@pytest.mark.parametrize("dialect", MIRRORS)
def test_create_answers_the_documented_fields(http: httpx.Client, dialect: str) -> None:
    data = create(http, dialect, payload="mine", images=["https://example.org/a.png"]).json()
    assert set(data) == (KKIAI if dialect == "kkiai" else OFFICIAL)
    assert re.fullmatch(r"\d{18}", data["task_id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", data["created_at"])
    assert (data["state"], data["payload"]) == ("created", "mine")
    assert data["images"] == ["https://example.org/a.png"]
    assert data["aspect_ratio"] == "16:9"
    assert 0 < data["seed"] < 2**31


def test_the_seed_of_zero_is_replaced_and_a_real_one_kept(http: httpx.Client) -> None:
    seeds = {create(http, seed=0).json()["seed"] for _ in range(3)}
    assert len(seeds) == 3
    assert create(http, seed=616519648).json()["seed"] == 616519648


@pytest.mark.parametrize(
    ("dialect", "fields", "credits"),
    [
        ("vidu", {}, 6),
        ("vidu", {"resolution": "4K"}, 10),
        ("vidu", {"images": ["https://example.org/a.png"] * 4, "resolution": "2K"}, 16),
        ("vidu", {"images": [uri()], "model": "viduq1"}, 20),
        ("kkiai", {}, 6),
        ("kkiai", {"resolution": "4K"}, 10),
        ("demo", {}, 0),
    ],
)
def test_credits_are_those_of_the_price_list(
    http: httpx.Client, dialect: str, fields: dict[str, object], credits: int
) -> None:
    assert create(http, dialect, **fields).json()["credits"] == credits


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_task_goes_through_its_states_and_gives_an_image(
    http: httpx.Client, dialect: str
) -> None:
    data = finished(http, created(http, dialect), dialect)
    assert state(data) == "success"
    reply = http.get(url(data))
    assert reply.headers["content-type"] == "image/png"
    assert reply.content.startswith(b"\x89PNG")
    assert PREFIX[dialect] in url(data)


def test_a_poll_has_payload_and_credits(http: httpx.Client) -> None:
    data = finished(http, created(http, payload="marker 7"))
    assert (data["payload"], data["credits"], data["err_code"]) == ("marker 7", 6, "")
    assert set(data["creations"][0]) == {"id", "url", "cover_url", "watermarked_url"}


@pytest.mark.parametrize("dialect", ["vidu", "vidu-cn", "kkiai"])
def test_an_id_is_read_before_the_key(http: httpx.Client, dialect: str) -> None:
    path = poll_path(dialect, "abc")
    assert http.get(path).status_code == 400
    assert http.get(poll_path(dialect, "0")).status_code == 401
    assert http.get(poll_path(dialect, "0"), headers=headers(dialect, "x-wrong")).status_code == 401
    reply = http.get(poll_path(dialect, "0"), headers=headers(dialect))
    assert (reply.status_code, reply.json()["reason"]) == (404, "TaskNotFound")


@pytest.mark.parametrize(
    ("key", "official", "vtrix"),
    [("a-wrong-key", 401, 401), ("forbidden", 403, 403), ("empty-1", 400, 403)],
)
def test_keys_that_are_no_good(http: httpx.Client, key: str, official: int, vtrix: int) -> None:
    for dialect in ("vidu", "vidu-cn", "kkiai"):
        reply = create(http, dialect, key)
        assert reply.status_code == reply.json()["code"] == official
    assert create(http, "vtrix", key).status_code == vtrix
    assert create(http, "demo", key).status_code == 200


@pytest.mark.parametrize("dialect", ["vidu", "kkiai", "vtrix"])
def test_the_other_scheme_is_no_key(http: httpx.Client, dialect: str) -> None:
    scheme = "Token" if dialect in ("kkiai", "vtrix") else "Bearer"
    reply = http.get(poll_path(dialect, "0"), headers={"Authorization": f"{scheme} a-key"})
    assert reply.status_code == 401


def test_the_demo_needs_no_key(http: httpx.Client) -> None:
    reply = http.post("/demo/ent/v2/reference2image", json={"model": "viduq2", "prompt": "x"})
    task_id = reply.json()["task_id"]
    assert http.get(f"/demo/ent/v2/tasks/{task_id}/creations").status_code == 200


def test_one_account_does_not_see_another_s_task(http: httpx.Client) -> None:
    task_id = created(http, key="team:first")
    assert poll(http, task_id, key="team:second")["id"] == task_id
    assert http.get(poll_path("vidu", task_id), headers=headers("vidu", "b")).status_code == 404
    assert http.get(poll_path("vidu-cn", task_id), headers=headers("vidu")).status_code == 404


def test_credits_count_down_and_run_out(sim: Running) -> None:
    sim.settings(credits=20)
    assert create(sim.http, images=["https://example.org/a.png"]).json()["credits"] == 8
    data = sim.http.get("/ent/v2/credits?show_detail=true", headers=headers("vidu")).json()
    assert data["remains"][0]["credit_remain"] == 12
    assert data["remains"][0]["concurrency_limit"] == 5
    assert data["packages"][0]["credit_remain"] == 12
    reply = create(sim.http, images=["https://example.org/a.png"], resolution="4K")
    assert reply.json()["reason"] == "CreditInsufficient"
    assert len(sim.ledger()) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/ent/v2/text2film"),
        ("POST", "/kkiai/ent/v2/multiframe"),
        ("POST", "/kkiai/ent/v2/subjects"),
        ("GET", "/ent/v2/reference2image"),
        ("GET", "/kkiai/ent/v2/tasks"),
        ("GET", "/kkiai/ent/v2/credits"),
        ("GET", "/nowhere"),
    ],
)
def test_an_unknown_endpoint_is_not_found(http: httpx.Client, method: str, path: str) -> None:
    reply = http.request(method, path, headers=headers("vidu"))
    assert (reply.status_code, reply.json()["reason"]) == (404, "NotFound")


def test_vtrix_answers_as_seed_000_prints_it(http: httpx.Client) -> None:
    data = create(http, "vtrix", payload="p").json()
    assert data["output"] == {"status": "in_queue", "content": []}
    assert isinstance(data["created_at"], int)
    done = finished(http, data["id"], "vtrix")
    assert (done["status"], done["output"]["status"]) == ("completed", "success")
    assert done["output"]["content"][0]["type"] == "image"
    assert done["output"]["content"][0]["jobId"]
    assert done["usage"] == {"cost": "0.030", "discount": 0}
    assert done["metadata"] == {}


def test_vtrix_takes_every_printed_shape(sim: Running) -> None:
    task_id = created(sim.http, "vtrix")
    finished(sim.http, task_id, "vtrix")
    sim.settings(
        vtrix={"output": "array", "state_names": "done", "type": "image_url", "extras": True}
    )
    data = poll(sim.http, task_id, "vtrix")
    assert data["status"] == "done"
    assert data["output"][0]["content"][0]["type"] == "image_url"
    assert data["usage"]["quantity"] == 1
    sim.settings(vtrix={"state_names": "queue"})
    assert poll(sim.http, task_id, "vtrix")["status"] == "success"
    sim.settings(vtrix={"status": False})
    assert "status" not in poll(sim.http, task_id, "vtrix")
    sim.settings(vtrix={})
    sim.faults({"kind": "shape", "word": "pending", "count": 1})
    assert poll(sim.http, task_id, "vtrix")["status"] == "pending"


def test_vtrix_has_three_forms_of_a_failure(sim: Running) -> None:
    task_id = created(sim.http, "vtrix", prompt="[fail: result]")
    error = finished(sim.http, task_id, "vtrix")["error"]
    assert error["code"] == "008023095"
    sim.settings(vtrix={"error": "integer_code"})
    error = poll(sim.http, task_id, "vtrix")["error"]
    assert (error["code"], "message" in error) == (8023095, False)
    assert error["error_message"]
    sim.settings(vtrix={"error": "string"})
    assert isinstance(poll(sim.http, task_id, "vtrix")["error"], str)


@pytest.mark.parametrize(("style", "name"), [("message", "message"), ("error", "error")])
def test_vtrix_refusals_carry_a_string(sim: Running, style: str, name: str) -> None:
    sim.settings(vtrix={"refusals": style})
    assert isinstance(create(sim.http, "vtrix", prompt="").json()[name], str)


def test_a_created_at_is_now(http: httpx.Client) -> None:
    text = create(http).json()["created_at"]
    assert abs(datetime.fromisoformat(text[:26] + "+00:00").timestamp() - time.time()) < 5
