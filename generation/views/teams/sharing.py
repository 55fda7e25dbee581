"""What a team demands of its share links, those that are there included."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from generation.engine.share_links import follow_policy
from generation.forms.share_links import SharePolicyForm
from generation.models import Act, Team, Verb, audit, changed_fields
from generation.views.teams.settings import PAGE, settings_facts
from generation.web.shortcuts import StudioRequest, studio_view


@require_POST
@studio_view(Act.MANAGE_TEAM)
def team_sharing(request: StudioRequest) -> HttpResponse:
    form = SharePolicyForm(request.POST, instance=Team.objects.get(pk=request.member.team_id))
    if not form.is_valid():
        return render(request, PAGE, settings_facts(request) | {"sharing": form}, status=422)
    with transaction.atomic():
        request.member.team.lock_members()  # whoever makes a link meanwhile waits, and is seen
        before = policy_of(Team.objects.get(pk=request.member.team_id))
        team = form.save(commit=False)
        team.save(update_fields=form.Meta.fields)
        if changes := changed_fields(before, policy_of(team)):
            facts = changes | follow_policy(team)
            audit(Verb.TEAM_CHANGED, team=team, actor=request.user, target=team, changes=facts)
    messages.success(request, _("Saved."))
    return redirect("team-settings")


def policy_of(team: Team) -> dict[str, Any]:
    return {
        "link days": team.share_days,
        "links for ever": team.share_forever,
        "link password": team.share_password,
        "link originals": team.share_originals,
    }
