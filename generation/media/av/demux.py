"""Opens a container so that nothing beside it is ever opened, and picks its streams."""

from typing import Any, BinaryIO, NoReturn

import av
import av.subtitles.codeccontext  # loaded now: no module can be once the process is locked
import av.subtitles.stream
from av.stream import Disposition

from generation.media.av.containers import Shell
from generation.media.av.limits import HOSTILE, UnfitMedia

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


def refuse_other_files(*_asked: Any) -> NoReturn:
    """Asked for by a container that names another file."""
    raise PermissionError


def open_container(file: BinaryIO, shell: Shell) -> Any:
    file.seek(0)
    try:
        return av.open(
            file,
            format=shell.demuxer,
            options=OPTIONS,
            io_open=refuse_other_files,
            metadata_errors="replace",
        )
    except (UnfitMedia, MemoryError):
        raise
    except (av.FFmpegError, *HOSTILE):
        raise UnfitMedia("damaged") from None


def video_stream(container: Any) -> Any:
    """The first video stream; the cover of a song is none."""
    for stream in container.streams.video:
        if not stream.disposition & (Disposition.attached_pic | Disposition.timed_thumbnails):
            return check_stream(stream, VIDEO)
    return None


def audio_stream(container: Any) -> Any:
    return check_stream(container.streams.audio[0], AUDIO) if container.streams.audio else None


def check_stream(stream: Any, codecs: set[str]) -> Any:
    """Check what the header says before anything is decoded."""
    context = stream.codec_context
    name = codec_of(stream)
    if context is None or name not in codecs:
        raise UnfitMedia("codec", codec=name)
    if stream.type == "video":
        check_frame_size(context.width, context.height)
    context.options = {"max_pixels": str(MOST_PIXELS)}  # what comes later may say otherwise
    context.thread_count = 1
    return stream


def codec_of(stream: Any) -> str:
    context = stream.codec_context
    return str(context.codec.canonical_name) if context else ""


def check_frame_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise UnfitMedia("damaged")
    if width * height > MOST_PIXELS or max(width, height) > MOST_SIDE:
        raise UnfitMedia("pixels", width=width, height=height)
