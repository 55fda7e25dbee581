"""What each mode refuses, what goes wrong on purpose, and what is answered without a task."""

from typing import Any

import httpx
import pytest

from tests.simulator.asking import finished, poll, uri
from tests.simulator.results import accepted, ask, video_uri

WIDE = uri(512, 288)
TALL = uri(288, 512)
SQUARE = uri()


@pytest.mark.parametrize("dialect", ["vidu", "vidu-cn"])
def test_the_hosts_spell_one_kind_of_audio_differently(http: httpx.Client, dialect: str) -> None:
    body = {"model": "viduq2-pro", "images": [SQUARE], "audio": True}
    codes = [
        ask(http, "img2video", dialect, **body, audio_type=word).status_code
        for word in ("sound-effect_only", "sound_effect_only")
    ]
    assert codes == ([200, 400] if dialect == "vidu" else [400, 200])


def test_kkiai_takes_switches_and_numbers_as_text(http: httpx.Client) -> None:
    body = {"model": "viduq3-pro", "prompt": "x", "duration": 1, "audio": "false", "seed": "7"}
    data = accepted(http, "text2video", "kkiai", **body)
    assert (data["audio"], data["seed"], data["cus_priority"]) == (False, 7, 0)
    assert finished(http, data["task_id"], "kkiai")["state"] == "success"
    assert ask(http, "text2video", **body).status_code == 400


@pytest.mark.parametrize(
    ("name", "body", "reason"),
    [
        ("text2video", {"model": "viduq3-pro", "prompt": "x", "is_rec": True}, "FieldUnwanted"),
        ("text2video", {"model": "viduq3-pro", "prompt": "x", "images": [SQUARE]}, "FieldUnwanted"),
        ("text2video", {"model": "viduq2", "prompt": "x", "duration": "5"}, "FieldInvalid"),
        ("text2video", {"model": "viduq2", "prompt": "x", "duration": 11}, "FieldInvalid"),
        ("text2video", {"model": "vidu2.0", "prompt": "x"}, "ModelUnavailable"),
        ("img2video", {"model": "viduq2-pro", "images": [SQUARE] * 2}, "FieldItemCountOutOfRange"),
        ("start-end2video", {"model": "viduq2-pro", "images": [WIDE, TALL]}, "FieldInvalid"),
        (
            "reference2video",
            {"model": "viduq2-pro", "prompt": "x", "images": [SQUARE],
             "videos": [video_uri(9)]},
            "FieldInvalid",
        ),
        (
            "reference2video",
            {"model": "viduq2-pro", "prompt": "x", "images": [SQUARE],
             "videos": ["data:video/mp4;base64,AAAA"]},
            "FieldInvalid",
        ),
        (
            "reference2video",
            {"model": "viduq2-pro", "prompt": "x", "images": [SQUARE] * 5,
             "videos": [video_uri()]},
            "FieldItemCountOutOfRange",
        ),
        (
            "multiframe",
            {"model": "viduq2-pro", "image_settings": [{"key_image": SQUARE}] * 2},
            "FieldLacking",
        ),
        (
            "multiframe",
            {"model": "viduq2-pro", "start_image": SQUARE, "image_settings": [{"prompt": "x"}] * 2},
            "FieldLacking",
        ),
        ("extend", {"model": "viduq2-pro", "duration": 2}, "FieldItemCountOutOfRange"),
        ("extend", {"model": "viduq2-pro", "video_url": video_uri(4)}, "FieldInvalid"),
        ("template", {"template": "hugging", "prompt": "x", "images": [SQUARE],
             "beast": "lion"}, "FieldInvalid"),
        ("template", {"images": [SQUARE]}, "FieldLacking"),
        ("template-story", {"story": "one_shot", "images": [SQUARE], "bgm": True}, "FieldUnwanted"),
        ("lip-sync", {"video_url": "https://a.example/v.mp4"}, "FieldLacking"),
        ("audio-tts", {"text": "Hello"}, "FieldLacking"),
        ("audio-clone", {"audio_url": "https://a.example/v.mp3", "voice_id": "short", "text": "x"},
         "FieldInvalid"),
        (
            "timing2audio",
            {"model": "audio1.0", "duration": 2,
             "timing_prompts": [{"from": 0, "to": 3, "prompt": "a bell"}]},
            "FieldInvalid",
        ),
        ("text2audio", {"model": "audio1.0", "prompt": "x", "duration": 11}, "FieldInvalid"),
    ],
)  # fmt: skip
def test_what_the_documents_refuse(
    inside: Any, name: str, body: dict[str, Any], reason: str
) -> None:
    reply = ask(inside, name, **body)
    assert (reply.status_code, reply.json()["reason"]) == (400, reason), reply.text


def test_triggers_work_in_every_text(http: httpx.Client) -> None:
    refused = ask(http, "audio-tts", text="Say [fail: moderation]", voice_setting_voice_id="calm-1")
    assert refused.json()["reason"] == "AuditSubmitIllegal"
    cues = [{"from": 0, "to": 1, "prompt": "[fail: result]"}]
    task = accepted(http, "timing2audio", model="audio1.0", duration=2, timing_prompts=cues)
    assert finished(http, task["task_id"])["err_code"] == "CreationPolicyViolation"


@pytest.mark.parametrize(
    ("word", "start"), [("empty", b""), ("page", b"<!doctype"), ("format", b"GIF89a")]
)
def test_a_video_s_file_can_be_wrong(http: httpx.Client, word: str, start: bytes) -> None:
    body = {"model": "viduq2", "prompt": f"x [fail: {word}]", "duration": 1}
    data = finished(http, accepted(http, "text2video", **body)["task_id"])
    reply = http.get(data["creations"][0]["url"])
    assert reply.headers["content-type"] == "video/mp4"
    assert reply.content[: max(len(start), 1)] == start


def test_a_video_can_be_cut_and_expire(http: httpx.Client) -> None:
    body = {"model": "viduq2", "prompt": "x [fail: truncated] [fail: expired]", "duration": 1}
    task_id = accepted(http, "text2video", **body)["task_id"]
    assert http.get(finished(http, task_id)["creations"][0]["url"]).status_code == 403
    with pytest.raises(httpx.RemoteProtocolError):
        http.get(poll(http, task_id)["creations"][0]["url"])


def test_ideas_for_a_prompt_come_at_once(inside: Any) -> None:
    body = {"images": [SQUARE], "type": ["img2video", "template"], "count": 3}
    data = ask(inside, "img2video-prompt-recommendation", **body).json()
    assert [one["type"] for one in data["prompts"]] == ["img2video"] * 3 + ["template"] * 3
    assert len({one["prompt"] for one in data["prompts"]}) == 3
    assert all(one["template"] for one in data["prompts"][3:])
    for wrong in ({"images": []}, {"images": [SQUARE], "count": 11}, {"images": ["x"]}):
        assert ask(inside, "img2video-prompt-recommendation", **wrong).status_code == 400
