"""Share links as lists and pages show them: their state, how long they last, who made them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from generation.crypto import Broken
from generation.engine.share_terms import day_of, shown_moment, today_in
from generation.forms.links import link_to
from generation.models import Commenting, Downloads, Membership, ShareLink
from generation.models.share_links import standing_at
from generation.views.share_links.targets import kind_label

WEEK = timedelta(days=7)


class LinkState(StrEnum):
    OPEN = "open"
    WAITING = "waiting"
    SHUT = "shut"
    PAUSED = "paused"
    USED = "used"
    ENDED = "ended"
    REVOKED = "revoked"


STATES = {
    LinkState.OPEN: (pgettext_lazy("link", "Open"), "circle-check", "ok"),
    LinkState.WAITING: (gettext_lazy("Not yet open"), "clock", "warn"),
    LinkState.SHUT: (gettext_lazy("Needs a password"), "lock", "warn"),
    LinkState.PAUSED: (gettext_lazy("Maker suspended"), "lock", "warn"),
    LinkState.USED: (gettext_lazy("Visits used up"), "circle-x", ""),
    LinkState.ENDED: (gettext_lazy("Ended"), "circle-x", ""),
    LinkState.REVOKED: (gettext_lazy("Switched off"), "circle-x", ""),
}
OVER = {LinkState.USED, LinkState.ENDED, LinkState.REVOKED}


def link_state(link: ShareLink, now: datetime) -> LinkState:
    if link.revoked_at is not None:
        return LinkState.REVOKED
    if link.expires_at is not None and link.expires_at <= now:
        return LinkState.ENDED
    if link.is_used_up:
        return LinkState.USED
    if link.is_suspended:
        return LinkState.PAUSED
    if link.lacks_password:
        return LinkState.SHUT
    is_early = link.starts_at is not None and link.starts_at > now
    return LinkState.WAITING if is_early else LinkState.OPEN


def filters_at(now: datetime) -> dict[str, Q]:
    """The conditions of the list, by their name in the address."""
    unused = Q(max_views=None) | Q(views__lt=F("max_views"))
    standing = standing_at(now) & unused
    return {
        "": Q(),
        "open": standing,
        "week": standing & Q(expires_at__lte=now + WEEK),
        "password": standing & ~Q(password_hash=""),
        "ended": ~Q(pk__in=ShareLink.objects.filter(standing).values("pk")),
    }


def with_targets(rows: QuerySet[ShareLink]) -> QuerySet[ShareLink]:
    """All that a line shows, in one query."""
    return rows.select_related(
        "team", "created_by", "output__project", "output__task", "collection", "project",
        "stack__project",
    ).defer("token_sealed", "output__task__results")  # fmt: skip


@dataclass
class LinkLine:
    link: ShareLink
    now: datetime
    member: Membership

    @cached_property
    def state(self) -> LinkState:
        return link_state(self.link, self.now)

    @property
    def label(self) -> Any:
        return STATES[self.state][0]

    @property
    def icon(self) -> str:
        return STATES[self.state][1]

    @property
    def look(self) -> str:
        return STATES[self.state][2]

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def is_revoked(self) -> bool:
        return self.state is LinkState.REVOKED

    @property
    def may_extend(self) -> bool:
        return self.link.expires_at is not None and not self.is_revoked

    @property
    def kind(self) -> str:
        return kind_label(self.link.target)

    @property
    def ends_in(self) -> str:
        link = self.link
        if self.is_revoked or self.state is LinkState.ENDED:
            return _("ended")
        if link.expires_at is None:
            return _("never")
        days = (day_of(link.expires_at, link.team) - today_in(link.team)).days
        if days < 1:
            return _("today")
        return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}

    @property
    def end_text(self) -> str:
        if self.link.expires_at is None:
            return _("never, until somebody switches it off")
        return shown_moment(self.link.expires_at, self.link.team)

    @property
    def start_text(self) -> str:
        return shown_moment(self.link.starts_at, self.link.team) if self.link.starts_at else ""


def lines_of(rows: Any, member: Membership) -> list[LinkLine]:
    now = timezone.now()
    return [LinkLine(one, now, member) for one in rows]


def address_of(link: ShareLink) -> str:
    """To be copied by who may change the link; empty where the seal cannot be opened any more."""
    try:
        return link_to(reverse("share", args=[link.token()]))
    except Broken:
        return ""


def rights_of_visitors(link: ShareLink) -> str:
    """In one line: "comment with a name, approve, download previews"."""
    found = []
    if link.comments != Commenting.OFF:
        mailed = link.comments == Commenting.NAMED_EMAIL
        found.append(_("comment with name and e-mail") if mailed else _("comment with a name"))
    if link.may_approve:
        found.append(_("approve or ask for changes"))
    if link.downloads != Downloads.NONE:
        originals = link.downloads == Downloads.ORIGINAL
        found.append(_("download originals") if originals else _("download previews"))
    return _(", ").join(found) or _("look only")
