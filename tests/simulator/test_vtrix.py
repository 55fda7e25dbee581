"""Vtrix: subjects by tasks, both forms of a request, speech at once."""

import json
from typing import Any

import httpx
import pytest

from tests.simulator.asking import PREFIX, data_uri, finished, headers, image, uri
from tests.simulator.results import video_uri
from tests.simulator.server import Running

RED = uri(256, 256)
WIDE = uri(512, 288)


def vtrix(http: Any, model: str, key: str = "v", /, **fields: Any) -> httpx.Response:
    body = {"model": model, "input": [{"params": fields}]}
    address = f"{PREFIX['vtrix']}/model/v1/generation"
    return http.post(address, json=body, headers=headers("vtrix", key))


def answer(http: httpx.Client, model: str, key: str = "v", /, **fields: Any) -> dict[str, Any]:
    """The JSON that a finished task holds as text."""
    reply = vtrix(http, model, key, **fields)
    assert reply.status_code == 200, reply.text
    data = finished(http, reply.json()["id"], "vtrix", key)
    [content] = data["output"][0]["content"]
    assert (data["status"], content["type"], "url" in content) == ("completed", "text", False)
    return dict(json.loads(content["text"]))


def test_vtrix_keeps_subjects_by_tasks(sim: Running) -> None:
    made = answer(sim.http, "vidu_create_subjects", name="Mira", images=[RED])
    assert sim.http.get(made["images"][0]).content == image()
    [row] = sim.ledger()
    assert row["model"] == "vidu_create_subjects"
    edited = answer(sim.http, "vidu_edit_subjects", id=made["id"], name="Mira K", style="ink")
    assert (edited["id"], edited["name"], edited["style"]) == (made["id"], "Mira K", "ink")
    shown = answer(sim.http, "vidu_get_subjects", count=20)
    assert [one["name"] for one in shown["subjects"]] == ["Mira K"]
    assert (shown["count"], shown["next_page_token"]) == (1, "")
    assert answer(sim.http, "vidu_get_subjects", "other")["subjects"] == []


def test_at_vtrix_a_subject_is_there_only_when_its_task_is_done(sim: Running) -> None:
    sim.settings(pace=1, queue=30)
    task_id = vtrix(sim.http, "vidu_create_subjects", name="Mira", images=[RED]).json()["id"]
    fields = {"prompt": "[@Mira]", "subjects": [{"name": "Mira", "server_id": task_id}]}
    assert vtrix(sim.http, "viduq3_i2v_reference", **fields).status_code == 400
    sim.settings(pace=0)
    failed = vtrix(sim.http, "vidu_create_subjects", name="[fail: result]", images=[RED])
    assert finished(sim.http, failed.json()["id"], "vtrix", "v")["status"] == "failed"
    assert answer(sim.http, "vidu_get_subjects")["subjects"] == []


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("vidu_create_subjects", {"images": [RED]}),
        ("vidu_create_subjects", {"name": "x"}),
        ("vidu_create_subjects", {"name": "x", "images": [RED] * 4}),
        ("vidu_create_subjects", {"name": "x", "images": [RED], "style": "ink"}),
        ("vidu_edit_subjects", {"name": "x"}),
        ("vidu_edit_subjects", {"id": "nobody", "name": "x"}),
        ("vidu_edit_subjects", {"id": "nobody", "images": [RED]}),
        ("vidu_get_subjects", {"count": 101}),
        ("vidu_get_subjects", {"page": 1}),
        ("viduq3_i2v_reference", {"prompt": "x", "subjects": [{"name": "a", "images": [RED]}]}),
        ("viduq3_i2v_reference", {"prompt": "x", "images": [RED], "sounds": ["https://a.b/c.mp3"]}),
        ("viduq3_i2v_reference", {"prompt": "x", "images": [RED], "bgm": True}),
        (
            "viduq2_pro_fast_reference2video",
            {"prompt": "x", "subjects": [{"name": "a", "images": [RED]}]},
        ),
        ("viduq2_pro_reference", {"prompt": "x", "images": [RED], "audio": True}),
        ("viduq2_pro_reference", {"prompt": "x", "images": [RED], "off_peak": True}),
        ("vidu-cn-reference2video-vidu2.0", {"prompt": "x", "images": [RED]}),
        ("vidu-cn-reference2video-vidu2.0", {"prompt": "x", "images": [RED], "model": "viduq1"}),
    ],
)
def test_what_vtrix_refuses(inside: Any, model: str, fields: dict[str, Any]) -> None:
    reply = vtrix(inside, model, **fields)
    assert reply.status_code in (400, 404), reply.text
    assert reply.json()["message"]


