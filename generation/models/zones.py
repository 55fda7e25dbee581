"""By whose clock a moment is told: the reader's, else that of their team or of the studio."""

from functools import cache, lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings

if TYPE_CHECKING:
    from generation.models.teams import Team
    from generation.models.users import User

LONGEST = 64
NO_PLACES = ("Factory", "localtime")  # of the list, but nobody's clock


@cache
def known_zones() -> frozenset[str]:
    """Names of the IANA list that this machine knows. To read them takes a walk over its files."""
    return frozenset(available_timezones()).difference(NO_PLACES)


@lru_cache(1_000)
def zone_named(name: str) -> ZoneInfo | None:
    """None where there is no zone of this name, whoever typed or sent it."""
    if len(name) > LONGEST or name not in known_zones():
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def own_zone(person: "User", browser: str = "") -> ZoneInfo | None:
    """What they chose, else what their browser says, now or the last time."""
    names = (person.zone, browser, person.browser_zone)
    return next((zone for zone in map(zone_named, names) if zone), None)


def zone_of_person(person: "User", team: "Team | None") -> ZoneInfo:
    """For what reaches them without a browser: their own, that of the team, that of the studio."""
    names = (team.time_zone if team else "", settings.TIME_ZONE)
    found = (zone_named(name) for name in names if name)
    return own_zone(person) or next((zone for zone in found if zone), ZoneInfo("UTC"))
