"""Which team a person works in: switching, making another one, and when the one they had ended."""

from django.contrib import messages
from django.db import transaction
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generation.forms.form_status import status_of
from generation.forms.teams import TeamForm
from generation.models import Membership, Team, Verb, audit
from generation.web.shortcuts import (
    StudioRequest,
    account_view,
    current_member,
    find,
    name_of_ended_team,
    work_in,
)


@require_POST
@account_view
def switch_team(request: StudioRequest) -> HttpResponse:
    rows = Membership.objects.filter(user=request.user).select_related("team")
    member = find(rows, team=request.POST.get("team", ""))
    work_in(request, member)
    messages.success(request, _("You are in %(team)s now.") % {"team": member.team})
    return redirect("create-home")


@require_http_methods(["GET", "HEAD", "POST"])
@account_view
def new_team(request: StudioRequest) -> HttpResponse:
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            team = Team.found(form.cleaned_data["name"], request.user)
            audit(Verb.TEAM_CREATED, team=team, actor=request.user, target=team)
        work_in(request, team.memberships.get(user=request.user))
        messages.success(
            request, _("You are in %(team)s now. Invite others to it.") % {"team": team}
        )
        return redirect("team-members")
    return render(request, "generation/teams/new.html", {"form": form}, status=status_of(form))


@require_safe
@account_view
def team_ended(request: StudioRequest) -> HttpResponse:
    """Where somebody lands who is no longer in the team that they worked in, or in none."""
    if current_member(request):
        return redirect("create-home")
    newest = F("chosen_at").desc(nulls_last=True)
    others = Membership.objects.filter(user=request.user).select_related("team").order_by(newest)
    facts = {"ended": name_of_ended_team(request), "others": others}
    return render(request, "generation/teams/ended.html", facts)
