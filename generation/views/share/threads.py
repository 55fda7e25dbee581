"""What guests of a link may read of what was written about a piece: the room's list of comments, as
the link says."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from generation.engine.comments import threads_of
from generation.engine.share_items import guest_comments
from generation.engine.share_terms import zone_of
from generation.models import Comment, Commenting, Output, ShareLink, Visitor
from generation.views.library.talk import Remark, number_points, with_people
from generation.views.share.gate import Visit

MOST_SHOWN, MOST_REPLIES = 300, 1_000


@dataclass(kw_only=True)
class GuestRemark(Remark):
    """A comment or reply, as guests of the link may read it."""

    link: ShareLink

    @property
    def name(self) -> str:
        row = self.comment
        return author_for(self.link, row.name_then, row.link_id, by_guest=row.by_guest)

    @property
    def when(self) -> str:
        """By the clocks of the team."""
        return f"{self.comment.created_at.astimezone(zone_of(self.link.team)):%d.%m. %H:%M}"


@dataclass
class GuestTalk:
    remarks: list[GuestRemark] = field(default_factory=list)
    more: bool = False
    show: str = "all"

    @property
    def total(self) -> int:
        return sum(one.comment.deleted_at is None for one in self.remarks)


def talk_for(visit: Visit, output: Output, base: str, chosen: Comment | None = None) -> GuestTalk:
    """All that guests of the link may read, resolved or not, in the order of the timeline."""
    link = visit.link
    rows = threads_of(output, guests_only=True).filter(Q(by_guest=False) | Q(link=link))
    found = list(with_people(rows).order_by("at_ms", "created_at", "pk")[: MOST_SHOWN + 1])
    thread = (chosen.parent_id or chosen.pk) if chosen else None

    def drawn(row: Comment) -> GuestRemark:
        mine = visit.visitor is not None and row.visitor_id == visit.visitor.pk
        return GuestRemark(
            row, output.media.frame_rate, base, mine and row.link_id == link.pk,
            hidden=not link.show_names, now=row.pk == thread, link=link,
        )  # fmt: skip

    # Where they have no place, they stand first on every database.
    found.sort(key=lambda row: -1 if row.at_ms is None else row.at_ms)
    remarks = [drawn(row) for row in found[:MOST_SHOWN]]
    known = {one.comment.pk: one for one in remarks}
    for row in replies_below(link, known):
        known[row.parent_id].replies.append(drawn(row))
    remarks = [one for one in remarks if one.replies or one.comment.deleted_at is None]
    number_points(remarks)
    return GuestTalk(remarks, more=len(found) > MOST_SHOWN)


def replies_below(link: ShareLink, known: Iterable[Any]) -> Any:
    rows = with_people(Comment.objects.filter(guest_comments(link), parent__in=known))
    return rows.order_by("created_at", "pk")[:MOST_REPLIES]


def comment_asked(link: ShareLink, output: Output, text: str) -> Comment | None:
    """The one that an address names, if guests of the link may read it."""
    try:
        wanted = UUID(text)
    except ValueError:
        return None
    rows = Comment.objects.filter(guest_comments(link), output=output)
    return rows.select_related("parent").filter(pk=wanted).first()


def author_for(link: ShareLink, name: str, link_id: int | None, *, by_guest: bool) -> str:
    """How guests of the link may call somebody: their own kind by name, members only where the
    link shows names, and guests of other links not at all."""
    if by_guest:
        return name if link_id == link.pk and name else _("A guest")
    return (name if link.show_names else "") or link.team.name


def may_write(visit: Visit) -> bool:
    return visit.visitor is not None and visit.link.comments != Commenting.OFF


def is_named(link: ShareLink, visitor: Visitor | None) -> bool:
    """Whether the guest has said who they are, as far as the link asks."""
    if visitor is None or not visitor.name:
        return False
    return bool(visitor.email) or link.comments != Commenting.NAMED_EMAIL
