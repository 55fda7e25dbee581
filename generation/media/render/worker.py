"""The tasks: a smaller or marked image, a video or audio for playing, a copy without metadata."""

import json
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import av
from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from generation.media.av import containers, demux
from generation.media.av.limits import HOSTILE, UnfitMedia, lock
from generation.media.av.previews import pixel_shape, upright_frame
from generation.media.av.remux import rewritten
from generation.media.av.worker import decoded, wanted_streams
from generation.media.render.watermark import overlay, with_watermark

# Loaded now: no module can be once the process is locked.
LOADED = (JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
SOCIAL = (1_200, 630)
SIDE, LONG_SIDE = 1_280, 854
LONG = 300.0  # seconds above which a video is made smaller, and with less effort
HERTZ = 48_000
Files = dict[str, BinaryIO]


def write_answer(job: str) -> None:
    sys.stdout.write(json.dumps(run_render(json.loads(job))))


def run_render(job: dict[str, Any]) -> dict[str, Any]:
    try:
        folder = Path(job["folder"])
        fonts = [Path(path).read_bytes() for path in job.get("fonts", ())]
        files: Files = {
            "source": Path(job["source"]).open("rb"),  # noqa: SIM115  (until the end)
            "out": (folder / "out").open("w+b", buffering=0),
            "again": (folder / "out").open("rb", buffering=0),
        }
        Image.preinit()
        lock()
        answer = TASKS[job["task"]](job, files, fonts)
        files["out"].flush()
        return answer
    except UnfitMedia as unfit:
        return unfit.answer
    except (MemoryError, av.FFmpegError, *HOSTILE):
        return {"unfit": "work"}


def image_task(job: dict[str, Any], files: Files, fonts: list[bytes]) -> dict[str, Any]:
    """From one of the studio's own previews."""
    image: Any = Image.open(files["source"], formats=("WEBP", "PNG"))
    image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    if job["shape"] == "social":
        ground = Image.new("RGB", image.size, (20, 22, 28))
        ground.paste(image, mask=image if image.mode == "RGBA" else None)
        image = ImageOps.fit(ground, SOCIAL, Image.Resampling.LANCZOS)
        with_watermark(image, job["text"], fonts).save(files["out"], "JPEG", quality=82)
        return {"mime": "image/jpeg", "extension": "jpg"}
    image.thumbnail((job["side"], job["side"]), Image.Resampling.LANCZOS)
    image.info = {}
    with_watermark(image, job["text"], fonts).save(files["out"], "WEBP", quality=80, method=2)
    return {"mime": "image/webp", "extension": "webp"}


def video_task(job: dict[str, Any], files: Files, fonts: list[bytes]) -> dict[str, Any]:
    """The same frames at the same times, smaller, as every browser plays them."""
    shell = containers.recognise(files["source"])
    side = LONG_SIDE if job["seconds"] > LONG else SIDE
    size = shown_size(files, shell, side)
    with (
        demux.open_container(files["source"], shell) as given,
        open_target(files, "mp4") as out,
    ):
        streams = wanted_streams(given, "video")
        voice = VoiceOut(out) if len(streams) > 1 else None
        ink = overlay(size, job["text"], fonts) if job["text"] else None
        video = VideoOut(out, streams[0], size, ink)
        for packet in given.demux(*streams):
            if packet.stream is streams[0]:
                for frame in decode_shown(packet):
                    video.add(frame)
            elif voice is not None:
                for part in packet.decode():
                    voice.add(part)
        video.end()
        if voice is not None:
            voice.end()
    return {"mime": "video/mp4", "extension": "mp4"}


def shown_size(files: Files, shell: containers.Shell, side: int) -> tuple[int, int]:
    """Even sides, as the codec wants them. Known before anything is encoded: where audio comes
    first, the file is begun with it."""
    with demux.open_container(files["source"], shell) as given:
        stream = wanted_streams(given, "video")[0]
        for packet in given.demux(stream):
            for frame in decode_shown(packet):
                demux.check_frame_size(frame.width, frame.height)
                image = upright_frame(frame, side, pixel_shape(stream))
                return max(2, image.width // 2 * 2), max(2, image.height // 2 * 2)
    raise UnfitMedia("damaged")


def decode_shown(packet: Any) -> Iterator[Any]:
    """An open group of pictures may begin with frames that cannot be shown."""
    try:
        yield from packet.decode()
    except av.InvalidDataError:
        return


class VideoOut:
    """Encodes frames at their times, counted from the first: each keeps its number."""

    def __init__(
        self, out: Any, given: Any, size: tuple[int, int], ink: Image.Image | None
    ) -> None:
        self.out, self.size, self.ink = out, size, ink
        self.pixel = pixel_shape(given)
        is_small = max(size) <= LONG_SIDE
        options = {"preset": "superfast" if is_small else "veryfast", "crf": "23", "bf": "0",
                   "g": "48", "threads": "2"}  # fmt: skip
        rate = given.average_rate or Fraction(24)
        self.stream = out.add_stream("libx264", rate=rate, options=options)
        self.stream.width, self.stream.height = size
        self.stream.codec_context.time_base = self.stream.time_base = given.time_base
        self.stream.pix_fmt = "yuv420p"
        context = self.stream.codec_context
        context.colorspace = context.color_primaries = context.color_trc = 1
        self.first: int | None = None
        self.last = -1

    def add(self, frame: Any) -> None:
        demux.check_frame_size(frame.width, frame.height)
        if frame.pts is None:
            return
        self.first = frame.pts if self.first is None else self.first
        time = frame.pts - self.first
        if time <= self.last:
            return
        self.last = time
        new = av.VideoFrame.from_image(self.paint(frame))
        new = new.reformat(format="yuv420p", dst_colorspace="itu709")
        new.pts, new.time_base, new.duration = time, frame.time_base, frame.duration
        self.out.mux(self.stream.encode(new))

    def paint(self, frame: Any) -> Image.Image:
        image = upright_frame(frame, max(self.size), self.pixel)
        if image.size != self.size:  # an odd side, or a stream that changes its size
            image = image.resize(self.size)
        if self.ink is not None:
            image.paste(self.ink, (0, 0), self.ink)
        return image

    def end(self) -> None:
        if self.first is None:
            raise UnfitMedia("damaged")
        self.out.mux(self.stream.encode(None))


class VoiceOut:
    """Encodes audio as AAC, from the first sample on."""

    def __init__(self, out: Any) -> None:
        self.out = out
        self.stream = out.add_stream("aac", rate=HERTZ, options={"b": "128k"})
        self.stream.layout = "stereo"
        self.even = av.AudioResampler("fltp", "stereo", HERTZ, frame_size=1_024)
        self.count = 0

    def add(self, part: Any) -> None:
        part.pts = None  # counted anew
        for piece in self.even.resample(part):
            self.put(piece)

    def put(self, piece: Any) -> None:
        piece.pts, piece.time_base = self.count, Fraction(1, HERTZ)
        self.count += piece.samples
        self.out.mux(self.stream.encode(piece))

    def end(self) -> None:
        for piece in self.even.resample(None):
            self.put(piece)
        self.out.mux(self.stream.encode(None))


def audio_task(_job: dict[str, Any], files: Files, _fonts: list[bytes]) -> dict[str, Any]:
    shell = containers.recognise(files["source"])
    with (
        demux.open_container(files["source"], shell) as given,
        open_target(files, "ipod") as out,
    ):
        voice = VoiceOut(out)
        stream = wanted_streams(given, "audio")[0]
        for part in decoded(given, stream):
            voice.add(part)
        voice.end()
    return {"mime": "audio/mp4", "extension": "m4a"}


def clean_task(job: dict[str, Any], files: Files, _fonts: list[bytes]) -> dict[str, Any]:
    """The same streams, not encoded again, without anything that was attached to them."""
    shell = containers.recognise(files["source"])
    with demux.open_container(files["source"], shell) as given:
        streams = wanted_streams(given, job["kind"])
        shell = rewritten(given, streams, shell, files["out"], files["again"])
    return {"format": shell.format}


def open_target(files: Files, muxer: str) -> Any:
    options = {"fflags": "+bitexact", "movflags": "+faststart"}
    return av.open(
        files["out"], "w", format=muxer, options=options, io_open=lambda *_asked: files["again"]
    )


TASKS = {"image": image_task, "video": video_task, "audio": audio_task,
         "clean": clean_task}  # fmt: skip
