"""What the poller of a page is answered: nothing new, or what changed and the next poller."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from generation.forms.parsing import parse_id
from generation.models import Act, Batch, Task
from generation.views.feed.feed import batch_cards, with_cards
from generation.views.feed.polling import (
    Scope,
    active_state,
    bell_fits,
    live_of,
    still_fits,
    top_of,
)
from generation.views.feed.task_card import Card, result_kind
from generation.web.shortcuts import StudioRequest, studio_view

MOST_CARDS = 50
CHANGES = "generation/feed/_changes.html"


@require_safe
@studio_view(Act.SEE)
def poll_feed(request: StudioRequest) -> HttpResponse:
    """204 when nothing changed and the pace still fits the age of what is waited for."""
    team, asked = request.member.team, request.GET
    cursor, born, pace = (parse_id(asked.get(name, "")) for name in ("c", "b", "n"))
    fits = still_fits(pace, born, timezone.now(), request.member) and bell_fits(request)
    if cursor == team.change_seq and fits:
        return HttpResponse(status=204)
    scope = Scope(request.member, asked.get("scope", "feed"))
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
        tasks += Scope(request.member).tasks.filter(batch=started).only("pk", "batch_id")
    context = news_context(
        scope, cursor, tasks, top_of(request), started=started, complete=not unseen
    )
    return context | {
        "announcement": ready_announcement(context["cards"], request.user.pk),
        "unseen": unseen,
    }


def news_context(
    scope: Scope,
    cursor: int,
    tasks: Iterable[Task],
    top: int | None = None,
    started: int = 0,
    complete: bool = True,
) -> dict[str, Any]:
    """What generation/feed/_changes.html shows: the cards of `tasks`, their batches that are new on
    the page (`started` and those above `top`), and a fresh poller. Not `complete`: the rest comes
    with the next answers."""
    changed = {task.pk: task for task in tasks}
    rows = Batch.objects.filter(pk__in={task.batch_id for task in changed.values()})
    batches = batch_cards(with_cards(rows.order_by("-pk")))
    cards = [card for batch in batches for card in batch.cards if card.task.pk in changed]
    alive, seen_top = active_state(scope), top
    new = [
        one
        for one in batches
        if one.batch.pk == started or (top is not None and one.batch.pk > top)
    ]
    if new and top is not None and complete:
        seen_top = max(top, new[0].batch.pk)
    return {
        "batches": batches,
        "new_batches": new[::-1],  # each goes on top of the one before
        "cards": cards,
        "running": alive["all"],
        "live": live_of(scope, cursor, alive, seen_top),
    }


def ready_announcement(cards: Sequence[Card], user_id: int) -> str:
    """One sentence for a screen reader about own results that became ready."""
    ready = [card for card in cards if card.state == "ready" and card.task.user_id == user_id]
    if not ready:
        return ""
    count, kinds = len(ready), {result_kind(card.task) for card in ready}
    return READY[kinds.pop() if len(kinds) == 1 else ""](count) % count


READY: dict[str, Callable[[int], str]] = {
    "image": lambda n: ngettext("%d image is ready.", "%d images are ready.", n),
    "video": lambda n: ngettext("%d video is ready.", "%d videos are ready.", n),
    "audio": lambda n: ngettext("%d audio file is ready.", "%d audio files are ready.", n),
    "": lambda n: ngettext("%d result is ready.", "%d results are ready.", n),
}
