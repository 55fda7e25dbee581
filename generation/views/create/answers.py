"""Answers of the Create page: all of it, or its composer alone."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from generation.catalogue import rules
from generation.catalogue.modes import MODES
from generation.forms.create_scope import CreateScope
from generation.forms.generate import GenerateForm
from generation.models import Project
from generation.views.create.context import Notice, OpenPanel, composer_context
from generation.views.create.examples import examples_of, how_to_begin
from generation.views.create.prefill import Prefill
from generation.views.feed.feed import feed_context
from generation.web.shortcuts import StudioRequest, find, projects_of

PAGE = "generation/create/create.html"
COMPOSER = "generation/create/_composer.html"


def is_offered(mode: str) -> bool:
    return mode in MODES and bool(rules.offers(mode=mode))


def chosen_offer(request: StudioRequest, scope: CreateScope) -> Any:
    return scope.offer(request.POST.get("model", "")) or scope.default_offer


def scope_of(request: StudioRequest, mode: str) -> CreateScope:
    if not is_offered(mode):
        raise Http404
    return CreateScope(request.user, request.member.team, mode)


def project_shown(request: StudioRequest) -> Project | None:
    """Whose feed stands beside the composer; None is the whole team's."""
    slug = request.GET.get("project")
    return find(projects_of(request), slug=slug) if slug else None


def create_url(scope: CreateScope, project: Project | None) -> str:
    here = reverse("create", args=[scope.mode])
    return f"{here}?{urlencode({'project': project.slug})}" if project else here


def full_page(
    request: StudioRequest,
    form: GenerateForm,
    prefill: Prefill,
    status: int = 200,
    open_panel: OpenPanel | None = None,
    notice: Notice | None = None,
) -> HttpResponse:
    scope, project = form.scope, project_shown(request)
    context = feed_context(request, create_url(scope, None), project)
    context |= {"mode": scope.mode, "projects": scope.projects}
    if request.member.may_create:
        context |= composer_context(form, prefill, create_url(scope, project), open_panel)
        context |= {"examples": examples_of(scope.mode), "to_begin": how_to_begin(scope.mode)}
        context |= {"notice": notice}
    return varied(render(request, PAGE, context, status=status))


def varied(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ["HX-Request"])
    return response


def shown_again(
    request: StudioRequest,
    form: GenerateForm,
    prefill: Prefill,
    status: int,
    open_panel: OpenPanel | None = None,
    notice: Notice | None = None,
) -> HttpResponse:
    if not request.htmx:
        return full_page(request, form, prefill, status, open_panel, notice)
    context = composer_context(
        form, prefill, create_url(form.scope, project_shown(request)), open_panel
    )
    context["notice"] = notice
    return varied(render(request, COMPOSER, context, status=status))
