"""Days as the reader's clock has them."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

DAY = timedelta(days=1)


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
