"""Settings of the team: its name and picture, and what it asks of its members."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from generation.forms.delivery import DeliveryForm
from generation.forms.form_status import status_of
from generation.forms.share_links import SharePolicyForm
from generation.forms.team_defaults import SETTINGS, field_name, time_zones
from generation.forms.teams import TeamSettingsForm
from generation.media.storage import Unfit
from generation.models import Act, DeliveryRules, Team, Verb, audit, changed_fields
from generation.views.files.store_upload import limits_in, store_upload
from generation.web import lanes
from generation.web.shortcuts import StudioRequest, studio_view

PAGE = "generation/teams/settings.html"


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view(Act.MANAGE_TEAM)
def team_settings(request: StudioRequest) -> HttpResponse:
    team = Team.objects.get(pk=request.member.team_id)
    before = facts_of(team)
    form = TeamSettingsForm(request.POST or None, instance=team)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            after = facts_of(team)
            if changes := changed_fields(before, after):
                audit(
                    Verb.TEAM_CHANGED, team=team, actor=request.user, target=team, changes=changes
                )
        messages.success(request, _("Saved."))
        return redirect("team-settings")
    facts = settings_facts(request) | {"form": form}
    return render(request, PAGE, facts, status=status_of(form))


def settings_facts(request: StudioRequest) -> dict[str, Any]:
    """All forms of the page as they are before anybody sends one."""
    team = Team.objects.select_related("delivery_rules").get(pk=request.member.team_id)
    rules = DeliveryRules.of(team)
    return {
        "form": TeamSettingsForm(instance=team),
        "sharing": SharePolicyForm(instance=team),
        "time_zones": time_zones(),
        "delivery_form": DeliveryForm(instance=rules),
        "asks_about_aigc": rules.asks_about_aigc(),
    }


def facts_of(team: Team) -> dict[str, Any]:
    return {
        "name": team.name,
        "second factor": team.factor_required_from is not None,
        "time zone": team.time_zone,
        "project": team.default_project.name if team.default_project else "",
        **{
            field_name(kind, name): team.default_settings.get(kind, {}).get(name, "")
            for kind, name in SETTINGS
        },
    }


@require_POST
@studio_view(Act.MANAGE_TEAM)
@lanes.in_lane(lambda _request: lanes.FILES)
def team_avatar(request: StudioRequest) -> HttpResponse:
    """Another picture, or with `remove` none: the initials then stand for the team."""
    team, media = request.member.team, None
    if "remove" not in request.POST:
        given = request.FILES.get("avatar")
        if given is None:
            messages.error(request, _("Choose an image first."))
            return redirect("team-settings")
        try:
            media = store_upload(request, given, "images", limits_in(None, "images"))
        except Unfit as unfit:
            messages.error(request, unfit.sentence)
            return redirect("team-settings")
    with transaction.atomic():
        Team.objects.filter(pk=team.pk).update(avatar=media)
        changes = {"picture": ["", "new"] if media else ["old", ""]}
        audit(Verb.TEAM_CHANGED, team=team, actor=request.user, target=team, changes=changes)
    messages.success(request, _("Saved."))
    return redirect("team-settings")
