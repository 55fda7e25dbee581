"""The feed: batches newest first, with their cards."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.catalogue import rules
from generation.catalogue.modes import MODES
from generation.engine.overdue import may_stop_from
from generation.engine.schedule import TaskKind, is_stuck, usual_seconds
from generation.forms.parsing import parse_id
from generation.forms.search import clean_query, searched
from generation.models import (
    Batch,
    MediaKind,
    Output,
    Project,
    Status,
    Task,
    TaskInput,
    Team,
)
from generation.models.media import OutputQuerySet
from generation.views.feed.batch_card import BatchCard, batch_card
from generation.views.feed.polling import active_state, alive_tasks, live_of, scope_for
from generation.views.feed.progress import Times
from generation.views.feed.task_card import card_of
from generation.web.shortcuts import StudioRequest

PAGE = 12  # the sentinel fetches the next before the end is reached
ABOVE = 3  # before the one that a reload comes back to
AUTOMATIC_PAGES = 5  # then a click is asked for, so that the end of the page can be reached
# The show of a kind of result, and what the filter calls it.
KINDS = {
    "images": (MediaKind.IMAGE, _("Images")),
    "videos": (MediaKind.VIDEO, _("Videos")),
    "sounds": (MediaKind.AUDIO, _("Audio")),
}
SHOWS = ("all", "running", *KINDS)


def feed_context(request: StudioRequest, here: str, project: Project | None) -> dict[str, Any]:
    """What generation/feed/_results.html shows; `here` is the address of the page."""
    team, scope = request.member.team, scope_for(request.member, project)
    asked = Asked.of(request, here, project)
    part = asked.part(team)
    rows = part.rows
    alive, newest = active_state(scope), rows[0].pk if rows else 0
    asked = replace(asked, above=bool(part.earlier))
    return {
        "batches": batch_cards(rows),
        "asked": asked,
        "more": part.more,
        "earlier": part.earlier,
        "place": str(part.place or ""),
        "joined": bool(asked.before) and not part.earlier,
        "running": alive["all"],
        "live": live_of(scope, team.change_seq, alive, None if asked.is_part else newest),
    }


@dataclass(frozen=True)
class FeedPart:
    """Batches, and the addresses of what follows and of what stands above."""

    rows: list[Batch]
    more: str = ""
    earlier: str = ""
    place: int = 0


@dataclass(frozen=True)
class Asked:
    """Which part of the feed a request wants."""

    here: str
    project: Project | None
    show: str
    q: str
    start: int
    page: int
    at: int = 0  # the batch that a reload comes back to
    before: int = 0  # what stands above this one
    up_to: int = 0  # what is newer than this is on the page already
    above: bool = False  # whether something stands above that is not shown

    @classmethod
    def of(cls, request: StudioRequest, here: str, project: Project | None) -> "Asked":
        wanted = request.GET
        show = wanted.get("show", "all")
        return cls(
            here=here,
            project=project,
            show=show if show in SHOWS else "all",
            q=clean_query(wanted.get("q", "")),
            start=parse_id(wanted.get("after", "")),
            page=parse_id(wanted.get("page", "")) or 1,
            at=parse_id(wanted.get("at", "")),
            before=parse_id(wanted.get("before", "")),
            up_to=parse_id(wanted.get("up_to", "")),
        )

    @property
    def automatic(self) -> bool:
        return self.page < AUTOMATIC_PAGES

    @property
    def filtered(self) -> bool:
        return self.show != "all" or bool(self.q)

    @property
    def is_part(self) -> bool:
        """Whether new work of others has no place at its top."""
        return self.filtered or bool(self.start) or self.above

    def link(self, **changes: Any) -> str:
        """This part of the feed with some things changed, as an address."""
        slug = self.project.slug if self.project else ""
        known = {"project": slug, "show": self.show, "q": self.q} | changes
        kept = {name: value for name, value in known.items() if value and value != "all"}
        return f"{self.here}?{urlencode(kept)}" if kept else self.here

    def after(self, batch_id: int) -> str:
        return self.link(after=batch_id, page=self.page + 1)

    @property
    def shows(self) -> dict[str, str]:
        return {name: self.link(show=name) for name in ("all", "running")}

    @property
    def kinds(self) -> list[tuple[str, str, str]]:
        """The kinds of results that some model makes: name, words, address."""
        made = {MODES[row.mode].makes for row in rules.offers()}
        return [
            (name, str(label), self.link(show=name))
            for name, (kind, label) in KINDS.items()
            if kind.value in made
        ]

    def part(self, team: Team) -> FeedPart:
        """One page: around a batch, above one, or from one on."""
        rows = self.rows(team)
        if self.before:
            newer = rows.filter(pk__gt=self.before, pk__lte=self.up_to).reverse()
            found = list(newer[: PAGE + 1])
            earlier = self.earlier(found[PAGE - 1].pk, self.up_to) if len(found) > PAGE else ""
            return FeedPart(found[:PAGE][::-1], earlier=earlier)
        if not self.at:
            found = list(rows[: PAGE + 1])
            more = self.after(found[PAGE - 1].pk) if len(found) > PAGE else ""
            return FeedPart(found[:PAGE], more)
        found = list(rows.filter(pk__lte=self.at)[: PAGE + 1])
        above = list(rows.filter(pk__gt=self.at).reverse()[: ABOVE + 1])
        more = self.after(found[PAGE - 1].pk) if len(found) > PAGE else ""
        earlier = ""
        if len(above) > ABOVE:
            newest = rows.values_list("pk", flat=True).first()
            earlier = self.earlier(above[ABOVE - 1].pk, newest or 0)
        shown = [*above[:ABOVE][::-1], *found[:PAGE]]
        place = found[0].pk if found else shown[-1].pk if shown else 0
        return FeedPart(shown, more, earlier, place)

    def earlier(self, batch_id: int, up_to: int) -> str:
        return self.link(before=batch_id, up_to=up_to)

    def rows(self, team: Team) -> QuerySet[Batch]:
        found = Batch.objects.filter(team=team).order_by("-pk")
        if self.project:
            found = found.filter(project=self.project)
        if self.start:
            found = found.filter(pk__lt=self.start)
        if self.show == "running":
            found = found.filter(
                pk__in=Task.objects.filter(pk__in=alive_tasks(), team=team).values("batch")
            )
        elif self.show in KINDS:
            kept = provider_results().filter(kind=KINDS[self.show][0], task__batch=OuterRef("pk"))
            found = found.filter(Exists(kept))
        if self.q:
            found = searched(found, self.q, team.pk)
        return with_cards(found)


def provider_results() -> OutputQuerySet:
    """What a provider sent: a frame that somebody saved is no result of the task."""
    return Output.objects.kept().filter(taken_at=None)


def with_cards(batches: QuerySet[Batch]) -> QuerySet[Batch]:
    """All that the cards need, in a fixed number of queries."""
    outputs = provider_results().select_related("media").order_by("position")
    inputs = TaskInput.objects.select_related("media").order_by("role", "position")
    tasks = Task.objects.order_by("pk").prefetch_related(
        Prefetch("outputs", outputs), Prefetch("inputs", inputs)
    )
    return batches.select_related("user", "project", "collection").prefetch_related(
        Prefetch("tasks", tasks)
    )


def batch_cards(batches: Iterable[Batch]) -> list[BatchCard]:
    now, shown, rows = timezone.now(), [], list(batches)
    leads = [task for batch in rows for task in list(batch.tasks.all())[:1]]
    # Asked only where somebody is mentioned, or where there is no prompt to be called by.
    unnamed = [task for task in leads if not task.prompt]
    naming = [task for task in leads if "@" in task.prompt]
    prefetch_related_objects([*naming, *unnamed], "mentioned_subjects")
    prefetch_related_objects(unnamed, "inputs__media__output__task")
    trashed = in_trash(task for batch in rows for task in batch.tasks.all())
    for batch in rows:
        cards = [
            card_of(task, times_of(task, now), now, task.pk in trashed)
            for task in batch.tasks.all()
        ]
        if cards:
            shown.append(batch_card(batch, cards))
    return shown


def in_trash(tasks: Iterable[Task]) -> set[int]:
    """Of those that have nothing left to show, the ones whose results can be restored."""
    gone = [one.pk for one in tasks if one.status == Status.SUCCEEDED and not one.outputs.all()]
    rows = Output.objects.trashed().filter(task__in=gone, taken_at=None)
    return set(rows.values_list("task", flat=True)) if gone else set()


def times_of(task: Task, now: datetime) -> Times:
    """How long tasks like this one take, where somebody waits for it."""
    if task.status != Status.RUNNING:
        return Times()
    start = may_stop_from(task)
    patience = int((start - task.sent_at).total_seconds()) if start and task.sent_at else None
    return Times(usual_seconds(TaskKind.of_task(task)), is_stuck(task, now), patience)
