"""The choice of a time zone: as the browser says, or one of a list by part of the world."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.models.zones import known_zones, zone_named

PARTS = {
    "Africa": gettext_lazy("Africa"),
    "America": gettext_lazy("America"),
    "Antarctica": gettext_lazy("Antarctica"),
    "Arctic": gettext_lazy("Arctic"),
    "Asia": gettext_lazy("Asia"),
    "Atlantic": gettext_lazy("Atlantic"),
    "Australia": gettext_lazy("Australia"),
    "Europe": gettext_lazy("Europe"),
    "Indian": gettext_lazy("Indian Ocean"),
    "Pacific": gettext_lazy("Pacific"),
}


class ReaderZoneField(forms.ChoiceField):
    """Blank stands for what the browser says."""

    def __init__(self) -> None:
        super().__init__(
            label=gettext_lazy("Time zone"),
            required=False,
            help_text=gettext_lazy("Of all dates and times that you see, and of your mails."),
        )

    def offer(self, browser: str, chosen: str) -> None:
        """The list as it is now; `chosen` stays on it though it be an old name."""
        says = _("As my browser says (%(zone)s)") % {"zone": browser}
        first = says if browser else _("As my browser says")
        self.choices = [("", first), *grouped(timezone.now(), chosen)]


def grouped(now: datetime, chosen: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """By part of the world, each zone with what its clocks show now."""
    wanted = {name for name in known_zones() if name.partition("/")[0] in PARTS and "/" in name}
    names = sorted(wanted)
    for part, group in groupby(names, key=lambda name: name.partition("/")[0]):
        yield str(PARTS[part]), [(name, label(name, now)) for name in group]
    others = {"UTC", chosen} - wanted
    yield _("Other"), [(name, label(name, now)) for name in sorted(others) if zone_named(name)]


def label(name: str, now: datetime) -> str:
    """Berlin (UTC+01:00)."""
    zone = zone_named(name) or ZoneInfo("UTC")
    place = name.partition("/")[2] or name
    return f"{place.replace('_', ' ').replace('/', ', ')} (UTC{offset(now, zone)})"


def offset(now: datetime, zone: ZoneInfo) -> str:
    ahead: Any = now.astimezone(zone).utcoffset()
    minutes = round(ahead / timedelta(minutes=1))
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"
