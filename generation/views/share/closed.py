"""The one page of every link that does not open; a member of its team is told why."""

from datetime import datetime
from enum import Enum
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

from generation.engine.share_terms import USUAL_DAYS, shown_moment, zone_of
from generation.models import Act, Membership, ShareLink, Team


class Closed(Enum):
    """Why a link does not open."""

    UNKNOWN = "unknown"
    REVOKED = "revoked"
    LEAVING = "leaving"
    SUSPENDED = "suspended"
    UNLOCKED = "unlocked"  # the team demands a password of each
    NOT_STARTED = "not started"
    ENDED = "ended"
    USED_UP = "used up"


REASONS = {
    Closed.REVOKED: gettext_lazy("The link %(title)s was switched off on %(when)s."),
    Closed.LEAVING: gettext_lazy("The team is being deleted, and the link %(title)s with it."),
    Closed.SUSPENDED: gettext_lazy("Who made the link %(title)s is suspended."),
    Closed.UNLOCKED: gettext_lazy(
        "The team asks for a password on every link, and the link %(title)s has none."
    ),
    Closed.NOT_STARTED: gettext_lazy("The link %(title)s opens on %(when)s."),
    Closed.ENDED: gettext_lazy("The link %(title)s ended on %(when)s."),
    Closed.USED_UP: gettext_lazy("The link %(title)s was opened as often as it may be."),
}


def why_closed(link: ShareLink, now: datetime, *, was_in: bool = False) -> Closed | None:
    """`was_in`: who is in already may go on when the views are used up."""
    if link.revoked_at is not None:
        return Closed.REVOKED
    if link.team.leaving_since is not None:
        return Closed.LEAVING
    if link.is_suspended:
        return Closed.SUSPENDED
    if link.lacks_password:
        return Closed.UNLOCKED
    if link.starts_at is not None and link.starts_at > now:
        return Closed.NOT_STARTED
    if link.expires_at is not None and link.expires_at <= now:
        return Closed.ENDED
    if link.is_used_up and not was_in:
        return Closed.USED_UP
    return None


def closed(
    request: HttpRequest,
    link: ShareLink | None = None,
    member: Membership | None = None,
    reason: Closed | None = None,
) -> HttpResponse:
    """Wrong, ended, not started, switched off, looked at too often: the same page. With `member`,
    of the team of the link, what is true stands below it."""
    facts: dict[str, Any] = {}
    if link is not None and member is not None and reason in REASONS:
        facts = reason_for_member(link, member, reason) | {"token": token_in(request)}
    return render(request, "generation/share/closed.html", facts, status=404)


def token_in(request: HttpRequest) -> str:
    match = request.resolver_match
    return str(match.kwargs["share_token"]) if match else ""


def reason_for_member(link: ShareLink, member: Membership, reason: Closed) -> dict[str, Any]:
    when = {
        Closed.REVOKED: link.revoked_at,
        Closed.NOT_STARTED: link.starts_at,
        Closed.ENDED: link.expires_at,
    }.get(reason)
    facts = {"title": link.title, "when": shown_end(when, link.team)}
    return {
        "link": link,
        "team": link.team,
        "reason": str(REASONS[reason]) % facts,
        "last_view": shown_end(link.last_view_at, link.team),
        "may_extend": reason is Closed.ENDED and may_extend(link, member),
        "days": USUAL_DAYS,
    }


def may_extend(link: ShareLink, member: Membership) -> bool:
    return member.may_on(Act.SHARE, link.created_by_id)


def shown_end(moment: datetime | None, team: Team) -> str:
    return shown_moment(moment, team) if moment else ""


def shown_day(moment: datetime, team: Team) -> str:
    return date_format(moment.astimezone(zone_of(team)), "DATE_FORMAT")
