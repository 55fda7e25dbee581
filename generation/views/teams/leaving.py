"""Removing a member, and leaving, which is removing oneself."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from generation.engine.departures import (
    LastOwner,
    NotAllowed,
    heirs_of,
    is_last_owner,
    remove_member,
    work_of,
)
from generation.forms.teams import HeirForm
from generation.models import Act, Membership
from generation.models.teams import MEMBERSHIP, TEAM_NAME
from generation.web.shortcuts import (
    StudioRequest,
    find,
    page_or_fragment,
    studio_view,
)

PAGE, PART = "generation/teams/remove.html", "generation/teams/_remove.html"
STAYS_PAGE, STAYS_PART = "generation/teams/last_owner.html", "generation/teams/_last_owner.html"


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view(Act.REMOVE_MEMBER)
def remove(request: StudioRequest, membership_id: int) -> HttpResponse:
    rows = Membership.objects.filter(team=request.member.team_id).select_related("user")
    member = find(rows, pk=membership_id)
    member.team = request.member.team
    if not request.member.may_to(Act.REMOVE_MEMBER, member):
        raise Http404
    is_self = member.pk == request.member.pk
    if is_last_owner(member):
        return cannot_leave(request, member)
    form = HeirForm(request.POST or None, heirs=heirs_of(member), remover=request.member)
    if request.method != "POST" or not form.is_valid():
        facts = {"form": form, "gone": member, "is_self": is_self, "work": work_of(member)}
        return page_or_fragment(request, PAGE, PART, facts, 422 if form.is_bound else 200)
    try:
        chosen = form.cleaned_data
        remove_member(request.member, member.pk, chosen["heir"], chosen["links"] != "off")
    except LastOwner:
        return cannot_leave(request, member)
    except NotAllowed:
        messages.error(request, _("The team has changed meanwhile. Look at it again."))
        return leave_page(request, "team-members")
    if is_self:
        for name in (MEMBERSHIP, TEAM_NAME):
            request.session.pop(name, None)
        messages.success(request, _("You have left %(team)s.") % {"team": member.team})
        return leave_page(request, "create-home")
    text = _("%(name)s is no longer in this team.") % {"name": member.user.shown_name}
    messages.success(request, text)
    return leave_page(request, "team-members")


def cannot_leave(request: StudioRequest, member: Membership) -> HttpResponse:
    """The only owner stays until there is another: the answer says how to get one."""
    others = request.member.team.memberships.filter(user__is_active=True).exclude(pk=member.pk)
    facts = {
        "gone": member,
        "is_self": member.pk == request.member.pk,
        "others": others.select_related("user").order_by("joined_at", "id"),
    }
    status = 422 if request.method == "POST" else 200
    return page_or_fragment(request, STAYS_PAGE, STAYS_PART, facts, status)


def leave_page(request: StudioRequest, name: str) -> HttpResponse:
    """Go to another page; from within a dialog, too."""
    if request.htmx:
        return HttpResponseClientRedirect(reverse(name))
    return redirect(name)
