"""Free notes inside coded pictures: encoders sign there, and cameras write where they are."""

import re
from collections.abc import Iterator

KINDS = {"h264": (6,), "hevc": (39, 40)}  # units that hold notes
FREE = 5  # a note whose meaning only its author knows
WIDTH = 4  # bytes of a unit's length
START = b"\0\0\1"  # before each unit where units have no lengths, as in a transport stream


def has_lengths(header: bytes | None, codec: str) -> bool:
    """Whether units follow each other by length, as in MP4, and lengths have the usual width."""
    place = {"h264": 4, "hevc": 21}[codec]
    return bool(
        header and len(header) > place and header[0] == 1 and header[place] & 3 == WIDTH - 1
    )


def removed(data: bytes, codec: str) -> bytes:
    """The packet without the units that hold free notes alone; as it was when it is not plain."""
    kept = []
    for unit in units(data):
        if unit is None:
            return data
        if not holds_notes(unit, codec):
            kept.append(len(unit).to_bytes(WIDTH) + unit)
    return b"".join(kept)


def has_starts(data: bytes) -> bool:
    return data.startswith((START, b"\0" + START))


def removed_between_starts(data: bytes, codec: str) -> bytes:
    """The same of a packet whose units are separated by start codes. Zeros fill the gaps."""
    found = [unit.rstrip(b"\0") for unit in re.split(START, data)]
    return b"".join(b"\0" + START + unit for unit in found if unit and not holds_notes(unit, codec))


def units(data: bytes) -> Iterator[bytes | None]:
    place = 0
    while place < len(data):
        start = place + WIDTH
        place = start + int.from_bytes(data[place:start])
        yield data[start:place] if start < place <= len(data) else None


def holds_notes(unit: bytes, codec: str) -> bool:
    kind, head = (unit[0] & 31, 1) if codec == "h264" else (unit[0] >> 1 & 63, 2)
    if kind not in KINDS[codec]:
        return False
    found = list(messages(unit.replace(b"\0\0\3", b"\0\0"), head))
    return bool(found) and all(one == FREE for one in found)


def messages(unit: bytes, place: int) -> Iterator[int]:
    """The kind of each note of a unit."""
    while place < len(unit) - 2:  # its last byte only ends it
        kind, place = sei_number(unit, place)
        size, place = sei_number(unit, place)
        yield kind
        place += size


def sei_number(unit: bytes, place: int) -> tuple[int, int]:
    """As many 255s as it takes, and the rest."""
    value = 0
    while place < len(unit) and unit[place] == 255:
        value, place = value + 255, place + 1
    return value + (unit[place] if place < len(unit) else 0), place + 1
