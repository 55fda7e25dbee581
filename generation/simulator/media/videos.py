"""Result videos: the camera moves over a scene, or from one given image to the next."""

import heapq
import io
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageChops, ImageOps

from generation.simulator.media import MediaRequest, audio, images, scenes, watermark

LARGEST = 1188  # pixels of a still's shorter side; a larger video enlarges it
CLOSEST = 0.16  # how much of a still the camera leaves out at its closest
LOOP = 8.0  # seconds after which a video of one still repeats
DRAWN = 400_000_000  # pixels that are drawn for one video
MOVING = 3_200_000_000  # pixels that move; a video longer than that ends at rest

Planes = tuple[Image.Image, ...]  # luma, and both colours at half the size
Parts = Sequence[tuple[bytes, int]]  # encoded, each shown for so many frames
Pose = tuple[int, float]  # which still, and how far to the next one


def render_video(request: MediaRequest, target: Path, quick: bool = False) -> None:
    """Write an MP4 of exactly the frames asked for; `quick` shows two colours that stand still."""
    pixels, moving = math.prod(request.size), request.length
    if quick:
        stills = [planes(images.gradient(request))]
        poses = [(0, 0.0)] * min(moving, request.fps)
    else:
        stills = stills_of(request)
        most = max(request.fps, DRAWN // pixels)
        poses = passing(moving, most, stills) if stills[1:] else approaching(request, most)
        moving = min(moving, len(poses) * max(1, MOVING // pixels // len(poses)))
    camera = Camera(request, stills, len(poses) / request.fps)
    parts = [(encoded(camera, poses, request.fps, quick), moving)]
    if moving < request.length:
        rest = poses[:1] * request.fps * 2
        parts.append((encoded(camera, rest, request.fps), request.length - moving))
    mux(target, parts, request, quick)


def approaching(request: MediaRequest, most: int) -> list[Pose]:
    """Towards one still; to and fro when it must repeat."""
    count = min(request.length, round(LOOP * request.fps), most)
    if count < request.length:
        return [(0, ease(1 - abs(1 - 2 * index / count))) for index in range(count)]
    return [(0, ease(index / max(count - 1, 1))) for index in range(count)]


def passing(length: int, most: int, stills: Sequence[Planes]) -> list[Pose]:
    """From still to still; the camera rests at them when not every frame may be drawn."""
    share = min(1.0, most / length)
    poses = []
    for index in range(length):
        place = index / max(length - 1, 1) * (len(stills) - 1)
        still = min(int(place), len(stills) - 2)
        part = min(max((place - still - (1 - share) / 2) / share, 0.0), 1.0)
        poses.append((still, ease(part)))
    return poses


def ease(part: float) -> float:
    """Smooth from 0 to 1."""
    return part * part * (3 - 2 * part)


def stills_of(request: MediaRequest) -> list[Planes]:
    """The given images that can be read, else the scene of the prompt."""
    scale = min(1.0, LARGEST / min(request.size))
    size = (round(request.size[0] * scale / 2) * 2, round(request.size[1] * scale / 2) * 2)
    found = [image for path in request.inputs if (image := images.open_image(path))]
    if not found:
        scene = scenes.scene(request.prompt, request.seed, size)
        found = [images.grained(scene, request, 1.2)]
    return [planes(ImageOps.fit(image, size, scenes.SMOOTH)) for image in found]


def planes(image: Image.Image) -> Planes:
    frame = av.VideoFrame.from_image(image).reformat(
        format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
    )
    return tuple(
        Image.frombuffer("L", (one.width, one.height), bytes(one), "raw", "L", one.line_size, 1)
        for one in frame.planes
    )


class Camera:
    """Draws frames: it comes closer to a still, and moves back from the next one."""

    def __init__(self, request: MediaRequest, stills: Sequence[Planes], lasts: float) -> None:
        wide, high = self.size = request.size
        self.sizes, self.stills = (
            (self.size, (wide // 2, high // 2), (wide // 2, high // 2)),
            stills,
        )
        self.reach = CLOSEST * min(1.0, 0.4 + 0.1 * lasts / len(stills))  # a short move is small
        rng = scenes.rng_of(f"camera {request.seed} {request.prompt}")
        self.across, self.down = rng.choice((0.15, 0.35, 0.65, 0.85)), rng.uniform(0.2, 0.5)
        # A soft light comes in from the left: a ramp, and as much again without light.
        ramp = Image.linear_gradient("L").rotate(-90).point([value // 7 for value in range(256)])
        self.light = ImageOps.expand(ramp, (0, 0, 256, 0)).resize((wide * 2, high))

    def frame(self, pose: Pose) -> Any:
        """For the codec."""
        still, part = pose
        seen = self.view(still, self.reach * part)
        if part and self.stills[still + 1 :]:
            pairs = zip(seen, self.view(still + 1, self.reach * (1 - part)), strict=True)
            seen = tuple(Image.blend(one, other, part) for one, other in pairs)
        elif part:
            left = round((1 - part) * self.size[0])
            light = self.light.crop((left, 0, left + self.size[0], self.size[1]))
            seen = (ImageChops.screen(seen[0], light), *seen[1:])
        watermark.make_watermark(*seen)
        frame = av.VideoFrame(*self.size, "yuv420p")
        for image, plane in zip(seen, frame.planes, strict=True):
            plane.update(image.crop((0, 0, plane.line_size, image.height)).tobytes())
        return frame

    def view(self, still: int, close: float) -> Planes:
        """The part of a still the camera sees, in the size of the video."""
        found = []
        for plane, size in zip(self.stills[still], self.sizes, strict=True):
            wide, high = (side * (1 - close) for side in plane.size)
            left, top = (plane.width - wide) * self.across, (plane.height - high) * self.down
            box = (left, top, min(left + wide, plane.width), min(top + high, plane.height))
            found.append(plane.resize(size, Image.Resampling.BILINEAR, box=box))
        return tuple(found)


def encoded(camera: Camera, poses: Sequence[Pose], fps: int, quick: bool = False) -> bytes:
    """H.264 that can be cut anywhere and repeated: no frame refers to a later one."""
    content = io.BytesIO()
    with av.open(content, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height = camera.size
        stream.pix_fmt = "yuv420p"
        stream.options = {
            "preset": "ultrafast" if quick else "superfast",
            "crf": "25" if math.prod(camera.size) < 1_000_000 else "27",
            "bf": "0",
            "g": str(fps * 2),
            # even quality: a key frame sharper than the others would be seen as a flicker
            "x264-params": "ipratio=1.1:qcomp=1.0",
        }
        coder = stream.codec_context
        coder.thread_count = 1
        coder.colorspace = coder.color_primaries = coder.color_trc = 1  # BT.709
        coder.color_range = 1  # from 16 to 235
        frame: Any = None
        for index, pose in enumerate(poses):
            if frame is None or pose != poses[index - 1]:
                frame = camera.frame(pose)
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return content.getvalue()


def mux(target: Path, parts: Parts, request: MediaRequest, quick: bool) -> None:
    """An MP4 with its index in front of the content."""
    options = {"movflags": "+faststart"}
    with av.open(str(target), "w", format="mp4", options=options) as container:
        with av.open(io.BytesIO(parts[0][0]), format="mp4") as model:
            stream = container.add_stream_from_template(model.streams.video[0])
        packets = [timed(parts, stream, request.fps)]
        if request.has_audio:
            source = audio.TONE if quick else audio.ambience(request.prompt, request.seed)
            coder = {"aac_coder": "fast"}
            audio_stream = container.add_stream(
                "aac", rate=audio.RATE, layout="stereo", options=coder
            )
            audio_stream.bit_rate = 96_000
            packets.append(audio.audio_packets(audio_stream, source, request.length / request.fps))
        for packet in heapq.merge(*packets, key=lambda one: Fraction(one.dts * one.time_base)):
            container.mux(packet)


def timed(parts: Parts, stream: Any, fps: int) -> Iterator[Any]:
    """The packets of all parts on one clock; a part that is too short starts again."""
    index = end = 0
    for content, count in parts:
        end += count
        while index < end:
            with av.open(io.BytesIO(content), format="mp4") as container:
                found = (packet for packet in container.demux(video=0) if packet.size)
                for packet in islice(found, end - index):
                    packet.stream, packet.time_base = stream, Fraction(1, fps)
                    packet.pts = packet.dts = index
                    packet.duration = 1
                    index += 1
                    yield packet
