"""What the review room shows: its player and its comments, for members and for guests."""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, prefetch_related_objects
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from generation.engine.comments import is_editable, threads_of
from generation.forms import timecode
from generation.forms.parsing import parse_id
from generation.models import (
    Audience,
    Comment,
    CommentState,
    Media,
    MediaKind,
    Output,
    User,
    Visitor,
)
from generation.models.users import initials_of

MOST_THREADS = 300  # that one page shows
MOST_REPLIES = 1_000
HUES = 5
SHOWS = ("open", "resolved", "mine")
RESOLVED = Q(state=CommentState.RESOLVED)
MARKED = ("created_at", "edited_at", "deleted_at", "resolved_at")


@dataclass(frozen=True)
class Player:
    """What the player's script and the plain page need of a file; addresses may be a link's."""

    media: Media
    url: str
    poster: str
    label: str
    start: int | None = None  # a frame, or where the rate is not constant a millisecond

    @property
    def kind(self) -> str:
        return self.media.kind

    @property
    def rate(self) -> Fraction | None:
        return self.media.frame_rate

    @property
    def rate_text(self) -> str:
        return f"{self.rate.numerator}/{self.rate.denominator}" if self.rate else ""

    @property
    def fps(self) -> str:
        """About how long a frame is shown, where nothing exact is known."""
        return str(self.media.fps or 24)

    @property
    def last(self) -> str:
        """The last frame or millisecond."""
        if self.rate and self.media.frame_count:
            return str(self.media.frame_count - 1)
        return str(round((self.media.seconds or 0) * 1_000))

    @property
    def width(self) -> str:
        return str(self.media.width or 16)

    @property
    def height(self) -> str:
        return str(self.media.height or 9)

    @property
    def length(self) -> str:
        """How long it is, as its clock shows it."""
        if self.rate and self.media.frame_count:
            return timecode.short_frame(self.media.frame_count, self.rate)
        return timecode.short_ms(int(self.last))

    @property
    def invitation(self) -> str:
        if self.kind == MediaKind.IMAGE:
            return _("Comment on this image")
        return _("Comment on this frame") if self.rate else _("Comment on this moment")

    @property
    def start_clock(self) -> str:
        return clock_of(self.start or 0, self.rate)

    @property
    def source(self) -> str:
        """With the time to begin at, which browsers follow without a script."""
        if self.start is None:
            return self.url
        ms = timecode.middle_ms(self.start, self.rate) if self.rate else self.start
        return f"{self.url}#t={ms / 1_000:.3f}"


def clock_of(place: int, rate: Fraction | None) -> str:
    return timecode.short_frame(place, rate) if rate else timecode.short_ms(place)


def full_clock_of(place: int, rate: Fraction | None) -> str:
    return timecode.full_frame(place, rate) if rate else timecode.full_ms(place)


def player_of(output: Output, label: str, start: int | None = None, **urls: str) -> Player:
    """Ask `engine.frames.find_frames` before. `urls`: url and poster, where they are a link's."""
    media = output.media
    facts = {"url": media.url, "poster": media.preview_url} | urls
    return Player(media, label=label, start=start, **facts)


