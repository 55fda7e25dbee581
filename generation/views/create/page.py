"""The Create page: the composer, and beside it the feed."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from generation.catalogue.modes import MODES
from generation.forms.create_scope import CreateScope
from generation.forms.generate import GenerateForm
from generation.forms.parsing import parse_id
from generation.models import Act, Task
from generation.views.create.answers import (
    COMPOSER,
    chosen_offer,
    create_url,
    full_page,
    is_offered,
    project_shown,
    scope_of,
    varied,
)
from generation.views.create.context import composer_context
from generation.views.create.prefill import (
    Prefill,
    initial_form,
    prefill_from,
    prefill_of_form,
)
from generation.views.create.press import generate
from generation.views.create.price import cost_context
from generation.views.create.prompts import recalled
from generation.views.feed.feed import feed_context
from generation.web.choice import LAST
from generation.web.shortcuts import StudioRequest, studio_view

FIELDS = "generation/create/_fields_answer.html"
UNSENT = "generation/create/_unsent.html"
COST = "generation/create/_cost.html"
RESULTS = "generation/feed/_results_answer.html"
MORE = "generation/feed/_more.html"
RECALLED = "generation/create/_recalled.html"


@require_safe
@studio_view(Act.SEE)
def create_home(request: StudioRequest) -> HttpResponse:
    """The mode of the task to reuse, else the one used last, with whatever the address asks for."""
    mode = request.GET.get("mode") or mode_of_task(request)
    mode = mode or request.session.get(LAST, {}).get("mode", "")
    address = reverse("create", args=[mode if is_offered(mode) else next(iter(MODES))])
    query = request.GET.urlencode()
    return redirect(f"{address}?{query}" if query else address)


def mode_of_task(request: StudioRequest) -> str:
    rows = Task.objects.visible_to(request.user).filter(team=request.member.team)
    task = rows.filter(pk=parse_id(request.GET.get("from", ""))).only("mode").first()
    return task.mode if task else ""


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view(Act.SEE, post=Act.CREATE)
def create_mode(request: StudioRequest, mode: str) -> HttpResponse:
    scope = scope_of(request, mode)
    if request.method == "POST":
        return generate(request, scope)
    if request.htmx and not request.htmx.history_restore_request:
        return part_of_page(request, scope)
    prefill = prefill_from(request, scope)
    return full_page(request, initial_form(scope, prefill), prefill)


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view(Act.CREATE)
def fields(request: StudioRequest, mode: str) -> HttpResponse:
    """The settings for another model, other inputs, or other settings."""
    scope = scope_of(request, mode)
    prefill = posted(request, scope) if request.method == "POST" else prefill_from(request, scope)
    return render(request, FIELDS, composer_context(initial_form(scope, prefill), prefill, ""))


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view(Act.CREATE)
def cost(request: StudioRequest) -> HttpResponse:
    scope = scope_of(request, request.GET.get("mode", ""))
    prefill = posted(request, scope) if request.method == "POST" else prefill_from(request, scope)
    form = initial_form(scope, prefill)
    if "unsent" in request.GET:
        return render(request, UNSENT, {"form": form, "mode": scope.mode})
    return render(request, COST, cost_context(form))


def posted(request: StudioRequest, scope: CreateScope) -> Prefill:
    """What the form holds that was sent; it is only looked at."""
    return prefill_of_form(
        GenerateForm(request.POST, scope=scope, offer=chosen_offer(request, scope))
    )


def part_of_page(request: StudioRequest, scope: CreateScope) -> HttpResponse:
    """The composer with the settings of a draft, earlier prompts, or a part of the feed."""
    if "recall" in request.GET:
        return varied(render(request, RECALLED, {"recalled": recalled(scope)}))
    project = project_shown(request)
    if "draft" in request.GET:
        prefill = prefill_from(request, scope)
        context = composer_context(
            initial_form(scope, prefill), prefill, create_url(scope, project)
        )
        return varied(render(request, COMPOSER, context))
    context = feed_context(request, create_url(scope, None), project)
    part = {"after", "before"} & set(request.GET)
    return varied(render(request, MORE if part else RESULTS, context))
