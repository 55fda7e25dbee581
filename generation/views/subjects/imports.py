"""Bringing in what a provider's subject library holds: asked for here, done by the cluster."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from generation.engine.imports import job as import_job
from generation.models import Act, ProviderName, Verb, audit
from generation.models.messages import sentence_of
from generation.views.subjects.registrations import POLL_DELAY, library_named
from generation.web.shortcuts import StudioRequest, studio_view

NAMED = 5


@require_POST
@studio_view(Act.EDIT_SUBJECT)
def import_library(request: StudioRequest) -> HttpResponse:
    """Make subjects of what the provider's library holds already. Asked twice, done once."""
    library = library_named(request)
    if library.key is None:
        raise Http404
    team = request.member.team
    with transaction.atomic():
        begun = import_job.request_import(request.user, team, library.key)
        if begun:
            changes = {"provider": library.provider}
            audit(Verb.SUBJECTS_IMPORTED, team=team, actor=request.user, changes=changes)
    if not begun:
        messages.warning(request, _("An import is under way already."))
    return redirect("subjects")


@require_safe
@studio_view(Act.EDIT_SUBJECT)
def state(request: StudioRequest) -> HttpResponse:
    """The note alone, for a page that polls; without scripts the whole page shows it."""
    if not request.htmx:
        return redirect("subjects")
    return render(
        request, "generation/subjects/_import.html", import_status(request) | {"partial": True}
    )


def import_status(request: StudioRequest) -> dict[str, Any]:
    """Template context on the person's import, if there is one."""
    one = import_job.watch(request.user, request.member.team)
    if one is None:
        return {}
    context: dict[str, Any] = {"importing": one, "provider": str(ProviderName(one.provider).label)}
    if not one.ended:
        return context | {"poll_delay": POLL_DELAY}
    return context | {"outcome": sentence_of(one.refusal) or outcome(one, context["provider"])}


def outcome(one: import_job.Import, provider: str) -> str:
    """One sentence or two on what came of an import."""
    values = {"count": one.new, "provider": provider}
    if not one.new and not one.known:
        return _("The library at %(provider)s is empty. Nothing was imported.") % values
    if not one.new:
        return _("Everything in the library at %(provider)s is here already.") % values
    sentence = ngettext(
        "%(count)d subject was imported from %(provider)s.",
        "%(count)d subjects were imported from %(provider)s.",
        one.new,
    )
    if one.bare:
        values["names"] = ", ".join(f"@{name}" for name in one.bare[:NAMED])
        missing = _("No images came with %(names)s. Add some.")
        sentence = f"{sentence} {missing}"
    return sentence % values
