"""The list of tasks: windows, filters, pagers in all spellings."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.simulator.asking import created, finished, headers
from tests.simulator.server import Running


def listed(http: httpx.Client, **asked: object) -> dict[str, object]:
    reply = http.get("/ent/v2/tasks", params=asked, headers=headers("vidu"))
    assert reply.status_code == 200, reply.text
    return reply.json()


def ids(data: dict[str, object]) -> list[str]:
    return [task["id"] for task in data["tasks"]]


@pytest.fixture
def thirteen(http: httpx.Client) -> list[str]:
    """Ids of thirteen tasks, newest first."""
    return [created(http, payload=f"p{index}") for index in range(13)][::-1]


def test_ten_at_a_time_with_a_token_for_the_rest(http: httpx.Client, thirteen: list[str]) -> None:
    first = listed(http)
    assert ids(first) == thirteen[:10]
    second = listed(http, **{"pager.page_token": first["next_page_token"]})
    assert (ids(second), second["next_page_token"]) == (thirteen[10:], "")


@pytest.mark.parametrize("prefix", ["pager.", "paper.", ""])
def test_pages_are_counted_from_zero(http: httpx.Client, thirteen: list[str], prefix: str) -> None:
    pages = [listed(http, **{f"{prefix}page": n, f"{prefix}pagesz": 5}) for n in range(4)]
    assert [ids(page) for page in pages] == [
        thirteen[:5], thirteen[5:10], thirteen[10:], [],
    ]  # fmt: skip


def test_a_page_has_at_most_a_hundred(http: httpx.Client) -> None:
    assert listed(http, **{"pager.pagesz": 100})["tasks"] == []
    reply = http.get("/ent/v2/tasks?pager.pagesz=101", headers=headers("vidu"))
    assert (reply.status_code, reply.json()["reason"]) == (400, "FieldInvalid")


@pytest.mark.parametrize("name", ["task_ids", "task_ids[]"])
def test_tasks_by_id(http: httpx.Client, thirteen: list[str], name: str) -> None:
    asked = [thirteen[2], thirteen[11]]
    assert ids(listed(http, **{name: asked})) == asked
    assert ids(listed(http, **{name: ",".join(asked)})) == asked


def test_the_window(http: httpx.Client) -> None:
    task_id, now = created(http), datetime.now(UTC)
    ago, soon = now - timedelta(minutes=1), now + timedelta(minutes=1)
    inside = {"created_at.from": ago.isoformat(), "created_at.to": soon.isoformat()}
    assert ids(listed(http, **inside)) == [task_id]
    assert ids(listed(http, **{"created_at.from": f"{ago:%Y-%m-%dT%H:%M:%S}.123456789Z"})) == [
        task_id
    ]
    assert ids(listed(http, **{"created_at.to": ago.timestamp()})) == []
    assert ids(listed(http, **{"created_at.from": soon.isoformat()})) == []
    reply = http.get("/ent/v2/tasks?created_at.from=soon", headers=headers("vidu"))
    assert reply.status_code == 400


def test_filters(http: httpx.Client) -> None:
    done = created(http, resolution="2K")
    finished(http, done)
    image = ["https://example.org/a.png"]
    other = created(http, model="viduq1", images=image, prompt="[fail: stuck]")
    assert ids(listed(http, **{"states[]": "success"})) == [done]
    assert ids(listed(http, states=["created", "queueing", "processing"])) == [other]
    assert ids(listed(http, **{"model_versions[]": "q1"})) == [other]
    assert ids(listed(http, resolutions="2K")) == [done]
    assert ids(listed(http, **{"templates[]": "hugging"})) == []


def test_a_listed_task_has_its_payload_unless_that_is_switched_off(sim: Running) -> None:
    task_id = created(sim.http, payload="marker", prompt="dunes")
    finished(sim.http, task_id)
    [task] = listed(sim.http)["tasks"]
    assert (task["payload"], task["prompt"], task["state"]) == ("marker", "dunes", "success")
    assert task["creations"][0]["url"].startswith("http")
    sim.settings(list_payload=False)
    assert "payload" not in listed(sim.http)["tasks"][0]


def test_each_account_lists_its_own(http: httpx.Client) -> None:
    created(http, key="another")
    created(http, "vidu-cn")
    assert listed(http)["tasks"] == []