@dataclass
class Remark:
    """One comment or reply, as it is drawn."""

    comment: Comment
    rate: Fraction | None
    base: str
    mine: bool
    hidden: bool = False  # members' names are
    now: bool = False
    number: int = 0  # of a point on a picture
    replies: list["Remark"] = field(default_factory=list)

    @property
    def key(self) -> str:
        return str(self.comment.pk)

    @property
    def name(self) -> str:
        row = self.comment
        if self.hidden and not row.by_guest:
            return _("The team")
        return row.author.shown_name if row.author else row.name_then

    @property
    def initials(self) -> str:
        return initials_of(self.name)

    @property
    def hue(self) -> str:
        """A class: guests have one of their own."""
        if self.comment.by_guest:
            return "guest"
        return f"p{(self.comment.author_id or 0) % HUES}" if not self.hidden else "p0"

    @property
    def href(self) -> str:
        """Opens its place: also from outside."""
        joint = "&" if "?" in self.base else "?"
        return f"{self.base}{joint}c={self.key}#c-{self.key}"

    @property
    def when(self) -> str:
        """The time of today, else the day."""
        at = timezone.localtime(self.comment.created_at)
        if at.date() == timezone.localdate():
            return date_format(at, "TIME_FORMAT")
        return date_format(at, "SHORT_DATE_FORMAT")

    @property
    def place(self) -> int | None:
        return self.comment.frame if self.rate else self.comment.at_ms

    @property
    def at(self) -> str:
        return "" if self.place is None else str(self.place)

    @property
    def end(self) -> str:
        found = self.comment.end_frame if self.rate else self.comment.end_ms
        return "" if found is None else str(found)

    @property
    def chip(self) -> str:
        return self.span(clock_of, "–") if self.at else ""

    @property
    def full(self) -> str:
        return self.span(full_clock_of, "–") if self.at else ""

    def span(self, shown: Callable[[int, Fraction | None], str], joint: str) -> str:
        ends = [int(text) for text in (self.at, self.end) if text]
        return joint.join(shown(one, self.rate) for one in ends)

    @property
    def point(self) -> str:
        x, y = self.comment.point_x, self.comment.point_y
        return "" if x is None else f"{x:.4f} {y:.4f}"

    @property
    def drawing(self) -> str:
        return json.dumps(self.comment.drawing, separators=(",", ":")) if self.drawn else ""

    @property
    def drawn(self) -> bool:
        return bool(self.comment.drawing)

    @property
    def drawing_label(self) -> str:
        if not self.at:
            return _("Drawing by %(name)s") % {"name": self.name}
        return _("Drawing by %(name)s at %(time)s") % {"name": self.name, "time": self.chip}

    @property
    def editable(self) -> bool:
        return self.mine and is_editable(self.comment)

    @property
    def resolved(self) -> bool:
        return self.comment.state == CommentState.RESOLVED

    @property
    def text(self) -> SafeString:
        """The words, with the members that are mentioned marked."""
        drawn = [
            format_html('<b class="rv-at">{}</b>', text) if named else text
            for text, named in self.parts
        ]
        return format_html_join("", "{}", ((one,) for one in drawn))

    @property
    def parts(self) -> list[tuple[str, bool]]:
        """The words, and whether each part mentions a member."""
        if not has_at(self.comment):
            return [(self.comment.body, False)]
        names = [re.escape(one.shown_name) for one in self.comment.mentions.all()]
        if not names:
            return [(self.comment.body, False)]
        names.sort(key=len, reverse=True)
        found = re.split(rf"(@(?:{'|'.join(names)}))", self.comment.body, flags=re.IGNORECASE)
        hidden = "@" + _("The team") if self.hidden else ""
        return [
            ((hidden or text) if place % 2 else text, bool(place % 2))
            for place, text in enumerate(found)
            if text
        ]


@dataclass
class Talk:
    remarks: list[Remark]
    counts: dict[str, int]
    show: str
    mark: str  # another one: something changed
    more: bool
    chosen: Remark | None = None

    @property
    def total(self) -> int:
        return self.counts["open"] + self.counts["resolved"]

    @property
    def numbers(self) -> dict[str, str]:
        """As scripts and addresses want them."""
        return {name: str(count) for name, count in self.counts.items()}


def mark_of(output: Output) -> str:
    """Changes with everything that is written about it."""
    return mark_from(Comment.objects.filter(output=output).aggregate(**mark_columns()))


def mark_columns() -> dict[str, Any]:
    counts = {"all": Count("pk"), "done": Count("pk", filter=RESOLVED)}
    return counts | {f"last_{name}": Max(name) for name in MARKED}


def mark_from(found: dict[str, Any]) -> str:
    names = sorted(mark_columns())
    known = repr([(name, found[name]) for name in names])
    return hashlib.sha256(known.encode()).hexdigest()[:16]


def by_person(user: User | None, visitor: Visitor | None) -> Q:
    if visitor is not None:
        return Q(visitor=visitor)
    named = Comment.mentions.through.objects.filter(comment=OuterRef("pk"), user=user)
    return Q(author=user) | Q(Exists(named)) if user else Q(pk=None)


