"""Who is let in by a share link, and the one page for everybody who is not.

A guest is known by a cookie of that link alone: a secret, and the generation of the link that it
was given in. A link's next generation ends them all. A member of the team needs none, and is not
counted.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_noop

from generation.catalogue.message import Message
from generation.engine.notices import notify
from generation.engine.share_items import find_item, items_of
from generation.forms.limits import MINUTE, Limit, Turn, network_of
from generation.models import Membership, NoticeKind, ShareLink, Team, Visitor
from generation.models.invitations import token_hash
from generation.views.share.closed import Closed, closed, why_closed
from generation.web.errors import too_many
from generation.web.shortcuts import open_view

__all__ = ["Closed", "Visit", "closed", "find_item", "items_of", "let_in"]

COOKIE = f"{'__Secure-' if settings.HTTPS else ''}guest"
COOKIE_LIFE = 12 * 3600
VIEW = timedelta(minutes=30)  # what one visitor looks at within it is one view
NOTED = timedelta(minutes=1)
NEW_VISITORS = Limit("new visitors of a link from a network", 100, 10 * MINUTE)
# Programs that look at an address before a person does: chats, mail scanners, search engines.
PROGRAMS = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|unfurl|facebookexternalhit|embedly|quora link|whatsapp"
    r"|telegram|skypeuri|vkshare|w3c_validator|curl/|wget/|python-|go-http"
    r"|headlesschrome-lighthouse",
    re.IGNORECASE,
)
OPENED = gettext_noop("“%(title)s” was opened for the first time.")
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "private, no-store",
}


@dataclass(frozen=True)
class Visit:
    """Somebody who is in: a guest, or a member of the team, who has no `visitor`."""

    link: ShareLink
    visitor: Visitor | None
    member: Membership | None = None


@dataclass(frozen=True)
class Knock:
    """Who asks for what; each is looked for in the same number of questions."""

    link: ShareLink | None
    visitor: Visitor | None
    member: Membership | None

    @property
    def why_closed(self) -> Closed | None:
        if self.link is None:
            return Closed.UNKNOWN
        was_in = self.visitor is not None and self.visitor.viewed_at is not None
        return why_closed(self.link, timezone.now(), was_in=was_in)


# --- The meeting points of all pages of a link ----------------------------------------------------


def let_in(request: HttpRequest, token: str) -> Visit | None:
    """Who comes with a link that opens and was let in before. None: answer with `closed`."""
    knock = knock_of(request, token)
    if knock.link is None or knock.why_closed:
        return None
    if knock.member is not None:
        return Visit(knock.link, None, knock.member)
    if knock.visitor is None or knock.visitor.viewed_at is None:
        return None
    return Visit(knock.link, knock.visitor)


def guest_view(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A view behind `/s/<token>/`: no address of it is told, kept or found by search."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return with_headers(view(request, *args, **kwargs))

    return open_view("a share link lets in, and each view asks the gate")(wrapper)


def with_headers(response: HttpResponseBase) -> HttpResponseBase:
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


# --- Who knocks -----------------------------------------------------------------------------------


def knock_of(request: HttpRequest, token: str) -> Knock:
    """One question for the link, one for the cookie, and one for who is logged in: as many for a
    link that there is none of."""
    links = ShareLink.objects.select_related("team", "created_by")
    link = links.filter(token_hash=token_hash(token)).first()
    return Knock(link, visitor_of(request, link), member_of_link(request, link))


def visitor_of(request: HttpRequest, link: ShareLink | None) -> Visitor | None:
    generation, _, secret = request.COOKIES.get(COOKIE, "").partition(".")
    link_id = link.pk if link else 0
    # A browser forgets the cookie by then; one that was copied ends as well.
    rows = Visitor.objects.filter(first_at__gt=timezone.now() - timedelta(seconds=COOKIE_LIFE))
    row = rows.filter(link=link_id, secret_hash=token_hash(secret)).first()
    if row is None or link is None:
        return None
    known = (str(row.generation), str(link.generation))
    fits = [constant_time_compare(generation, one) for one in known]
    return row if all(fits) else None


def member_of_link(request: HttpRequest, link: ShareLink | None) -> Membership | None:
    if not request.user.is_authenticated:
        return None
    teams = Team.objects.visible_to(request.user).filter(pk=link.team_id if link else 0)
    rows = Membership.objects.filter(user=request.user, team__in=teams)
    return rows.select_related("team", "user").first()


def is_program(request: HttpRequest) -> bool:
    """Whether a program looks, or nobody: neither counts as a view."""
    agent = request.headers.get("User-Agent", "")
    return request.method == "HEAD" or not agent or PROGRAMS.search(agent) is not None


# --- Letting in -----------------------------------------------------------------------------------


def arrive(request: HttpRequest, token: str) -> Visit | HttpResponse:
    """Let in who opens a page of the link, or say what is shown in its place."""
    knock = knock_of(request, token)
    if knock.link is None or knock.why_closed:
        return closed(request, knock.link, knock.member, knock.why_closed)
    if knock.member is not None:
        return Visit(knock.link, None, knock.member)
    visitor = knock.visitor
    if visitor is None and knock.link.password_hash:
        return render(request, "generation/share/password.html", {"token": token})
    if is_program(request) and (visitor is None or request.method == "HEAD"):
        return door(request, knock.link, token) if visitor is None else Visit(knock.link, visitor)
    if visitor is None:
        new = welcome(request, knock.link)
        if new is None:
            return too_many(request)
        visitor = new
    if not count_view(knock.link, visitor):
        return closed(request)
    return Visit(knock.link, visitor)


def door(request: HttpRequest, link: ShareLink, token: str) -> HttpResponse:
    """What a program sees: nothing of what is shared, unless its maker wants a preview of it. A
    person behind such a name opens the door by its button, and is counted like others."""
    facts: dict[str, Any] = {"token": token}
    if link.social_preview:
        number = next((number for number, _output in items_of(link)), None)
        path = reverse("share-media", args=[token, number, "social"]) if number else ""
        facts |= {"link": link, "image": path and request.build_absolute_uri(path)}
    return render(request, "generation/share/door.html", facts)


def welcome(request: HttpRequest, link: ShareLink) -> Visitor | None:
    """A visitor of a new browser, whose cookie goes out with the answer; None: too many came."""
    network = network_of(request)
    if not Turn().take(NEW_VISITORS, link.pk, network).is_allowed:
        return None
    secret = secrets.token_urlsafe(24)
    visitor = Visitor.objects.create(
        link=link,
        secret_hash=token_hash(secret),
        generation=link.generation,
        ip_hash=salted_hmac("visitor", network, algorithm="sha256").hexdigest(),
        agent=request.headers.get("User-Agent", "")[:200],
    )
    request.guest_cookie = f"{link.generation}.{secret}"  # type: ignore[attr-defined]
    return visitor


def count_view(link: ShareLink, visitor: Visitor) -> bool:
    """Note that somebody looks. False: others have used up the views in this moment."""
    now = timezone.now()
    rows = ShareLink.objects.filter(pk=link.pk)
    if visitor.viewed_at is None and link.max_views is not None:
        rows = rows.filter(views__lt=F("max_views"))
    if visitor.viewed_at is None or visitor.viewed_at <= now - VIEW:
        if not rows.update(views=F("views") + 1, last_view_at=now):
            return False
        if link.views == 0 and link.tell_first_view:
            tell_first_view(link)
        visitor.viewed_at = visitor.last_at = now
        visitor.save(update_fields=["viewed_at", "last_at"])
    elif visitor.last_at <= now - NOTED:
        Visitor.objects.filter(pk=visitor.pk).update(last_at=now)
    return True


def tell_first_view(link: ShareLink) -> None:
    notify(
        NoticeKind.LINK_OPENED, link.team, [link.created_by_id],
        Message(OPENED, title=link.title), url=link.get_absolute_url(), target=f"link:{link.pk}",
    )  # fmt: skip


def give_cookie(request: HttpRequest, response: HttpResponseBase, token: str) -> None:
    """Send what `welcome` made, so that the browser is known from now on."""
    value = getattr(request, "guest_cookie", "")
    if value:
        response.set_cookie(
            COOKIE,
            value,
            max_age=COOKIE_LIFE,
            path=reverse("share", args=[token]),
            secure=settings.HTTPS,
            httponly=True,
            samesite="Lax",
        )


def forget_cookie(response: HttpResponseBase, token: str) -> None:
    response.delete_cookie(COOKIE, path=reverse("share", args=[token]), samesite="Lax")
