"""Which container a file is, by its bytes alone, and whether all of it is there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from generation.media.av.limits import MOST_PACKETS, UnfitMedia

STILLS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"crx ", b"jp2 ")
AUDIOS = (b"M4A ", b"M4B ", b"M4P ")
TOPS = (b"moov", b"mdat", b"wide", b"free", b"skip")  # how a QuickTime file without a type begins
SEGMENT = b"\x18\x53\x80\x67"
HOLDERS = (b"trak", b"mdia", b"minf", b"stbl")
MOST_PARTS = 100_000
UNKNOWN = (0, 0xFFFFFFFF)  # a size that a recorder never came back to fill in


@dataclass(frozen=True)
class Shell:
    """A container: as the catalogue calls it, and as the library reads and writes it."""

    format: str
    demuxer: str
    muxer: str


SHELLS = {
    shell.format: shell
    for shell in (
        Shell("mp4", "mov", "mp4"), Shell("mov", "mov", "mov"), Shell("m4a", "mov", "ipod"),
        Shell("avi", "avi", "avi"), Shell("webm", "matroska", "webm"),
        Shell("mkv", "matroska", "matroska"), Shell("mp3", "mp3", "mp3"),
        Shell("wav", "wav", "wav"), Shell("aac", "aac", "adts"), Shell("ogg", "ogg", "ogg"),
        Shell("flac", "flac", "flac"), Shell("wma", "asf", "asf"), Shell("flv", "flv", "flv"),
        Shell("ts", "mpegts", "mpegts"), Shell("mxf", "mxf", "mxf"),
    )
}  # fmt: skip
# What no browser plays is kept in a container that one may, with the same streams.
REMADE = {"flv": "mp4", "ts": "mp4", "mxf": "mov"}
PARTITION = b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01"  # of an MXF; the first is 2
PROPERTIES = b"\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65"  # of a WMA
SYNC = 0x47
STREAMS = ((0, 188), (4, 192))  # where the first packet's sign is, and each packet's length
SIGNS = 5  # so many packets in a row are no accident
TAG = 11  # bytes before what an FLV tag holds
TAGS = (8, 9, 18)  # audio, video, script


def recognise(file: BinaryIO) -> Shell:
    """The demuxer is chosen here: a list or a script that names other files is never one."""
    name = container_name(read_at(file, 0, 4_096))
    if name == "id3":
        head = read_at(file, 0, 10)
        name = frames_of(read_at(file, 10 + tag_size(head), 4)) or "mp3"
    if name not in SHELLS:
        raise UnfitMedia("kind")
    return SHELLS[name]


def container_name(head: bytes) -> str:
    if head[4:8] == b"ftyp":
        return name_of_brand(head[8:12])
    if head[4:8] in TOPS:
        return "mov"
    if head.startswith((b"RIFF", b"RF64")):
        return {b"AVI ": "avi", b"WAVE": "wav"}.get(head[8:12], "")
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "webm" if b"webm" in head[:64] else "mkv" if b"matroska" in head[:64] else ""
    for start, name in (
        (b"ID3", "id3"), (b"OggS", "ogg"), (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wma"),
        (b"FLV\1", "flv"), (PARTITION + b"\2", "mxf"),
    ):  # fmt: skip
        if head.startswith(start):
            return name
    return "ts" if packets_of(head) else frames_of(head)


def packets_of(head: bytes) -> int:
    """How long the packets of a transport stream are; 0 when it is none."""
    for first, length in STREAMS:
        signs = head[first : first + SIGNS * length : length]
        if len(signs) == SIGNS and set(signs) == {SYNC}:
            return length
    return 0


def name_of_brand(brand: bytes) -> str:
    if brand in STILLS:
        return ""
    return "m4a" if brand in AUDIOS else "mov" if brand == b"qt  " else "mp4"


def frames_of(head: bytes) -> str:
    """The kinds of audio that are frames and nothing else."""
    if head.startswith(b"fLaC"):
        return "flac"
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return ""
    if head[1] & 0xF6 == 0xF0:
        return "aac"
    return "mp3" if head[1] & 0x06 == 0x02 and head[2] >> 4 != 15 else ""


def tag_size(head: bytes) -> int:
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return size + (10 if head[5] & 0x10 else 0)


def read_at(file: BinaryIO, place: int, length: int) -> bytes:
    file.seek(place)
    return file.read(length)


def check_complete(file: BinaryIO, shell: Shell) -> None:
    """Notice a file that was cut off, which decoding alone would overlook."""
    size = file.seek(0, 2)
    checks = {
        "mov": boxes_complete,
        "avi": riff_complete,
        "wav": riff_complete,
        "ogg": pages_complete,
        "matroska": segment_complete,
        "flv": tags_complete,
        "mpegts": packets_complete,
        "mxf": partitions_complete,
        "asf": properties_complete,
    }
    check = checks.get(shell.demuxer)
    if check and not check(file, size):
        raise UnfitMedia("damaged")


def boxes_complete(file: BinaryIO, size: int) -> bool:
    """An index, some content, and nothing that says it is longer than the file."""
    seen: set[bytes] = set()
    for name, start, end in boxes(file, 0, size):
        if end > size:
            return {b"moov", b"mdat"} <= seen and name not in (b"moov", b"mdat", b"moof")
        if name == b"moov":
            check_counts(file, start, end)
        seen.add(name)
    return b"moov" in seen and bool({b"mdat", b"moof"} & seen)


def boxes(file: BinaryIO, place: int, size: int) -> Iterator[tuple[bytes, int, int]]:
    """The name of each, where its body begins, and where it ends."""
    for _count in range(MOST_PARTS):
        head = read_at(file, place, 16) if place < size else b""
        if len(head) < 8:
            return
        length, name, body = int.from_bytes(head[:4]), head[4:8], 8
        if length == 1:
            length, body = int.from_bytes(head[8:16]), 16
        elif length == 0:
            length = size - place
        if length < body:
            return
        yield name, place + body, place + length
        place += length


def check_counts(file: BinaryIO, place: int, size: int) -> None:
    """The library makes room for as many frames as an index of a few bytes says there are."""
    for name, start, end in boxes(file, place, size):
        if name in HOLDERS and end <= size:
            check_counts(file, start, end)
        elif name == b"stsz" and int.from_bytes(read_at(file, start + 8, 4)) > MOST_PACKETS:
            raise UnfitMedia("long")
        elif name == b"cmov":  # a packed index: no one has written one for twenty years
            raise UnfitMedia("damaged")


def riff_complete(file: BinaryIO, size: int) -> bool:
    head = read_at(file, 0, 12)
    length = int.from_bytes(head[4:8], "little")
    return length in UNKNOWN or length + 8 <= size + 1


def segment_complete(file: BinaryIO, size: int) -> bool:
    head = read_at(file, 0, 4_096)
    place = head.find(SEGMENT)
    if place < 0:
        return False
    place += len(SEGMENT)
    first = head[place] if place < len(head) else 0
    width = 9 - first.bit_length()
    number = int.from_bytes(head[place : place + width]) & ((1 << 7 * width) - 1)
    return width < 9 and (number == (1 << 7 * width) - 1 or place + width + number <= size)


def pages_complete(file: BinaryIO, size: int) -> bool:
    """The last page is all there and says that it is the last."""
    tail = read_at(file, max(0, size - 70_000), 70_000)
    for found in reversed(list(re.finditer(b"OggS\0", tail))):
        page = tail[found.start() :]
        if len(page) >= 27 and len(page) >= 27 + page[26]:
            length = 27 + page[26] + sum(page[27 : 27 + page[26]])
            return bool(page[5] & 4) and len(page) >= length
    return False


def tags_complete(file: BinaryIO, size: int) -> bool:
    """One tag after the other to the very end, each followed by its length."""
    place = int.from_bytes(read_at(file, 5, 4)) + 4
    for _count in range(MOST_PACKETS):
        head = read_at(file, place, TAG)
        if len(head) < TAG:
            return place in (size, size + 4)  # some leave out the last length
        if head[0] & 0x1F not in TAGS:
            return False
        place += TAG + int.from_bytes(head[1:4]) + 4
    raise UnfitMedia("long")


def packets_complete(file: BinaryIO, size: int) -> bool:
    length = packets_of(read_at(file, 0, 4_096))
    return bool(length) and size % length == 0


def partitions_complete(file: BinaryIO, size: int) -> bool:
    """Where the first partition names the last one, that is there."""
    head = read_at(file, 0, 128)
    body = 17 + (head[16] & 0x7F if head[16] & 0x80 else 0)  # after the key and a length
    footer = int.from_bytes(head[body + 24 : body + 32])
    return not footer or read_at(file, min(footer, size), len(PARTITION)) == PARTITION


def properties_complete(file: BinaryIO, size: int) -> bool:
    """The header of a WMA says how long the file is, unless it was sent while it was made."""
    head = read_at(file, 0, 4_096)
    place = head.find(PROPERTIES)
    stated, live = head[place + 40 : place + 48], head[place + 88 : place + 89]
    return place < 0 or live == b"\1" or int.from_bytes(stated, "little") <= size


def promised_frames(file: BinaryIO, shell: Shell) -> int:
    """How many frames the header of an MP3 says there are; 0 when it says nothing."""
    if shell.format != "mp3":
        return 0
    head = read_at(file, 0, 10)
    start = 10 + tag_size(head) if head.startswith(b"ID3") else 0
    found = re.search(b"Xing|Info", read_at(file, start, 256))
    if not found:
        return 0
    note = read_at(file, start + found.end(), 8)
    return int.from_bytes(note[4:8]) if len(note) == 8 and note[3] & 1 else 0
