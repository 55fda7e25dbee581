"""Opens a container so that nothing beside it is ever opened, and picks its streams."""

from typing import Any, BinaryIO, NoReturn

import av
import av.subtitles.codeccontext  # loaded now: no module can be once the process is locked
import av.subtitles.stream
from av.stream import Disposition

from generation.media.av.containers import Shell
from generation.media.av.limits import HOSTILE, Unfit

MOST_SIDE = 8_192
MOST_PIXELS = 40_000_000
MOST_STREAMS = 16
# A few decoders instead of the hundreds there are: what cameras, editors and providers write.
VIDEO = {"h264", "hevc", "av1", "vp8", "vp9", "mpeg4", "mjpeg", "prores", "mpeg2video",
         "dnxhd"}  # fmt: skip
AUDIO = {
    "aac", "mp2", "mp3", "opus", "vorbis", "flac", "alac", "ac3", "eac3", "wmav1", "wmav2", "amrnb",
    "amr_nb", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_f32le",
    "pcm_u8", "pcm_alaw", "pcm_mulaw",
}  # fmt: skip
DECODERS = VIDEO | AUDIO | {"libdav1d", "libopus", "libvorbis", "mp2float", "mp3float"}
OPTIONS = {
    "codec_whitelist": ",".join(sorted(DECODERS)),
    "protocol_whitelist": "none",
    "enable_drefs": "0",
    "use_absolute_path": "0",
    "max_streams": str(MOST_STREAMS),
    "max_pixels": str(MOST_PIXELS),
    "threads": "1",
}


def refuse(*_asked: Any) -> NoReturn:
    """Asked for by a container that names another file."""
    raise PermissionError


def opened(file: BinaryIO, shell: Shell) -> Any:
    file.seek(0)
    try:
        return av.open(
            file,
            format=shell.demuxer,
            options=OPTIONS,
            io_open=refuse,
            metadata_errors="replace",
        )
    except (Unfit, MemoryError):
        raise
    except (av.FFmpegError, *HOSTILE):
        raise Unfit("damaged") from None


def moving(container: Any) -> Any:
    """The first video stream; the cover of a song is none."""
    for stream in container.streams.video:
        if not stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails):
            return prepared(stream, VIDEO)
    return None


def sounding(container: Any) -> Any:
    return prepared(container.streams.audio[0], AUDIO) if container.streams.audio else None


def prepared(stream: Any, codecs: set[str]) -> Any:
    """Check what the header says before anything is decoded."""
    context = stream.codec_context
    name = codec_of(stream)
    if context is None or name not in codecs:
        raise Unfit("codec", codec=name)
    if stream.type == "video":
        check_sides(context.width, context.height)
    context.options = {"max_pixels": str(MOST_PIXELS)}  # what comes later may say otherwise
    context.thread_count = 1
    return stream


def codec_of(stream: Any) -> str:
    context = stream.codec_context
    return str(context.codec.canonical_name) if context else ""


def check_sides(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise Unfit("damaged")
    if width * height > MOST_PIXELS or max(width, height) > MOST_SIDE:
        raise Unfit("pixels", width=width, height=height)