def test_vtrix_s_forms_and_shapes(http: httpx.Client) -> None:
    mira = answer(http, "vidu_create_subjects", name="Mira", images=[WIDE])["id"]
    calls: list[tuple[str, dict[str, Any], str]] = [
        ("viduq3_i2v_reference", {"images": [RED], "duration": 3}, ".mp4"),
        ("viduq3_i2v_reference", {"subjects": [{"name": "Mira", "server_id": mira}]}, ".mp4"),
        ("viduq2_pro_reference", {"images": [RED], "videos": [video_uri(2)]}, ".mp4"),
        (
            "viduq2_pro_fast_reference2video",
            {"subjects": [{"id": "Mira", "images": [RED]}], "duration": 1},
            ".mp4",
        ),
        (
            "vidu-cn-reference2video-vidu2.0",
            {"images": [data_uri(image())], "model": "vidu2.0"},
            ".mp4",
        ),
        ("viduq2_pro_fast_text2video", {"duration": 1}, ".mp4"),
    ]
    for model, fields, ending in calls:
        reply = vtrix(http, model, prompt="[@Mira] waves", **fields)
        assert reply.status_code == 200, (model, reply.text)
        data = finished(http, reply.json()["id"], "vtrix", "v")
        [content] = data["output"][0]["content"]
        assert (content["type"], data["status"]) == ("video", "completed")
        assert content["url"].endswith(ending)
        assert float(data["usage"]["cost"]) > 0, model


def test_vtrix_speaks_at_once(http: httpx.Client) -> None:
    reply = vtrix(http, "vidu-cn-audio-tts", text="Good evening", voice_id="calm-1", speed=1.5)
    data = reply.json()
    [content] = data["output"][0]["content"]
    assert (data["status"], content["type"]) == ("completed", "audio")
    assert http.get(content["url"]).headers["content-type"] == "audio/mpeg"
    body = {"audio_url": "https://a.example/v.mp3", "text": "Hello", "voice_id": "my-own-voice"}
    assert vtrix(http, "vidu-cn-audio-clone", **body).json()["status"] == "completed"


def test_vtrix_extends_what_it_made(http: httpx.Client) -> None:
    fields = {"prompt": "x", "duration": 4, "resolution": "720p"}
    task_id = vtrix(http, "viduq2_pro_fast_text2video", **fields).json()["id"]
    [content] = finished(http, task_id, "vtrix", "v")["output"][0]["content"]
    fields = {"video_creation_id": content["jobId"], "duration": 1}
    reply = vtrix(http, "viduq2_pro_extend", **fields)
    assert reply.status_code == 200, reply.text
    assert vtrix(http, "viduq2_pro_extend", "other", **fields).status_code == 404


@pytest.mark.parametrize(
    ("model", "fields", "code"),
    [
        ("viduq2_pro_reference", {}, "008023001"),
        ("viduq3_i2v_reference", {"images": []}, "008023001"),
        ("viduq2_pro_reference", {"images": [RED] * 8}, "008023002"),
        ("viduq2_reference2image", {"images": [RED] * 8}, "008023002"),
        ("viduq2_reference2image", {"prompt": ""}, "008023003"),
        ("viduq3_i2v_reference", {"images": [RED], "sounds": ["https://a.b/c.mp3"]}, "008023099"),
    ],
)
def test_codes_are_those_of_the_table(
    inside: Any, model: str, fields: dict[str, Any], code: str
) -> None:
    reply = vtrix(inside, model, **{"prompt": "x", **fields})
    assert (reply.status_code, reply.json()["code"]) == (400, code), reply.text
