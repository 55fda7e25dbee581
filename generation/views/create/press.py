"""A press of Generate, and the other buttons of the composer."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_htmx.http import trigger_client_event

from generation.catalogue.modes import MODES
from generation.catalogue.rules import name_of
from generation.engine.key_loans import LoanRefused
from generation.engine.start import Outcome, QueueFull, Start, Started, start_once
from generation.forms.create_scope import CreateScope
from generation.forms.fields import BIG
from generation.forms.generate import GenerateForm, new_intent
from generation.forms.parsing import ButtonAction
from generation.models import Batch
from generation.views.create.answers import (
    chosen_offer,
    create_url,
    full_page,
    is_offered,
    project_shown,
    scope_of,
    shown_again,
    varied,
)
from generation.views.create.context import Notice, OpenPanel, composer_context
from generation.views.create.form_actions import (
    apply_action,
    lane_of_form,
    open_crop,
    store_uploads,
)
from generation.views.create.library_picker import picker_in_form
from generation.views.create.prefill import (
    Prefill,
    carried,
    initial_form,
    prefill_of_form,
    preset,
)
from generation.views.create.prompts import ideas_for
from generation.views.feed.polling import scope_for, start_context, top_of
from generation.web.choice import LAST, use_provider
from generation.web.lanes import in_lane
from generation.web.shortcuts import StudioRequest, toast

STARTED = "generation/create/_started.html"


@in_lane(lane_of_form)
def generate(request: StudioRequest, scope: CreateScope) -> HttpResponse:
    """Start what the form asks for, once; or show it again with what is wrong."""
    offer = chosen_offer(request, scope)
    found = store_uploads(request, scope, offer)
    data = apply_action(request, scope, found)
    form = GenerateForm(data, scope=scope, offer=offer, refused=found.refused)
    if "edit" in request.POST:
        return form_response(request, form, found.refused)
    if not form.is_valid():
        return refused(request, form)
    try:
        pressed = start_once(start_of(request, form), again="again" in request.POST)
    except (QueueFull, LoanRefused) as refusal:
        form.add_error(None, refusal.sentence)
        return shown_again(request, form, Prefill(given=True), 422)
    if pressed.outcome is not Outcome.NEW:
        return started_before(request, form, pressed)
    save_last_settings(request, form)
    message = on_its_way(scope.mode, form.cleaned_data["count"])
    return started(request, form, pressed.batch, message, redraw=bool(found.taken))


def refused(request: StudioRequest, form: GenerateForm) -> HttpResponse:
    """The form with its errors, and a word on the order that its intent was used for."""
    used = Batch.objects.filter(user=request.user, intent=form.shown_intent).exists()
    notice = Notice(_("Your last order was already started. This one was not.")) if used else None
    if used:
        form.renew_intent()
    return shown_again(request, form, Prefill(given=True), 422, notice=notice)


def started_before(request: StudioRequest, form: GenerateForm, pressed: Started) -> HttpResponse:
    """Nothing new was started: the form again, with one sentence and the way to start it now."""
    form.renew_intent()
    notice = notice_of(form, pressed)
    if not request.htmx:
        return full_page(request, form, Prefill(given=True), notice=notice)
    context = poller_of(request, pressed.batch)
    address = create_url(form.scope, project_shown(request))
    context |= composer_context(form, Prefill(given=True), address) | {"notice": notice}
    if pressed.outcome is Outcome.SAME_PRESS:  # its answer may have got lost
        return toast(varied(render(request, STARTED, context)), notice.text)
    return varied(render(request, STARTED, context, status=422))


def notice_of(form: GenerateForm, pressed: Started) -> Notice:
    if pressed.outcome is not Outcome.OTHER_CONTENT:
        return Notice(_("This was started already."), again=True)
    before = pressed.batch.tasks.order_by("pk")[0].values
    if any(before.get(name) != form.values.get(name) for name in BIG):
        text = _(
            "Your last order was already started. This one has a new text: press Generate to "
            "start it."
        )
    else:
        text = _(
            "Your last order was already started. This one has other settings: press Generate to "
            "start it."
        )
    return Notice(text)


def on_its_way(mode: str, count: int) -> str:
    match MODES[mode].makes:
        case "image":
            message = ngettext("%d image is on its way.", "%d images are on their way.", count)
        case "video":
            message = ngettext("%d video is on its way.", "%d videos are on their way.", count)
        case _:
            message = ngettext(
                "%d audio file is on its way.", "%d audio files are on their way.", count
            )
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
    elif action.act == "use" and action.name == scope.working_provider:
        use_provider(request, action.name)
        own = (row for row in scope.offers if row.provider == action.name)
        prefill.model, prefill.fitting = name_of(next(own)), True
    elif action.act == "preset":
        preset(scope, prefill, action.name, form.offer)
    elif action.act == "pick":
        open_panel.picker = picker_in_form(request, scope.mode, action)
    elif action.act in ("crop", "cropped", "fit"):
        open_panel.crop = open_crop(request, scope, form.sent, action)
    elif action.act == "into":
        open_panel.collections = scope.collections
    elif action.act == "ideas":
        open_panel.ideas = ideas_for(request, form)
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
        stack=form.stack,
        collection=form.collection,
    )


def save_last_settings(request: StudioRequest, form: GenerateForm) -> None:
    models = request.session.get(LAST, {}).get("models", {})
    request.session[LAST] = {
        "mode": form.scope.mode,
        "models": models | {form.scope.mode: name_of(form.shown_offer)},
        "project": form.cleaned_data["project"].slug,
        "into": str(form.collection.pk) if form.collection else "",
    }


def started(
    request: StudioRequest, form: GenerateForm, batch: Batch, message: str, redraw: bool = False
) -> HttpResponse:
    """A poller that fetches the batch. The form stays on the page with a new intent; it is drawn
    again only where it shows what belongs to the press, or took files along (`redraw`)."""
    project = project_shown(request)
    if not request.htmx:
        messages.success(request, message)
        return redirect(f"{create_url(form.scope, project)}#batch-{batch.pk}")
    context = poller_of(request, batch)
    if redraw or "until-started" in request.POST:
        prefill = prefill_of_form(form)
        prefill.values["intent"] = context["intent"]
        address = create_url(form.scope, project)
        context |= composer_context(initial_form(form.scope, prefill), prefill, address)
        return toast(varied(render(request, STARTED, context)), message)
    response = varied(HttpResponse(render_to_string(STARTED, context)))
    response["HX-Reswap"] = "none settle:0ms"
    return toast(trigger_client_event(response, "started"), message)


def poller_of(request: StudioRequest, batch: Batch) -> dict[str, Any]:
    """What an answer holds beside the form: a new intent, and a poller for the batch."""
    project = project_shown(request)
    followed = project if project == batch.project else None
    scope, top = scope_for(request.member, followed), top_of(request)
    context = start_context(request, scope, batch, top if followed == project else None)
    return context | {"intent": new_intent()}
