"""The Create page: the composer, and beside it the feed."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from generation.catalogue import rules
from generation.catalogue.modes import MODES
from generation.catalogue.rules import name_of
from generation.engine.start import Start, start
from generation.forms.button_action import ButtonAction
from generation.forms.create_scope import CreateScope
from generation.forms.generate import INTENT, GenerateForm, new_intent
from generation.forms.parsing import parse_id
from generation.models import Batch, Project, Task
from generation.views.create.context import OpenPanel, composer_context
from generation.views.create.examples import examples_of, how_to_begin
from generation.views.create.form_actions import apply_action, store_uploads
from generation.views.create.library_picker import shelf_of
from generation.views.create.prefill import (
    LAST,
    Prefill,
    carried,
    initial_form,
    prefill_from,
    prefill_of_form,
)
from generation.views.create.presets import preset
from generation.views.create.price import cost_context
from generation.views.create.prompt_history import recalled
from generation.views.create.prompt_ideas import ideas_for
from generation.views.feed.feed import feed_context, scope_for
from generation.views.feed.oob_updates import start_context, top_of
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
    desk = scope_of(request, mode)
    if request.method == "POST":
        return generate(request, desk)
    if request.htmx and not request.htmx.history_restore_request:
        return part_of_page(request, desk)
    wish = prefill_from(request, desk)
    return whole_page(request, initial_form(desk, wish), wish)


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view
@may_create
def fields(request: StudioRequest, mode: str) -> HttpResponse:
    """The settings for another model, other inputs, or other settings."""
    desk = scope_of(request, mode)
    wish = posted(request, desk) if request.method == "POST" else prefill_from(request, desk)
    return render(request, FIELDS, composer_context(initial_form(desk, wish), wish, ""))


@require_http_methods(["GET", "HEAD", "POST"])
@studio_view
@may_create
def cost(request: StudioRequest) -> HttpResponse:
    desk = scope_of(request, request.GET.get("mode", ""))
    wish = posted(request, desk) if request.method == "POST" else prefill_from(request, desk)
    return render(request, COST, cost_context(initial_form(desk, wish)))


def posted(request: StudioRequest, desk: CreateScope) -> Prefill:
    """What the form holds that was sent; it is only looked at."""
    return prefill_of_form(GenerateForm(request.POST, desk=desk, offer=chosen_offer(request, desk)))


def chosen_offer(request: StudioRequest, desk: CreateScope) -> Any:
    return desk.offer(request.POST.get("model", "")) or desk.default_offer


def scope_of(request: StudioRequest, mode: str) -> CreateScope:
    if not is_offered(mode):
        raise Http404
    return CreateScope(request.user, request.member.team, mode)


def project_shown(request: StudioRequest) -> Project | None:
    """Whose feed stands beside the composer; None is the whole team's."""
    slug = request.GET.get("project")
    return find(projects_of(request), slug=slug) if slug else None


def create_url(desk: CreateScope, project: Project | None) -> str:
    here = reverse("create", args=[desk.mode])
    return f"{here}?{urlencode({'project': project.slug})}" if project else here


def part_of_page(request: StudioRequest, desk: CreateScope) -> HttpResponse:
    """The composer with the settings of a draft, earlier prompts, or a part of the feed."""
    if "recall" in request.GET:
        return varied(render(request, RECALLED, {"recalled": recalled(desk)}))
    project = project_shown(request)
    if "draft" in request.GET:
        wish = prefill_from(request, desk)
        context = composer_context(initial_form(desk, wish), wish, create_url(desk, project))
        return varied(render(request, COMPOSER, context))
    context = feed_context(request, create_url(desk, None), project)
    return varied(render(request, MORE if "after" in request.GET else RESULTS, context))


def whole_page(
    request: StudioRequest,
    form: GenerateForm,
    wish: Prefill,
    status: int = 200,
    beside: OpenPanel | None = None,
) -> HttpResponse:
    desk, project = form.desk, project_shown(request)
    context = feed_context(request, create_url(desk, None), project)
    context |= {"mode": desk.mode, "projects": desk.projects}
    if request.member.may_create:
        context |= composer_context(form, wish, create_url(desk, project), beside)
        context |= {"examples": examples_of(desk.mode), "to_begin": how_to_begin(desk.mode)}
    return varied(render(request, PAGE, context, status=status))


