"""The team's choice of what its files carry when they leave the studio."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from generation.forms.delivery import DeliveryForm
from generation.models import Act, DeliveryRules, Team, Verb, audit, changed_fields
from generation.web.shortcuts import StudioRequest, studio_view

ANSWER = "answer"


@require_POST
@studio_view(Act.MANAGE_TEAM)
def team_delivery(request: StudioRequest) -> HttpResponse:
    """Save the switches, or with `answer` only whether the Chinese label is wanted."""
    answer = request.POST.get(ANSWER, "")
    with transaction.atomic():
        team = Team.objects.select_for_update().get(pk=request.member.team_id)
        rules, _new = DeliveryRules.objects.get_or_create(team=team)
        before = choices_of_rules(rules)
        if answer:
            rules.aigc_keys = rules.aigc_keys or answer == "yes"
        else:
            rules = DeliveryForm(request.POST, instance=rules).save(commit=False)
        if answer or (rules.aigc_keys and not rules.aigc_answered_at):
            rules.aigc_answered_at = timezone.now()
        rules.save()
        if changes := changed_fields(before, choices_of_rules(rules)):
            audit(Verb.TEAM_CHANGED, team=team, actor=request.user, target=team, changes=changes)
    messages.success(request, _("Saved."))
    return redirect("team-settings")


def choices_of_rules(rules: DeliveryRules) -> dict[str, Any]:
    return {
        "source mark": rules.source_mark,
        "AIGC label": rules.aigc_keys,
        "maker named": rules.names_maker,
        "settings in ZIP": rules.sidecar_in_zip,
    }
