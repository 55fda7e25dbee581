"""What a share link allows and until when, and what its team demands of every link."""

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.models import Commenting, Downloads, LinkMode, ShareLink, Team

USUAL_DAYS = 30
LAST_SECOND = time(23, 59, 59, fold=1)  # the later one, where a clock is put back at midnight


@dataclass(frozen=True)
class Terms:
    """A link as a form gives it, with its defaults."""

    title: str
    note: str = ""
    starts_at: datetime | None = None
    expires_at: datetime | None = None
    password: str | None = None  # None: as it is; empty: none
    mode: str = LinkMode.LIVE
    downloads: str = Downloads.NONE
    approved_only: bool = False
    show_prompts: bool = False
    show_names: bool = False
    show_versions: bool = False
    comments: str = Commenting.NAMED
    may_approve: bool = False
    watermark_text: str = ""
    max_views: int | None = None
    social_preview: bool = False
    tell_first_view: bool = True
    tell_downloads: bool = False
    tell_comments: bool = True

    @property
    def columns(self) -> dict[str, Any]:
        """Those that the row has under the same name."""
        return {name: getattr(self, name) for name in COLUMNS}


COLUMNS = tuple(one.name for one in fields(Terms) if one.name != "password")


# --- Days, by the team's clock --------------------------------------------------------------------


def zone_of(team: Team) -> tzinfo:
    """The studio's where the team has none, or one that this machine does not know."""
    try:
        return ZoneInfo(team.time_zone) if team.time_zone else timezone.get_default_timezone()
    except (KeyError, ValueError, OSError):
        return timezone.get_default_timezone()


def today_in(team: Team) -> date:
    return timezone.localdate(timezone=zone_of(team))


def end_of_day(day: date, team: Team) -> datetime:
    """Its last second, as it is stored."""
    return datetime.combine(day, LAST_SECOND, zone_of(team)).astimezone(UTC)


def start_of_day(day: date, team: Team) -> datetime:
    return datetime.combine(day, time.min, zone_of(team)).astimezone(UTC)


def day_of(moment: datetime, team: Team) -> date:
    return timezone.localdate(moment, zone_of(team))


def place_of(team: Team) -> str:
    """The city whose clock it is: "Berlin"."""
    return str(zone_of(team)).rpartition("/")[2].replace("_", " ")


def shown_moment(moment: datetime, team: Team) -> str:
    """28 Dec 2026, 23:59 (Berlin)."""
    local = timezone.localtime(moment, zone_of(team))
    return f"{date_format(local, 'DATE_FORMAT')}, {date_format(local, 'H:i')} ({place_of(team)})"


# --- What the team demands ------------------------------------------------------------------------


class AgainstPolicy(Exception):
    """What the team demands is not kept; `problems` is a sentence for each field."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(problems)
        self.problems = problems


def last_day(team: Team) -> date | None:
    """The last day on which a link may end that is made or changed now. None: as late as liked."""
    return None if team.share_forever else today_in(team) + timedelta(days=team.share_days)


def usual_end(team: Team) -> datetime:
    days = USUAL_DAYS if team.share_forever else min(USUAL_DAYS, team.share_days)
    return end_of_day(today_in(team) + timedelta(days=days), team)


def end_problem(team: Team, expires_at: datetime | None) -> str:
    last = last_day(team)
    if last is None or (expires_at is not None and expires_at <= end_of_day(last, team)):
        return ""
    return ngettext(
        "Choose a day from today to %(last)s. Your team allows %(days)d day.",
        "Choose a day from today to %(last)s. Your team allows %(days)d days.",
        team.share_days,
    ) % {"last": date_format(last, "DATE_FORMAT"), "days": team.share_days}


def policy_problems(team: Team, terms: Terms, has_password: bool) -> dict[str, str]:
    found = {"ends": end_problem(team, terms.expires_at)}
    stays_without = not has_password if terms.password is None else not terms.password
    if team.share_password and stays_without:
        found["password"] = _("Your team asks for a password on every link.")
    if not team.share_originals and terms.downloads == Downloads.ORIGINAL:
        found["downloads"] = _("Your team allows no originals.")
    return {name: problem for name, problem in found.items() if problem}


def extended_end(link: ShareLink) -> datetime:
    """30 days more, from its end or from now, as far as the team allows. Raises AgainstPolicy."""
    team, now = link.team, timezone.now()
    before = max(link.expires_at or now, now)
    last = last_day(team)
    try:
        day = day_of(before, team) + timedelta(days=USUAL_DAYS)
        later = end_of_day(min(day, last) if last else day, team)
    except OverflowError:  # there is no later year than 9999
        later = before
    if later <= before:
        raise AgainstPolicy({"ends": _("It ends as late as your team allows already.")})
    return later