def comment_counts(seen: Q, mine: Q) -> dict[str, Any]:
    """Of what one person may see: open, resolved, and their own."""
    top = seen & Q(parent=None, deleted_at=None)
    return {
        "open": Count("pk", filter=top & ~RESOLVED),
        "resolved": Count("pk", filter=top & RESOLVED),
        "mine": Count("pk", filter=top & mine),
        "replies": Count("pk", filter=~Q(parent=None) & Q(deleted_at=None)),
    }


def asked_comment(text: str, output: Output, *, guests_only: bool = False) -> Comment | None:
    """The comment that an address names: of this output, and one that may be seen."""
    try:
        rows = Comment.objects.filter(pk=UUID(text), output=output)
    except ValueError:
        return None
    return (rows.filter(audience="guests") if guests_only else rows).first()


def talk_of(
    output: Output,
    base: str,
    *,
    user: User | None = None,
    visitor: Visitor | None = None,
    show: str = "open",
    chosen: Comment | None = None,
    hide_names: bool = False,
) -> Talk:
    """For a member all comments; for a guest those that guests see, a member's name only where
    the link shows names."""
    threads, mine = threads_of(output, guests_only=user is None), by_person(user, visitor)
    thread = (chosen.parent_id or chosen.pk) if chosen else None
    show = show if show in SHOWS else "open"
    if chosen:
        resolved = (chosen.parent or chosen).state == CommentState.RESOLVED
        show = "resolved" if resolved else "open"
    seen = Q() if user else Q(audience=Audience.GUESTS)
    totals = Comment.objects.filter(output=output).aggregate(
        **mark_columns(), **comment_counts(seen, mine)
    )
    state = RESOLVED if show == "resolved" else ~RESOLVED
    rows = threads.filter(mine if show == "mine" else state)
    rows = rows.order_by("at_ms", "created_at", "pk")[: MOST_THREADS + 1]
    found = read_with_people(rows) if totals["all"] else []
    rate = output.media.frame_rate

    def drawn(row: Comment) -> Remark:
        owner = (user and row.author_id == user.pk) or (visitor and row.visitor_id == visitor.pk)
        return Remark(row, rate, base, bool(owner), hide_names, now=row.pk == thread)

    # Where they have no place, they stand first on every database.
    found.sort(key=lambda row: -1 if row.at_ms is None else row.at_ms)
    remarks = [drawn(row) for row in found[:MOST_THREADS]]
    if totals["replies"]:
        place_replies(remarks, drawn)
    number_points(remarks)
    return Talk(
        remarks, {name: totals[name] for name in SHOWS}, show, mark_from(totals),
        len(found) > MOST_THREADS,
        next((one for one in remarks if one.now), None),
    )  # fmt: skip


def with_people(rows: Any) -> Any:
    return rows.select_related("author", "resolved_by").prefetch_related("mentions")


def read_with_people(rows: Any) -> list[Comment]:
    """The same, but nobody is looked for where nobody can be mentioned."""
    found = list(rows.select_related("author", "resolved_by"))
    prefetch_related_objects([row for row in found if has_at(row)], "mentions")
    return found


def has_at(comment: Comment) -> bool:
    return "@" in comment.body or "＠" in comment.body


def place_replies(remarks: Sequence[Remark], drawn: Callable[[Comment], Remark]) -> None:
    known = {one.comment.pk: one for one in remarks}
    rows = Comment.objects.filter(parent__in=known, deleted_at=None)
    for row in read_with_people(rows.order_by("created_at", "pk")[:MOST_REPLIES]):
        if row.parent_id:
            known[row.parent_id].replies.append(drawn(row))


def number_points(remarks: Sequence[Remark]) -> None:
    for number, one in enumerate((one for one in remarks if one.point), 1):
        one.number = number


def start_of(asked: str, chosen: Comment | None, media: Media) -> int | None:
    """Where the player begins: at the comment, else at `?t=`, a frame or a millisecond."""
    if media.kind == MediaKind.IMAGE:
        return None
    if chosen:
        top = chosen.parent or chosen
        return top.frame if media.frame_rate else top.at_ms
    if not asked.isdigit():
        return None
    return min(parse_id(asked), int(Player(media, "", "", "").last))
