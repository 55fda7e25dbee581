"""Tasks: their story, what is stuck or uncertain, and what can be done about it for free."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils import timezone, translation
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from generation.admin.gate import delicate
from generation.admin.rows import Rows, known, link_to, posted, shown_time
from generation.admin.task_acts import ACTS
from generation.forms.form_status import status_of
from generation.forms.operator import ReasonForm
from generation.management.task_story import next_step, story_of
from generation.models import Status, Task
from generation.models.tasks import GIVEN_UP, STOPPED, UNFINISHED
from generation.views.feed.source_title import mode_label
from generation.views.feed.task_card import model_label
from generation.views.library.task_facts import charge_label, estimate_label
from generation.web.shortcuts import StudioRequest

S = Status
LONG = timedelta(minutes=30)
MOST_UNFINISHED = 2_000
WIDE = ("prompt", "values", "results")  # long columns that no list shows


def attention(now: Any) -> dict[str, Q]:
    """What an operator should look at. Each asks an index that has only what is unfinished."""
    before = now - LONG
    return {
        "uncertain": Q(status=S.UNCERTAIN),
        "undecided": Q(status=S.UNCERTAIN, next_look_at=None),
        "queued": Q(status=S.QUEUED, held_since=None, created_at__lt=before),
        "held": Q(status=S.QUEUED, held_since__isnull=False),
        "sending": Q(status=S.SUBMITTING, deadline__lt=now),
        "running": Q(status=S.RUNNING, sent_at__lt=before),
        "parked": Q(status=S.RUNNING, next_poll_at=None),
        "storing": Q(status=S.STORING, accepted_at__lt=before),
    }


ATTENTION = {
    "uncertain": gettext_lazy("Uncertain"),
    "undecided": gettext_lazy("Uncertain, for a person to decide"),
    "queued": gettext_lazy("Queued for half an hour"),
    "held": gettext_lazy("Held"),
    "sending": gettext_lazy("Sending for too long"),
    "running": gettext_lazy("Generating for half an hour"),
    "parked": gettext_lazy("Not asked about any more"),
    "storing": gettext_lazy("Saving for half an hour"),
}


def few(rows: QuerySet[Any], condition: Q) -> QuerySet[Any]:
    """Rows that an index of the unfinished has. In the order of the list, a database would rather
    look through all that ever were."""
    found = Task.objects.filter(condition).order_by().values_list("pk", flat=True)
    return rows.filter(pk__in=list(found[:MOST_UNFINISHED]))


class StuckOrUncertain(admin.SimpleListFilter):
    title = gettext_lazy("Stuck and uncertain")
    parameter_name = "look"

    def lookups(self, _request: HttpRequest, _rows: Any) -> list[tuple[str, Any]]:
        return list(ATTENTION.items())

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        condition = attention(timezone.now()).get(self.value() or "")
        return rows if condition is None else few(rows, condition)


class State(admin.SimpleListFilter):
    title = gettext_lazy("State")
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _rows: Any) -> list[tuple[str, Any]]:
        return list(Status.choices)

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        wanted = self.value()
        if wanted in UNFINISHED:
            return few(rows, Q(status=wanted))
        return rows.filter(status=wanted) if wanted in Status.values else rows


class Tasks(Rows):
    slug, icon, title = "tasks", "list-checks", gettext_lazy("Tasks")
    id_name = "task_id"
    list_display = ("number", "state", "what", "made_with", "at", "in_team", "person", "age")
    list_display_links = ("number",)
    list_filter = (StuckOrUncertain, State)
    search_fields = ("id",)  # see get_search_results
    search_placeholder = gettext_lazy("Number, provider's id or marker")
    list_select_related = ("team", "user")
    ordering = ("-pk",)
    sortable_by = ()
    lookups = ("user__id__exact", "team__id__exact")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Task.objects.defer(*WIDE)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Each by an index, whole: a part of it would read every row."""
        word = search_term.strip()
        if not word:
            return queryset, False
        found = Q(remote_id=word) | Q(marker=word)
        if word.isascii() and word.isdecimal() and len(word) < 19:
            found |= Q(pk=int(word))
        return queryset.filter(found), False

    @admin.display(description=gettext_lazy("Task"))
    def number(self, row: Task) -> int:
        return row.pk

    @admin.display(description=gettext_lazy("State"))
    def state(self, row: Task) -> str:
        return row.get_status_display()

    @admin.display(description=gettext_lazy("Mode"))
    def what(self, row: Task) -> str:
        return mode_label(row.mode)

    @admin.display(description=gettext_lazy("Model"))
    def made_with(self, row: Task) -> str:
        return model_label(row)

    @admin.display(description=gettext_lazy("Provider"))
    def at(self, row: Task) -> str:
        return row.get_provider_display()

    @admin.display(description=gettext_lazy("Team"))
    def in_team(self, row: Task) -> str:
        return row.team.name

    @admin.display(description=gettext_lazy("Person"))
    def person(self, row: Task) -> str:
        return row.user.shown_name if row.user else _("gone")

    @admin.display(description=gettext_lazy("Age"))
    def age(self, row: Task) -> str:
        return timesince(row.created_at, depth=1)

    # --- One task ---------------------------------------------------------------------------------

    def own_urls(self, one: str, name: str) -> list[URLPattern]:
        return [
            self.route(one, require_safe(self.detail), name),
            self.act(f"{one}<slug:decision>/", self.decide, "operator-decide"),
        ]

    def one(self, pk: Any) -> Any:
        found: Task = super().one(pk)
        return found

    def detail(self, request: StudioRequest, task_id: int) -> HttpResponse:
        task = self.one(task_id)
        with translation.override("en"):
            story = "\n".join(story_of(task, with_prompt=False))
        context = {
            "task": task,
            "facts": list(known(task_facts(task))),
            "events": task.events.all(),
            "acts": [(slug, act) for slug, act in ACTS.items() if act.may(task)],
            "next": next_step(task, timezone.now()),
            "story": story,
        }
        return self.show(request, "task", context)

    @delicate
    def decide(self, request: StudioRequest, task_id: int, decision: str) -> HttpResponse:
        task, act = self.one(task_id), ACTS.get(decision)
        if act is None:
            raise Http404
        if not act.may(task):
            messages.warning(request, _("There is nothing to decide about this task now."))
            return redirect("admin:generation_task_change", task.pk)
        form = ReasonForm(posted(request))
        if not form.is_valid():
            context = {"task": task, "act": act, "form": form}
            return self.show(request, "task_decide", context, status_of(form))
        if act.carry_out(request, task, form.cleaned_data["reason"]):
            messages.success(request, act.done)
        else:
            messages.warning(request, _("There is nothing to decide about this task now."))
        return redirect("admin:generation_task_change", task.pk)


def task_facts(task: Task) -> Iterator[tuple[Any, Any]]:
    yield _("State"), task.get_status_display()
    yield _("Mode"), mode_label(task.mode)
    yield _("Model"), model_label(task)
    yield _("Provider"), task.get_provider_display()
    team, person = task.team, task.user
    yield _("Team"), link_to(reverse("admin:generation_team_change", args=[team.pk]), team)
    if person:
        href = reverse("admin:generation_user_change", args=[person.pk])
        yield _("Person"), link_to(href, person.shown_name)
    yield _("Made"), shown_time(task.created_at)
    yield _("Sent"), shown_time(task.sent_at)
    yield _("Finished"), shown_time(task.finished_at)
    yield _("Waits because"), task.waiting_for
    yield _("Error"), task.error
    yield _("What to do"), task.advice
    yield _("Estimate"), estimate_label(task)
    yield _("Charge"), charge_label(task)
    yield _("Its id at the provider"), task.remote_id
    if task.error_code in (GIVEN_UP, STOPPED):
        yield _("Code"), task.error_code
