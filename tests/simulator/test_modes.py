"""Every mode from the request to the file: its real length, size, ratio and audio."""

import io
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.simulator.asking import image, poll, uri
from tests.simulator.results import accepted, ask, fetched, make, video, video_uri, voice
from tests.simulator.server import Running

WIDE = uri(512, 288)
TALL = uri(288, 512)
SQUARE = uri()


@pytest.mark.parametrize(
    ("name", "body", "seconds", "size", "audio"),
    [
        (
            "text2video",
            {"model": "viduq3-turbo", "prompt": "dunes", "duration": 2, "resolution": "540p"},
            2, (960, 540), True,
        ),
        (
            "text2video",
            {"model": "viduq3-pro", "prompt": "dunes", "audio": False, "aspect_ratio": "9:16"},
            5, (720, 1280), False,
        ),
        (
            "text2video",
            {"model": "viduq2", "prompt": "dunes", "duration": 1, "bgm": True,
             "aspect_ratio": "1:1"},
            1, (720, 720), True,
        ),
        ("img2video", {"model": "viduq2-pro", "images": [TALL], "duration": 1}, 1, (720, 1280),
         False),
        (
            "start-end2video",
            {"model": "viduq2-turbo", "images": [SQUARE, SQUARE], "duration": 2,
             "resolution": "540p"},
            2, (540, 540), False,
        ),
        (
            "reference2video",
            {"model": "viduq2-pro", "images": [SQUARE], "videos": [video_uri()],
             "prompt": "dunes", "duration": 0, "resolution": "540p", "aspect_ratio": "4:3"},
            5, (720, 540), False,
        ),
        (
            "multiframe",
            {"model": "viduq2-turbo", "start_image": WIDE, "resolution": "540p",
             "wm_position": "top_left", "watermark": True,
             "image_settings": [{"key_image": SQUARE, "duration": 2}, {"key_image": WIDE}]},
            7, (960, 540), False,
        ),
        ("template",
         {"template": "hugging", "prompt": "x", "images": [TALL], "aspect_ratio": "9:16"}, 5,
         (720, 1280), False),
        ("template-story", {"story": "one_shot", "images": [SQUARE]}, 5, (720, 720), False),
    ],
)  # fmt: skip
def test_a_video_is_what_was_asked(
    http: httpx.Client,
    name: str,
    body: dict[str, Any],
    seconds: float,
    size: tuple[int, int],
    audio: bool,
) -> None:
    creation, made = make(http, name, **body)
    assert (made.content_type, made.seconds, made.size, made.audio) == (
        "video/mp4", seconds, size, audio,
    )  # fmt: skip
    shown = creation["video"]
    assert (shown["duration"], shown["fps"]) == (seconds, 24)
    assert shown["resolution"] == {"width": size[0], "height": size[1]}
    cover = http.get(creation["cover_url"])
    assert cover.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(cover.content)) as image:
        assert image.width * size[1] == pytest.approx(image.height * size[0], rel=0.01)
    assert bool(creation["watermarked_url"]) == bool(body.get("watermark"))


def test_a_marked_copy_is_a_file_too(http: httpx.Client) -> None:
    body = {"model": "viduq2", "prompt": "x", "duration": 1, "watermark": True}
    creation, made = make(http, "text2video", **body)
    assert creation["watermarked_url"] != creation["url"]
    assert fetched(http, creation["watermarked_url"]) == made


def test_what_was_made_here_is_made_longer_and_larger(http: httpx.Client) -> None:
    first = {"model": "viduq3-pro", "prompt": "dunes", "duration": 4, "resolution": "540p"}
    creation, _ = make(http, "text2video", **first, aspect_ratio="1:1")
    body = {"model": "viduq2-pro", "video_creation_id": creation["id"], "duration": 2}
    _, longer = make(http, "extend", **body)
    assert (longer.seconds, longer.size, longer.audio) == (6, (720, 720), True)
    _, larger = make(
        http, "upscale-new", video_creation_id=creation["id"], upscale_resolution="1080p"
    )
    assert (larger.seconds, larger.size, larger.audio) == (4, (1080, 1080), True)
    reply = ask(http, "extend", "vidu", "another", **body)
    assert (reply.status_code, reply.json()["reason"]) == (404, "CreationNotFound")


def test_an_address_of_this_machine_is_looked_at(http: httpx.Client, sim: Running) -> None:
    first = {"model": "viduq2", "prompt": "dunes", "duration": 4, "resolution": "540p"}
    creation, _ = make(http, "text2video", **first, aspect_ratio="3:4")
    _, longer = make(
        http, "extend", model="viduq2-turbo", video_url=creation["url"], images=[SQUARE],
        prompt="rain", duration=1,
    )  # fmt: skip
    assert (longer.seconds, longer.size) == (5, (720, 960))
    _, spoken = make(http, "lip-sync", video_url=creation["url"], text="Good evening to all of you")
    assert (spoken.size, spoken.audio) == ((540, 720), True)
    assert 1 <= spoken.seconds < 4


