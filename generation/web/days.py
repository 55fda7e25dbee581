"""Days as the reader's clock has them."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

DAY = timedelta(days=1)


def start_of_day(day: date) -> datetime:
    """Where the clocks leave midnight out, the first moment that there is; of two, the first."""
    return timezone.make_aware(datetime.combine(day, time.min))


def day_of(moment: datetime) -> date:
    return timezone.localdate(moment)


def day_name(day: date) -> str:
    """A heading. Not `naturalday`, whose today is that of the studio."""
    today = timezone.localdate()
    if day == today:
        return _("Today")
    if day == today - DAY:
        return _("Yesterday")
    return date_format(day, "MONTH_DAY_FORMAT" if day.year == today.year else "DATE_FORMAT")
