"""What a link shows, as its guests may know it: nothing of it has a number or a name of ours."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from generation.engine.share_items import guest_comments, items_of
from generation.models import Comment, Commenting, Output, ReviewState, ShareLink
from generation.views.library.tile import Framed, one_line
from generation.views.share.closed import shown_day, shown_end
from generation.views.share.gate import Visit
from generation.views.share.guest_files import may_download

LONGEST_NAME = 80


@dataclass
class Piece(Framed):
    """One output, as the guests of a link may know it."""

    link: ShareLink
    token: str
    number: int
    output: Output
    comments: int = 0

    @property
    def href(self) -> str:
        return reverse("share-item", args=[self.token, self.number])

    def file(self, variant: str) -> str:
        return reverse("share-media", args=[self.token, self.number, variant])

    @property
    def thumb(self) -> str:
        return self.file("thumb")

    @property
    def poster(self) -> str:
        return self.file("poster")

    @property
    def preview(self) -> str:
        """What its page shows and plays."""
        return self.file("preview")

    @cached_property
    def download(self) -> str:
        """The address of what may be saved; empty: nothing."""
        for variant in ("original", "preview"):
            if may_download(self.link, self.output, variant):
                return f"{self.file(variant)}?download"
        return ""

    @cached_property
    def name(self) -> str:
        """The prompt where guests may read it, else only what it is and its number."""
        prompt = one_line(self.prompt, LONGEST_NAME)
        known = {"kind": self.output.get_kind_display(), "number": self.number}
        return prompt or _("%(kind)s %(number)s") % known

    @property
    def prompt(self) -> str:
        return self.output.task.prompt if self.link.show_prompts else ""

    @property
    def size(self) -> str:
        media = self.output.media
        return f"{media.width} × {media.height}" if media.width and media.height else ""

    @property
    def version(self) -> int | None:
        return self.output.version_number

    @property
    def is_approved(self) -> bool:
        return self.output.review == ReviewState.APPROVED

    @property
    def needs_changes(self) -> bool:
        return self.output.review == ReviewState.CHANGES


@dataclass(frozen=True)
class Tally:
    """How many of the pieces were answered, and the part of a bar that each of them is."""

    approved: int
    changes: int
    open: int

    @property
    def total(self) -> int:
        return self.approved + self.changes + self.open

    @property
    def bars(self) -> list[tuple[str, str, str]]:
        """(class, x, width): one a piece, or where those would be too thin one a state."""
        states = [("ok", self.approved), ("no", self.changes), ("wait", self.open)]
        if self.total > 60:
            states = [(name, count) for name, count in states if count]
            parts = [(name, count / self.total) for name, count in states]
        else:
            parts = [(name, 1 / self.total) for name, count in states for _place in range(count)]
        bars, at = [], 0.0
        gap = 0.2 / max(len(parts), 1)
        for name, part in parts:
            bars.append(
                (name, f"{at * 100:.2f}%", f"{max(part - min(gap, part / 5), 0) * 100:.2f}%")
            )
            at += part
        return bars


def pieces_of(link: ShareLink, token: str) -> list[Piece]:
    return [Piece(link, token, number, output) for number, output in items_of(link)]


def find_piece(link: ShareLink, token: str, number: int) -> Piece | None:
    return next((one for one in pieces_of(link, token) if one.number == number), None)


def tally_of(pieces: Iterable[Piece]) -> Tally:
    states = [one.output.review for one in pieces]
    approved, changes = states.count(ReviewState.APPROVED), states.count(ReviewState.CHANGES)
    return Tally(approved, changes, len(states) - approved - changes)


def count_comments(link: ShareLink, pieces: Iterable[Piece]) -> None:
    if link.comments == Commenting.OFF:
        return
    shown = {one.output.pk: one for one in pieces}
    rows = Comment.objects.filter(guest_comments(link), output__in=shown).order_by()
    for output_id, count in rows.values_list("output").annotate(count=Count("pk")):
        shown[output_id].comments = count


def common_facts(visit: Visit, token: str) -> dict[str, Any]:
    """What each page of a link knows. `sender` is the team, unless names are shown."""
    link = visit.link
    return {
        "link": link,
        "token": token,
        "team": link.team,
        "visit": visit,
        "visitor": visit.visitor,
        "member": visit.member,
        "sender": sender_of(link),
        "sent_on": shown_day(link.created_at, link.team),
        "open_until": shown_end(link.expires_at, link.team),
        "comments_on": link.comments != Commenting.OFF,
    }


def sender_of(link: ShareLink) -> str:
    return (link.maker_name if link.show_names else "") or link.team.name
