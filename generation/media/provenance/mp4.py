"""MP4: boxes. XMP stands in a box of its own at the end, so that nothing else moves.

The Chinese keys stand in the index besides, as FFmpeg reads and writes them. Where the index is in
front of the frames, it says anew where they begin.
"""

from array import array
from collections.abc import Iterator
from sys import byteorder
from typing import BinaryIO, NamedTuple

from generation.media.provenance.edits import MOST_PACKET, Edit, Survey, Unreadable, read_at
from generation.media.provenance.xmp import is_aigc

XMP_ID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
C2PA_ID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
MOST_BOXES = 100_000
MOST_TABLE = 32 << 20  # bytes of the places of frames
LONGEST = (1 << 32) - 1
KEY = b"AIGC"
HOLDERS = (b"trak", b"mdia", b"minf", b"stbl")
WIDTHS = {b"stco": 4, b"co64": 8}
TYPES = {4: "I", 8: "Q"}


class Box(NamedTuple):
    name: bytes
    start: int
    body: int
    end: int
    open_ended: bool  # it says that it goes on to the end of the file


def boxes(file: BinaryIO, place: int, end: int, top: bool = False) -> Iterator[Box]:
    for _count in range(MOST_BOXES):
        if place + 8 > end:
            return
        head = read_at(file, place, 8)
        length, name, body = int.from_bytes(head[:4]), head[4:], 8
        open_ended = length == 0 and top
        if length == 1:
            length, body = int.from_bytes(read_at(file, place + 8, 8)), 16
        elif open_ended:
            length = end - place
        if length < body or place + length > end:
            raise Unreadable
        yield Box(name, place, place + body, place + length, open_ended)
        place += length
    raise Unreadable


def survey_mp4(file: BinaryIO, size: int) -> Survey:
    if read_at(file, 4, 4) != b"ftyp":
        raise Unreadable
    found, names = Survey(size), set[bytes]()
    for box in boxes(file, 0, size, top=True):
        note_box(found, box, file)
        names.add(box.name)
    if b"moov" not in names:
        raise Unreadable
    if names & {b"moof", b"meta"}:  # what else has places in it
        found.more["fixed"] = 1
    return found


def note_box(found: Survey, box: Box, file: BinaryIO) -> None:
    match box.name:
        case b"uuid":
            note_uuid(found, box, file)
        case b"moov":
            note_index(found, box, file)
        case b"mdat" if "index" in found.more:
            found.more["after"] = 1  # what the index names moves when that grows
    if box.open_ended:
        found.more["open"] = box.start
    # The list of a fragmented file says from its end how long it is: it stays the last.
    found.free = box.start if box.name == b"mfra" else box.end


def note_uuid(found: Survey, box: Box, file: BinaryIO) -> None:
    identity = read_at(file, box.body, 16) if box.end - box.body >= 16 else b""
    if identity == C2PA_ID:
        found.c2pa = True
    elif identity == XMP_ID and found.place is None:
        length = min(box.end - box.body - 16, MOST_PACKET)
        found.packet, found.place = read_at(file, box.body + 16, length), (box.start, box.end)


def note_index(found: Survey, index: Box, file: BinaryIO) -> None:
    if "index" in found.more:
        raise Unreadable
    found.more |= {"index": index.start, "index_body": index.body, "index_end": index.end}
    last = index.body
    for box in boxes(file, index.body, index.end):
        last = box.end
        if box.name == b"meta":
            found.more["fixed"] = 1
        if box.name in (b"meta", b"udta"):
            data = read_at(file, box.body, min(box.end - box.body, MOST_PACKET))
            found.aigc = found.aigc or (KEY in data and is_aigc(data))
        elif box.name == b"mvex":
            found.more["fixed"] = 1
    if last != index.end:  # something at its end that is no box
        found.more["fixed"] = 1


def mp4_edits(found: Survey, packet: bytes, aigc: str, file: BinaryIO | None = None) -> list[Edit]:
    """With `file`, the keys also go into the index, where that may grow."""
    changes = []
    if aigc and file and not found.aigc and "fixed" not in found.more:
        changes += index_edits(found, aigc, file)  # first: both may be put in the same place
    changes.append(Edit(found.free, found.free, box_of(b"uuid", XMP_ID + packet)))
    if found.place:  # its room stays, so that nothing moves
        changes.append(Edit(found.place[0] + 4, found.place[0] + 8, b"free"))
    if "open" in found.more:
        start = found.more["open"]
        length = found.size - start
        if length > LONGEST or start == found.more["index"]:
            raise Unreadable
        changes.append(Edit(start, start + 4, length.to_bytes(4)))
    return changes


def index_edits(found: Survey, aigc: str, file: BinaryIO) -> list[Edit]:
    start, body, end = (found.more[name] for name in ("index", "index_body", "index_end"))
    meta = keys_box(aigc.encode())
    length = end - start + len(meta)
    if body - start != 8 or length > LONGEST:
        return []
    changes = [Edit(start, start + 4, length.to_bytes(4)), Edit(end, end, meta)]
    if "after" not in found.more:
        return changes
    for table, width in place_tables(file, body, end):
        moved = moved_places(read_at(file, table.body, table.end - table.body), width, end, meta)
        if moved is None:
            return []
        changes.append(Edit(table.body, table.end, moved))
    return changes


def place_tables(file: BinaryIO, start: int, end: int, depth: int = 0) -> Iterator[tuple[Box, int]]:
    """The tables that say where frames begin, by walking down to them."""
    for box in boxes(file, start, end):
        if depth < len(HOLDERS) and box.name == HOLDERS[depth]:
            yield from place_tables(file, box.body, box.end, depth + 1)
        elif box.name in WIDTHS:
            if box.end - box.body > MOST_TABLE:
                raise Unreadable
            yield box, WIDTHS[box.name]
        elif box.name == b"saio":
            raise Unreadable


def moved_places(body: bytes, width: int, end: int, meta: bytes) -> bytes | None:
    """The same table after the index has grown; None where a place has no room for its number."""
    count = int.from_bytes(body[4:8])
    if len(body) < 8 + count * width:
        raise Unreadable
    places = array(TYPES[width], body[8 : 8 + count * width])
    if byteorder == "little":
        places.byteswap()
    for number, place in enumerate(places):
        if place >= end:
            if width == 4 and place + len(meta) > LONGEST:
                return None
            places[number] = place + len(meta)
    if byteorder == "little":
        places.byteswap()
    return body[:8] + places.tobytes() + body[8 + count * width :]


def keys_box(value: bytes) -> bytes:
    """A list of one key and its value, which is text."""
    handler = box_of(b"hdlr", bytes(8) + b"mdta" + bytes(12) + b"\0")
    keys = box_of(b"keys", bytes(4) + (1).to_bytes(4) + box_of(b"mdta", KEY))
    data = box_of(b"data", (1).to_bytes(4) + bytes(4) + value)
    values = box_of(b"ilst", box_of((1).to_bytes(4), data))
    return box_of(b"meta", bytes(4) + handler + keys + values)


def box_of(name: bytes, body: bytes) -> bytes:
    return (8 + len(body)).to_bytes(4) + name + body
