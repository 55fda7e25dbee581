"""Comments as files for editors: CSV, SRT, EDL, and what Resolve and Avid read as markers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from generation.forms.timecode import (
    EDITORS_START,
    first_ms,
    frame_at,
    frames_a_second,
    full_frame,
    parse_full,
)
from generation.models import Audience, Comment, CommentState, Output
from generation.views.teams.audit_log import cell_of, csv_lines

SRT_SPAN = 2_000  # milliseconds, where a comment has no range
COLUMNS = (
    "item", "version", "timecode_in", "timecode_out", "frame_in", "frame_out", "seconds_in",
    "seconds_out", "x", "y", "name", "guest", "audience", "state", "text", "reply_to", "written_at",
    "file",
)  # fmt: skip
# The columns of the edit index that Resolve writes and reads as CSV.
RESOLVE = (
    "#", "Reel", "Match", "V", "C", "Dur", "Source In", "Source Out", "Record In", "Record Out",
    "Name", "Comments", "Color", "Notes",
)  # fmt: skip


@dataclass(frozen=True)
class Marked:
    """One output with its comments, and where it begins on the timeline of all, in frames."""

    output: Output
    title: str
    offset: int
    base: int
    comments: Sequence[Comment]
    replies: dict[Any, list[Comment]]
    labels: Mapping[str, str]  # in the reader's language, whatever is active when it is sent

    def span(self, comment: Comment) -> tuple[int, int]:
        """The first frame and the one behind the last, from the start of this output. Where a
        comment has no time it is about the beginning."""
        fps = self.output.media.fps
        first, last = comment.frame, comment.end_frame
        if first is None:
            first = frame_at(comment.at_ms or 0, fps)
        if last is None:
            last = frame_at(comment.end_ms, fps) if comment.end_ms is not None else first
        return first, max(last, first) + 1

    def text(self, comment: Comment) -> str:
        """The comment and its replies, each with who wrote it, on one line each."""
        thread = [comment, *self.replies.get(comment.pk, [])]
        return "\n".join(f"{self.author(one)}: {self.body(one)}" for one in thread)

    def author(self, comment: Comment) -> str:
        name = comment.name_then
        return self.labels["guest"] % {"name": name} if comment.by_guest else name

    def body(self, comment: Comment) -> str:
        """On one line; a drawing alone is called so."""
        return one_line(comment.body) or (self.labels["drawing"] if comment.drawing else "")

    @property
    def name(self) -> str:
        number = self.output.version_number
        return f"{self.title}, v{number}" if number else self.title


@dataclass(frozen=True)
class CommentList:
    """What a file is made of. `start` is where the timeline begins, as a timecode."""

    items: Iterator[Marked]
    title: str
    start: str


def as_csv(found: CommentList) -> Iterator[bytes]:
    """Everything that is known of each comment. Times are those of the file, from 00:00:00:00."""
    yield csv_lines([COLUMNS], mark="\ufeff")  # or spreadsheets take it for Latin-1
    for one in found.items:
        lines = []
        for comment in one.comments:
            lines.append(csv_row(one, comment))
            lines += [csv_row(one, reply) for reply in one.replies.get(comment.pk, [])]
        if lines:
            yield csv_lines(lines)


def csv_row(one: Marked, comment: Comment) -> list[str]:
    timed = comment.frame is not None or comment.at_ms is not None
    first, end = one.span(comment)
    fps, base = one.output.media.fps, frames_a_second(one.output.media.fps)
    exact = comment.frame is not None
    seconds = (
        (comment.at_ms or 0) / 1000 if not exact else first_ms(first, fps) / 1000,
        (comment.end_ms or comment.at_ms or 0) / 1000 if not exact else first_ms(end, fps) / 1000,
    )
    values: tuple[Any, ...] = (
        one.title, one.output.version_number,
        full_frame(first, base) if timed else "", full_frame(end, base) if timed else "",
        str(first) if exact else "", str(end - 1) if exact else "",
        f"{seconds[0]:.3f}" if timed else "", f"{seconds[1]:.3f}" if timed else "",
        "" if comment.point_x is None else f"{comment.point_x:.4f}",
        "" if comment.point_y is None else f"{comment.point_y:.4f}",
        comment.name_then, "yes" if comment.by_guest else "no",
        "guests" if comment.audience == Audience.GUESTS else "team", comment.state,
        comment.body or one.body(comment),
        "" if comment.parent_id is None else str(comment.parent_id),
        comment.created_at.astimezone(UTC).isoformat(), one.output.media.sha256,
    )  # fmt: skip
    return [cell_of(value) for value in values]


def as_srt(found: CommentList) -> Iterator[bytes]:
    """A subtitle a comment: its range, else two seconds."""
    number = 0
    for one in found.items:
        fps = one.output.media.fps
        shift = round(one.offset * 1000 / one.base)
        for comment in one.comments:
            first, end = one.span(comment)
            begins = comment.at_ms or 0
            if comment.frame is not None:
                begins = first_ms(first, fps)
            ends = begins + SRT_SPAN
            if comment.end_frame is not None:
                ends = first_ms(end, fps)
            elif comment.end_ms is not None:
                ends = max(comment.end_ms, begins + 1)
            number += 1
            when = f"{srt_time(shift + begins)} --> {srt_time(shift + ends)}"
            yield f"{number}\r\n{when}\r\n{srt_text(one.text(comment))}\r\n\r\n".encode()


def srt_time(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{rest:03}"


def srt_text(text: str) -> str:
    """No empty line, which would end the subtitle, and nothing that is read as a time."""
    return text.replace("-->", "→").replace("\n", "\r\n")


def as_edl(found: CommentList) -> Iterator[bytes]:
    """An event of one frame or its range a comment, and below it the line that Resolve reads as a
    marker of its timeline."""
    yield edl_head(found.title)
    for number, one, comment, first, end, begin in numbered(found):
        length = end - first
        note = one_line(one.text(comment)).replace("|", "/")
        if note[:1].isdigit():  # or it is taken for an event
            note = f"– {note}"
        name = one_line(one.name).replace("|", "/")[:60]
        yield (
            edl_event(number, one, first, end, begin)
            + f"{note} |C:ResolveColor{colour_of(comment)} |M:{name} |D:{length}\r\n\r\n"
        ).encode()


def as_avid(found: CommentList) -> Iterator[bytes]:
    """The same events with a locator, as Avid and what reads its lists take it."""
    yield edl_head(found.title)
    for number, one, comment, first, end, begin in numbered(found):
        at = full_frame(begin + one.offset + first, one.base)
        colour = colour_of(comment).upper()
        yield (
            edl_event(number, one, first, end, begin)
            + f"* FROM CLIP NAME: {one_line(one.name)[:60]}\r\n"
            + f"* LOC: {at} {colour:<8}{one_line(one.text(comment))}\r\n\r\n"
        ).encode()


def edl_head(title: str) -> bytes:
    return f"TITLE: {one_line(title)[:70]}\r\nFCM: NON-DROP FRAME\r\n\r\n".encode()


def numbered(found: CommentList) -> Iterator[tuple[int, Marked, Comment, int, int, int]]:
    """Each comment with its number, its frames in the item, and where the timeline begins."""
    number = 0
    for one in found.items:
        begin = parse_full(found.start, one.base)
        for comment in one.comments:
            first, end = one.span(comment)
            number += 1
            begin = parse_full(EDITORS_START, one.base) or 0 if begin is None else begin
            yield number, one, comment, first, end, begin


def edl_event(number: int, one: Marked, first: int, end: int, begin: int) -> str:
    """Times in the source, then on the timeline. CMX 3600 counts to 999 and then from 1 again."""
    source = f"{full_frame(first, one.base)} {full_frame(end, one.base)}"
    at, to = begin + one.offset + first, begin + one.offset + end
    record = f"{full_frame(at, one.base)} {full_frame(to, one.base)}"
    return f"{(number - 1) % 999 + 1:03}  AX       V     C        {source} {record}\r\n"


def as_resolve(found: CommentList) -> Iterator[bytes]:
    """The edit index of Resolve."""
    yield csv_lines([RESOLVE])
    for number, one, comment, first, end, begin in numbered(found):
        at, to = begin + one.offset + first, begin + one.offset + end
        name, note = one.name, one_line(one.text(comment))
        times = [full_frame(frame, one.base) for frame in (end - first, first, end, at, to)]
        cells = [number, "AX", "", "V1", "C", *times, name, "", colour_of(comment), note]
        yield csv_lines([[cell_of(str(cell)) for cell in cells]])


def one_line(text: str) -> str:
    """On one line, without what ends one."""
    return " ".join(text.split())


def colour_of(comment: Comment) -> str:
    """Resolved is green, a guest's is yellow, the team's are blue."""
    if comment.state == CommentState.RESOLVED:
        return "Green"
    return "Yellow" if comment.by_guest else "Blue"


Written = Callable[[CommentList], Iterator[bytes]]
FORMS: dict[str, tuple[str, str, Written]] = {
    "csv": ("text/csv; charset=utf-8", "csv", as_csv),
    "srt": ("application/x-subrip; charset=utf-8", "srt", as_srt),
    "edl": ("text/plain; charset=utf-8", "edl", as_edl),
    "avid": ("text/plain; charset=utf-8", "edl", as_avid),
    "resolve": ("text/csv; charset=utf-8", "csv", as_resolve),
}
