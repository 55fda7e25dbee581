"""WebP: chunks in a RIFF; the extended header says that there is XMP."""

from typing import BinaryIO

from generation.media.provenance.edits import MOST_PACKET, Edit, Survey, Unreadable, read_at

MOST_CHUNKS = 100_000
HAS_XMP, HAS_ALPHA = 0x04, 0x10
EXTENDED, LOSSY, LOSSLESS = b"VP8X", b"VP8 ", b"VP8L"


def survey_webp(file: BinaryIO, size: int) -> Survey:
    head = read_at(file, 0, 12)
    end = 8 + int.from_bytes(head[4:8], "little")
    if head[:4] != b"RIFF" or head[8:] != b"WEBP" or end > size:
        raise Unreadable
    found, place = Survey(size, free=end + end % 2, more={"end": end}), 12
    note_first(found, file)
    for _count in range(MOST_CHUNKS):
        if place + 8 > end:
            break
        name = read_at(file, place, 4)
        length = int.from_bytes(read_at(file, place + 4, 4), "little")
        if place + 8 + length > end:
            raise Unreadable
        after = min(place + 8 + length + length % 2, end)
        if name == b"XMP " and found.place is None:
            found.packet = read_at(file, place + 8, min(length, MOST_PACKET))
            found.place = place, after
        elif name == b"C2PA":
            found.c2pa = True
        place = after
    else:
        raise Unreadable
    if place != end or end % 2:  # an odd end: something is not as it should be
        raise Unreadable
    return found


def note_first(found: Survey, file: BinaryIO) -> None:
    """The flags of the extended header, or what is needed to write one."""
    name = read_at(file, 12, 4)
    if name == EXTENDED:
        found.more["flags"] = read_at(file, 20, 1)[0]
        return
    if name == LOSSY:
        head = read_at(file, 20, 10)
        if head[3:6] != b"\x9d\x01\x2a":
            raise Unreadable
        width, height = (int.from_bytes(head[i : i + 2], "little") & 0x3FFF for i in (6, 8))
        found.more |= {"width": width, "height": height, "alpha": 0}
    elif name == LOSSLESS:
        head = read_at(file, 20, 5)
        bits = int.from_bytes(head[1:], "little")
        if head[0] != 0x2F:
            raise Unreadable
        found.more |= {"width": (bits & 0x3FFF) + 1, "height": (bits >> 14 & 0x3FFF) + 1}
        found.more["alpha"] = bits >> 28 & 1
    else:
        raise Unreadable
    if not found.more["width"] or not found.more["height"]:
        raise Unreadable


def webp_edits(found: Survey, packet: bytes, _aigc: str) -> list[Edit]:
    new = b"XMP " + len(packet).to_bytes(4, "little") + packet + b"\0" * (len(packet) % 2)
    start, end = found.place or (found.free, found.free)
    changes = [Edit(start, end, new)]
    if "flags" in found.more:
        changes.append(Edit(20, 21, bytes([found.more["flags"] | HAS_XMP])))
    else:
        changes.append(Edit(12, 12, extended_header(found.more)))
    grown = sum(len(one.new) - (one.end - one.start) for one in changes)
    length = found.more["end"] - 8 + grown
    if length >= 1 << 32:
        raise Unreadable
    return [*changes, Edit(4, 8, length.to_bytes(4, "little"))]


def extended_header(more: dict[str, int]) -> bytes:
    flags = HAS_XMP | (HAS_ALPHA if more["alpha"] else 0)
    sizes = [(more[name] - 1).to_bytes(3, "little") for name in ("width", "height")]
    return EXTENDED + (10).to_bytes(4, "little") + bytes([flags, 0, 0, 0]) + b"".join(sizes)