@pytest.fixture
def files() -> Any:
    """A server on this machine with a video and a voice."""
    content = {"/video.mp4": video(4), "/voice.mp3": voice(3), "/page.mp4": b"<html>"}
    content |= {"/tall.png": image(288, 512), "/list.m3u8": b"#EXTM3U\n#EXTINF:4,\npiece.ts\n"}

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = content.get(self.path, b"")
            self.send_response(200 if data else 404)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_lips_move_as_long_as_the_audio(http: httpx.Client, files: str) -> None:
    body = {"video_url": f"{files}/video.mp4", "audio_url": f"{files}/voice.mp3"}
    reply = ask(http, "lip-sync", **body)
    assert (reply.status_code, reply.json()["reason"]) == (400, "FieldInvalid")  # 180 pixels high
    _, made = make(
        http, "lip-sync", video_url="https://a.example/v.mp4", audio_url=body["audio_url"]
    )
    assert made.seconds == pytest.approx(3, abs=0.1)
    assert made.audio


def test_an_image_on_this_machine_gives_its_shape(http: httpx.Client, files: str) -> None:
    body = {"model": "viduq2-turbo", "duration": 1, "resolution": "540p"}
    _, made = make(http, "img2video", **body, images=[f"{files}/tall.png"])
    assert made.size == (540, 960)
    reply = ask(http, "img2video", **body, images=[f"{files}/page.mp4"])
    assert (reply.status_code, reply.json()["reason"]) == (400, "ImageFormatInvalid")
    _, made = make(http, "img2video", **body, images=[f"{files}/missing.png"])
    assert made.size == (960, 540)


def test_a_page_is_no_video(http: httpx.Client, files: str) -> None:
    reply = ask(http, "extend", model="viduq2-pro", video_url=f"{files}/page.mp4")
    assert (reply.status_code, reply.json()["reason"]) == (400, "FieldInvalid")


def test_the_pieces_of_a_list_are_not_fetched(http: httpx.Client, files: str) -> None:
    link = f"{files}/list.m3u8"
    accepted(http, "upscale-new", video_url=link, upscale_resolution="1080p")
    reply = ask(http, "extend", model="viduq2-pro", video_url=link)
    assert (reply.status_code, reply.json()["reason"]) == (400, "FieldInvalid")


def test_an_address_elsewhere_is_believed(http: httpx.Client) -> None:
    body = {"model": "viduq2-pro", "video_url": "https://a.example/v.mp4", "duration": 2}
    _, made = make(http, "extend", **body)
    assert (made.seconds, made.size) == (2, (1280, 720))


@pytest.mark.parametrize(
    ("name", "body", "seconds"),
    [
        ("text2audio", {"model": "audio1.0", "prompt": "rain on a roof", "duration": 4}, 4),
        (
            "timing2audio",
            {"model": "audio1.0", "duration": 2.5,
             "timing_prompts": [{"from": 0, "to": 1.5, "prompt": "a bell"}]},
            2.5,
        ),
    ],
)  # fmt: skip
def test_audio_last_as_long_as_was_asked(
    http: httpx.Client, name: str, body: dict[str, Any], seconds: float
) -> None:
    creation, made = make(http, name, **body)
    assert made.content_type == "audio/mpeg"
    assert made.seconds == pytest.approx(seconds, abs=0.06)
    assert creation["cover_url"] == ""
    assert "video" not in creation


@pytest.mark.parametrize(
    ("name", "body"),
    [
        (
            "audio-tts",
            {"voice_setting_voice_id": "calm-1", "voice_setting_speed": 2,
             "pronunciation_dict_tone": ["live/(lajv)"]},
        ),
        ("audio-clone", {"audio_url": "https://a.example/v.mp3", "voice_id": "my-own-voice"}),
    ],
)  # fmt: skip
def test_speech_is_there_in_the_answer(http: httpx.Client, name: str, body: dict[str, Any]) -> None:
    text = "This is spoken at once, in one breath." * 2
    data = accepted(http, name, text=text, **body)
    assert data["state"] == "success"
    made = fetched(http, data["file_url"])
    assert made.content_type == "audio/mpeg"
    assert made.seconds == pytest.approx(
        len(text) / 14 / body.get("voice_setting_speed", 1), abs=0.2
    )
    again = poll(http, data["task_id"])
    assert again["creations"][0]["url"].endswith(".mp3")


def test_a_reply_repeats_the_request(http: httpx.Client) -> None:
    data = accepted(
        http, "img2video", model="viduq2-pro", images=[SQUARE], prompt="x", duration=3,
        audio=True, audio_type="speech_only", voice_id="calm", payload="mine", off_peak=False,
    )  # fmt: skip
    wanted = {
        "model": "viduq2-pro", "prompt": "x", "duration": 3, "resolution": "720p", "audio": True,
        "audio_type": "speech_only", "voice_id": "calm", "payload": "mine", "off_peak": False,
        "bgm": False, "watermark": False, "state": "created",
    }  # fmt: skip
    assert {name: data.get(name) for name in wanted} == wanted
    assert data["images"][0].startswith("inline:")
    assert data["seed"] > 0
    assert data["credits"] > 15


def test_an_off_peak_task_waits_longer_and_can_be_cancelled(
    http: httpx.Client, sim: Running
) -> None:
    sim.settings(pace=1, queue=30)
    body = {"model": "viduq2", "prompt": "x", "duration": 2}
    task_id = accepted(http, "text2video", **body, off_peak=True)["task_id"]
    assert poll(http, task_id)["off_peak"] is True
    reply = ask(http, f"tasks/{task_id}/cancel")
    assert reply.status_code == 200
    assert poll(http, task_id)["err_code"] == "UserCancelled"