def varied(response: HttpResponse) -> HttpResponse:
    patch_vary_headers(response, ["HX-Request"])
    return response


# --- Generate -------------------------------------------------------------------------------------


@may_create
def generate(request: StudioRequest, desk: CreateScope) -> HttpResponse:
    """Start what the form asks for, once; or show it again with what is wrong."""
    intent, offer = request.POST.get("intent", ""), chosen_offer(request, desk)
    own = Batch.objects.filter(user=request.user, team=desk.team)
    earlier = own.filter(intent=intent).first() if INTENT.fullmatch(intent) else None
    if earlier and "edit" not in request.POST:
        form = GenerateForm(request.POST, desk=desk, offer=offer)
        return started(request, form, earlier, _("This was started already."))
    found = store_uploads(request, desk, offer)
    data = apply_action(request, desk, found)
    form = GenerateForm(data, desk=desk, offer=offer, refused=found.refused)
    if "edit" in request.POST:
        return form_response(request, form, found.refused)
    if not form.is_valid():
        return shown_again(request, form, Prefill(given=True), 422)
    batch = start(start_of(request, form))
    save_last_settings(request, form)
    return started(request, form, batch, on_its_way(desk.mode, form.cleaned_data["count"]))


def on_its_way(mode: str, count: int) -> str:
    match MODES[mode].makes:
        case "image":
            words = ngettext("%d picture is on its way.", "%d pictures are on their way.", count)
        case "video":
            words = ngettext("%d video is on its way.", "%d videos are on their way.", count)
        case _:
            words = ngettext("%d sound is on its way.", "%d sounds are on their way.", count)
    return words % count


def form_response(
    request: StudioRequest, form: GenerateForm, refused: dict[str, Any]
) -> HttpResponse:
    """The form after a button that starts nothing: the same, in another mode, or with a choice."""
    action = ButtonAction.parse(request.POST["edit"])
    desk, wish, beside = form.desk, prefill_of_form(form), OpenPanel()
    if action.act == "mode" and is_offered(request.POST.get("mode", "")):
        wish = carried(form, request.POST["mode"])
        desk = scope_of(request, request.POST["mode"])
    elif action.act == "preset":
        preset(desk, wish, action.name, form.offer)
    elif action.act == "pick":
        beside.shelf = shelf_of(request, desk.mode, action.name)
    elif action.act == "ideas":
        beside.ideas = ideas_for(form)
    return shown_again(request, initial_form(desk, wish, refused), wish, 200, beside)


def start_of(request: StudioRequest, form: GenerateForm) -> Start:
    data = form.cleaned_data
    return Start(
        user=request.user,
        team=form.desk.team,
        project=data["project"],
        intent=data["intent"],
        offer=form.shown_offer,
        key=data["key"],
        values=form.values,
        inputs=form.chosen,
        subjects=form.cast,
        count=data["count"],
    )


def save_last_settings(request: StudioRequest, form: GenerateForm) -> None:
    models = request.session.get(LAST, {}).get("models", {})
    request.session[LAST] = {
        "mode": form.desk.mode,
        "models": models | {form.desk.mode: name_of(form.shown_offer)},
        "project": form.cleaned_data["project"].slug,
    }


def shown_again(
    request: StudioRequest,
    form: GenerateForm,
    wish: Prefill,
    status: int,
    beside: OpenPanel | None = None,
) -> HttpResponse:
    if not request.htmx:
        return whole_page(request, form, wish, status, beside)
    context = composer_context(form, wish, create_url(form.desk, project_shown(request)), beside)
    return varied(render(request, COMPOSER, context, status=status))


def started(request: StudioRequest, form: GenerateForm, batch: Batch, words: str) -> HttpResponse:
    """The batch on top of the feed, and the form ready for the next one."""
    project = project_shown(request)
    if not request.htmx:
        messages.success(request, words)
        return redirect(f"{create_url(form.desk, project)}#batch-{batch.pk}")
    followed = project if project == batch.project else None
    scope, top = scope_for(form.desk.team, followed), top_of(request)
    wish = prefill_of_form(form)
    wish.values["intent"] = new_intent()
    context = composer_context(initial_form(form.desk, wish), wish, create_url(form.desk, project))
    context |= start_context(request, scope, batch, top if followed == project else None)
    return toast(varied(render(request, STARTED, context)), words)
