"""Ideas for a prompt that suits the first frame."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from generation.engine.prompt_ideas import NoSuggestions, suggest
from generation.forms.create_scope import CreateScope
from generation.forms.generate import GenerateForm
from generation.web.shortcuts import StudioRequest, may_create, studio_view

MODE = "image-video"
IDEAS = "generation/create/_ideas.html"


@require_POST
@studio_view
@may_create
def suggestions(request: StudioRequest) -> HttpResponse:
    """Up to five ideas as buttons, or the sentence that says why there are none."""
    scope = CreateScope(request.user, request.member.team, MODE)
    offer = scope.offer(request.POST.get("model", "")) or scope.default_offer
    form = GenerateForm(request.POST, scope=scope, offer=offer)
    return render(request, IDEAS, {"ideas": ideas_for(form)})


def ideas_for(form: GenerateForm) -> dict[str, Any]:
    images = form.chosen.get("images", [])
    if form.offer is None:
        return {"sentence": _("Add a key in Settings to begin.")}
    if form.scope.mode != MODE or not images:
        return {"sentence": _("Add the first frame, then ask for ideas.")}
    try:
        found = suggest(form.offer.provider, form.chosen_key, images[0])
    except NoSuggestions as none:
        return {"sentence": none.sentence}
    return {"found": found}
