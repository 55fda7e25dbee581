"""The documents' own examples, sent as a stranger's client sends them."""

import json
from typing import Any

import pytest

from tests.simulator.asking import PREFIX, headers

IMAGE = "https://a.example/image.png"
NEEDLESS = {"style": "general", "movement_amplitude": "auto"}
EXAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "text2video": (
        "text2video",
        {"model": "viduq3-pro", **NEEDLESS, "prompt": "In an ultra-realistic style", "duration": 5,
         "seed": 0, "aspect_ratio": "4:3", "resolution": "540p", "off_peak": False},
    ),
    "img2video": (
        "img2video",
        {"model": "viduq3-pro", "images": [IMAGE], "prompt": "The astronaut waved", "audio": True,
         "voice_id": "professional_host", "duration": 5, "seed": 0, "resolution": "1080p",
         "movement_amplitude": "auto", "off_peak": False},
    ),
    "start-end2video": (
        "start-end2video",
        {"model": "viduq3-pro", "images": [IMAGE] * 2, "prompt": "The bird", "duration": 5,
         "seed": 0, "resolution": "1080p", "audio": True, "off_peak": False},
    ),
    "reference2video with subjects": (
        "reference2video",
        {"model": "viduq3", "prompt": "@one and @two eat hot pot", "duration": 8, "audio": True,
         "subjects": [{"name": "one", "images": [IMAGE] * 3, "voice_id": ""},
                      {"name": "two", "images": [IMAGE] * 3, "voice_id": ""}]},
    ),
    "reference2video with images": (
        "reference2video",
        {"model": "viduq3-mix", "images": [IMAGE] * 3, "prompt": "Santa Claus", "duration": 5,
         "seed": 0, "aspect_ratio": "3:4", "resolution": "720p"},
    ),
    "reference2image": (
        "reference2image",
        {"model": "viduq2", "images": [IMAGE] * 3, "prompt": "your_prompt", "seed": 0,
         "aspect_ratio": "16:9", "resolution": "2K", "payload": ""},
    ),
}  # fmt: skip


@pytest.mark.parametrize("dialect", ["vidu", "vidu-cn", "demo", "kkiai"])
@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_answered_with_what_it_asked_for(
    inside: Any, dialect: str, name: str
) -> None:
    path, body = EXAMPLES[name]
    reply = inside.post(
        f"{PREFIX[dialect]}/ent/v2/{path}", content=json.dumps(body), headers=headers(dialect)
    )
    assert reply.status_code == 200, reply.text
    data = reply.json()
    echoed = {key: value for key, value in body.items() if key not in ("seed", "subjects")}
    if dialect == "kkiai" and path == "reference2image":
        del echoed["resolution"]  # its page lists no such field in the reply
    assert {key: data[key] for key in echoed} == echoed
    assert data["seed"] > 0
    assert data["state"] == "created"


def test_replies_have_the_fields_that_their_pages_list(inside: Any) -> None:
    for name, extra in (
        ("text2video", {"aspect_ratio"}),
        ("img2video", {"images", "audio", "audio_type"}),
        ("start-end2video", {"images"}),
        ("reference2video with subjects", {"images", "audio", "audio_type", "aspect_ratio"}),
        ("reference2video with images", {"images", "audio", "aspect_ratio"}),
    ):
        path, body = EXAMPLES[name]
        reply = inside.post(
            f"/ent/v2/{path}", content=json.dumps(body), headers=headers("vidu")
        ).json()
        listed = {
            "task_id", "state", "model", "prompt", "duration", "seed", "resolution", "bgm",
            "movement_amplitude", "payload", "off_peak", "credits", "watermark", "created_at",
        }  # fmt: skip
        assert listed | extra <= set(reply), name


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("text2video", {"model": "viduq3-turbo", "prompt": "x", "bgm": True}),
        ("text2video", {"model": "viduq2", "prompt": "x", "duration": 9, "bgm": True}),
        ("text2video", {"model": "viduq2", "prompt": "x", "wm_position": 1, "wm_url": IMAGE}),
        ("img2video", {"model": "viduq2-pro", "images": [IMAGE], "voice_id": "narrator"}),
        ("img2video", {"model": "viduq1", "images": [IMAGE], "is_rec": True, "prompt": "x"}),
        ("lip-sync", {"video_url": "https://a.example/v.mp4", "text": "Good evening",
                      "audio_url": "https://a.example/v.mp3"}),
    ],
)  # fmt: skip
def test_what_has_no_effect_is_taken_and_repeated(
    inside: Any, name: str, body: dict[str, Any]
) -> None:
    reply = inside.post(f"/ent/v2/{name}", content=json.dumps(body), headers=headers("vidu"))
    assert reply.status_code == 200, reply.text
    data = reply.json()
    assert {key: data[key] for key in body} == body
