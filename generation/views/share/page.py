"""The page of a share link, and the page of each thing that it shows."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from generation.engine.share_items import items_of
from generation.models import Comment, Downloads, MediaKind, Output, ReviewState, ShareLink
from generation.views.feed.task_card import media_ratio
from generation.views.share.closed import closed, shown_day, shown_end
from generation.views.share.gate import Visit, arrive, give_cookie, guest_view

ON_A_PAGE = 120
LONGEST_NAME = 80
# What the chips above the pieces choose: all, or those of these states.
FILTERS = {
    "answer": {ReviewState.NONE, ReviewState.IN_REVIEW},
    "approved": {ReviewState.APPROVED},
    "changes": {ReviewState.CHANGES},
}


@dataclass
class Piece:
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
        return self.file("preview")

    @property
    def original(self) -> str:
        return self.file("original")

    @property
    def played(self) -> str:
        """What its page plays. The original is for saving, and counts as a download."""
        return self.preview

    @property
    def download(self) -> str:
        """The address of what may be saved; empty: nothing."""
        if self.link.downloads == Downloads.NONE:
            return ""
        if self.link.approved_only and self.output.review != ReviewState.APPROVED:
            return ""
        original = self.link.downloads == Downloads.ORIGINAL
        return self.original if original else f"{self.preview}?download=1"

    @cached_property
    def name(self) -> str:
        """The prompt where guests may read it, else only what it is and its number."""
        prompt = " ".join(self.output.task.prompt.split()) if self.link.show_prompts else ""
        if len(prompt) > LONGEST_NAME:
            return f"{prompt[: LONGEST_NAME - 1].rstrip()}…"
        known = {"kind": self.output.get_kind_display(), "number": self.number}
        return prompt or _("%(kind)s %(number)s") % known

    @property
    def prompt(self) -> str:
        return self.output.task.prompt if self.link.show_prompts else ""

    @property
    def shape(self) -> str:
        return media_ratio(self.output.media)

    # Templates write numbers as the language has it; these are texts already.
    @property
    def width(self) -> str:
        return str(self.output.media.width or 16)

    @property
    def height(self) -> str:
        return str(self.output.media.height or 9)

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


@guest_view
@require_safe
def share_page(request: HttpRequest, share_token: str) -> HttpResponse:
    """All that the link shows."""
    visit = arrive(request, share_token)
    if isinstance(visit, HttpResponse):
        return visit
    link = visit.link
    pieces = pieces_of(link, share_token)
    tally = tally_of(pieces) if link.may_approve and pieces else None
    chosen = request.GET.get("show", "")
    shown = [one for one in pieces if one.output.review in FILTERS.get(chosen, ReviewState.values)]
    paged = Paginator(shown, ON_A_PAGE).get_page(request.GET.get("page"))
    count_comments(link, paged.object_list)
    facts = common_facts(visit, share_token) | {
        "page": paged,
        "total": len(pieces),
        "tally": tally,
        "chosen": chosen if chosen in FILTERS else "",
        "chips": chips_of(tally) if tally else [],
    }
    response = render(request, "generation/share/page.html", facts)
    give_cookie(request, response, share_token)
    return response


def chips_of(tally: Tally) -> list[tuple[str, str, int]]:
    return [
        ("", pgettext("pieces of a share link", "All"), tally.total),
        ("answer", _("To answer"), tally.open),
        ("approved", _("Approved"), tally.approved),
        ("changes", _("Changes asked"), tally.changes),
    ]


@guest_view
@require_safe
def share_item(request: HttpRequest, share_token: str, number: int) -> HttpResponse:
    """One piece, with the way to its neighbours."""
    visit = arrive(request, share_token)
    if isinstance(visit, HttpResponse):
        return visit
    facts = item_facts(visit, share_token, number)
    if facts is None:
        return closed(request)
    response = render(request, "generation/share/item.html", facts)
    give_cookie(request, response, share_token)
    return response


def item_facts(visit: Visit, token: str, number: int) -> dict[str, Any] | None:
    """What the page of one piece shows; None: there is none of this number any more."""
    pieces = pieces_of(visit.link, token)
    place = next((at for at, one in enumerate(pieces) if one.number == number), None)
    if place is None:
        return None
    piece = pieces[place]
    return common_facts(visit, token) | {
        "piece": piece,
        "place": place + 1,
        "total": len(pieces),
        "before": pieces[place - 1] if place else None,
        "after": pieces[place + 1] if place + 1 < len(pieces) else None,
        "is_image": piece.output.kind == MediaKind.IMAGE,
        "is_video": piece.output.kind == MediaKind.VIDEO,
    }


def pieces_of(link: ShareLink, token: str) -> list[Piece]:
    return [Piece(link, token, number, output) for number, output in items_of(link)]


def tally_of(pieces: Iterable[Piece]) -> Tally:
    states = [one.output.review for one in pieces]
    approved, changes = states.count(ReviewState.APPROVED), states.count(ReviewState.CHANGES)
    return Tally(approved, changes, len(states) - approved - changes)


def guest_comments(link: ShareLink) -> Q:
    """Which comments guests of this link may read: what the team says to guests, and their own. The
    guests of another link may be another client."""
    return Q(audience="guests", deleted_at=None) & (Q(by_guest=False) | Q(link=link))


def count_comments(link: ShareLink, pieces: Iterable[Piece]) -> None:
    if link.comments == "off":
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
        "comments_on": link.comments != "off",
    }


def sender_of(link: ShareLink) -> str:
    return (link.maker_name if link.show_names else "") or link.team.name
