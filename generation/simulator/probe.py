"""Examines videos and audio in memory: their length, size and kind, one frame of them."""

import io
from dataclasses import dataclass
from typing import Any

import av
from PIL import Image

from generation.catalogue.types import AudioFacts, VideoFacts

MOST_PACKETS = 200_000
# What a file begins with decides how it is read: a playlist must not lead elsewhere.
MAGIC = (
    (4, b"ftyp", "mov"),
    (8, b"AVI ", "avi"),
    (8, b"WAVE", "wav"),
    (0, b"\x1aE\xdf\xa3", "matroska"),
    (0, b"FLV", "flv"),
    (0, b"ID3", "mp3"),
    (0, b"OggS", "ogg"),
    (0, b"\x30\x26\xb2\x75", "asf"),
    (0, b"G@", "mpegts"),
    (0, b"\x06\x0e\x2b\x34", "mxf"),
)
QUICKTIME = b"qt  "


@dataclass(frozen=True)
class ProbedFile:
    """What a file is: `kind` as the catalogue calls formats, lengths in seconds."""

    kind: str
    seconds: float
    width: int = 0
    height: int = 0
    fps: float = 0.0
    codec: str = ""
    has_sound: bool = False

    def video(self, size: int) -> VideoFacts:
        return VideoFacts(
            self.width, self.height, self.kind, size, self.seconds, self.fps, self.codec,
            self.has_sound,
        )  # fmt: skip

    def audio(self, size: int) -> AudioFacts:
        return AudioFacts(self.kind, size, self.seconds)


def probe_bytes(data: bytes) -> ProbedFile:
    """Read every packet without decoding it; ValueError when it is no video and no audio."""
    demuxer = demuxer_of(data)
    try:
        with av.open(io.BytesIO(data), format=demuxer) as container:
            return seen(container, container_kind(data, demuxer, container))
    except (av.error.FFmpegError, OSError, IndexError) as error:
        raise ValueError("it cannot be read") from error


def demuxer_of(data: bytes) -> str:
    for place, sign, name in MAGIC:
        if data[place : place + len(sign)] == sign:
            return name
    if len(data) > 2 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        return "aac" if data[1] & 0xF6 == 0xF0 else "mp3"
    raise ValueError("it is of an unknown kind")


def container_kind(data: bytes, demuxer: str, container: Any) -> str:
    """The catalogue's name: the brand separates a MOV from an MP4."""
    if demuxer == "mov":
        if data[8:12] == QUICKTIME:
            return "mov"
        return "mp4" if container.streams.video else "m4a"
    if demuxer == "matroska":
        return "webm" if b"webm" in data[:64] else "mkv"
    return {"asf": "wma", "mpegts": "ts"}.get(demuxer, demuxer)


def seen(container: Any, kind: str) -> ProbedFile:
    video = next(iter(container.streams.video), None)
    audio = next(iter(container.streams.audio), None)
    main = video or audio
    if main is None:
        raise ValueError("there is nothing in it")
    seconds = length_of(container, main)
    if video is None:
        return ProbedFile(kind, seconds, has_sound=True)
    coder = video.codec_context
    fps = float(video.average_rate or 0)
    return ProbedFile(kind, seconds, coder.width, coder.height, fps, coder.name, audio is not None)


def length_of(container: Any, stream: Any) -> float:
    """From the first packet's start to the last one's end."""
    start: int | None = None
    end = 0
    for count, packet in enumerate(container.demux(stream)):
        if count > MOST_PACKETS:
            raise ValueError("it is too long")
        if packet.size and packet.pts is not None:
            start = packet.pts if start is None else min(start, packet.pts)
            end = max(end, packet.pts + (packet.duration or 0))
    if start is None:
        raise ValueError("there is nothing in it")
    return round(float((end - start) * stream.time_base), 3)


def decode_frame(data: bytes, last: bool = False) -> Image.Image | None:
    """The first or about the last frame; nothing when it does not decode."""
    try:
        with av.open(io.BytesIO(data), format=demuxer_of(data)) as container:
            stream = container.streams.video[0]
            if last and stream.duration:
                container.seek(int(stream.duration), stream=stream)
            found: Image.Image | None = None
            for count, frame in enumerate(container.decode(stream)):
                found = frame.to_image()
                if not last or count > 100:
                    break
            return found
    except (av.error.FFmpegError, OSError, IndexError, ValueError):
        return None
