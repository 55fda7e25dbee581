"""The requests of public clients, byte for byte where it matters."""

import httpx

from tests.simulator.asking import created, finished, uri

# vidu-mcp 0.1.2 sends this with every request, also with those that have no body.
VIDU_MCP = {
    "User-Agent": "python-requests/2.32.5",
    "Accept-Encoding": "gzip, deflate",
    "Accept": "*/*",
    "Connection": "keep-alive",
    "Authorization": "Token mcp-key",
    "Content-Type": "application/json",
}


def test_vidu_mcp_reads_a_task_to_its_end(http: httpx.Client) -> None:
    task_id = created(http, key="mcp-key")
    finished(http, task_id, key="mcp-key")
    reply = http.get(f"/ent/v2/tasks/{task_id}/creations", headers=VIDU_MCP)
    data = reply.json()
    assert reply.status_code == 200
    assert data.get("code") is None  # it takes any code in a reply for an error
    assert data["state"] == "success"
    assert data["creations"][0]["url"].startswith("http")


MCP_CALLS = {
    "text2video": {
        "model": "viduq1", "style": "general", "prompt": "a cat", "duration": 5, "seed": 0,
        "aspect_ratio": "16:9", "resolution": "1080p", "movement_amplitude": "auto", "bgm": False,
    },
    "img2video": {
        "model": "viduq1", "images": [uri()], "prompt": "", "duration": 5, "seed": 0,
        "resolution": "1080p", "movement_amplitude": "auto", "bgm": False,
    },
    "reference2video": {
        "model": "vidu2.0", "images": [uri()], "prompt": "a cat", "duration": 4, "seed": 0,
        "aspect_ratio": "16:9", "resolution": "720p", "movement_amplitude": "auto", "bgm": False,
    },
    "start-end2video": {
        "model": "viduq1", "images": [uri(), uri()], "prompt": "", "duration": 5, "seed": 0,
        "resolution": "1080p", "movement_amplitude": "auto", "bgm": False,
    },
    "template2video": {
        "template": "hugging", "images": [uri()], "prompt": "a hug", "seed": 0, "aspect_ratio": "",
        "bgm": False,
    },
}  # fmt: skip


def test_vidu_mcp_s_five_video_tools_get_a_video(http: httpx.Client) -> None:
    for name, body in MCP_CALLS.items():
        reply = http.post(f"/ent/v2/{name}", json=body, headers=VIDU_MCP)
        assert reply.status_code == 200, (name, reply.text)
        data = finished(http, reply.json()["task_id"], key="mcp-key")
        assert data["creations"][0]["url"].endswith(".mp4"), name


def test_a_client_that_recovers_by_payload(http: httpx.Client) -> None:
    task_id = created(http, payload="dispatch-7")
    asked = "created_at.from=2026-01-01T00%3A00%3A00.000Z&pager.page=0&pager.pagesz=100"
    headers = {"Authorization": "Token a-key"}
    # A window of years is allowed; the default is the last week.
    data = http.get(f"/ent/v2/tasks?{asked}", headers=headers).json()
    match = [task for task in data["tasks"] if task["payload"] == "dispatch-7"]
    assert [task["id"] for task in match] == [task_id]
    assert data["next_page_token"] == ""


def test_the_vtrix_command_line_client_s_shape(sim) -> None:
    """It reads output as a list and error as a string, and polls below the create address."""
    sim.settings(vtrix={"output": "array", "error": "string"})
    headers = {"Authorization": "Bearer v", "X-Source": "cli", "Content-Type": "application/json"}
    endpoint = "/vtrix/model/v1/generation"
    request = {
        "model": "viduq2_reference2image",
        "input": [{"params": {"prompt": "dunes", "images": [uri()]}}],
    }
    task_id = sim.http.post(endpoint, json=request, headers=headers).json()["id"]
    data = finished(sim.http, task_id, "vtrix", "v")
    assert data["status"] == "completed"
    assert data["output"][0]["content"][0]["url"]
    assert isinstance(data["usage"]["cost"], str)
    assert isinstance(data["created_at"], int)
