"""The tasks: take or keep video or audio, or take one frame out of a video."""

import errno
import json
import sys
import time
from array import array
from collections.abc import Generator, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import av
from PIL import Image

from generation.media.av import containers, demux, previews, probe
from generation.media.av.limits import HOSTILE, UnfitMedia, lock
from generation.media.av.remux import rewritten

# All frames are decoded for so long; of what is left of a long video, the key frames and the end.
PATIENCE = 8.0  # seconds
REST = 4.0  # seconds for the key frames, and again for the end
# Decoders that mend what is broken without a word, unless they are asked not to.
SILENT = ("hevc",)
SLACK = 0.1  # seconds
HERTZ = 8_000  # enough for a waveform
Files = dict[str, BinaryIO]


def main(job: str) -> None:
    sys.stdout.write(json.dumps(run_job(json.loads(job))))


def run_job(job: dict[str, Any]) -> dict[str, Any]:
    try:
        return process_job(job)
    except UnfitMedia as unfit:
        return unfit.answer
    except MemoryError:
        return {"unfit": "work"}
    except av.FFmpegError as error:
        return {"unfit": "work" if isinstance(error, av.MemoryError) else "damaged"}
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        return {"unfit": "space" if full else "work"}
    except HOSTILE:
        return {"unfit": "damaged"}


def process_job(job: dict[str, Any]) -> dict[str, Any]:
    files = load_files(job)
    shell = containers.recognise(files["source"])
    if shell.format in containers.REMADE and shell.format not in job.get("formats", ()):
        raise UnfitMedia("format", format=shell.format)
    containers.check_complete(files["source"], shell)
    facts = TASKS[job["task"]](job, files, shell)
    for name in ("image", "preview", "thumb"):
        files[name].flush()
    return facts


def take_job(job: dict[str, Any], files: Files, shell: containers.Shell) -> dict[str, Any]:
    """Examine a copy that has the wanted streams and nothing else."""
    given_format = shell.format
    if job["kind"] == "audio":
        audio_codec(files["source"], shell)  # the copy will promise no more than it has
    with demux.open_container(files["source"], shell) as container:
        streams = wanted_streams(container, job["kind"])
        probe.check_index(container, streams, files["source"])
        shell = rewritten(container, streams, shell, files["copy"], files["again"])
    facts = examine(job["kind"], files["copy"], shell, files)
    return facts | ({"given_format": given_format} if given_format in containers.REMADE else {})


def keep_job(job: dict[str, Any], files: Files, shell: containers.Shell) -> dict[str, Any]:
    return examine(job["kind"], files["source"], shell, files)


def examine(kind: str, file: BinaryIO, shell: containers.Shell, files: Files) -> dict[str, Any]:
    return (
        examine_video(file, shell, files) if kind == "video" else examine_audio(file, shell, files)
    )


def load_files(job: dict[str, Any]) -> Files:
    """Open and load everything there will be, and then nothing more."""
    Image.preinit()
    folder = Path(job["folder"])
    files: Files = {"source": Path(job["source"]).open("rb")}  # noqa: SIM115  (until the end)
    for name in ("image", "preview", "thumb"):
        files[name] = (folder / name).open("wb")
    # Written and read at once, so nothing may wait in between.
    files["copy"] = (folder / "copy").open("w+b", buffering=0)
    files["again"] = (folder / "copy").open("rb", buffering=0)
    lock()
    return files


def wanted_streams(container: Any, wanted: str) -> list[Any]:
    video = demux.video_stream(container)
    if wanted == "audio":
        if video:
            raise UnfitMedia("video")
        audio = demux.audio_stream(container)
        if not audio:
            raise UnfitMedia("silent")
        return [audio]
    if not video:
        raise UnfitMedia("audio")
    audio = demux.audio_stream(container)
    return [video, audio] if audio else [video]


def examine_video(source: BinaryIO, shell: containers.Shell, files: Files) -> dict[str, Any]:
    with demux.open_container(source, shell) as container:
        streams = wanted_streams(container, "video")
        probe.check_index(container, streams, source)
        tracks = probe.survey(container, streams)
        if tracks[0].seconds <= 0:
            raise UnfitMedia("nothing")
        codec, pixel = demux.codec_of(streams[0]), previews.pixel_shape(streams[0])
    poster, size = previews.Poster(pixel), (0, 0)
    for frame in proof(source, shell, tracks[0]):
        demux.check_frame_size(frame.width, frame.height)
        poster.offer(frame)
        size = size if any(size) else frame_size(frame, pixel)
    if poster.image is None:
        raise UnfitMedia("damaged")
    previews.previews(poster.image, files)
    return {
        "format": shell.format,
        "width": size[0],
        "height": size[1],
        "seconds": round(tracks[0].seconds, 3),
        "fps": tracks[0].fps,
        "codec": codec,
        "has_sound": any(track.packets for track in tracks[1:]),
        **tracks[0].frame_facts,
    }


def frame_size(frame: Any, pixel: Fraction) -> tuple[int, int]:
    width, height = previews.display_size(frame.width, frame.height, pixel)
    return (height, width) if previews.turn_of(frame) % 180 == 90 else (width, height)


def proof(source: BinaryIO, shell: containers.Shell, track: probe.Track) -> Iterator[Any]:
    """Decode all frames, or of a long video the first ones, then the key frames and the end."""
    with demux.open_container(source, shell) as container:
        stream = strict(demux.video_stream(container))
        frames = decoded(container, stream)
        if (yield from decode_within(PATIENCE, undamaged(frames))):
            return
        # From here on what a frame refers to may be missing: that is no damage.
        stream.codec_context.skip_frame = "NONKEY"
        yield from decode_within(REST, frames)
    yield from closing_frames(source, shell, track)


