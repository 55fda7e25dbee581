"""Help with a prompt: ideas that suit the first frame, and what a person wrote before."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from generation.catalogue.modes import MODES
from generation.engine.prompt_ideas import NoSuggestions, suggest
from generation.forms.create_scope import CreateScope
from generation.forms.fields import BIG
from generation.forms.generate import GenerateForm, setting_names
from generation.models import Act, Task
from generation.web.lanes import LINKS, busy, in_lane
from generation.web.shortcuts import StudioRequest, studio_view

MODE = "image-video"
IDEAS = "generation/create/_ideas.html"
MOST, LOOKED_AT = 30, 200  # earlier prompts that are offered, and tasks that are read for them


@require_POST
@studio_view(Act.CREATE)
@in_lane(lambda _request: LINKS)
def suggestions(request: StudioRequest) -> HttpResponse:
    """Up to five ideas as buttons, or the sentence that says why there are none."""
    scope = CreateScope(request.user, request.member.team, MODE)
    offer = scope.offer(request.POST.get("model", "")) or scope.default_offer
    form = GenerateForm(request.POST, scope=scope, offer=offer)
    return render(request, IDEAS, {"ideas": ideas_for(request, form)})


def ideas_for(request: StudioRequest, form: GenerateForm) -> dict[str, Any]:
    images = form.chosen.get("images", [])
    if form.offer is None:
        return {"sentence": _("Add a key in Settings to begin.")}
    if form.scope.mode != MODE or not images:
        return {"sentence": _("Add the first frame, then ask for ideas.")}
    if sentence := busy(request, LINKS):
        return {"sentence": sentence}
    try:
        found = suggest(form.offer.provider, form.chosen_key, images[0])
    except NoSuggestions as none:
        return {"sentence": none.sentence}
    return {"found": found}


def recalled(scope: CreateScope) -> list[str]:
    """The person's own latest words for a box like this mode's, each once, the newest first."""
    rows = Task.objects.visible_to(scope.user).filter(team=scope.team, user=scope.user)
    rows = rows.filter(mode__in=alike(scope.mode)).exclude(prompt="").order_by("-pk")
    return list(dict.fromkeys(rows.values_list("prompt", flat=True)[:LOOKED_AT]))[:MOST]


def alike(mode: str) -> list[str]:
    """The modes with the same box: what is seen or heard, or what is said."""
    return [name for name in MODES if box_of(name) == box_of(mode)]


def box_of(mode: str) -> str:
    return next((name for name in BIG if name in setting_names(mode)), "")
