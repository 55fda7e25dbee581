"""Handing the team over, deleting it, and taking that back."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from generation.engine import delete_team, team_owners
from generation.engine.departures import NotAllowed
from generation.forms.form_status import status_of
from generation.forms.teams import DeleteTeamForm, OfferForm
from generation.models import Act, Team
from generation.web.recent_login import recent_login, typed_before
from generation.web.shortcuts import StudioRequest, studio_view

FORM = ["GET", "HEAD", "POST"]


@require_http_methods(FORM)
@studio_view(Act.MANAGE_TEAM)
@recent_login(keep=("to",))
def transfer(request: StudioRequest) -> HttpResponse:
    """Ask a member to own the team; with `withdraw`, ask no longer."""
    team = request.member.team
    if request.method == "POST" and "withdraw" in request.POST:
        return take_back(request)
    others = team.memberships.filter(user__is_active=True).exclude(pk=request.member.pk)
    form = OfferForm(
        request.POST or None, others=others.select_related("user"), initial=typed_before(request)
    )
    if request.method == "POST" and form.is_valid():
        try:
            asked = team_owners.offer_team(request.member, int(form.cleaned_data["to"]))
        except NotAllowed:
            messages.error(request, _("The team has changed meanwhile. Look at it again."))
        else:
            text = _("%(name)s is asked. You own the team until the answer is yes.")
            messages.success(request, text % {"name": asked.user.shown_name})
        return redirect("team-transfer")
    facts = {"form": form, "offered_to": team.offered_to}
    return render(request, "generation/teams/transfer.html", facts, status=status_of(form))


def take_back(request: StudioRequest) -> HttpResponse:
    try:
        withdrawn = team_owners.withdraw_offer(request.member)
    except NotAllowed:
        raise Http404 from None  # no owner any more: the answer was yes
    if withdrawn:
        messages.success(request, _("Nobody is asked any more."))
    else:
        messages.error(request, _("This question no longer stands. Nothing has changed."))
    return redirect("team-transfer")


@require_POST
@studio_view(Act.SEE)
@recent_login()
def answer_offer(request: StudioRequest) -> HttpResponse:
    accept = request.POST.get("answer") == "yes"
    if not team_owners.answer_offer(request.member, accept=accept):
        messages.error(request, _("This question no longer stands. Nothing has changed."))
    elif accept:
        messages.success(request, _("You own %(team)s now.") % {"team": request.member.team})
    else:
        messages.success(request, _("You have declined. Nothing has changed."))
    return redirect("team-members")


@require_http_methods(FORM)
@studio_view(Act.MANAGE_TEAM)
@recent_login(keep=("name",))
def delete(request: StudioRequest) -> HttpResponse:
    team = request.member.team
    form = DeleteTeamForm(request.POST or None, team=team, initial=typed_before(request))
    if request.method == "POST" and form.is_valid():
        delete_team.delete_team(request.member)
        ends = Team.objects.get(pk=team.pk).ends_at
        day = date_format(localtime(ends), "DATE_FORMAT") if ends else ""
        text = _("%(team)s is read-only now and is deleted on %(day)s.")
        messages.success(request, text % {"team": team, "day": day})
        return redirect("team-members")
    return render(request, "generation/teams/delete.html", {"form": form}, status=status_of(form))


@require_POST
@studio_view(Act.MANAGE_TEAM)
def keep(request: StudioRequest) -> HttpResponse:
    if delete_team.keep_team(request.member):
        messages.success(request, _("The team stays."))
    else:
        messages.error(request, _("It is too late: the team is being deleted."))
    return redirect("team-members")
