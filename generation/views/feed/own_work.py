"""What came of a person's own batches: for the title of their tabs, and a notice of the system."""

from collections import defaultdict
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generation.catalogue.message import Message
from generation.engine.notices import batch_message
from generation.forms.parsing import parse_id
from generation.models import Act, Membership, Output, Status, Task
from generation.models.messages import sentence_of
from generation.models.tasks import UNFINISHED
from generation.views.feed.polling import alive_tasks
from generation.web.shortcuts import StudioRequest, studio_view

MOST = 50  # batches of one answer
PROMPT = 80
WAITING, READY, FAILED, QUESTION = "waiting", "ready", "failed", "question"


@require_safe
@studio_view(Act.SEE)
def own_work(request: StudioRequest) -> HttpResponse:
    """Batches that are under way, and those of `w` as they ended."""
    asked = [parse_id(one) for one in request.GET.get("w", "").split(",")[:MOST]]
    batches = batches_of(request.member, [pk for pk in asked if pk])
    with_prompt = request.GET.get("prompt") == "1"
    work = [batch_answer(pk, tasks, with_prompt) for pk, tasks in batches.items()]
    return JsonResponse({"work": [one for one in work if one]})


def batches_of(member: Membership, asked: list[int]) -> dict[int, list[Task]]:
    """The tasks of each batch, of this person in this team alone."""
    own = Task.objects.filter(team=member.team_id, user=member.user_id)
    alive = own.filter(pk__in=alive_tasks()).order_by("-batch").values_list("batch", flat=True)
    wanted = {*alive.distinct()[:MOST], *asked}
    found: dict[int, list[Task]] = defaultdict(list)
    if wanted:
        rows = own.filter(batch__in=wanted).select_related("project").order_by("pk")
        for task in rows:
            found[task.batch_id].append(task)
    return found


def batch_answer(pk: int, tasks: list[Task], with_prompt: bool) -> dict[str, Any] | None:
    """None: nothing to tell, as of what the person cancelled."""
    state = batch_state(tasks)
    if not state or state == WAITING:
        return {"id": pk, "state": state} if state else None
    text = " ".join(tasks[0].prompt[: PROMPT + 1].split()) if with_prompt else ""
    return {
        "id": pk,
        "state": state,
        "url": url_of(tasks, state),
        "text": batch_sentence(tasks, state),
        "prompt": f"{text[: PROMPT - 1].rstrip()}…" if len(text) > PROMPT else text,
    }


def batch_state(tasks: list[Task]) -> str:
    if any(task.status == Status.UNCERTAIN or is_held(task) for task in tasks):
        return QUESTION
    if any(task.status in UNFINISHED for task in tasks):
        return WAITING
    if any(is_failed(task) for task in tasks):
        return FAILED
    return READY if any(task.status == Status.SUCCEEDED for task in tasks) else ""


def is_held(task: Task) -> bool:
    return task.status == Status.QUEUED and task.held_since is not None


def is_failed(task: Task) -> bool:
    """By itself: what the person gave up needs no telling."""
    return task.status == Status.FAILED and not (task.was_given_up or task.was_stopped)


def batch_sentence(tasks: list[Task], state: str) -> str:
    """The sentence of the bell, without a word of the prompt."""
    if state == QUESTION:
        return _("A task waits for your decision.")
    failed = [task for task in tasks if is_failed(task)]
    found = {
        "total": len(tasks),
        "ready": sum(task.status == Status.SUCCEEDED for task in tasks),
        "failed": len(failed),
        "charged": sum(task.credits or 0 for task in failed),
        "unknown": sum(task.credits is None for task in failed),
    }
    message: Message = batch_message(tasks[0], found)
    return sentence_of(message)


def url_of(tasks: list[Task], state: str) -> str:
    """The first result, or the task that is spoken of."""
    if state == READY:
        outputs = Output.objects.filter(task__in=tasks).kept().order_by("task_id", "position", "pk")
        if first := outputs.first():
            return first.get_absolute_url()
    meant = [
        one
        for one in tasks
        if (state == FAILED and is_failed(one))
        or (state == QUESTION and one.status == Status.UNCERTAIN)
    ]
    return [*meant, tasks[0]][0].get_absolute_url()
