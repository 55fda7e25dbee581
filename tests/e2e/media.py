"""Small real films and sounds for tests in the browser."""

import math
from array import array
from pathlib import Path

import av
from PIL import Image, ImageDraw


def image(path: Path, width: int = 640, height: int = 360) -> Path:
    image = Image.new("RGB", (width, height), "#35507a")
    ImageDraw.Draw(image).ellipse((width // 3, height // 4, width // 2, height // 2), "#f0c8a0")
    image.save(path)
    return path


def video(path: Path, seconds: float = 4.0, width: int = 640, height: int = 360) -> Path:
    """H.264 without sound, 12 frames a second."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=12)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(round(12 * seconds)):
            image = Image.new("RGB", (width, height), (number * 3 % 255, 90, 120))
            out.mux(stream.encode(av.VideoFrame.from_image(image)))
        out.mux(stream.encode())
    return path


def audio(path: Path, seconds: float = 4.0, rate: int = 22_050) -> Path:
    """One quiet tone as MP3."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libmp3lame", rate=rate)
        stream.layout = "mono"
        wave = array("h", (round(6_000 * math.sin(n * 0.06)) for n in range(round(rate * seconds))))
        for start in range(0, len(wave), 1_152):
            part = wave[start : start + 1_152]
            frame = av.AudioFrame("s16", "mono", len(part))
            frame.planes[0].update(part.tobytes())
            frame.sample_rate, frame.pts = rate, start
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


def facts(path: Path) -> dict[str, object]:
    """What a file really is: its length, size, and whether it sounds."""
    with av.open(str(path)) as file:
        seconds = (file.duration or 0) / av.time_base
        video = next(iter(file.streams.video), None)
        size = (video.codec_context.width, video.codec_context.height) if video else None
        return {"seconds": seconds, "size": size, "sound": bool(file.streams.audio)}
