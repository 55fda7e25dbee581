"""Encodes frames once and splices the encoded parts, repeated as often as a film needs them."""

import heapq
import io
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from generation.simulator.films.sounds import RATE, Track
from generation.simulator.films.stills import Planes

BT709 = 1
LIMITED = 1
LARGE = 1_000_000  # pixels; above, coarser coding is not seen


class Reel:
    """A few seconds of H.264 that can be repeated and spliced: it starts with a key frame."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def opened(self) -> Any:
        return av.open(io.BytesIO(self.content), format="mp4")

    def packets(self, count: int) -> Iterator[Any]:
        """So many packets, from the start again when there are no more."""
        while count > 0:
            with self.opened() as container:
                for packet in container.demux(video=0):
                    if count > 0 and packet.size:
                        count -= 1
                        yield packet


def encoded(frames: Iterable[Planes], size: tuple[int, int], fps: int, preset: str) -> Reel:
    """No frame refers to a later one, so a reel may be cut anywhere."""
    content = io.BytesIO()
    with av.open(content, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.options = {
            "preset": preset,
            "crf": "25" if size[0] * size[1] < LARGE else "27",
            "bf": "0",
            "g": str(fps * 2),
            # even quality: a key frame sharper than the others would be seen as a flicker
            "x264-params": "ipratio=1.1:qcomp=1.0",
        }
        coder = stream.codec_context
        coder.thread_count = 1
        coder.colorspace = coder.color_primaries = coder.color_trc = BT709
        coder.color_range = LIMITED
        for frame in video_frames(frames):
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return Reel(content.getvalue())


def video_frames(frames: Iterable[Planes]) -> Iterator[Any]:
    """For the codec; one that is shown again is not copied again."""
    last: Planes | None = None
    frame: Any = None
    for index, planes in enumerate(frames):
        if planes is not last:
            last, frame = planes, video_frame(planes)
        frame.pts = index
        yield frame


def video_frame(planes: Planes) -> Any:
    frame = av.VideoFrame(*planes[0].size, "yuv420p")
    for image, plane in zip(planes, frame.planes, strict=True):
        plane.update(rows(image, plane.line_size))
    return frame


def rows(image: Any, length: int) -> bytes:
    """Each row as long as the codec keeps it."""
    content: bytes = image.crop((0, 0, length, image.height)).tobytes()
    return content


def spliced(target: Path, parts: Sequence[tuple[Reel, int]], fps: int, track: Track | None) -> None:
    """An MP4 of reels, each for so many frames, with its index in front of the content."""
    options = {"movflags": "+faststart"}
    with av.open(str(target), "w", format="mp4", options=options) as container:
        with parts[0][0].opened() as model:
            stream = container.add_stream_from_template(model.streams.video[0])
        stream.time_base = Fraction(1, fps)
        packets = [timed(parts, stream, fps)]
        if track is not None:
            coder = {"aac_coder": "fast"}
            voice = container.add_stream("aac", rate=RATE, layout="stereo", options=coder)
            voice.bit_rate = track.bit_rate
            packets.append(voiced(track, voice))
        for packet in heapq.merge(*packets, key=starts):
            container.mux(packet)


def timed(parts: Sequence[tuple[Reel, int]], stream: Any, fps: int) -> Iterator[Any]:
    """The packets of all the parts on one clock."""
    spliced = (packet for reel, count in parts for packet in reel.packets(count))
    for index, packet in enumerate(spliced):
        packet.stream = stream
        packet.time_base = Fraction(1, fps)
        packet.pts = packet.dts = index
        packet.duration = 1
        yield packet


def voiced(track: Track, stream: Any) -> Iterator[Any]:
    for frame in track.frames:
        yield from stream.encode(frame)
    yield from stream.encode()


def starts(packet: Any) -> Fraction:
    return Fraction(packet.dts * packet.time_base)
