"""Making a share link, the list of links, and one link with its address."""

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.db.models import Count, QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_safe

from generation.engine import share_links
from generation.engine.share_links import Target, links_to, reachable
from generation.engine.share_terms import AgainstPolicy
from generation.forms.form_status import status_of
from generation.forms.generate import INTENT, new_intent
from generation.forms.paging import page_of
from generation.forms.share_links import ShareForm
from generation.models import Act, ShareLink
from generation.models.collections import MOST_ITEMS
from generation.models.permissions import Reach
from generation.views.library.trash import next_url, requested_ids, selection_problem
from generation.views.share_links.lines import (
    LinkLine,
    address_of,
    filters_at,
    lines_of,
    rights_of_visitors,
    with_targets,
)
from generation.views.share_links.preview import preview_of
from generation.views.share_links.targets import (
    KINDS,
    Shared,
    kind_labels,
    named_target,
    page_of_target,
    shared_selection,
    shared_target,
    target_of,
)
from generation.web.shortcuts import StudioRequest, find, page_or_fragment, studio_view

PAGE, SHOWN_BESIDE = 50, 10
FORM = ["GET", "HEAD", "POST"]
NEW_PAGE, NEW_PART = "generation/share_links/new.html", "generation/share_links/_new.html"
LINK_PAGE, LINK_PART = "generation/share_links/link.html", "generation/share_links/_link.html"


def find_link(request: StudioRequest, link_id: int) -> ShareLink:
    """One that the person may change; 404 for any other."""
    return find(with_targets(reachable(request.member)).defer(None), pk=link_id)


# --- A new one ------------------------------------------------------------------------------------


@require_http_methods(FORM)
@studio_view(Act.SHARE)
def new_link(request: StudioRequest) -> HttpResponse:
    """First the form for what is named or selected, then the link. A form makes one link, however
    often it is sent."""
    sent = request.POST if request.method == "POST" else request.GET
    target = named_target(request, sent)
    if target is None:
        pks = requested_ids(request)
        if problem := selection_problem(request, pks, next_url(request, reverse("library"))):
            return problem
        shared = shared_selection(request, pks)
    else:
        shared = shared_target(target)
    team = request.member.team
    if request.method != "POST" or "title" not in request.POST:
        return show_form(request, shared, ShareForm(team=team, title=shared.title))
    form, given = ShareForm(request.POST, team=team), request.POST.get("intent", "")
    intent = given if INTENT.fullmatch(given) else ""
    link = make(request, shared, form, intent) if form.is_valid() else None
    return show_made(request, link) if link else show_form(request, shared, form, intent)


def make(request: StudioRequest, shared: Shared, form: ShareForm, intent: str) -> ShareLink | None:
    """None where it cannot be made like this: the form says why."""
    what = shared.target or shared.selection
    try:
        return share_links.create(request.member, what, form.terms, intent)
    except share_links.NotAllowed:
        raise Http404 from None
    except AgainstPolicy as refusal:
        add_problems(form, refusal.problems)
    except share_links.TooMany:
        form.add_error("mode", too_many())
    return None


def show_form(
    request: StudioRequest, shared: Shared, form: ShareForm, intent: str = ""
) -> HttpResponse:
    facts = {
        "form": form,
        "shared": shared,
        "intent": intent or new_intent(),
        "known": known_link(request, shared.target),
        "preview": preview_of(form, shared),
        "cancel": page_of_target(shared.target) if shared.target else reverse("library"),
    }
    return page_or_fragment(request, NEW_PAGE, NEW_PART, facts, status_of(form))


def known_link(request: StudioRequest, target: Target | None) -> ShareLink | None:
    """A link to the same that is open already, and the person's to copy."""
    if target is None:
        return None
    rows = links_to(target, reachable(request.member))
    return rows.filter(filters_at(timezone.now())["open"]).first()


def add_problems(form: ShareForm, problems: dict[str, str]) -> None:
    for name, problem in problems.items():
        form.add_error(name, problem)


def too_many() -> str:
    text = _("A frozen link holds at most %(most)d items. Share it live, or a collection of it.")
    return text % {"most": MOST_ITEMS}


def show_made(request: StudioRequest, link: ShareLink) -> HttpResponse:
    if not request.htmx:
        return HttpResponseRedirect(f"{link.get_absolute_url()}?made=1")
    return render(request, LINK_PART, link_facts(request, find_link(request, link.pk)))


# --- One link -------------------------------------------------------------------------------------


@require_safe
@studio_view(Act.SHARE)
def link_page(request: StudioRequest, link_id: int) -> HttpResponse:
    facts = link_facts(request, find_link(request, link_id))
    facts["is_new"] = "made" in request.GET
    return page_or_fragment(request, LINK_PAGE, LINK_PART, facts)


