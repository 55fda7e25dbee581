"""What waits for a person's decision after the studio was away: send it, or cancel it."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from generation.engine import held_tasks
from generation.models import Act, Membership, Verb, audit
from generation.web.shortcuts import StudioRequest, came_from, studio_view, toast


@require_POST
@studio_view(Act.CONTROL_TASK)
def send_held(request: StudioRequest) -> HttpResponse:
    done = decide(request, held_tasks.send_held, "send")
    text = ngettext("%(count)d is being sent.", "%(count)d are being sent.", done) % {"count": done}
    return held_response(request, text, done)


@require_POST
@studio_view(Act.CONTROL_TASK)
def cancel_held(request: StudioRequest) -> HttpResponse:
    done = decide(request, held_tasks.cancel_held, "cancel")
    text = ngettext("Cancelled.", "%(count)d cancelled.", done) % {"count": done}
    return held_response(request, text, done)


def decide(
    request: StudioRequest, act: Callable[[Membership, datetime], int], decision: str
) -> int:
    """Only what the person saw: what was held after the page was made has a banner of its own."""
    try:
        until = parse_datetime(request.POST.get("until", ""))
    except ValueError:
        until = None
    if not until or not until.tzinfo:
        return 0
    with transaction.atomic():
        done = act(request.member, until)
        if done:
            facts = {"decision": decision, "count": done}
            audit(Verb.TASK_DECIDED, team=request.member.team, actor=request.user, changes=facts)
    return done


def held_response(request: StudioRequest, text: str, done: int) -> HttpResponse:
    """The banner as it is now."""
    level = "ok" if done else "warn"
    text = text if done else _("Nothing of this waits any more.")
    if request.htmx:
        answer = toast(render(request, "generation/tasks/_held.html"), text, level)
        return trigger_client_event(answer, "vs:tick")  # the cards do not wait for the next look
    messages.add_message(request, messages.SUCCESS if done else messages.WARNING, text)
    return redirect(came_from(request))
