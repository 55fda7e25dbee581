"""How fields and files of a create request are read: each type, each place, each data URI."""

import base64
from typing import Any

import httpx
import pytest

from tests.simulator.asking import created, data_uri, finished, uri
from tests.simulator.results import accepted, ask, make, video_uri, voice

SQUARE = uri()
LINK = "https://a.example/v.mp4"
TEXT = {"model": "viduq3-pro", "prompt": "x"}
EXTEND = {"model": "viduq2-pro", "duration": 2}
TIMED = {"model": "audio1.0", "duration": 2}
CUE = {"from": 0, "to": 1, "prompt": "a bell"}
REFERENCE = {"model": "viduq2-pro", "prompt": "x", "images": [SQUARE]}
RECORDING = data_uri(voice(), "audio/mpeg")
NOISE = base64.b64encode(b"noise" * 20).decode()

REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("audio-clone", {"audio_url": RECORDING, "voice_id": "my-own-voice", "text": "x"},
     "FieldInvalid", "audio_url is no http address"),
    ("extend", {**EXTEND, "video_url": video_uri()},
     "FieldInvalid", "video_url is no http address"),
    ("extend", {**EXTEND, "video_url": 7}, "FieldInvalid", "video_url is no string"),
    ("multiframe", {"model": "viduq2-pro", "start_image": [SQUARE], "image_settings": []},
     "FieldInvalid", "start_image is no string"),
    ("timing2audio", {**TIMED, "timing_prompts": [{**CUE, "volume": 1}]},
     "FieldUnwanted", "timing_prompts: volume is not accepted here"),
    ("timing2audio", {**TIMED, "timing_prompts": [{**CUE, "from": "0"}]},
     "FieldInvalid", "timing_prompts: from is of the wrong type"),
    ("timing2audio", {**TIMED, "timing_prompts": [{**CUE, "from": False}]},
     "FieldInvalid", "timing_prompts: from is of the wrong type"),
    ("timing2audio", {**TIMED, "timing_prompts": ["a bell"]},
     "FieldInvalid", "timing_prompts is no list of objects"),
    ("audio-tts", {"text": "x", "voice_setting_voice_id": "c", "pronunciation_dict_tone": [7]},
     "FieldInvalid", "pronunciation_dict_tone is no list of strings"),
    ("reference2video", {**REFERENCE, "images": [7]},
     "FieldInvalid", "images is no list of strings"),
    ("reference2video", {"model": "viduq2", "prompt": "x", "subjects": ["Mira"]},
     "FieldInvalid", "subjects is no list of objects"),
    ("text2video", {**TEXT, "audio": 1}, "FieldInvalid", "audio is no boolean"),
    ("text2video", {**TEXT, "duration": True}, "FieldInvalid", "duration is no number"),
    ("text2video", {**TEXT, "prompt": ["x"]}, "FieldInvalid", "prompt is no string"),
    ("reference2video", {**REFERENCE, "images": [f"{SQUARE[:-8]}%{SQUARE[-8:]}"]},
     "ImageFormatInvalid", "an image is not base64"),
    ("reference2video", {**REFERENCE, "videos": ["file:///etc/passwd"]},
     "FieldInvalid", "videos: an input is no http address"),
    ("reference2video", {**REFERENCE, "videos": [f"data:;base64,{NOISE}"]},
     "FieldInvalid", "videos: a file lacks its content type"),
    ("reference2video", {**REFERENCE, "videos": ["data:video/mp4;base64,%%%"]},
     "FieldInvalid", "videos: a file is not base64"),
    ("reference2video", {**REFERENCE, "videos": [f"data:video/mp4;base64,{NOISE}"]},
     "FieldInvalid", "videos: a file is not taken: it is of an unknown kind"),
    ("reference2video", {**REFERENCE, "videos": [data_uri(voice(), "video/mp4")]},
     "FieldInvalid", "videos: a file has no picture"),
]  # fmt: skip


def test_a_field_of_the_wrong_type_or_place_is_refused(inside: Any) -> None:
    for name, body, reason, message in REFUSED:
        data = ask(inside, name, **body).json()
        assert (data["code"], data["reason"], data["message"]) == (400, reason, message), body


def test_an_empty_address_counts_as_absent(inside: Any) -> None:
    reply = ask(inside, "extend", **EXTEND, video_url="")
    assert reply.json()["reason"] == "FieldItemCountOutOfRange"


@pytest.mark.parametrize("names", [("creation", "url"), ("url", "creation")])
def test_a_creation_counts_more_than_an_address(inside: Any, names: tuple[str, str]) -> None:
    places = {"creation": ("video_creation_id", "12"), "url": ("video_url", LINK)}
    reply = ask(inside, "extend", **EXTEND, **dict(places[name] for name in names))
    assert (reply.status_code, reply.json()["reason"]) == (404, "CreationNotFound")


def test_kkiai_takes_numbers_and_switches_as_text(inside: Any) -> None:
    body = {**TEXT, "seed": "", "audio": "TRUE"}
    data = accepted(inside, "text2video", "kkiai", **body)
    assert data["audio"] is True
    assert data["seed"] > 0
    for name, value in (("duration", "5"), ("seed", "many"), ("audio", "perhaps")):
        reply = ask(inside, "text2video", "kkiai", **{**body, name: value})
        assert reply.json()["reason"] == "FieldInvalid", name


def test_the_first_image_of_key_frames_stands_first_wherever_it_is_written(inside: Any) -> None:
    first, second = uri(512, 512), uri(640, 512)
    rows = [{"key_image": second}, {"key_image": second}]
    for body in (
        {"start_image": first, "image_settings": rows},
        {"image_settings": rows, "start_image": first},
    ):
        data = accepted(inside, "multiframe", model="viduq2-pro", **body)
        assert data["start_image"] not in (None, "")
        assert (
            data["start_image"]
            == accepted(inside, "img2video", model="viduq2-pro", images=[first])["images"][0]
        )


def test_only_a_finished_video_can_be_worked_on(http: httpx.Client) -> None:
    image = finished(http, created(http))["creations"][0]
    reply = ask(http, "extend", **EXTEND, video_creation_id=image["id"])
    assert (reply.status_code, reply.json()["reason"]) == (404, "CreationNotFound")
    running = accepted(http, "text2video", model="viduq2", prompt="[slow]", duration=1)["task_id"]
    reply = ask(http, "extend", **EXTEND, video_creation_id=running)
    assert (reply.status_code, reply.json()["reason"]) == (404, "CreationNotFound")
    video, _ = make(http, "text2video", model="viduq2", prompt="dunes", duration=4)
    assert ask(http, "extend", **EXTEND, video_creation_id=video["id"]).status_code == 200


def test_an_empty_switch_of_kkiai_is_off(inside: Any) -> None:
    data = accepted(inside, "text2video", "kkiai", **TEXT, audio="")
    assert data["audio"] is False