def link_facts(request: StudioRequest, link: ShareLink) -> dict[str, Any]:
    line = LinkLine(link, timezone.now(), request.member)
    address = "" if line.is_revoked else address_of(link)
    others = with_targets(links_to(link.target, reachable(request.member)))
    return {
        "line": line,
        "link": link,
        "is_new": True,
        "address": address,
        "last": _("last %(when)s") % {"when": naturaltime(link.last_view_at)}
        if link.last_view_at
        else "",
        "path": urlsplit(address).path,
        "mail": mail_of(link, address, line),
        "shared": target_of(link),
        "may": rights_of_visitors(link),
        "page": page_of_target(link.target),
        "lines": lines_of(others.exclude(pk=link.pk)[:SHOWN_BESIDE], request.member),
        "list": list_url(target_of(link)),
    }


def list_url(shared: Shared) -> str:
    return f"{reverse('links')}?{urlencode(shared.named)}"


def mail_of(link: ShareLink, address: str, line: LinkLine) -> str:
    """A letter that the person's own mail program opens."""
    text = _("%(title)s\n\n%(address)s\n\nThe link ends: %(end)s") % {
        "title": link.title, "address": address, "end": line.end_text,
    }  # fmt: skip
    facts = {"subject": link.title, "body": text}
    return "mailto:?" + urlencode(facts).replace("+", "%20")


# --- The list -------------------------------------------------------------------------------------


@require_safe
@studio_view(Act.SHARE)
def link_list(request: StudioRequest) -> HttpResponse:
    """One's own, or all of the team for who may change them all; of one thing, or of a kind."""
    rows, named = reachable(request.member), {}
    sees_all = request.member.reach(Act.SHARE) is Reach.ALL
    target = named_target(request, request.GET)
    shared = shared_target(target) if target else None
    whose = "team" if sees_all and (shared or request.GET.get("whose") == "team") else "mine"
    if shared and shared.target:
        rows, named = links_to(shared.target, rows), dict(shared.named)
    sizes = {"mine": rows.filter(created_by=request.user).count(), "team": rows.count()}
    if whose == "mine":
        rows = rows.filter(created_by=request.user)
    elif not shared:
        named["whose"] = "team"
    kind = request.GET.get("kind", "") if not shared else ""
    if kind in KINDS:
        rows, named = rows.exclude(**{kind: None}), named | {"kind": kind}
    conditions = filters_at(timezone.now())
    state = request.GET.get("state", "")
    counts = counts_of(rows, conditions)
    shown = with_targets(rows.filter(conditions.get(state, conditions[""])))
    page = page_of(shown, request.GET.get("after", ""), PAGE)
    facts = {
        "lines": lines_of(page.rows, request.member),
        "chips": state_chips(named, state, counts),
        "kinds": kinds_of(named, kind),
        "kind": kind,
        "whose": whose,
        "sees_all": sees_all and not shared,
        "sizes": sizes,
        "shared": shared,
        "is_filtered": bool(state or kind or shared),
        "more": page.more and link_with(named, state=state, after=page.more),
        "first": page.after is None,
        "here": request.get_full_path(),
    }
    return render(request, "generation/share_links/list.html", facts)


def counts_of(rows: QuerySet[ShareLink], conditions: dict[str, Any]) -> dict[str, int]:
    found: dict[str, int] = rows.aggregate(
        all=Count("pk"),
        **{name: Count("pk", filter=one) for name, one in conditions.items() if name},
    )
    return found


def link_with(named: dict[str, str], **others: str) -> str:
    query = urlencode({name: value for name, value in (named | others).items() if value})
    return f"{reverse('links')}?{query}" if query else reverse("links")


def state_chips(named: dict[str, str], state: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    labels = {
        "": _("All"), "open": pgettext("link", "Open"), "week": _("Ends this week"),
        "password": _("With password"), "ended": _("Ended"),
    }  # fmt: skip
    return [
        {
            "label": label,
            "count": counts[name or "all"],
            "href": link_with(named, state=name),
            "is_chosen": name == state,
        }
        for name, label in labels.items()
    ]


def kinds_of(named: dict[str, str], kind: str) -> list[dict[str, Any]]:
    labels = {"": _("Everything")} | kind_labels()
    others = {name: value for name, value in named.items() if name != "kind"}
    return [
        {"label": label, "href": link_with(others, kind=name), "is_chosen": name == kind}
        for name, label in labels.items()
    ]


# --- Changing one ---------------------------------------------------------------------------------


@require_http_methods(FORM)
@studio_view(Act.SHARE)
def edit_link(request: StudioRequest, link_id: int) -> HttpResponse:
    link = find_link(request, link_id)
    if link.revoked_at:
        raise Http404
    form = ShareForm(request.POST or None, team=link.team, link=link)
    if request.method == "POST" and form.is_valid():
        try:
            share_links.change(request.member, link.pk, form.terms)
        except share_links.NotAllowed:
            raise Http404 from None
        except AgainstPolicy as refusal:
            add_problems(form, refusal.problems)
        except share_links.TooMany:
            form.add_error("mode", too_many())
        else:
            return redirect(link)
    shared = target_of(link)
    facts = {
        "form": form,
        "link": link,
        "shared": shared,
        "preview": preview_of(form, shared),
        "cancel": link.get_absolute_url(),
    }
    page = "generation/share_links/edit.html"
    return render(request, page, facts, status=status_of(form))
