"""The door of a share link: its password, the name of a guest, and more days for one that ended."""

from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_http_methods, require_POST

from generation.catalogue.message import Message
from generation.engine import share_links
from generation.engine.notices import notify
from generation.engine.share_terms import AgainstPolicy
from generation.forms.limits import HOUR, MINUTE, Limit, Turn, network_of
from generation.forms.share_guests import NameForm
from generation.models import LimitCount, NoticeKind, ShareLink, Visitor
from generation.models.users import password_form
from generation.views.share.closed import Closed, closed, may_extend
from generation.views.share.gate import (
    Visit,
    arrive,
    forget_cookie,
    give_cookie,
    guest_view,
    knock_of,
    let_in,
    welcome,
)
from generation.web.errors import too_many

WRONG_OF_NETWORK = Limit("wrong passwords of a link from a network", 5, 15 * MINUTE)
WRONG_OF_LINK = Limit("wrong passwords of a link", 50, 15 * MINUTE)
NAMES = Limit("names of a guest", 10, HOUR)
LOCKED = gettext_noop("Too many wrong passwords: “%(title)s” takes none for a quarter of an hour.")
TOLD_OF_LOCK = Limit("told that a link is locked", 1, 15 * MINUTE)


@guest_view
@require_POST
def open_link(request: HttpRequest, share_token: str) -> HttpResponse:
    """A password was typed, or the button of a door without one was pressed."""
    knock = knock_of(request, share_token)
    if knock.link is None or knock.why_closed:
        return closed(request, knock.link, knock.member, knock.why_closed)
    link = knock.link
    if knock.member is None and knock.visitor is None:
        if link.password_hash:
            refused = refuse_password(request, link, share_token)
            if refused is not None:
                return refused
        if welcome(request, link) is None:
            return too_many(request)
    response = HttpResponseRedirect(reverse("share", args=[share_token]))
    give_cookie(request, response, share_token)
    return response


def refuse_password(request: HttpRequest, link: ShareLink, token: str) -> HttpResponse | None:
    """None: it is the right one. Each try is counted before it is looked at, so that no more are
    hashed than may be wrong; a right one does not count."""
    network = network_of(request)
    turn = Turn().take(WRONG_OF_NETWORK, link.pk, network).take(WRONG_OF_LINK, link.pk)
    if not turn.is_allowed:
        return locked_page(request, locked_until(link, network), token)
    if opens_link(link, request.POST.get("password", "")[:1_000]):
        turn.give_back()
        return None
    tell_of_lock(link)
    until = locked_until(link, network)
    if until is not None:
        return locked_page(request, until, token)
    facts = {"token": token, "error": _("That is not the password. Capitals count.")}
    return render(request, "generation/share/password.html", facts, status=422)


def opens_link(link: ShareLink, typed: str) -> bool:
    """As typed too: older links were made before there was one form."""
    form = password_form(typed)
    right = check_password(form, link.password_hash)
    return right or (form != typed and check_password(typed, link.password_hash))


def locked_page(request: HttpRequest, until: datetime | None, token: str) -> HttpResponse:
    facts = {"token": token, "until": until or timezone.now()}
    return render(request, "generation/share/password.html", facts, status=429)


def locked_until(link: ShareLink, network: str) -> datetime | None:
    """When the next try is looked at; None: now."""
    ends = [
        row.ends_at
        for limit, key in (
            (WRONG_OF_NETWORK, WRONG_OF_NETWORK.key(link.pk, network)),
            (WRONG_OF_LINK, WRONG_OF_LINK.key(link.pk)),
        )
        for row in LimitCount.objects.filter(pk=key, count__gte=limit.most)
        if row.ends_at > timezone.now()
    ]
    return max(ends, default=None)


def tell_of_lock(link: ShareLink) -> None:
    """Once in a window, who made the link hears that it took as many wrong passwords as it may."""
    key = WRONG_OF_LINK.key(link.pk)
    is_full = LimitCount.objects.filter(pk=key, count__gte=WRONG_OF_LINK.most).exists()
    if is_full and Turn().take(TOLD_OF_LOCK, link.pk).is_allowed:
        notify(
            NoticeKind.LINK_LOCKED, link.team, [link.created_by_id],
            Message(LOCKED, title=link.title),
            url=link.get_absolute_url(), target=f"link:{link.pk}",
        )  # fmt: skip


# --- More days ------------------------------------------------------------------------------------


@guest_view
@require_POST
def extend_link(request: HttpRequest, share_token: str) -> HttpResponse:
    """By who may share: 30 more days for a link that ended."""
    knock = knock_of(request, share_token)
    if knock.link is None or knock.member is None:
        return closed(request)
    if knock.why_closed not in (None, Closed.ENDED) or not may_extend(knock.link, knock.member):
        return closed(request, knock.link, knock.member, knock.why_closed)
    try:
        share_links.extend(knock.member, knock.link.pk)
    except (share_links.NotAllowed, AgainstPolicy):
        return closed(request, knock.link, knock.member, knock.why_closed)
    return HttpResponseRedirect(reverse("share", args=[share_token]))


# --- The name of a guest --------------------------------------------------------------------------


@guest_view
@require_http_methods(["GET", "HEAD", "POST"])
def name_guest(request: HttpRequest, share_token: str) -> HttpResponse:
    """Asks a guest for a name, and goes on where they were."""
    visit = arrive(request, share_token)
    if isinstance(visit, HttpResponse):
        return visit
    if visit.visitor is None:  # a member has a name
        return HttpResponseRedirect(reverse("share", args=[share_token]))
    needs_email = visit.link.comments == "named_email"
    form = NameForm(request.POST or None, instance=visit.visitor, needs_email=needs_email)
    if request.method == "POST" and form.is_valid() and may_rename(visit.visitor, form):
        form.save()
        response: HttpResponse = HttpResponseRedirect(back_to(request, visit, share_token))
    else:
        facts = {"team": visit.link.team, "form": form, "token": share_token,
                 "back": request.POST.get("back", request.GET.get("back", ""))}  # fmt: skip
        status = 422 if form.is_bound else 200
        response = render(request, "generation/share/name.html", facts, status=status)
    give_cookie(request, response, share_token)
    return response


def may_rename(visitor: Visitor, form: NameForm) -> bool:
    """A guest's name may stand in the marks of every preview, which are made anew for another."""
    if "name" in form.changed_data and not Turn().take(NAMES, visitor.pk).is_allowed:
        form.add_error("name", _("You changed your name many times. Try again in an hour."))
    return not form.errors


def back_to(request: HttpRequest, visit: Visit, token: str) -> str:
    """The item that the name was asked for at, else the page of the link."""
    number = request.POST.get("back", "")
    if number.isdecimal() and visit.link.items.filter(number=int(number[:9])).exists():
        return reverse("share-item", args=[token, int(number[:9])])
    return reverse("share", args=[token])


@guest_view
@require_POST
def forget_guest(request: HttpRequest, share_token: str) -> HttpResponse:
    """This browser is nobody any more: what the cookie opened is shut, what was written stays."""
    visit = let_in(request, share_token)
    if visit is None or visit.visitor is None:
        return closed(request)
    Visitor.objects.filter(pk=visit.visitor.pk).update(generation=0)
    response = HttpResponseRedirect(reverse("share", args=[share_token]))
    forget_cookie(response, share_token)
    return response
