"""Days by the clock of the reader, and in an address or a search: 2026-11-01, or the first of
2026-11 and of 2026."""

import re
from datetime import date, datetime, time, timedelta

from django.utils import timezone

DAY = re.compile(r"((?:19|20)\d\d)(?:-(\d{1,2}))?(?:-(\d{1,2}))?", re.ASCII)


def read_day(text: str) -> date | None:
    found = DAY.fullmatch(text.strip())
    if not found:
        return None
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return None


def start_of_day(day: date) -> datetime:
    """Where the clocks leave midnight out, the first moment that there is; of two, the first."""
    return timezone.make_aware(datetime.combine(day, time.min))


def end_of_day(day: date) -> datetime:
    """The first moment that no longer belongs to it."""
    return start_of_day(day + timedelta(days=1))
