"""The box that says what a review of an output came to, and who is asked what in it."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from generation.models import (
    Act,
    Answer,
    Membership,
    Output,
    RequestState,
    ReviewDecision,
    ReviewRequest,
    ReviewState,
)
from generation.models.notices import zone_of

MOST_QUESTIONS = 20
LOOKS = {
    ReviewState.NONE: ("none", "circle"),
    ReviewState.IN_REVIEW: ("wait", "clock"),
    ReviewState.APPROVED: ("ok", "circle-check"),
    ReviewState.CHANGES: ("no", "circle-alert"),
}
SEAT_LOOKS = {
    Answer.WAITING: ("wait", "clock"),
    Answer.APPROVED: ("ok", "circle-check"),
    Answer.CHANGES: ("no", "circle-alert"),
}


@dataclass(frozen=True)
class Seat:
    """One of those who are asked, as the list shows them."""

    decision: ReviewDecision
    is_open: bool
    is_me: bool

    @property
    def look(self) -> str:
        return SEAT_LOOKS[Answer(self.decision.state)][0]

    @property
    def symbol(self) -> str:
        return SEAT_LOOKS[Answer(self.decision.state)][1]

    @property
    def text(self) -> str:
        at = short_time(self.decision.at) if self.decision.at else ""
        if self.decision.state == Answer.APPROVED:
            return _("Approved, %(at)s") % {"at": at}
        if self.decision.state == Answer.CHANGES:
            return _("Asks for changes, %(at)s") % {"at": at}
        if not self.is_open:
            return _("Not needed any more")
        return _("Your answer") if self.is_me else _("Waiting")


@dataclass
class ReviewBox:
    output: Output
    member: Membership
    request: ReviewRequest | None = None  # the newest question that was not withdrawn
    seats: list[Seat] = field(default_factory=list)
    unasked: list[ReviewDecision] = field(default_factory=list)
    took: list[ReviewRequest] = field(default_factory=list)
    late_note: str = ""  # what somebody wrote who was too late

    @property
    def state(self) -> ReviewState:
        return ReviewState(self.output.review)

    @property
    def look(self) -> str:
        return LOOKS[self.state][0]

    @property
    def symbol(self) -> str:
        return LOOKS[self.state][1]

    @property
    def version(self) -> str:
        return f"v{self.output.version_number}" if self.output.version_number else ""

    @property
    def title(self) -> str:
        if self.state == ReviewState.APPROVED and self.version:
            return _("%(version)s approved") % {"version": self.version}
        if self.state == ReviewState.NONE and self.request is None:
            return _("No review yet")
        return str(self.state.label)

    @property
    def approve_label(self) -> str:
        return (
            _("Approve %(version)s") % {"version": self.version} if self.version else _("Approve")
        )

    @property
    def is_open(self) -> bool:
        return self.request is not None and self.request.state == RequestState.OPEN

    @property
    def given(self) -> int:
        return sum(seat.decision.state != Answer.WAITING for seat in self.seats)

    @property
    def due(self) -> str:
        """The day as the team's clock has it."""
        if self.request is None or self.request.due_at is None or not self.is_open:
            return ""
        day = self.request.due_at.astimezone(zone_of(self.member.team)).date()
        facts = {"day": date_format(day, "MONTH_DAY_FORMAT")}
        return _("overdue since %(day)s") % facts if self.is_late else _("due %(day)s") % facts

    @property
    def due_exactly(self) -> str:
        """With hour and zone, as the title of the day."""
        if self.request is None or self.request.due_at is None:
            return ""
        zone = zone_of(self.member.team)
        at = date_format(self.request.due_at.astimezone(zone), "DATETIME_FORMAT")
        return f"{at} ({zone.key})"

    @property
    def is_late(self) -> bool:
        return self.request is not None and self.request.is_late

    @property
    def closing(self) -> ReviewDecision | None:
        """The answer that closed the question."""
        if self.request is None or self.is_open:
            return None
        found = [one.decision for one in self.seats if one.decision.state == self.request.state]
        return max(found, key=lambda one: (one.at or timezone.now(), one.pk)) if found else None

    @property
    def closed_by(self) -> str:
        last = self.closing
        if last is None or last.at is None:
            return ""
        facts = {"who": last.name_then, "at": short_time(last.at)}
        return _("%(who)s, %(at)s") % facts

    @property
    def mine(self) -> ReviewDecision | None:
        """The place of whoever looks, while it waits."""
        if not self.is_open or self.output.trashed_at:
            return None
        own = [one.decision for one in self.seats if one.is_me]
        return next((one for one in own if one.state == Answer.WAITING), None)

    @property
    def too_late(self) -> str:
        """Why the answer of whoever looks is not wanted any more: who was quicker."""
        last = self.closing
        own = [one.decision for one in self.seats if one.is_me]
        if last is None or last.at is None or not own or own[0].state != Answer.WAITING:
            return ""
        facts = {"who": last.name_then, "at": short_time(last.at)}
        return _("Already answered by %(who)s at %(at)s; this review is closed.") % facts

    @property
    def moved(self) -> str:
        """Why an approval is not of this version any more."""
        if self.request is None or self.request.moved_at is None:
            return ""
        by = self.request.moved_by
        number = by.output.version_number if by else None
        facts = {"at": short_time(self.request.moved_at), "version": f"v{number}"}
        if number:
            return _("Approved until %(at)s, when the approval moved to %(version)s.") % facts
        return _("Approved until %(at)s, when another version was approved.") % facts

    @property
    def took_from(self) -> list[str]:
        """Versions whose approval moved here, and whose that was."""
        return [
            _("The approval of v%(number)s moved here.") % {"number": one.output.version_number}
            for one in self.took
            if one.output.version_number
        ]

    @property
    def fingerprint(self) -> str:
        """The beginning of the file's sha256, in groups of four."""
        text = self.request.sha256[:12] if self.request else ""
        return " ".join(text[i : i + 4] for i in range(0, len(text), 4))

    @property
    def may_ask(self) -> bool:
        """Also again, once the last question is closed."""
        here = not self.output.trashed_at and not self.is_open
        return here and self.member.may_on(Act.REVIEW, self.output.user_id)

    @property
    def may_withdraw(self) -> bool:
        if self.request is None or not self.is_open:
            return False
        makers = {self.request.created_by_id, self.output.user_id}
        return any(self.member.may_on(Act.REVIEW, pk) for pk in makers)


