"""From one press of Generate to queued tasks, exactly once."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, auto
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import ngettext

from generation.catalogue import estimate
from generation.catalogue.types import Offer
from generation.catalogue.voices import id_for_name
from generation.engine.key_loans import take
from generation.engine.queue import Job, wake
from generation.log_lines import log_line, present_request_id
from generation.models import (
    ApiKey,
    Batch,
    Collection,
    KeyLoan,
    Media,
    Project,
    Stack,
    Status,
    Subject,
    Task,
    TaskEvent,
    TaskInput,
    TaskSubject,
    Team,
    User,
    Verb,
    audit,
)
from generation.models.keys import keyless_providers
from generation.models.search import batch_text

log = logging.getLogger(__name__)
TWICE = timedelta(seconds=2)  # the same order again so soon is a second click, not a second order


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
    stack: Stack | None = None  # the results are to be its next versions
    collection: Collection | None = None  # the results are to come into it


class Outcome(Enum):
    """What a press led to."""

    NEW = auto()
    SAME_PRESS = auto()  # its intent was used, for the same content
    SAME_CONTENT = auto()  # another press asked for the same a moment ago
    OTHER_CONTENT = auto()  # its intent was used, for something else

    @property
    def is_repeat(self) -> bool:
        return self in (Outcome.SAME_PRESS, Outcome.SAME_CONTENT)


@dataclass(frozen=True)
class Started:
    """The batch of a press, new or from before."""

    batch: Batch
    outcome: Outcome


class QueueFull(Exception):
    """So many tasks of this person wait to be sent that no more are taken."""

    def __init__(self, waiting: int, most: int) -> None:
        super().__init__(f"{waiting} wait, {most} may")
        self.waiting, self.most = waiting, most

    @property
    def sentence(self) -> str:
        return ngettext(
            "%(waiting)d of your tasks waits to be sent, and at most %(most)d may. Wait until some "
            "are on their way, or cancel some under Running. Nothing was started.",
            "%(waiting)d of your tasks wait to be sent, and at most %(most)d may. Wait until some "
            "are on their way, or cancel some under Running. Nothing was started.",
            self.waiting,
        ) % {"waiting": self.waiting, "most": self.most}


def start_once(request: Start, again: bool = False) -> Started:
    """Start what a person asked for, unless it was started already.

    The same intent never starts twice. Nor does the same content within two seconds, unless the
    person says `again`: then a double click is one order, however the form came by its intent.
    Raises QueueFull and LoanRefused. The lock on the person's row lets one press of theirs look
    and write before the next one looks, on every web node; SQLite has one writer at a time anyway.
    """
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).values_list("pk").get(pk=request.user.pk)
        known = same_press(request) or (None if again else same_content(request))
        if known:
            return known
        waiting = Task.objects.filter(user=request.user, status=Status.QUEUED).count()
        if waiting + request.count > settings.QUEUED_MOST:
            raise QueueFull(waiting, settings.QUEUED_MOST)
        batch, tasks = write_batch(request)
    log_queued(tasks)
    return Started(batch, Outcome.NEW)


def same_press(request: Start) -> Started | None:
    batch = Batch.objects.filter(user=request.user, intent=request.intent).first()
    if batch is None:
        return None
    # One from before there were digests cannot tell, and must not be paid twice.
    same = batch.digest in (digest_of(request), "")
    return Started(batch, Outcome.SAME_PRESS if same else Outcome.OTHER_CONTENT)


def same_content(request: Start) -> Started | None:
    # Both ways, so that a clock that was set back does not refuse for hours.
    lately = (Now() - TWICE, Now() + TWICE)
    rows = Batch.objects.filter(user=request.user, digest=digest_of(request))
    batch = rows.filter(ordered_at__range=lately).order_by("pk").last()
    return Started(batch, Outcome.SAME_CONTENT) if batch else None


def digest_of(request: Start) -> str:
    """The same for two orders of one person that ask for the same.

    Files count by their bytes: without scripts each press uploads them anew. What is tried again
    is another order for each task that it repeats.
    """
    content = {
        "team": request.team.pk,
        "project": request.project.pk,
        "offer": [request.offer.provider, request.offer.mode, request.offer.model_name],
        "key": str(request.key.pk) if request.key else "",
        "values": wanted_values(request),
        "inputs": {
            role: [[one.kind, one.sha256] for one in given]
            for role, given in request.inputs.items()
            if given
        },
        "subjects": [one.pk for one in request.subjects],
        "count": request.count,
        "retry_of": request.retry_of.pk if request.retry_of else 0,
    }
    if request.stack is not None:
        content["stack"] = request.stack.pk
    if request.collection is not None:
        content["collection"] = request.collection.pk
    text = json.dumps(content, sort_keys=True, default=str)
    return blake2b(text.encode(), digest_size=16).hexdigest()


def wanted_values(request: Start) -> dict[str, Any]:
    """The settings without the id that each press makes of the name of a new voice."""
    values = dict(request.values)
    if request.offer.mode == "voice" and values.get("voice_name"):
        values.pop("voice_id", None)
    return values


def start(request: Start) -> Batch:
    """Write the batch and its queued tasks in one transaction, then wake the cluster.

    The same user's same intent again returns the batch that is there. People come through
    `start_once`.
    """
    batch, tasks = write_batch(request)
    log_queued(tasks)
    return batch


@transaction.atomic
def write_batch(request: Start) -> tuple[Batch, list[Task]]:
    price = estimate.estimate(request.offer, request.values, counts_of(request)).credits
    total = None if price is None else price * request.count
    loan, extra = take(request.key, request.user, request.team, total, request.subjects)
    try:
        with transaction.atomic():
            batch = Batch.objects.create(
                team=request.team,
                project=request.project,
                user=request.user,
                stack=request.stack,
                collection=request.collection,
                intent=request.intent,
                digest=digest_of(request),
                search_text=batch_text(request.team.pk, request.project.pk, texts_of(request)),
            )
    except IntegrityError:
        return Batch.objects.get(user=request.user, intent=request.intent), []
    audit_batch(batch, request, loan)
    facts = {"loan": loan, "estimate": price}
    tasks = [queue_task(batch, request, subject_credits=extra, **facts)]
    return batch, tasks + [queue_task(batch, request, **facts) for _ in range(request.count - 1)]


def prompt_of(request: Start) -> str:
    return str(request.values.get("prompt") or request.values.get("text", ""))


def texts_of(request: Start) -> list[str]:
    """By which it is searched: its prompt, and how its subjects and files are called."""
    files = [media.name for given in request.inputs.values() for media in given]
    return [prompt_of(request), *(one.name for one in request.subjects), *files]


def audit_batch(batch: Batch, request: Start, loan: KeyLoan | None) -> None:
    offer, before = request.offer, request.retry_of
    facts: dict[str, Any] = {
        "count": request.count, "mode": offer.mode, "model": offer.model_name,
        "provider": offer.provider, **({"lender": loan.lender_name} if loan else {}),
    }  # fmt: skip
    audit(
        Verb.TASK_SENT_AGAIN if before else Verb.BATCH_STARTED,
        team=request.team,
        actor=request.user,
        target=before or batch,
        name=request.project.name,
        changes=facts,
    )


def log_queued(tasks: Sequence[Task]) -> None:
    for task in tasks:
        log.info("%s", log_line("queue", **task.log_facts, mode=task.mode))


def queue_task(batch: Batch, request: Start, **facts: Any) -> Task:
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
        prompt=prompt_of(request),
        values=dict(request.values),
        change=Team.next_change(request.team.pk),
        request_id=present_request_id(),
        **facts,
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


def retry(task: Task, user: User, intent: str, again: bool = False) -> Started:
    """A new task with the settings of `task`, pointing to it. The old one stays as it is."""
    return start_once(
        Start(
            user=user,
            team=task.team,
            project=task.project,
            intent=intent,
            offer=task.offer,
            key=key_for(task, user),
            values=values_again(task, intent),
            inputs=inputs_of(task),
            subjects=[one.subject for one in task.mentioned_subjects.select_related("subject")],
            retry_of=task,
            stack=None if task.status == Status.SUCCEEDED else task.batch.stack,
            collection=task.batch.collection,
        ),
        again,
    )


def values_again(task: Task, intent: str) -> dict[str, Any]:
    """The settings of a task; a voice that was cloned needs another id to be cloned once more."""
    values = dict(task.values)
    if task.mode == "voice" and task.status == Status.SUCCEEDED:
        name = values.get("voice_name") or values["voice_id"]
        values["voice_id"] = id_for_name(str(name), f"{task.pk} {intent}")
    return values


def key_for(task: Task, user: User) -> ApiKey | None:
    """The task's own key when it is the user's, or was lent to the same user and still is; else
    the user's own default; else one that is lent to the team."""
    if task.key is not None and task.key.user_id == user.pk:
        return task.key
    loans = KeyLoan.objects.open_to(user, task.team).filter(key__provider=task.provider)
    lent = [loan.key for loan in loans.select_related("key") if loan.key.matches_address]
    if task.key in lent and task.user_id == user.pk:
        return task.key
    own = ApiKey.objects.visible_to(user).usable().filter(provider=task.provider)
    found = min(own, key=lambda key: key.rank, default=None)
    if found is not None or task.provider in keyless_providers():
        return found
    return task.key if task.key in lent else next(iter(lent), None)
