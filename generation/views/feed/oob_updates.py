"""What an answer adds out of band to the page that asked: changed cards, new batches, a poller."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.utils.translation import ngettext

from generation.forms.parsing import parse_id
from generation.models import Batch, Task
from generation.views.feed.feed import batch_cards, with_cards
from generation.views.feed.polling import PACES, Live, Scope, active_state, live_of
from generation.views.feed.task_card import Card, result_kind
from generation.web.shortcuts import StudioRequest


def news_context(
    scope: Scope,
    cursor: int,
    tasks: Iterable[Task],
    top: int | None = None,
    started: int = 0,
    all_told: bool = True,
) -> dict[str, Any]:
    """What generation/feed/_changes.html shows: the cards of `tasks`, their batches that are new on
    the page (`started` and those above `top`), and a fresh poller. Not `all_told`: the rest comes
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
    if new and top is not None and all_told:
        seen_top = max(top, new[0].batch.pk)
    return {
        "batches": batches,
        "new_batches": new[::-1],  # each goes on top of the one before
        "cards": cards,
        "running": alive["batches"],
        "live": live_of(scope, cursor, alive, seen_top),
    }


def start_context(
    request: StudioRequest, scope: Scope, batch: Batch, top: int | None
) -> dict[str, Any]:
    """What generation/feed/_started.html shows: a poller that fetches the new batch at once."""
    cursor, (_age, pace) = last_seen_change(request), PACES[0]
    return {"live": Live(scope.name, cursor, born=0, pace=pace, top=top, started=batch.pk)}


def last_seen_change(request: StudioRequest) -> int:
    """The change number that the asking page has seen; without one, the present number."""
    current = request.member.team.change_seq
    given = request.POST.get("c", "")
    return min(parse_id(given), current) if given else current


def top_of(request: StudioRequest) -> int | None:
    """The newest batch of the asking page, None where only a part of the feed is shown."""
    given = request.POST.get("t", "") or request.GET.get("t", "")
    return parse_id(given) if given else None


def ready_announcement(cards: Sequence[Card], user_id: int) -> str:
    """One sentence for a screen reader about own results that became ready."""
    ready = [card for card in cards if card.state == "ready" and card.task.user_id == user_id]
    if not ready:
        return ""
    count, kinds = len(ready), {result_kind(card.task) for card in ready}
    return READY[kinds.pop() if len(kinds) == 1 else ""](count) % count


READY: dict[str, Callable[[int], str]] = {
    "image": lambda n: ngettext("%d picture is ready.", "%d pictures are ready.", n),
    "video": lambda n: ngettext("%d video is ready.", "%d videos are ready.", n),
    "audio": lambda n: ngettext("%d sound is ready.", "%d sounds are ready.", n),
    "": lambda n: ngettext("%d result is ready.", "%d results are ready.", n),
}
