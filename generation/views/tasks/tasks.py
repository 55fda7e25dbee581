"""One task: its log and what can be done about it."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from generation.catalogue.offers import OFFERS
from generation.engine import overdue, reconcile, record_outcome, start, store, submit
from generation.engine.key_loans import LoanRefused
from generation.engine.start import Outcome, QueueFull, Started
from generation.forms.generate import new_intent
from generation.models import Act, Batch, Status, Task, Verb, audit
from generation.models.key_loans import offered_providers
from generation.views.feed.feed import batch_cards, with_cards
from generation.views.feed.poll_view import news_context
from generation.views.feed.polling import (
    Scope,
    active_state,
    last_seen_change,
    live_of,
    scope_for,
    start_context,
    top_of,
)
from generation.views.feed.source_title import mode_label
from generation.views.feed.task_card import Card, model_label
from generation.views.library.lineage import sources_of, task_subjects
from generation.views.library.task_facts import charge_label, estimate_label, setting_rows
from generation.web.shortcuts import (
    StudioRequest,
    find,
    member_of,
    page_or_fragment,
    projects_of,
    row_view,
    studio_view,
    toast,
)

CHANGES = "generation/feed/_changes.html"
STARTED = "generation/feed/_started.html"
LONGEST_INTENT = 64
WITH_TASK = ("team", "project", "user", "key", "retry_of", "loan__key__user")


@require_safe
@studio_view(Act.SEE)
def task(request: StudioRequest, task_id: int) -> HttpResponse:
    found = find_task(request, task_id)
    scope = Scope(member_of(request, found), f"task:{found.pk}")
    context = detail_context(request, found) | {
        "card": card_in_feed(found),
        "live": live_of(scope, found.team.change_seq, active_state(scope)),
    }
    return page_or_fragment(
        request, "generation/tasks/task.html", "generation/tasks/_detail.html", context
    )


def detail_context(request: StudioRequest, found: Task) -> dict[str, Any]:
    own_key = found.key if found.key and found.key.user_id == request.user.pk else None
    return {
        "task": found,
        "work": mode_label(found.mode),
        "model": model_label(found),
        "settings": setting_rows(found),
        "estimate": estimate_label(found),
        "cost": charge_label(found),
        "events": found.events.all(),
        "sources": sources_of(found),
        "mentioned_subjects": task_subjects(found),
        "retries": found.retries.all(),
        "own_key": own_key,
        "member": member_of(request, found),
        "lender": found.loan.lender_name if found.loan and not own_key else "",
        "may_act": may_act(request, found),
        "intent": new_intent(),
        "looking": found.status == Status.UNCERTAIN and found.next_look_at is not None,
    }


def card_in_feed(found: Task) -> Card:
    """As the feed shows it, so that the same poller keeps it alive here."""
    (batch,) = batch_cards(with_cards(Batch.objects.filter(pk=found.batch_id)))
    return next(card for card in batch.cards if card.task.pk == found.pk)


def find_task(request: StudioRequest, task_id: int) -> Task:
    rows = Task.objects.visible_to(request.user)
    return find(rows.select_related(*WITH_TASK), pk=task_id)


def may_act(request: StudioRequest, found: Task) -> bool:
    return member_of(request, found).may_on(Act.CONTROL_TASK, found.user_id)


def find_controllable(request: StudioRequest, task_id: int) -> Task:
    found = find_task(request, task_id)
    if not may_act(request, found):
        raise Http404
    return found


# --- Answers --------------------------------------------------------------------------------------


def requesting_page(request: StudioRequest) -> tuple[str, str]:
    """The view and the ?project= of the page that sent this request."""
    parts = urlsplit(request.htmx.current_url_abs_path or "")
    try:
        name = resolve(parts.path).url_name or ""
    except Resolver404:
        name = ""
    return name, parse_qs(parts.query).get("project", [""])[0]


def task_response(
    request: StudioRequest, tasks: Sequence[Task], message: str, level: str = "ok"
) -> HttpResponse:
    """What became of it: the fresh cards for the page that asked, or the page of the task."""
    if not request.htmx:
        notify = messages.success if level == "ok" else messages.warning
        notify(request, message)
        return redirect(tasks[0])
    name, slug = requesting_page(request)
    alone = name == "task"
    if alone:
        scope = Scope(member_of(request, tasks[0]), f"task:{tasks[0].pk}")
    else:
        scope = feed_scope(request, slug)
    top = top_of(request)
    context = news_context(scope, last_seen_change(request), tasks, top, complete=False) | {
        "oob": True
    }
    if alone:  # its page has no head of the batch to bring up to date, and no count
        context |= {"batches": [], "running": None}
    return toast(render(request, CHANGES, context), message, level)


def feed_scope(request: StudioRequest, slug: str) -> Scope:
    project = projects_of(request).filter(slug=slug).first() if slug else None
    return scope_for(request.member, project)


def started_before(request: StudioRequest, found: Task, pressed: Started) -> HttpResponse:
    """Nothing new was started: where the new task is, and the way to make it once more."""
    new = pressed.batch.tasks.order_by("pk")[0]
    message = _("This was started already, as task %(number)s.") % {"number": new.pk}
    address, intent = reverse("task-retry", args=[found.pk]), new_intent()
    # What may be charged twice is confirmed for each time it is sent.
    offered = found.status != Status.UNCERTAIN
    if not request.htmx:
        context = {"task": found, "new": new, "message": message, "intent": intent}
        return render(request, "generation/tasks/make_again.html", context | {"offered": offered})
    name, slug = requesting_page(request)
    response = HttpResponse(status=204)
    if name in ("create", "create-home"):
        scope, top = feed_scope(request, slug), top_of(request)
        context = start_context(request, scope, pressed.batch, top)
        response = render(request, STARTED, context)
    if not offered:
        return toast(response, message, "warn")
    href = f"{address}?{urlencode({'again': 1, 'intent': intent})}"
    return toast(response, message, "warn", href, _("Make it again"), "post")


def new_batch_response(request: StudioRequest, batch: Batch) -> HttpResponse:
    """A new batch, on top of the feed that asked for it or on a page of its own."""
    new = batch.tasks.order_by("pk")[0]
    message = _("Queued as task %(number)s.") % {"number": new.pk}
    name, slug = requesting_page(request) if request.htmx else ("", "")
    if name in ("create", "create-home"):
        context = start_context(request, feed_scope(request, slug), batch, top_of(request))
        return toast(render(request, STARTED, context), message)
    messages.success(request, message)
    if request.htmx:
        return HttpResponseClientRedirect(new.get_absolute_url())
    return redirect(new)


# --- What can be done -----------------------------------------------------------------------------


@require_POST
@row_view(Act.CONTROL_TASK)
def cancel(request: StudioRequest, task_id: int) -> HttpResponse:
    """Cancel one task, or with batch=1 all of its batch that can still be cancelled."""
    found = find_controllable(request, task_id)
    tasks = [found]
    if request.POST.get("batch"):
        rows = found.batch.tasks.select_related("team", "key", "project").order_by("pk")
        tasks = [one for one in rows if one.may_cancel and may_act(request, one)] or [found]
    done = sum(audited(request, one, Verb.TASK_CANCELLED, submit.cancel) for one in tasks)
    if done:
        asked = any(one.status != Status.CANCELLED for one in tasks)
        message = _("The provider was asked to cancel.") if asked else cancelled_message(done)
        return task_response(request, tasks, message)
    if found.status == Status.CANCELLED:
        return task_response(request, tasks, _("It is cancelled already."))
    return task_response(
        request, tasks, _("Too late to cancel. It will finish and be kept."), "warn"
    )


def audited(
    request: StudioRequest, task: Task, verb: Verb, act: Callable[[Task], bool], **facts: str
) -> bool:
    """Do it, and write it down where it was done; both or neither."""
    with transaction.atomic():
        done = act(task)
        if done:
            name = task.project.name
            audit(verb, team=task.team, actor=request.user, target=task, name=name, changes=facts)
    return done


def cancelled_message(count: int) -> str:
    return ngettext("Cancelled.", "%(count)d cancelled.", count) % {"count": count}


@require_POST
@row_view(Act.CONTROL_TASK)
def retry(request: StudioRequest, task_id: int) -> HttpResponse:
    found = find_controllable(request, task_id)
    if found.may_download_again:
        message = _("The result exists already. Download it again instead, that costs nothing.")
        return task_response(request, [found], message, "warn")
    if found.status not in (Status.FAILED, Status.CANCELLED, Status.SUCCEEDED):
        return task_response(
            request, [found], _("It is not done yet. Wait for its result."), "warn"
        )
    return retry_response(request, found)


@require_http_methods(["GET", "HEAD", "POST"])
@row_view(Act.CONTROL_TASK)
def send_again(request: StudioRequest, task_id: int) -> HttpResponse:
    """A new task for an uncertain one, after the person said that it may cost twice."""
    found = find_controllable(request, task_id)
    if found.status != Status.UNCERTAIN or found.next_look_at is not None:
        message = _("There is nothing to decide about this task now.")
        return task_response(request, [found], message, "warn")
    if request.method == "POST" and request.POST.get("confirmed"):
        return retry_response(request, found)
    refused = request.method == "POST"
    if refused and request.htmx:
        return toast(HttpResponse(status=422), _("Confirm that it may be charged twice."), "warn")
    context = {"task": found, "refused": refused, "intent": intent_of(request)}
    page = "generation/tasks/send_again.html"
    return render(request, page, context, status=422 if refused else 200)


def intent_of(request: StudioRequest) -> str:
    """The form's own, so that going back and forth stays one request."""
    return request.POST.get("intent", "")[:LONGEST_INTENT] or new_intent()


