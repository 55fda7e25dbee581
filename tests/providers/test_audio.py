"""Audio: made at once or by a task, with replies in several shapes."""

import pytest

from generation.providers.base import GenerationRequest, Prepared, RemoteState
from generation.providers.errors import OutcomeUnknown
from generation.providers.http import Deadlines, Http
from tests.providers.raw import fetch, outcome, reply

MP3 = "https://files.example.org/speech.mp3"
OTHER = "https://files.example.org/input.wav"


async def submit(client):
    return await client.submit(Prepared("/ent/v2/audio-tts", b"{}"))


def made(body, provider="vidu"):
    return outcome(reply(200, body), submit, provider)[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "success", "file_url": MP3},
        {"state": "success", "voice_id": "Mira-voice", "demo_audio": MP3},
        {"state": "success", "audio_url": OTHER, "demo_audio": MP3, "prompt_audio_url": OTHER},
        {"file_url": MP3},
        {"state": "success", "creations": [{"id": "c-1", "url": MP3}], "file_url": OTHER},
        {"state": "success", "creations": [{"file_url": MP3}]},
    ],
)
def test_what_is_made_at_once_is_in_the_create_reply(fields):
    seen = made({"task_id": "9", "credits": 2, "payload": "vs-1", **fields})
    assert (seen.remote_id, seen.state) == ("9", RemoteState.SUCCESS)
    assert [one.url for one in seen.results] == [MP3]
    assert (seen.credits, seen.payload) == (2, "vs-1")


def test_an_input_that_is_echoed_is_no_result():
    seen = made({"task_id": "9", "state": "created", "video_url": OTHER, "audio_url": OTHER})
    assert (seen.state, seen.results) == (RemoteState.CREATED, ())


def test_what_is_still_queued_is_polled_like_any_task():
    assert made({"task_id": "9", "state": "queueing", "file_url": ""}).state == RemoteState.QUEUED
    body = {"state": "success", "creations": [{"id": "c", "url": MP3, "cover_url": ""}]}
    seen, _server = outcome(reply(200, body), fetch)
    assert [(one.url, one.cover_url) for one in seen.results] == [(MP3, "")]


@pytest.mark.parametrize(
    ("provider", "mode", "model", "is_slow"),
    [
        ("vidu", "speech", "audio-tts", True),
        ("vidu", "voice", "audio-clone", True),
        ("vtrix", "speech", "vidu-cn-audio-tts", True),
        ("vidu", "sound", "audio1.0", False),
        ("vtrix", "image", "viduq2_reference2image", False),
    ],
)
def test_what_is_made_at_once_gets_more_time(monkeypatch, provider, mode, model, is_slow):
    given = []

    async def exchange(_self, _client, _method, _url, deadline, *_rest):
        given.append(deadline)
        raise OutcomeUnknown("stop")

    async def go(client):
        return await client.submit(
            await client.prepare(
                GenerationRequest(mode, model, {"text": "t"} if is_slow else {"prompt": "p"})
            )
        )

    monkeypatch.setattr(Http, "exchange", exchange)
    outcome(b"", go, provider)
    assert given == [Deadlines().slow if is_slow else Deadlines().submit]


def test_what_failed_at_once():
    seen = made({"task_id": "9", "state": "failed", "err_code": "AuditSubmitIllegal"})
    assert (seen.state, seen.error_code) == (RemoteState.FAILED, "AuditSubmitIllegal")


def test_a_result_that_belongs_to_no_task_is_uncertain():
    assert type(made({"state": "success", "file_url": MP3})) is OutcomeUnknown


CONTENT = [{"content": [{"type": "audio", "url": MP3, "jobId": "j-1"}]}]


@pytest.mark.parametrize(
    ("body", "remote_id"),
    [
        ({"id": "t", "status": "completed", "output": CONTENT}, "t"),
        ({"id": "t", "output": CONTENT}, "t"),
        ({"status": "completed", "output": CONTENT}, "j-1"),
    ],
)
def test_vtrix_makes_speech_at_once(body, remote_id):
    seen = made({"model": "vidu-cn-audio-tts", **body}, "vtrix")
    assert (seen.remote_id, seen.state) == (remote_id, RemoteState.SUCCESS)
    assert [one.url for one in seen.results] == [MP3]


def test_a_video_has_a_cover_and_a_marked_copy_and_facts_that_nobody_needs():
    row = {
        "id": "c-1",
        "url": "https://files.example.org/a.mp4",
        "cover_url": "https://files.example.org/a.jpg",
        "watermarked_url": "https://files.example.org/b.mp4",
        "video": {"duration": 3.85, "fps": 16, "resolution": {"width": 688, "height": 384}},
    }
    seen, _server = outcome(reply(200, {"state": "success", "creations": [row]}), fetch)
    (video,) = seen.results
    assert (video.remote_id, video.cover_url) == ("c-1", row["cover_url"])
    assert (video.url, video.watermarked_url) == (row["url"], row["watermarked_url"])
