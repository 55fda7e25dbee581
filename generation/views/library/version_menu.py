"""The versions of what the viewer shows, and what can be done with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse

from generation.engine.carry_comments import open_on
from generation.forms.timecode import short_frame, short_ms
from generation.models import Act, Comment, Media, Membership, Output, Stack, StackVersion
from generation.views.library.compare import compare_url
from generation.views.library.tile import output_name, title_of

MOST_OPEN = 100


@dataclass(frozen=True)
class VersionRow:
    """One number of a stack; without a version where that is gone for good."""

    number: int
    version: StackVersion | None
    is_shown: bool = False

    @property
    def label(self) -> str:
        return f"v{self.number}"

    @property
    def output(self) -> Output | None:
        return self.version.output if self.version else None

    @property
    def who(self) -> str:
        return output_name(self.output) if self.output else ""


@dataclass(frozen=True)
class VersionMenu:
    stack: Stack
    rows: Sequence[VersionRow]  # the highest number first
    shown: Output | None = None

    @property
    def kept(self) -> list[Output]:
        """Those that are not in the trash, the head first."""
        return [row.output for row in self.rows if row.output and row.output.trashed_at is None]

    @property
    def head(self) -> Output | None:
        return next(iter(self.kept), None)

    @property
    def title(self) -> str:
        """Its name, else what the version on top shows."""
        found = self.head or next((row.output for row in self.rows if row.output), None)
        return self.stack.name or (title_of(found) if found else str(self.stack))

    @property
    def next_label(self) -> str:
        return f"v{self.stack.last_number + 1}"

    @property
    def other(self) -> Output | None:
        """What the shown one is compared with: the head with the one before, others with it."""
        if self.shown is None or self.shown.trashed_at:
            return None
        if self.head is not None and self.head.pk != self.shown.pk:
            return self.head
        return next(iter(self.kept[1:]), None)

    @property
    def compare(self) -> str:
        """The address that compares it with `other`, the older one first."""
        if self.shown is None or self.other is None:
            return ""
        pair = sorted((self.shown, self.other), key=lambda one: one.version_number or 0)
        return compare_url([one.pk for one in pair])

    @property
    def again(self) -> str:
        """Create, with everything of the shown one, for what is to be the next version."""
        if self.shown is None:
            return ""
        query = {"from": self.shown.task_id, "version_of": self.shown.pk, "as_version": 1}
        return f"{reverse('create', args=[self.shown.task.mode])}?{urlencode(query)}#compose"


def versions_in(stack: Stack) -> QuerySet[StackVersion]:
    known = ("output__media", "output__user", "output__task", "made_by")
    return stack.versions.select_related(*known).order_by("-number")


def menu_of_stack(stack: Stack, shown: Output | None = None) -> VersionMenu:
    """One query. Numbers that are gone are told below the highest that is there."""
    found = {version.number: version for version in versions_in(stack)}
    top = max(found, default=0)
    rows = [
        VersionRow(number, found.get(number), bool(shown and shown.version_number == number))
        for number in range(top, 0, -1)
    ]
    return VersionMenu(stack, rows, shown)


def version_menu(shown: Output) -> VersionMenu | None:
    """None, and no query, for what is in no stack."""
    version = None if shown.version_number is None else getattr(shown, "version", None)
    return menu_of_stack(version.stack, shown) if version else None


@dataclass(frozen=True)
class OpenComment:
    comment: Comment
    at: str  # such as 0:03.08; empty for one on the whole


@dataclass(frozen=True)
class OpenBefore:
    """What is still open on the version before, as the list below the comments shows it."""

    number: int
    version: int  # of the shown output: where a comment is carried to
    comments: Sequence[OpenComment]


def open_before(menu: VersionMenu | None) -> OpenBefore | None:
    """None, and no query, for what has no version before it."""
    shown = menu.shown if menu else None
    own = shown.version_number if shown and not shown.trashed_at else None
    if menu is None or shown is None or own is None:
        return None
    lower = (one for one in menu.kept if (one.version_number or 0) < own)
    before, row = next(lower, None), next(row for row in menu.rows if row.number == own)
    if before is None or row.version is None:
        return None
    found = open_on(before, shown)[:MOST_OPEN]
    comments = [OpenComment(one, place_of(one, before.media)) for one in found]
    return OpenBefore(before.version_number or 0, row.version.pk, comments)


def place_of(comment: Comment, media: Media) -> str:
    if comment.frame is not None and media.frame_rate:
        return short_frame(comment.frame, media.frame_rate)
    return "" if comment.at_ms is None else short_ms(comment.at_ms)


def may_stack(member: Membership, output: Output) -> bool:
    """Whether the person may make it a version of something: what they made, or as an admin."""
    return member.may_on(Act.REVIEW, output.user_id)


def may_change_stack(member: Membership, stack: Stack) -> bool:
    return member.may_on(Act.REVIEW, stack.created_by_id)


def may_change_version(member: Membership, version: StackVersion) -> bool:
    """Its note, and whether it is in the stack."""
    made = version.made_by_id
    return may_change_stack(member, version.stack) or member.may_on(Act.REVIEW, made)
