"""Writes a file anew without anything that was attached to it: places, names, covers, notes."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, BinaryIO

import av

from generation.media.av import sei
from generation.media.av.containers import REMADE, SHELLS, Shell
from generation.media.av.limits import HOSTILE, MOST_PACKETS, UnfitMedia

TAGS = {"hevc": "hvc1"}  # the only one of its names that every player knows
SHUT = {
    "mp4": {"movflags": "+faststart"},
    "mov": {"movflags": "+faststart"},
    "ipod": {"movflags": "+faststart"},
    "mp3": {"id3v2_version": "0", "write_id3v1": "0"},
    "wav": {"write_bext": "0"},
}


def rewritten(
    container: Any, streams: list[Any], shell: Shell, target: BinaryIO, again: BinaryIO
) -> Shell:
    """Copy the packets of the streams; returns the container they are in now.

    `again` is a second handle of the target: the index moves to its front at the end.
    """
    shell = SHELLS[REMADE.get(shell.format, shell.format)]
    if shell.format in ("mp4", "mov") and all(stream.type == "audio" for stream in streams):
        shell = SHELLS["m4a"]
    try:
        copy_packets(container, streams, shell, target, again)
    except (UnfitMedia, MemoryError):
        raise
    except OSError as error:
        if isinstance(error, av.FFmpegError):
            raise UnfitMedia("rewrite") from None
        raise
    except (av.FFmpegError, *HOSTILE):
        raise UnfitMedia("rewrite") from None
    return shell


def copy_packets(
    container: Any, streams: list[Any], shell: Shell, target: BinaryIO, again: BinaryIO
) -> None:
    options = {"fflags": "+bitexact", **SHUT.get(shell.muxer, {})}
    with av.open(
        target, "w", format=shell.muxer, options=options, io_open=lambda *_asked: again
    ) as out:
        into = {stream.index: added(out, stream, shell) for stream in streams}
        for packet in demuxed_packets(container, streams):
            clean, late = without_messages(packet), begin(container) / packet.time_base
            clean.stream = into[packet.stream.index]
            if late and clean.dts is not None and clean.pts is not None:
                clean.pts, clean.dts = clean.pts - round(late), clean.dts - round(late)
            out.mux(clean)


def begin(container: Any) -> Fraction:
    """The second of its clock at which a transport stream begins; a file begins at its start."""
    if container.format.name != "mpegts" or not container.start_time:
        return Fraction(0)
    return Fraction(container.start_time, av.time_base)


def added(out: Any, stream: Any, shell: Shell) -> Any:
    new = out.add_stream_from_template(stream, opaque=True)
    tag = TAGS.get(stream.codec_context.codec.canonical_name)
    if tag and shell.muxer in ("mp4", "mov"):
        new.codec_context.codec_tag = tag
    return new


def without_messages(packet: Any) -> Any:
    """The same packet without what a camera noted between the slices, such as places."""
    context = packet.stream.codec_context
    codec = context.codec.canonical_name
    if codec not in sei.KINDS:
        return packet
    data = bytes(packet)
    if sei.has_lengths(context.extradata, codec):
        kept = sei.removed(data, codec)
    else:
        kept = sei.removed_between_starts(data, codec) if sei.has_starts(data) else data
    if kept == data or not kept:
        return packet
    clean: Any = av.Packet(kept)
    clean.pts, clean.dts, clean.duration = packet.pts, packet.dts, packet.duration
    clean.time_base, clean.is_keyframe = packet.time_base, packet.is_keyframe
    return clean


def demuxed_packets(container: Any, streams: list[Any]) -> Iterable[Any]:
    for count, packet in enumerate(container.demux(*streams)):
        if count > MOST_PACKETS:
            raise UnfitMedia("long")
        if packet.is_corrupt:  # the copy would not say so any more
            raise UnfitMedia("damaged")
        if packet.size:
            yield packet