def retry_response(request: StudioRequest, found: Task) -> HttpResponse:
    """A new task with the same settings. The same form again starts nothing."""
    intent = request.POST.get("intent", "") or request.GET.get("intent", "")
    if not 0 < len(intent) <= LONGEST_INTENT or not intent.isprintable():
        message = _("This form is out of date. Open the task and try again.")
        return task_response(request, [found], message, "warn")
    if (found.provider, found.mode, found.model_name) not in OFFERS:
        message = _("This model is not offered any more. Reuse the settings with another one.")
        return task_response(request, [found], message, "warn")
    if found.provider not in offered_providers(request.user, found.team):
        message = _("Add a key for %(provider)s in the settings, then try again.")
        known = {"provider": found.get_provider_display()}
        return task_response(request, [found], message % known, "warn")
    try:
        pressed = start.retry(found, request.user, intent, again="again" in request.GET)
    except (QueueFull, LoanRefused) as refusal:
        return task_response(request, [found], refusal.sentence, "warn")
    if pressed.outcome is not Outcome.NEW:
        return started_before(request, found, pressed)
    return new_batch_response(request, pressed.batch)


@require_POST
@row_view(Act.CONTROL_TASK)
def download_again(request: StudioRequest, task_id: int) -> HttpResponse:
    found = find_controllable(request, task_id)
    if store.download_again(found) or found.status == Status.STORING:
        return task_response(request, [found], _("The result is being downloaded again."))
    return task_response(request, [found], _("There is nothing left to download."), "warn")


