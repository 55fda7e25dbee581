"""What guests of a link may read of what was written about a piece."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from generation.engine.comments import is_editable
from generation.engine.share_items import guest_comments
from generation.engine.share_terms import zone_of
from generation.forms import timecode
from generation.models import Comment, Commenting, Output, ShareLink, Visitor
from generation.views.share.gate import Visit

MOST_SHOWN = 500


@dataclass
class GuestComment:
    """A comment, as guests of the link may read it."""

    row: Comment
    name: str
    at: str  # when it was written, by the clocks of the team
    time: str = ""  # where it belongs in the video
    seek: str = ""  # the same in seconds
    is_mine: bool = False
    replies: "list[GuestComment]" = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return f"c{self.row.pk.hex}"

    @property
    def look(self) -> str:
        """The classes of the face: guests have a square one."""
        return "xs of-guest" if self.row.by_guest else "xs"

    @property
    def is_editable(self) -> bool:
        return self.is_mine and is_editable(self.row)


def comments_of(visit: Visit, output: Output) -> list[GuestComment]:
    """Those with a place first in its order, each with its replies."""
    link = visit.link
    rows = Comment.objects.filter(guest_comments(link), output=output).select_related("author")
    threads: dict[Any, GuestComment] = {}
    replies = []
    for row in rows.order_by("created_at", "id")[:MOST_SHOWN]:
        if row.parent_id:
            replies.append(row)
        else:
            threads[row.pk] = shown_comment(visit, row, output)
    for row in replies:
        if row.parent_id in threads:
            threads[row.parent_id].replies.append(shown_comment(visit, row, output))
    return sorted(threads.values(), key=lambda one: (one.row.at_ms is None, one.row.at_ms or 0))


def shown_comment(visit: Visit, row: Comment, output: Output) -> GuestComment:
    mine = visit.visitor is not None and row.visitor_id == visit.visitor.pk
    written = row.created_at.astimezone(zone_of(visit.link.team))
    return GuestComment(
        row=row,
        name=author_for(visit.link, row.name_then, row.link_id, by_guest=row.by_guest),
        at=f"{written:%d.%m. %H:%M}",
        time=shown_place(row, output),
        seek="" if row.at_ms is None else f"{row.at_ms / 1_000:.3f}",
        is_mine=mine and row.link_id == visit.link.pk,
    )


def author_for(link: ShareLink, name: str, link_id: int | None, *, by_guest: bool) -> str:
    """How guests of the link may call somebody: their own kind by name, members only where the
    link shows names, and guests of other links not at all."""
    if by_guest:
        return name if link_id == link.pk and name else _("A guest")
    return (name if link.show_names else "") or link.team.name


def shown_place(row: Comment, output: Output) -> str:
    rate = output.media.frame_rate
    if row.frame is not None and rate is not None:
        ends = row.end_frame
        first = timecode.short_frame(row.frame, rate)
        return first if ends is None else f"{first}–{timecode.short_frame(ends, rate)}"
    if row.at_ms is None:
        return ""
    first = timecode.short_ms(row.at_ms)
    return first if row.end_ms is None else f"{first}–{timecode.short_ms(row.end_ms)}"


def may_write(visit: Visit) -> bool:
    return visit.visitor is not None and visit.link.comments != Commenting.OFF


def is_named(link: ShareLink, visitor: Visitor | None) -> bool:
    """Whether the guest has said who they are, as far as the link asks."""
    if visitor is None or not visitor.name:
        return False
    return bool(visitor.email) or link.comments != Commenting.NAMED_EMAIL
