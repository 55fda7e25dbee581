"""Ending and renewing share links: what cannot be taken back is asked first."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from generation.engine import share_links
from generation.engine.share_links import reachable
from generation.engine.share_terms import AgainstPolicy, shown_moment
from generation.models import Act, ShareLink
from generation.views.library.trash import MOST_ID, next_url, requested_ids, selection_problem
from generation.views.share_links.pages import find_link
from generation.web.shortcuts import StudioRequest, page_or_fragment, studio_view

ASK_PAGE, ASK_PART = "generation/share_links/ask.html", "generation/share_links/_ask.html"
FORM = ["GET", "HEAD", "POST"]


def live_link(request: StudioRequest, link_id: int) -> ShareLink:
    link = find_link(request, link_id)
    if link.revoked_at:
        raise Http404
    return link


def ask_first(request: StudioRequest, act: str, back: str, **facts: Any) -> HttpResponse:
    context = {"act": act, "back": back, "action": request.path, **facts}
    return page_or_fragment(request, ASK_PAGE, ASK_PART, context)


def done(request: StudioRequest, text: str, back: str) -> HttpResponse:
    messages.success(request, text)
    return HttpResponseRedirect(next_url(request, back))


@require_http_methods(FORM)
@studio_view(Act.SHARE)
def revoke_link(request: StudioRequest, link_id: int) -> HttpResponse:
    """A link that is off already is told so, and nothing more is done."""
    link = find_link(request, link_id)
    if request.method != "POST":
        return ask_first(request, "revoke", link.get_absolute_url(), link=link)
    if not switch_off_links(request, [link.pk]):
        return done(request, _("It was switched off already."), link.get_absolute_url())
    text = _("%(title)s is switched off. Its address shows nothing any more.")
    return done(request, text % {"title": link.title}, link.get_absolute_url())


@require_POST
@studio_view(Act.SHARE)
def revoke_many(request: StudioRequest) -> HttpResponse:
    """The selected ones of the list, once that was asked."""
    pks, back = requested_ids(request), next_url(request, reverse("links"))
    if problem := selection_problem(request, pks, back):
        return problem
    if any(pk > MOST_ID for pk in pks):
        raise Http404
    links = reachable(request.member).filter(pk__in=pks)
    if links.count() != len(pks):
        raise Http404
    if "sure" not in request.POST:
        standing = links.filter(revoked_at=None).count()
        ids = ",".join(map(str, pks))
        return ask_first(request, "revoke-many", back, ids=ids, count=standing)
    count = switch_off_links(request, pks)
    text = ngettext("%(count)d link is switched off.", "%(count)d links are switched off.", count)
    return done(request, text % {"count": count}, reverse("links"))


def switch_off_links(request: StudioRequest, pks: list[int]) -> int:
    try:
        return share_links.revoke(request.member, pks)
    except share_links.NotAllowed:
        raise Http404 from None


@require_http_methods(FORM)
@studio_view(Act.SHARE)
def renew_address(request: StudioRequest, link_id: int) -> HttpResponse:
    link = live_link(request, link_id)
    if request.method != "POST":
        return ask_first(request, "address", link.get_absolute_url(), link=link)
    try:
        share_links.new_address(request.member, link.pk)
    except share_links.NotAllowed:
        raise Http404 from None
    text = _("The link has a new address. The one before shows nothing any more.")
    messages.success(request, text)
    return HttpResponseRedirect(link.get_absolute_url())


@require_POST
@studio_view(Act.SHARE)
def end_visits(request: StudioRequest, link_id: int) -> HttpResponse:
    link = live_link(request, link_id)
    try:
        share_links.end_visits(request.member, link.pk)
    except share_links.NotAllowed:
        raise Http404 from None
    text = _("All visits are ended. Whoever comes again starts anew.")
    return done(request, text, link.get_absolute_url())


@require_POST
@studio_view(Act.SHARE)
def extend_link(request: StudioRequest, link_id: int) -> HttpResponse:
    link, back = live_link(request, link_id), reverse("links")
    try:
        later = share_links.extend(request.member, link.pk)
    except share_links.NotAllowed:
        raise Http404 from None
    except AgainstPolicy as refusal:
        messages.warning(request, " ".join(refusal.problems.values()))
        return HttpResponseRedirect(next_url(request, link.get_absolute_url()))
    end = shown_moment(later.expires_at, later.team) if later.expires_at else ""
    return done(request, _("It ends on %(end)s now.") % {"end": end}, next_url(request, back))
