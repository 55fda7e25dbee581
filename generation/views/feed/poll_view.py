"""The one poller of a page: nothing new, or the cards that changed and the next poller."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from generation.forms.parsing import parse_id
from generation.views.feed.oob_updates import news_context, ready_announcement, top_of
from generation.views.feed.polling import Scope, still_fits
from generation.web.shortcuts import StudioRequest, studio_view

MOST_CARDS = 50
CHANGES = "generation/feed/_changes.html"


@require_safe
@studio_view
def poll_feed(request: StudioRequest) -> HttpResponse:
    """204 when nothing changed and the pace still fits the age of what is waited for."""
    team, asked = request.member.team, request.GET
    cursor, born, pace = (parse_id(asked.get(name, "")) for name in ("c", "b", "n"))
    if cursor == team.change_seq and still_fits(pace, born, timezone.now()):
        return HttpResponse(status=204)
    scope = Scope(team, asked.get("scope", "feed"))
    response = render(request, CHANGES, changes(request, scope, cursor))
    patch_vary_headers(response, ["HX-Request"])
    return response


def changes(request: StudioRequest, scope: Scope, cursor: int) -> dict[str, Any]:
    # The number is read before the rows: a change in between is told twice, never missed.
    team = request.member.team
    current = team.change_seq
    found = scope.tasks.filter(change__gt=cursor).order_by("change")
    tasks = list(found.only("pk", "batch_id", "change")[:MOST_CARDS])
    unseen = found.count() - MOST_CARDS if len(tasks) == MOST_CARDS else 0
    # What did not fit comes with the next answers.
    cursor = tasks[-1].change if unseen else current
    started = parse_id(request.GET.get("started", ""))
    if started:
        tasks += Scope(team).tasks.filter(batch=started).only("pk", "batch_id")
    context = news_context(
        scope, cursor, tasks, top_of(request), started=started, all_told=not unseen
    )
    return context | {
        "announcement": ready_announcement(context["cards"], request.user.pk),
        "unseen": unseen,
    }
