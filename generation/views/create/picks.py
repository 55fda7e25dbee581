"""Choosing a voice or a template: lists in a dialog, and pages of their own without scripts."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generation.catalogue import rules
from generation.catalogue.voices import READ_ON
from generation.catalogue.voices.types import GENDERS, LANGUAGES, STYLES
from generation.forms.picked_fields import grouped_templates
from generation.forms.voices import EVERY, VoiceFilter, Voices, published
from generation.models import Act
from generation.web.shortcuts import StudioRequest, page_or_fragment, studio_view

LONGEST = 100  # of a search


@require_safe
@studio_view(Act.CREATE)
def voices(request: StudioRequest) -> HttpResponse:
    """Those of one provider, or of all: where a subject is made, nobody has chosen one yet."""
    provider, _model = rules.split_name(request.GET.get("model", ""))
    able = [one for one in EVERY if provider in ("", one)]
    found, wanted = Voices(request.member.team, able), VoiceFilter.parse(request.GET)
    samples = found.samples
    public = [published(one, samples.get(one.id)) for one in found.public]
    context: dict[str, Any] = {
        "own": [one for one in found.own if wanted.fits(one)],
        "public": [one for one in public if wanted.fits(one)],
        "wanted": wanted,
        "chosen": request.GET.get("voice_id", ""),
        "model": request.GET.get("model", ""),
        "key": key_asked(request),
        "free": "free" in request.GET and wanted == VoiceFilter(),
        "languages": labels(LANGUAGES),
        "genders": labels(GENDERS),
        "styles": labels(STYLES),
        "read_on": date.fromisoformat(READ_ON),
    }
    return page_or_fragment(
        request, "generation/create/voices.html", "generation/create/_voices.html", context
    )


@require_safe
@studio_view(Act.CREATE)
def templates(request: StudioRequest) -> HttpResponse:
    query = " ".join(request.GET.get("q", "").split())[:LONGEST]
    context = {
        "groups": grouped_templates(query),
        "q": query,
        "chosen": request.GET.get("template", ""),
    }
    return page_or_fragment(
        request, "generation/create/templates.html", "generation/create/_templates.html", context
    )


def labels(names: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, _(label)) for name, label in names.items()]


def key_asked(request: StudioRequest) -> UUID | None:
    """With which key the voice would be used."""
    try:
        return UUID(request.GET.get("key", ""))
    except ValueError:
        return None