def review_box(member: Membership, output: Output, *, asked: bool = True) -> ReviewBox:
    """`member`: of whoever looks, in the team of the output; `asked` is False where it is known
    that nobody was ever asked."""
    if not asked:
        return ReviewBox(output, member)
    rows = output.review_requests.exclude(state=RequestState.WITHDRAWN)
    rows = rows.select_related("created_by", "moved_by__output")
    decisions = Prefetch("decisions", ReviewDecision.objects.select_related("reviewer"))
    found = list(rows.prefetch_related(decisions)[:MOST_QUESTIONS])
    box = ReviewBox(output, member)
    questions = [one for one in found if one.state != RequestState.NOTED]
    if questions:
        box.request = questions[0]
        box.seats = [
            Seat(one, box.is_open, one.reviewer_id == member.user_id)
            for one in questions[0].decisions.all()
            if one.asked
        ]
        if questions[0].state == RequestState.APPROVED and output.version_number:
            box.took = list(questions[0].took.select_related("output"))
    box.unasked = [
        one for request in found for one in request.decisions.all()
        if not one.asked and request.sha256 == output.media.sha256
    ]  # fmt: skip
    return box


def short_time(moment: datetime) -> str:
    """The hour of today, else the day with it."""
    here = timezone.localtime(moment)
    hour = date_format(here, "TIME_FORMAT")
    if here.date() == timezone.localdate():
        return hour
    return _("%(day)s, %(hour)s") % {"day": date_format(here, "MONTH_DAY_FORMAT"), "hour": hour}