@require_POST
@row_view(Act.CONTROL_TASK)
def find_results(request: StudioRequest, task_id: int) -> HttpResponse:
    found = find_controllable(request, task_id)
    if record_outcome.find_results(found):
        return task_response(request, [found], _("Asking the provider again."))
    return task_response(request, [found], _("There is nothing left to check."), "warn")


@require_POST
@row_view(Act.CONTROL_TASK)
def check_again(request: StudioRequest, task_id: int) -> HttpResponse:
    found = find_controllable(request, task_id)
    if reconcile.check_again(found):
        return task_response(request, [found], _("Asking the provider again."))
    return task_response(request, [found], _("There is nothing left to check."), "warn")


@require_POST
@row_view(Act.CONTROL_TASK)
def give_up(request: StudioRequest, task_id: int) -> HttpResponse:
    found = find_controllable(request, task_id)
    decided = audited(request, found, Verb.TASK_DECIDED, reconcile.give_up, decision="failed")
    if decided or found.status == Status.FAILED:
        return task_response(request, [found], _("Marked as failed."))
    return task_response(
        request, [found], _("There is nothing to decide about this task now."), "warn"
    )


@require_POST
@row_view(Act.CONTROL_TASK)
def stop_waiting(request: StudioRequest, task_id: int) -> HttpResponse:
    """For a task that the provider does not end; what comes after all is still kept."""
    found = find_controllable(request, task_id)
    decided = audited(request, found, Verb.TASK_DECIDED, overdue.stop_waiting, decision="stopped")
    if decided or found.was_stopped:
        return task_response(request, [found], _("Stopped waiting. What still comes is kept."))
    if found.status != Status.RUNNING:
        return task_response(request, [found], _("It has ended already."), "warn")
    return task_response(request, [found], _("It may still end by itself. Wait longer."), "warn")
