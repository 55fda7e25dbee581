"""What a file carries, and the copy of it that carries more."""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from generation.media.provenance import jpeg, mp4, png, webp, xmp
from generation.media.provenance.edits import (
    MOST_PACKET,
    Edit,
    Survey,
    Unreadable,
    length_after,
    write_edited,
)

C2PA, AI, AIGC = "c2pa", "ai", "aigc"
FORMATS = ("jpeg", "png", "webp", "mp4")  # those that can be given more
SURVEYS = {
    "jpeg": jpeg.survey_jpeg,
    "png": png.survey_png,
    "webp": webp.survey_webp,
    "mp4": mp4.survey_mp4,
}
STARTS = ((b"\xff\xd8\xff", "jpeg"), (b"\x89PNG", "png"))
log = logging.getLogger(__name__)


def container_of(head: bytes) -> str:
    """By its bytes alone; "" for what is not looked into."""
    for start, name in STARTS:
        if head.startswith(start):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    return "mp4" if head[4:8] == b"ftyp" else ""


def survey_file(file: BinaryIO) -> tuple[str, Survey]:
    """Raises Unreadable."""
    size = file.seek(0, 2)
    file.seek(0)
    kind = container_of(file.read(12))
    if not kind:
        raise Unreadable
    return kind, SURVEYS[kind](file, size)


def read_carried(path: Path) -> str:
    """What a file says of itself, as words with commas between. Never a reason to refuse it."""
    try:
        with path.open("rb") as file:
            _kind, found = survey_file(file)
    except (Unreadable, OSError):
        return ""
    packet = xmp.as_utf8(found.packet)
    says = {C2PA: found.c2pa, AI: xmp.says_ai(packet), AIGC: found.aigc or xmp.has_aigc(packet)}
    return ",".join(name for name, is_so in says.items() if is_so)


def facts_of_given(path: Path) -> dict[str, str]:
    """What is kept of a file that is stored as another one, without its notes."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"carried": read_carried(path), "given_sha256": digest}


@dataclass(frozen=True)
class Wanted:
    """What a copy is to carry: that a model made it, and the text of the Chinese key."""

    source: bool
    aigc: str


def planned_edits(file: BinaryIO, wanted: Wanted) -> list[Edit]:
    """Empty where the file has all of it, may not be changed, or is built in another way.

    What a signature is about is not changed: it would no longer hold.
    """
    try:
        kind, found = survey_file(file)
        if found.c2pa or len(found.packet) >= MOST_PACKET:
            return []
        aigc = "" if found.aigc else wanted.aigc
        packet = xmp.packet_with(found.packet, wanted.source, aigc)
        if not packet:
            return []
        match kind:
            case "jpeg":
                return jpeg.jpeg_edits(found, packet, aigc)
            case "png":
                return png.png_edits(found, packet, aigc)
            case "webp":
                return webp.webp_edits(found, packet, aigc)
        return mp4.mp4_edits(found, packet, aigc, file)
    except Unreadable:
        log.warning("a file is delivered without marks: it is not built as usual")
        return []


def planned_length(path: Path, wanted: Wanted) -> int:
    """How long the copy will be; nothing is written for that."""
    with path.open("rb") as file:
        edits = planned_edits(file, wanted)
        return length_after(file.seek(0, 2), edits)


def write_copy(path: Path, wanted: Wanted, target: Path) -> str:
    """The SHA-256 of the copy; "" where the original itself is to be sent."""
    with path.open("rb") as file:
        edits = planned_edits(file, wanted)
        if not edits:
            return ""
        size = file.seek(0, 2)
        with target.open("xb") as copy:
            return write_edited(file, size, edits, copy)
