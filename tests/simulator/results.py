"""Asks for every mode, fetches the result and decodes it."""

import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import httpx

from generation.simulator.media import MediaRequest, audio, videos
from tests.simulator.asking import PREFIX, data_uri, finished, headers


@dataclass(frozen=True)
class Made:
    """A result file: lengths in seconds, of what was decoded."""

    content_type: str
    seconds: float
    size: tuple[int, int] = (0, 0)
    audio: bool = False


def ask(
    http: Any, name: str, dialect: str = "vidu", key: str = "a-key", /, **body: Any
) -> httpx.Response:
    address = f"{PREFIX[dialect]}/ent/v2/{name}"
    return http.post(address, json=body, headers=headers(dialect, key))


def accepted(
    http: httpx.Client, name: str, dialect: str = "vidu", key: str = "a-key", /, **body: Any
) -> dict[str, Any]:
    """The reply to a request that was accepted."""
    reply = ask(http, name, dialect, key, **body)
    assert reply.status_code == 200, (name, reply.text)
    return dict(reply.json())


def make(http: httpx.Client, name: str, /, **body: Any) -> tuple[dict[str, Any], Made]:
    """Create, poll, fetch: the creation of the last poll, and the file behind it."""
    dialect, key = body.pop("dialect", "vidu"), body.pop("key", "a-key")
    task_id = accepted(http, name, dialect, key, **body)["task_id"]
    data = finished(http, task_id, dialect, key)
    assert data["state"] == "success", data
    [creation] = data["creations"]
    return creation, fetched(http, creation["url"])


def fetched(http: httpx.Client, url: str) -> Made:
    reply = http.get(url)
    assert reply.status_code == 200, (url, reply.text[:200])
    return measured(reply.content, reply.headers["content-type"])


def measured(data: bytes, content_type: str = "") -> Made:
    with av.open(io.BytesIO(data)) as container:
        audio = bool(container.streams.audio)
        if not container.streams.video:
            count = sum(frame.samples for frame in container.decode(audio=0))
            return Made(content_type, round(count / 44100, 2), audio=True)
        stream = container.streams.video[0]
        count = sum(1 for _ in container.decode(video=0))
        seconds = round(count / float(stream.average_rate), 2)
        return Made(content_type, seconds, (stream.width, stream.height), audio)


@cache
def video(seconds: float = 2, size: tuple[int, int] = (320, 180), audio: bool = False) -> bytes:
    with TemporaryDirectory() as folder:
        target = Path(folder) / "video.mp4"
        request = MediaRequest("dunes", 1, size, seconds=seconds, has_audio=audio)
        videos.render_video(request, target, quick=True)
        return target.read_bytes()


@cache
def voice(seconds: float = 3) -> bytes:
    with TemporaryDirectory() as folder:
        target = Path(folder) / "voice.mp3"
        audio.write_audio("Good evening", seconds, 1, target, is_speech=True)
        return target.read_bytes()


def video_uri(*facts: Any) -> str:
    return data_uri(video(*facts), "video/mp4")
