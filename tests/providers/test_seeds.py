"""The five pages that are specified word for word: every field they print, and every reply."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from generation.providers.base import GenerationRequest, InputFile, InputSubject, RemoteState
from tests.providers.raw import fetch, outcome, reply, submit
from tests.providers.wire import (
    ALONG,
    AUDIO,
    IMAGE,
    LINK,
    MARKS,
    VIDEO,
    VIDEO_LINK,
    params,
    sent,
    uri,
)

IMAGES = {"images": [IMAGE, LINK]}
SHOWN = [uri(IMAGE), LINK.url]
GENERATION = "/model/v1/generation"


def test_000_every_field():
    values = {
        "prompt": "A cat, 一只猫",
        "resolution": "4K",
        "aspect_ratio": "auto",
        "seed": 7,
        **ALONG,
    }
    path, body = sent("vtrix", GenerationRequest("image", "viduq2_reference2image", values, IMAGES))
    assert path == GENERATION
    assert body == {
        "model": "viduq2_reference2image",
        "input": [{"params": {"images": SHOWN, **values}}],
    }


def test_001_every_field():
    values = {
        "prompt": "She walks on",
        "bgm": True,
        "duration": 0,
        "seed": 0,
        "aspect_ratio": "4:3",
        "resolution": "540p",
        "off_peak": True,
        **MARKS,
        **ALONG,
    }
    inputs = {**IMAGES, "videos": [VIDEO, VIDEO_LINK]}
    path, body = sent(
        "vtrix", GenerationRequest("reference", "viduq2_pro_reference", values, inputs)
    )
    assert path == GENERATION
    given = {"images": SHOWN, "videos": [uri(VIDEO), VIDEO_LINK.url], **values}
    assert body == {"model": "viduq2_pro_reference", "input": [{"params": given}]}
    assert body["input"][0]["params"]["videos"][0].startswith("data:video/mp4;base64,")


Q3 = {
    "prompt": "[@1] and [@Mira] eat hot pot",
    "duration": 16,
    "seed": 3,
    "aspect_ratio": "auto",
    "audio": False,
    "resolution": "1080p",
    "off_peak": False,
    **MARKS,
    **ALONG,
}


def test_003_every_field_without_subjects():
    inputs = {**IMAGES, "sounds": [AUDIO]}
    path, body = sent("vtrix", GenerationRequest("reference", "viduq3_i2v_reference", Q3, inputs))
    assert path == GENERATION
    given = {"images": SHOWN, "sounds": [uri(AUDIO)], **Q3}
    assert body == {"model": "viduq3_i2v_reference", "input": [{"params": given}]}
    assert body["input"][0]["params"]["sounds"][0].startswith("data:audio/mp3;base64,")


def test_003_every_field_with_subjects():
    subjects = [
        InputSubject("1", server_id="3141592", voice_id="v-1", images=(IMAGE,)),
        InputSubject("Mira", server_id="27182", description="tall", style="film"),
    ]
    _path, body = sent(
        "vtrix", GenerationRequest("reference", "viduq3_i2v_reference", Q3, {}, subjects)
    )
    assert params(body) == {
        "subjects": [
            {"name": "1", "server_id": "3141592"},
            {"name": "Mira", "server_id": "27182"},
        ],
        **Q3,
    }


@pytest.mark.parametrize(
    ("provider", "host"), [("vidu", "002"), ("vidu-cn", "002"), ("demo", "002"), ("kkiai", "004")]
)
def test_002_and_004_every_field(provider, host):
    values = {
        "prompt": "A cat, 一只猫",
        "seed": 616519648,
        "aspect_ratio": "21:9",
        "resolution": "2K",
        **ALONG,
    }
    path, body = sent(provider, GenerationRequest("image", "viduq2", values, IMAGES))
    assert (path, body) == (
        "/ent/v2/reference2image",
        {"model": "viduq2", "images": SHOWN, **values},
    )


@pytest.mark.parametrize(
    ("provider", "mode", "model_name", "inputs"),
    [
        ("vtrix", "image", "viduq2_reference2image", {}),
        ("vtrix", "reference", "viduq2_pro_reference", {"images": [LINK]}),
        ("vtrix", "reference", "viduq3_i2v_reference", {"images": [LINK]}),
        ("vidu", "image", "viduq2", {}),
        ("kkiai", "image", "viduq1", {}),
    ],
)
def test_the_least_that_each_page_takes(provider, mode, model_name, inputs):
    _path, body = sent(provider, GenerationRequest(mode, model_name, {"prompt": "A cat"}, inputs))
    assert body["model"] == model_name
    shown = {name: [one.url for one in files] for name, files in inputs.items()}
    assert params(body) == {**shown, "prompt": "A cat"}


def test_the_example_of_004():
    prompt = "A cute little cat sitting on a windowsill, with sunlight shining on its body."
    _path, body = sent("kkiai", GenerationRequest("image", "viduq1", {"prompt": prompt}))
    assert body == {"model": "viduq1", "prompt": prompt}


# --- What the pages print as replies -------------------------------------------------------------


def test_the_reply_of_002():
    printed = {
        "task_id": "your_task_id_here",
        "state": "created",
        "model": "viduq2",
        "images": ["your_image_url1", "your_image_url2", "your_image_url3"],
        "prompt": "your_prompt",
        "seed": 0,
        "aspect_ratio": "16:9",
        "resolution": "2K",
        "payload": "",
        "credits": 2,
        "created_at": "2025-09-08T09:53:22.083033428Z",
    }
    seen, _server = outcome(reply(200, printed), submit)
    assert (seen.remote_id, seen.state) == ("your_task_id_here", RemoteState.CREATED)
    assert (seen.model_name, seen.seed, seen.credits, seen.payload) == ("viduq2", 0, 2, "")
    assert seen.created_at == datetime(2025, 9, 8, 9, 53, 22, 83033, UTC)
    assert seen.results == ()


def test_the_reply_of_004():
    printed = {
        "task_id": "911092490931552256",
        "state": "created",
        "model": "viduq2",
        "prompt": "一只可爱的小猫坐在窗台上",
        "images": [],
        "seed": 616519648,
        "aspect_ratio": "auto",
        "callback_url": "",
        "payload": "",
        "cus_priority": 0,
        "credits": 6,
        "created_at": "2026-01-20T07:08:12.262592985Z",
        "watermark": False,
    }
    seen, server = outcome(reply(200, printed), submit, "kkiai")
    assert server.requests[0].headers["authorization"].startswith("Bearer ")
    assert (seen.remote_id, seen.seed, seen.credits) == ("911092490931552256", 616519648, 6)


@pytest.mark.parametrize("word", ["created", "queueing", "processing", "success", "failed"])
def test_the_states_of_002(word):
    states = {
        "created": RemoteState.CREATED,
        "queueing": RemoteState.QUEUED,
        "processing": RemoteState.RUNNING,
        "success": RemoteState.SUCCESS,
        "failed": RemoteState.FAILED,
    }
    for name in ("state", "status"):  # a callback uses the other name
        assert outcome(reply(200, {name: word}), fetch)[0].state == states[word]


CONTENT_IMAGE = {"type": "image", "url": "https://files.example.org/a.png", "jobId": "j1"}
CONTENT_VIDEO = {"type": "video", "url": "https://files.example.org/a.mp4"}
USAGE = {"cost": "0.30", "discount": 0}


@pytest.mark.parametrize(
    ("page", "output", "result"),
    [
        ("000", {"status": "success", "content": [CONTENT_IMAGE]}, ("a.png", "j1")),
        ("001", [{"content": [CONTENT_VIDEO]}], ("a.mp4", "")),
        ("003", [{"content": [CONTENT_VIDEO | {"jobId": "j3"}]}], ("a.mp4", "j3")),
        ("003", [{"content": [CONTENT_IMAGE]}], ("a.png", "j1")),
    ],
)
def test_the_finished_task_of_each_page(page, output, result):
    body = {"id": "42", "status": "completed", "output": output, "usage": USAGE, "metadata": {}}
    seen, _server = outcome(reply(200, body), fetch, "vtrix")
    assert (seen.state, seen.cost, seen.credits) == (RemoteState.SUCCESS, Decimal("0.30"), None)
    found = [(one.url.rpartition("/")[2], one.remote_id) for one in seen.results]
    assert found == [result]


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("in_queue", RemoteState.QUEUED),
        ("processing", RemoteState.RUNNING),
        ("failed", RemoteState.FAILED),
    ],
)
def test_the_inner_states_of_000(word, state):
    body = {"id": "42", "output": {"status": word}}
    assert outcome(reply(200, body), fetch, "vtrix")[0].state == state


@pytest.mark.parametrize(
    ("page", "error", "code"),
    [
        ("000", {"code": "008023002", "message": "words"}, "008023002"),
        ("001", {"code": 8023097, "error_message": "words"}, "008023097"),
        ("003", {"code": "17", "message": "words"}, "17"),
    ],
)
def test_the_failed_task_of_each_page(page, error, code):
    body = {"id": "42", "status": "failed", "error": error}
    seen, _server = outcome(reply(200, body), fetch, "vtrix")
    assert (seen.state, seen.error_code, seen.error) == (RemoteState.FAILED, code, "words")
    assert seen.results == ()


def test_files_that_are_only_ids_are_never_sent_as_empty_data():
    empty = InputFile(creation_id="c-1")
    with pytest.raises(ValueError, match="type"):
        sent(
            "vtrix", GenerationRequest("reference", "viduq2_pro_reference", {}, {"videos": [empty]})
        )