def closing_frames(source: BinaryIO, shell: containers.Shell, track: probe.Track) -> Iterator[Any]:
    """From the last key frame on; from an earlier one where frames are renewed in stripes."""
    seen = False
    for place in sorted(track.keys, reverse=True)[:4] or [0]:
        with demux.open_container(source, shell) as container:
            stream = strict(demux.video_stream(container))
            container.seek(place, stream=stream)
            for frame in decode_within(REST, undamaged(decoded(container, stream, needed=False))):
                yield frame
                seen = True
        if seen:
            return
    raise UnfitMedia("damaged")


def strict(stream: Any) -> Any:
    context = stream.codec_context
    if demux.codec_of(stream) in SILENT:
        context.options = {**context.options, "err_detect": "explode"}
    return stream


def decode_within(seconds: float, frames: Iterator[Any]) -> Generator[Any, None, bool]:
    """As many frames as there is time for; returns whether these were all."""
    until = time.monotonic() + seconds
    for frame in frames:
        yield frame
        if time.monotonic() >= until:
            return False
    return True


def undamaged(frames: Iterator[Any]) -> Iterator[Any]:
    """The same frames; one that the decoder had to make up after a good one is damage."""
    good = False
    for frame in frames:
        if frame.is_corrupt and good:
            raise UnfitMedia("damaged")
        good = good or not frame.is_corrupt
        yield frame


def decoded(container: Any, stream: Any, needed: bool = True) -> Iterator[Any]:
    """All frames, and at least one where that is needed."""
    count = 0
    for packet in container.demux(stream):
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            if count:
                raise
            continue  # an open group of pictures begins with frames that cannot be shown
        for frame in frames:
            yield frame
            count += 1
    if needed and not count:
        raise UnfitMedia("damaged")


def examine_audio(source: BinaryIO, shell: containers.Shell, files: Files) -> dict[str, Any]:
    codec, promised = audio_codec(source, shell)
    samples, seconds = heard(source, shell)
    if seconds <= 0:
        raise UnfitMedia("nothing")
    if seconds < promised - SLACK:
        raise UnfitMedia("damaged")
    previews.previews(previews.waveform(previews.peaks(samples)), files)
    if shell.format in ("mp4", "mov"):
        shell = containers.SHELLS["m4a"]
    return {"format": shell.format, "width": 0, "height": 0, "seconds": round(seconds, 3),
            "fps": None, "codec": codec, "has_sound": True}  # fmt: skip


def audio_codec(source: BinaryIO, shell: containers.Shell) -> tuple[str, float]:
    """How the only audio stream is coded, and how many seconds a header that knows promises."""
    with demux.open_container(source, shell) as container:
        stream = wanted_streams(container, "audio")[0]
        probe.check_index(container, [stream], source)
        track = probe.survey(container, [stream])[0]
        codec, promised = demux.codec_of(stream), 0.0
        if shell.format == "flac" and stream.duration:
            promised = float(stream.duration * stream.time_base)
    if track.packets < containers.promised_frames(source, shell):
        raise UnfitMedia("damaged")
    return codec, promised


def heard(source: BinaryIO, shell: containers.Shell) -> tuple["array[int]", float]:
    """All audio, mono and at a low rate, and its real length."""
    samples, seconds = array("h"), 0.0
    with demux.open_container(source, shell) as container:
        stream = demux.audio_stream(container)
        coarse = av.AudioResampler("s16", "mono", HERTZ)
        for packet in container.demux(stream):
            for part in packet.decode():
                seconds += part.samples / part.sample_rate
                for piece in coarse.resample(part):
                    samples.frombytes(bytes(piece.planes[0])[: 2 * piece.samples])
    return samples, seconds


def frame_job(job: dict[str, Any], files: Files, shell: containers.Shell) -> dict[str, Any]:
    """The frame that is on the screen at that time, as an image."""
    with demux.open_container(files["source"], shell) as container:
        stream = demux.video_stream(container)
        if not stream:
            raise UnfitMedia("audio")
        start = (stream.start_time or 0) * stream.time_base
        # A player rounds the time it tells down: half a millisecond later is the same frame.
        until = start + Fraction(job["seconds"]) + Fraction(1, 2_000)
        container.seek(int(until / stream.time_base), stream=stream)
        pixel = previews.pixel_shape(stream)
        image = previews.upright_frame(shown_at(until, stream, container), pixel=pixel)
    image.save(files["image"], "PNG", compress_level=4)
    width, height = image.size
    previews.previews(image, files)
    return {"format": "png", "width": width, "height": height}


def frames_job(_job: dict[str, Any], files: Files, shell: containers.Shell) -> dict[str, Any]:
    """When the frames are shown, without decoding one."""
    with demux.open_container(files["source"], shell) as container:
        streams = wanted_streams(container, "video")[:1]
        return probe.survey(container, streams)[0].frame_facts


def shown_at(until: Fraction, stream: Any, container: Any) -> Any:
    shown = None
    for frame in decoded(container, stream):
        demux.check_frame_size(frame.width, frame.height)
        late = frame.pts is not None and frame.pts * stream.time_base > until
        if shown is not None and late:
            break
        shown = frame
    return shown


TASKS = {"take": take_job, "keep": keep_job, "frame": frame_job, "frames": frames_job}
