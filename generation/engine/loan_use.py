"""What is used of a lent key, by whom, and what is left of it this week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from generation.models import KeyLoan, Status, Task
from generation.models.key_loans import week_of
from generation.models.tasks import GIVEN_UP, STOPPED, UNFINISHED, TaskQuerySet

MONTH = timedelta(days=30)
NOBODY_KNOWS = Q(status=Status.FAILED, error_code__in=(GIVEN_UP, STOPPED))  # it may still come
EXPECTED = Coalesce(F("estimate"), Value(0))
OPEN = Q(status__in=UNFINISHED) | NOBODY_KNOWS
# What a task counts for: its reserve while it is open, else what was charged. A provider that
# tells no charge of what it was sent took what was expected.
COUNTS = F("subject_credits") + Case(
    When(OPEN, then=Greatest(Coalesce(F("credits"), Value(0)), EXPECTED)),
    When(credits__isnull=False, then=F("credits")),
    When(sent_at=None, then=Value(0)),
    default=EXPECTED,
    output_field=IntegerField(),
)


def tasks_of(loan: KeyLoan) -> TaskQuerySet:
    """All with this key lent to this team, also under a loan that ended before this one."""
    return Task.objects.filter(loan__key=loan.key_id, loan__team=loan.team_id)


def in_week(now: datetime) -> Q:
    """What was ordered or sent this week, and what is not done: all that it may cost this week."""
    monday, _next = week_of(now)
    return Q(created_at__gte=monday) | Q(sent_at__gte=monday) | OPEN


def used_this_week(loan: KeyLoan, now: datetime | None = None) -> int:
    rows = tasks_of(loan).filter(in_week(now or timezone.now()))
    return rows.aggregate(total=Sum(COUNTS))["total"] or 0


def left_this_week(loan: KeyLoan) -> int | None:
    """None where there is no number. It may be less than nothing: what is charged is not known
    before."""
    if loan.weekly_credits is None:
        return None
    return max(0, loan.weekly_credits - used_this_week(loan))


@dataclass(frozen=True)
class PersonUse:
    """How much one person used of a lent key."""

    name: str  # empty: of an account that is gone
    week_tasks: int
    week_credits: int
    month_tasks: int
    month_credits: int
    running: int


def use_of(loan: KeyLoan) -> Sequence[PersonUse]:
    """By person, who used most this week first."""
    now = timezone.now()
    week, month = in_week(now), Q(created_at__gte=now - MONTH) | OPEN
    rows = tasks_of(loan).filter(week | month).values("user", "user__name", "user__email")
    found = rows.annotate(
        week_tasks=Count("pk", filter=week),
        week_credits=Coalesce(Sum(COUNTS, filter=week), 0),
        month_tasks=Count("pk", filter=month),
        month_credits=Coalesce(Sum(COUNTS, filter=month), 0),
        running=Count("pk", filter=Q(status__in=UNFINISHED)),
    ).order_by("-week_credits", "-month_credits", "user")
    return [use_in(dict(row)) for row in found]


def use_in(row: dict[str, Any]) -> PersonUse:
    name, address = row.pop("user__name"), row.pop("user__email")
    del row["user"]
    return PersonUse(name or (address or "").partition("@")[0], **row)
