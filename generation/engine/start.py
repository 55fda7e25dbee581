"""From one press of Generate to queued tasks, exactly once."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from generation.catalogue import estimate
from generation.catalogue.types import Offer
from generation.engine.queue import Job, wake
from generation.models import (
    ApiKey,
    Batch,
    Media,
    Project,
    Status,
    Subject,
    Task,
    TaskEvent,
    TaskInput,
    TaskSubject,
    Team,
    User,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Start:
    """What a person asked for. `values` is what `rules.check` returned; `key` None is the demo."""

    user: User
    team: Team
    project: Project
    intent: str
    offer: Offer
    key: ApiKey | None
    values: Mapping[str, Any]
    inputs: Mapping[str, Sequence[Media]] = field(default_factory=dict)  # by parameter, in order
    subjects: Sequence[Subject] = ()
    count: int = 1
    retry_of: Task | None = None


def start(request: Start) -> Batch:
    """Write the batch and its queued tasks in one transaction, then wake the cluster.

    The same user's same intent again returns the batch that is there: a double click, a reload
    or Back never pays twice.
    """
    with transaction.atomic():
        try:
            with transaction.atomic():
                batch = Batch.objects.create(
                    team=request.team,
                    project=request.project,
                    user=request.user,
                    intent=request.intent,
                )
        except IntegrityError:
            return Batch.objects.get(user=request.user, intent=request.intent)
        tasks = [queue_task(batch, request) for _ in range(request.count)]
    for task in tasks:
        log.info("task=%s provider=%s mode=%s: queued", task.pk, task.provider, task.mode)
    return batch


def queue_task(batch: Batch, request: Start) -> Task:
    task = Task.objects.create(
        batch=batch,
        team=request.team,
        project=request.project,
        user=request.user,
        key=request.key,
        retry_of=request.retry_of,
        provider=request.offer.provider,
        mode=request.offer.mode,
        model_name=request.offer.model_name,
        prompt=request.values.get("prompt") or request.values.get("text", ""),
        values=dict(request.values),
        estimate=estimate.estimate(request.offer, request.values, counts_of(request)).credits,
        change=Team.next_change(request.team.pk),
    )
    TaskInput.objects.bulk_create(
        TaskInput(task=task, role=role, position=position, media=media)
        for role, given in request.inputs.items()
        for position, media in enumerate(given)
    )
    TaskSubject.objects.bulk_create(
        TaskSubject(task=task, subject=subject, name=subject.name, position=position)
        for position, subject in enumerate(request.subjects)
    )
    TaskEvent.objects.create(task=task, to_status=Status.QUEUED)
    wake(Job.SEND)
    return task


def counts_of(request: Start) -> dict[str, int]:
    counts = {role: len(given) for role, given in request.inputs.items()}
    return counts | {"subjects": len(request.subjects)}


def inputs_of(task: Task) -> dict[str, list[Media]]:
    """The files a task was started with, by parameter, in request."""
    found: dict[str, list[Media]] = {}
    for one in task.inputs.select_related("media"):
        found.setdefault(one.role, []).append(one.media)
    return found


def retry(task: Task, user: User, intent: str) -> Batch:
    """A new task with the settings of `task`, pointing to it. The old one stays as it is."""
    return start(
        Start(
            user=user,
            team=task.team,
            project=task.project,
            intent=intent,
            offer=task.offer,
            key=key_for(task, user),
            values=task.values,
            inputs=inputs_of(task),
            subjects=[one.subject for one in task.mentioned_subjects.select_related("subject")],
            retry_of=task,
        )
    )


def key_for(task: Task, user: User) -> ApiKey | None:
    """The task's own key when it is the user's, else the user's own default: keys never lend."""
    if task.key is not None and task.key.user_id == user.pk:
        return task.key
    own = ApiKey.objects.visible_to(user).usable().filter(provider=task.provider)
    return own.order_by("-is_default").first()
