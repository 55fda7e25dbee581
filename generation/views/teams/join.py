"""The page that an invitation leads to, for who has an account and who has none."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from generation.engine.invitations import Standing, accept_invitation, find_by_token, standing_of
from generation.models import Invitation, Membership, Role
from generation.web.shortcuts import StudioRequest, open_view, work_in

PAGES = {
    Standing.OPEN: "generation/teams/invite.html",
    Standing.ALREADY_IN: "generation/teams/invite_already.html",
    Standing.FOR_ANOTHER: "generation/teams/invite_other.html",
    Standing.UNPROVEN: "generation/teams/invite_unproven.html",
    Standing.OVER: "generation/teams/invite_ended.html",
}
# How somebody comes, and what the role lets them do.
COMES_AS = {
    Role.OWNER: (
        gettext_lazy("You come as an owner"),
        gettext_lazy("Everything, also the settings of the team. Your keys stay yours."),
    ),
    Role.ADMIN: (
        gettext_lazy("You come as an admin"),
        gettext_lazy(
            "Make images, videos and subjects, invite and remove people, and change roles. "
            "Your keys stay yours."
        ),
    ),
    Role.MEMBER: (
        gettext_lazy("You come as a member"),
        gettext_lazy(
            "Make images, videos and subjects, and see the work of the team. Your keys stay yours."
        ),
    ),
    Role.VIEWER: (
        gettext_lazy("You come as a viewer"),
        gettext_lazy(
            "See the projects, the library and the subjects of the team. Viewers do not generate."
        ),
    ),
}  # fmt: skip


@open_view("the token of an invitation lets in")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def open_invitation(request: StudioRequest, invitation_token: str) -> HttpResponse:
    """Opening it changes nothing. A POST accepts, or with `switch` logs out, to come back as
    somebody else."""
    row = find_by_token(invitation_token)
    answer = respond(request, row) if request.method == "POST" else show(request, row)
    # The address goes nowhere. A form needs the origin: without one Django takes it for forged.
    has_form = request.user.is_authenticated
    answer["Referrer-Policy"] = "strict-origin" if has_form else "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def show(request: StudioRequest, row: Invitation | None) -> HttpResponse:
    user = request.user if request.user.is_authenticated else None
    return show_as(request, row, standing_of(row, user))


def respond(request: StudioRequest, row: Invitation | None) -> HttpResponse:
    if row is None:
        return show(request, row)
    if request.user.is_authenticated and "switch" not in request.POST:
        return accept_as(request, row)
    if standing_of(row, None) is Standing.OVER:
        return show(request, None)
    if request.user.is_authenticated:
        get_adapter().logout(request)
    return redirect(come_back_by("account_login", request))


def accept_as(request: StudioRequest, row: Invitation) -> HttpResponse:
    standing = accept_invitation(row, request.user)
    if standing is not Standing.OPEN:
        return show_as(request, row, standing)
    work_in(request, Membership.objects.get(team=row.team, user=request.user))
    messages.success(request, _("You are in %(team)s now.") % {"team": row.team})
    return redirect("create-home")


def show_as(request: StudioRequest, row: Invitation | None, standing: Standing) -> HttpResponse:
    if row is None or standing is Standing.OVER:
        return render(request, PAGES[Standing.OVER], status=404)
    return render(request, PAGES[standing], facts_of_invitation(request, row))


def facts_of_invitation(request: StudioRequest, row: Invitation) -> dict[str, Any]:
    title, text = COMES_AS[Role(row.role)]
    members = row.team.memberships.filter(user__is_active=True)
    is_known = request.user.is_authenticated
    return {
        "invitation": row,
        "team": row.team,
        "come_as": title,
        "may": text,
        "total": members.count(),
        "own": members.filter(user=request.user).first() if is_known else None,
        "log_in": come_back_by("account_login", request),
        "sign_up": come_back_by("account_signup", request),
    }


def come_back_by(way: str, request: StudioRequest) -> str:
    return f"{reverse(way)}?{urlencode({'next': request.path})}"
