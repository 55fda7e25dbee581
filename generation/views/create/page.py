"""The Create page: the composer, and beside it the feed."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import trigger_client_event

from generation.catalogue import rules
from generation.catalogue.modes import MODES
from generation.catalogue.rules import name_of
from generation.engine.start import Start, start
from generation.forms.create_scope import CreateScope
from generation.forms.generate import INTENT, GenerateForm, new_intent
from generation.forms.parsing import ButtonAction, parse_id
from generation.models import Batch, Project, Task
from generation.views.create.context import OpenPanel, composer_context
from generation.views.create.examples import examples_of, how_to_begin
from generation.views.create.form_actions import apply_action, store_uploads
from generation.views.create.library_picker import picker_page
from generation.views.create.prefill import (
    LAST,
    Prefill,
    carried,
    initial_form,
    prefill_from,
    prefill_of_form,
    preset,
)
from generation.views.create.price import cost_context
from generation.views.create.prompts import ideas_for, recalled
from generation.views.feed.feed import feed_context
from generation.views.feed.polling import scope_for, start_context, top_of
from generation.web.shortcuts import (
    StudioRequest,
    find,
    may_create,
    projects_of,
    studio_view,
    toast,
)

PAGE = "generation/create/create.html"
COMPOSER = "generation/create/_composer.html"
FIELDS = "generation/create/_fields_answer.html"
COST = "generation/create/_cost.html"
STARTED = "generation/create/_started.html"
RESULTS = "generation/feed/_results_answer.html"
MORE = "generation/feed/_more.html"
RECALLED = "generation/create/_recalled.html"


@require_safe
@studio_view
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


def is_offered(mode: str) -> bool:
    return mode in MODES and bool(rules.offers(mode=mode))


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view
def create_mode(request: StudioRequest, mode: str) -> HttpResponse:
    scope = scope_of(request, mode)
    if request.method == "POST":
        return generate(request, scope)
    if request.htmx and not request.htmx.history_restore_request:
        return part_of_page(request, scope)
    prefill = prefill_from(request, scope)
    return full_page(request, initial_form(scope, prefill), prefill)


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view
@may_create
def fields(request: StudioRequest, mode: str) -> HttpResponse:
    """The settings for another model, other inputs, or other settings."""
    scope = scope_of(request, mode)
    prefill = posted(request, scope) if request.method == "POST" else prefill_from(request, scope)
    return render(request, FIELDS, composer_context(initial_form(scope, prefill), prefill, ""))


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view
@may_create
def cost(request: StudioRequest) -> HttpResponse:
    scope = scope_of(request, request.GET.get("mode", ""))
    prefill = posted(request, scope) if request.method == "POST" else prefill_from(request, scope)
    return render(request, COST, cost_context(initial_form(scope, prefill)))


def posted(request: StudioRequest, scope: CreateScope) -> Prefill:
    """What the form holds that was sent; it is only looked at."""
    return prefill_of_form(
        GenerateForm(request.POST, scope=scope, offer=chosen_offer(request, scope))
    )


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
    return varied(render(request, MORE if "after" in request.GET else RESULTS, context))


def full_page(
    request: StudioRequest,
    form: GenerateForm,
    prefill: Prefill,
    status: int = 200,
    open_panel: OpenPanel | None = None,
) -> HttpResponse:
    scope, project = form.scope, project_shown(request)
    context = feed_context(request, create_url(scope, None), project)
    context |= {"mode": scope.mode, "projects": scope.projects}
    if request.member.may_create:
        context |= composer_context(form, prefill, create_url(scope, project), open_panel)
        context |= {"examples": examples_of(scope.mode), "to_begin": how_to_begin(scope.mode)}
    return varied(render(request, PAGE, context, status=status))


def varied(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ["HX-Request"])
    return response


# --- Generate -------------------------------------------------------------------------------------


@may_create
def generate(request: StudioRequest, scope: CreateScope) -> HttpResponse:
    """Start what the form asks for, once; or show it again with what is wrong."""
    intent, offer = request.POST.get("intent", ""), chosen_offer(request, scope)
    own = Batch.objects.filter(user=request.user, team=scope.team)
    earlier = own.filter(intent=intent).first() if INTENT.fullmatch(intent) else None
    if earlier and "edit" not in request.POST:
        form = GenerateForm(request.POST, scope=scope, offer=offer)
        return started(request, form, earlier, _("This was started already."))
    found = store_uploads(request, scope, offer)
    data = apply_action(request, scope, found)
    form = GenerateForm(data, scope=scope, offer=offer, refused=found.refused)
    if "edit" in request.POST:
        return form_response(request, form, found.refused)
    if not form.is_valid():
        return shown_again(request, form, Prefill(given=True), 422)
    batch = start(start_of(request, form))
    save_last_settings(request, form)
    message = on_its_way(scope.mode, form.cleaned_data["count"])
    return started(request, form, batch, message, redraw=bool(found.taken))


def on_its_way(mode: str, count: int) -> str:
    match MODES[mode].makes:
        case "image":
            message = ngettext("%d picture is on its way.", "%d pictures are on their way.", count)
        case "video":
            message = ngettext("%d video is on its way.", "%d videos are on their way.", count)
        case _:
            message = ngettext("%d sound is on its way.", "%d sounds are on their way.", count)
    return message % count


def form_response(
    request: StudioRequest, form: GenerateForm, refused: dict[str, Any]
) -> HttpResponse:
    """The form after a button that starts nothing: the same, in another mode, or with a choice."""
    action = ButtonAction.parse(request.POST["edit"])
    scope, prefill, open_panel = form.scope, prefill_of_form(form), OpenPanel()
    if action.act == "mode" and is_offered(request.POST.get("mode", "")):
        prefill = carried(form, request.POST["mode"])
        scope = scope_of(request, request.POST["mode"])
    elif action.act == "preset":
        preset(scope, prefill, action.name, form.offer)
    elif action.act == "pick":
        open_panel.picker = picker_page(request, scope.mode, action.name)
    elif action.act == "ideas":
        open_panel.ideas = ideas_for(form)
    return shown_again(request, initial_form(scope, prefill, refused), prefill, 200, open_panel)


def start_of(request: StudioRequest, form: GenerateForm) -> Start:
    data = form.cleaned_data
    return Start(
        user=request.user,
        team=form.scope.team,
        project=data["project"],
        intent=data["intent"],
        offer=form.shown_offer,
        key=data["key"],
        values=form.values,
        inputs=form.chosen,
        subjects=form.subjects,
        count=data["count"],
    )


def save_last_settings(request: StudioRequest, form: GenerateForm) -> None:
    models = request.session.get(LAST, {}).get("models", {})
    request.session[LAST] = {
        "mode": form.scope.mode,
        "models": models | {form.scope.mode: name_of(form.shown_offer)},
        "project": form.cleaned_data["project"].slug,
    }


def shown_again(
    request: StudioRequest,
    form: GenerateForm,
    prefill: Prefill,
    status: int,
    open_panel: OpenPanel | None = None,
) -> HttpResponse:
    if not request.htmx:
        return full_page(request, form, prefill, status, open_panel)
    context = composer_context(
        form, prefill, create_url(form.scope, project_shown(request)), open_panel
    )
    return varied(render(request, COMPOSER, context, status=status))


def started(
    request: StudioRequest, form: GenerateForm, batch: Batch, message: str, redraw: bool = False
) -> HttpResponse:
    """A poller that fetches the batch. The form stays on the page with a new intent; it is drawn
    again only where it shows what belongs to the press, or took files along (`redraw`)."""
    project = project_shown(request)
    if not request.htmx:
        messages.success(request, message)
        return redirect(f"{create_url(form.scope, project)}#batch-{batch.pk}")
    followed = project if project == batch.project else None
    scope, top = scope_for(form.scope.team, followed), top_of(request)
    context = start_context(request, scope, batch, top if followed == project else None)
    context["intent"] = new_intent()
    if redraw or "until-started" in request.POST:
        prefill = prefill_of_form(form)
        prefill.values["intent"] = context["intent"]
        address = create_url(form.scope, project)
        context |= composer_context(initial_form(form.scope, prefill), prefill, address)
        return toast(varied(render(request, STARTED, context)), message)
    response = varied(HttpResponse(render_to_string(STARTED, context)))
    response["HX-Reswap"] = "none settle:0ms"
    return toast(trigger_client_event(response, "started"), message)
