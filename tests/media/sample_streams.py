"""FLV, transport streams and MXF, good and hostile, made by code."""

import random
from collections.abc import Callable

from tests.media import corpus, sample_videos

NEEDLE = sample_videos.NEEDLE
PACKET = 188
GOOD: dict[str, Callable[[], bytes]] = {
    "flv": lambda: sample_videos.video("flv", notes=sample_videos.NOTES, audio=True),
    "ts": lambda: sample_videos.video("mpegts", notes=sample_videos.NOTES, audio=True),
    "ts hevc": lambda: sample_videos.video(
        "mpegts", "libx265", options={"x265-params": "log-level=0"}
    ),
    "ts mpeg2": lambda: sample_videos.video("mpegts", "mpeg2video"),
    "mxf": lambda: sample_videos.video("mxf", "mpeg2video", fps=25, pixels="yuv422p"),
    "mxf h264": lambda: sample_videos.video("mxf", fps=25),
    "mxf prores": lambda: sample_videos.video("mxf", "prores_ks", fps=25, pixels="yuv422p10le"),
}


def camcorder(data: bytes) -> bytes:
    """The packets of a transport stream with the time before each, as on a disc."""
    return b"".join(
        bytes(4) + data[start : start + PACKET] for start in range(0, len(data), PACKET)
    )


def packet(pid: int, body: bytes, starts: bool = True) -> bytes:
    head = bytes([0x47, starts << 6 | pid >> 8, pid & 255, 0x10])
    return (head + body)[:PACKET].ljust(PACKET, b"\xff")


def among(data: bytes, strangers: Callable[[int], bytes]) -> bytes:
    """A transport stream with a strange packet before each of its own."""
    pieces = [data[start : start + PACKET] for start in range(0, len(data), PACKET)]
    return b"".join(
        piece + strangers(number) if number > 8 else piece for number, piece in enumerate(pieces)
    )


def table(count: int) -> bytes:
    """A transport stream whose tables promise so many frames, and no packet of any."""
    entries = b"".join(
        bytes([0x1B, 0xE0 | 256 + one >> 8, 256 + one & 255, 0xF0, 0]) for one in range(count)
    )
    body = bytes([0, 1, 0xC1, 0, 0, 0xE1, 0, 0xF0, 0]) + entries
    section = bytes([2, 0xB0 | len(body) + 4 >> 8, len(body) + 4 & 255]) + body
    programmes = bytes([0, 0xB0, 13, 0, 1, 0xC1, 0, 0, 0, 1, 0xF0, 0])
    pair = packet(0, b"\0" + programmes + crc(programmes)) + packet(
        4_096, b"\0" + section + crc(section)
    )
    return pair * 30


def crc(data: bytes) -> bytes:
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte << 24
        for _bit in range(8):
            value = value << 1 & 0xFFFFFFFF ^ (0x04C11DB7 if value & 0x80000000 else 0)
    return value.to_bytes(4)


def script(body: bytes) -> bytes:
    """An FLV that begins with a script of these bytes."""
    data = sample_videos.video("flv")
    tag = bytes([18]) + len(body).to_bytes(3) + bytes(7) + body
    return data[:13] + tag + len(tag).to_bytes(4) + data[13:]


def metadata(values: bytes) -> bytes:
    return b"\2\0\x0aonMetaData" + values


def named(name: str, value: bytes) -> bytes:
    return len(name).to_bytes(2) + name.encode() + value


NESTED = metadata(b"\3" + named("a", b"\3") * 20_000)
COUNTLESS = metadata(b"\x08\xff\xff\xff\xff" + named("keyframes", b"\x0a\xff\xff\xff\xff"))
POINTING = metadata(
    b"\3" + named("url", b"\2" + named("file:///etc/passwd", b"")) + named("", b"\x09")
)


def without_essence() -> bytes:
    """An MXF whose frames are said to lie elsewhere: none of its own, and a name."""
    data = GOOD["mxf"]()
    element = b"\x06\x0e\x2b\x34\x01\x02\x01\x01\x0d\x01\x03\x01"
    filler = b"\x06\x0e\x2b\x34\x01\x01\x01\x02\x03\x01\x02\x10"
    assert element in data
    return data.replace(element, filler)


def noise(length: int) -> bytes:
    return random.Random(3).randbytes(length)


# What is refused when a mode takes the kind.
HOSTILE: dict[str, Callable[[], bytes]] = {
    "an flv header": lambda: GOOD["flv"]()[:13],
    "half an flv": lambda: GOOD["flv"]()[:-3_000],
    "an flv of noise": lambda: GOOD["flv"]()[:13] + noise(20_000),
    "an flv list": lambda: (
        b"FLV\1\5\0\0\0\x09" + sample_videos.LISTS["m3u8"]("/etc/passwd").encode()
    ),
    "half a ts": lambda: GOOD["ts"]()[:-3_001],
    "a ts of noise": lambda: b"".join(packet(n, noise(184)) for n in range(500)),
    "a ts with forty frames": lambda: table(33),
    "a ts of a list": lambda: packet(0, sample_videos.LISTS["m3u8"]("/etc/passwd").encode()) * 20,
    "a ts with holes": lambda: GOOD["ts"]()[: PACKET * 40] + GOOD["ts"]()[PACKET * 61 :],
    "an mxf partition": lambda: GOOD["mxf"]()[:200],
    "half an mxf": lambda: GOOD["mxf"]()[:30_000],
    "an mxf of noise": lambda: GOOD["mxf"]()[:64] + noise(20_000),
    "an mxf with its frames elsewhere": without_essence,
    "an image": lambda: corpus.PNG,
}
# What is taken, and nothing of it but images and audio.
ODD: dict[str, Callable[[], bytes]] = {
    "a ts with garbage": lambda: among(
        sample_videos.video("mpegts"),
        lambda number: packet(1_000 + number % 7_000, NEEDLE + noise(150)),
    ),
    "a ts with a list inside": lambda: among(
        sample_videos.video("mpegts"), lambda _: packet(8_000, NEEDLE + b"#EXTM3U\n/etc/passwd")
    ),
    "a ts of a camcorder": lambda: camcorder(sample_videos.video("mpegts")),
    "an flv with a deep script": lambda: script(NESTED),
    "an flv with a countless script": lambda: script(COUNTLESS),
    "an flv with a script that points": lambda: script(POINTING),
}
