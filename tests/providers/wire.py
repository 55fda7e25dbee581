"""Requests as they go over the wire, for tests of their bodies."""

import asyncio
import base64
import json
from typing import Any

from generation.providers.base import GenerationRequest, InputFile, Prepared
from generation.providers.registry import PROVIDERS
from tests.factories import png
from tests.providers.raw import KEY

IMAGE = InputFile(data=png(), mime="image/png", name="mira.png")
LINK = InputFile(url="https://files.example.org/b.webp")
VIDEO = InputFile(data=b"\0\0\0 ftypmp42", mime="video/mp4", name="walk.mp4")
VIDEO_LINK = InputFile(url="https://files.example.org/walk.mov")
MADE_HERE = InputFile(url="https://files.example.org/own.mp4", creation_id="c-77")
AUDIO = InputFile(data=b"ID3", mime="audio/mp3", name="voice.mp3")
AUDIO_LINK = InputFile(url="https://files.example.org/voice.wav")
HOSTS = {"vtrix": "https://cloud.vtrix.ai", "kkiai": "https://www.kkiai.com"}
MARKS = {
    "watermark": True,
    "wm_position": 4,
    "wm_url": "https://files.example.org/mark.png",
    "meta_data": '{"Label": "1"}',
}
ALONG = {"payload": "vs-1", "callback_url": "https://studio.example.org/cb"}


def uri(file: InputFile) -> str:
    return f"data:{file.mime};base64,{base64.b64encode(file.data).decode()}"


def prepared(provider: str, request: GenerationRequest, **options: Any) -> Prepared:
    async def go() -> Prepared:
        host = HOSTS.get(provider, "https://api.vidu.com")
        async with PROVIDERS[provider].connect(host, KEY, **options) as client:
            return await client.prepare(request)

    return asyncio.run(go())


def sent(provider: str, request: GenerationRequest, **options: Any) -> tuple[str, Any]:
    """The path and the body as JSON."""
    made = prepared(provider, request, **options)
    return made.path, json.loads(made.body)


def params(body: Any) -> dict[str, Any]:
    """The parameters alone, without Vtrix's wrapping and the model."""
    inner = body["input"][0]["params"] if "input" in body else body
    return {name: value for name, value in inner.items() if name != "model"}
