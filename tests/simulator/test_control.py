"""What the control door tells of tasks, files and subjects."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import httpx

from tests.simulator.asking import created, finished, headers, uri
from tests.simulator.results import accepted
from tests.simulator.server import Running


def test_each_task_is_shown_with_its_state_and_the_hash_of_its_file(sim: Running) -> None:
    sim.settings(processing=60, pace=1)
    waits = created(sim.http, "vtrix")
    sim.settings(processing=0.1, queue=0)
    done = created(sim.http)
    url = finished(sim.http, done)["creations"][0]["url"]
    served = sim.http.get(url).content
    rows = {row["remote_id"]: row for row in sim.ask("GET", "tasks")}
    assert rows.keys() == {waits, done}
    assert rows[waits]["state"] != "success"
    assert rows[waits]["sha256"] == ""
    assert (rows[done]["state"], rows[done]["sha256"]) == ("success", sha256(served).hexdigest())


def test_each_subject_is_shown_with_its_name(sim: Running) -> None:
    made = accepted(sim.http, "subjects", name="Mira", images=[uri(256, 256)])
    assert sim.ask("GET", "subjects") == [{"remote_id": made["id"], "name": "Mira"}]


def test_what_was_asked_before_a_reset_is_not_accepted_after_it(sim: Running) -> None:
    held = {"kind": "delay", "seconds": 0.3, "when": "before", "match": {"method": "POST"}}
    sim.faults(held)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(create_status, sim)
        while not sim.requests(method="POST"):
            assert not asked.done()
        sim.reset()
        assert asked.result() == 503
    assert sim.ledger() == []


def create_status(sim: Running) -> int:
    body = {"model": "viduq2", "prompt": "x"}
    with httpx.Client(base_url=sim.url, timeout=10, trust_env=False) as client:
        reply = client.post("/ent/v2/reference2image", json=body, headers=headers("vidu"))
        return reply.status_code
