"""Uncertain tasks: look for them at the provider by their marker; else a person decides."""

import logging
import time
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from generation.engine import schedule
from generation.engine.provider_clients import call_provider, client_of, follow_key
from generation.engine.queue import Job, wake
from generation.models import Status, Task, TaskEvent, Team
from generation.models.tasks import GIVEN_UP
from generation.providers.base import Provider, Snapshot
from generation.providers.errors import ProviderError, Refused

log = logging.getLogger(__name__)
LISTINGS_NEEDED = 2
WINDOW = timedelta(minutes=10)


def reconcile(task_id: int) -> None:
    """Look once for an uncertain task. Harmless for any other."""
    task = Task.objects.select_related("key").filter(pk=task_id).first()
    if task is None or not (task.status == Status.UNCERTAIN or task.was_given_up):
        return
    try:
        found: list[Snapshot] | None = find_named(task)
        if not found and task.status == Status.UNCERTAIN:
            found = call_provider(client_of(task), partial(find_marked, task))
    except ProviderError as error:
        follow_key(task, error)
        postpone(task, error.sentence)
        return
    if found is None:
        leave_to_person(task)
    elif found:
        adopt(task, found)
    elif task.status == Status.UNCERTAIN:
        count_listing(task)


def find_named(task: Task) -> list[Snapshot]:
    """What a callback named, if the provider confirms it.

    Where its replies repeat no payload, it is enough that who knew the task's own address named
    something that this key made and that no other task is.
    """
    if not task.remote_id:
        return []
    try:
        found = call_provider(client_of(task), lambda provider: provider.fetch(task.remote_id))
    except Refused:  # there is no such task
        return []
    if found.payload:
        return [found] if found.payload == sent_payload(task) else []
    others = Task.objects.filter(provider=task.provider, key=task.key, remote_id=task.remote_id)
    return [] if others.exclude(pk=task.pk).exists() else [found]


async def find_marked(task: Task, provider: Provider) -> list[Snapshot] | None:
    """Snapshots that carry the task's marker; None where nobody can tell."""
    if not provider.can_find or "payload" in task.values:
        return None
    start = task.sent_at or task.created_at
    return await provider.find(task.marker, start - WINDOW, start + 2 * WINDOW)


def sent_payload(task: Task) -> str:
    return str(task.values.get("payload", task.marker))


@transaction.atomic
def adopt(task: Task, found: list[Snapshot]) -> None:
    """It was accepted: go on as if the reply had come."""
    first, *others = found
    moved = task.move(
        Status.RUNNING,
        _("The provider had accepted it."),
        **adopted_fields(first),
    )
    if moved and others:
        for other in others:
            adopt_twin(task, other)
    wake(Job.POLL)


def adopted_fields(snapshot: Snapshot) -> dict[str, Any]:
    now = timezone.now()
    return {
        "remote_id": snapshot.remote_id,
        "remote_state": "created",
        "accepted_at": now,
        "next_poll_at": now,
        "credits": snapshot.credits,
        "seed_used": snapshot.seed,
        "next_look_at": None,
        "finished_at": None,
        "error": "",
        "error_code": "",
        "advice": "",
    }


def adopt_twin(task: Task, snapshot: Snapshot) -> None:
    """Found twice: both results are kept, and both logs say so."""
    note = _("The provider accepted this request twice.")
    twin = Task.objects.create(
        batch_id=task.batch_id,
        team_id=task.team_id,
        project_id=task.project_id,
        user_id=task.user_id,
        key=task.key,
        key_version=task.key_version,
        retry_of=task,
        provider=task.provider,
        mode=task.mode,
        model_name=task.model_name,
        prompt=task.prompt,
        values=task.values,
        status=Status.RUNNING,
        sent_at=task.sent_at,
        change=Team.next_change(task.team_id),
        **adopted_fields(snapshot),
    )
    TaskEvent.objects.create(task=twin, to_status=Status.RUNNING, note=note)
    task.record(note)
    line = "task=%s provider=%s: accepted twice, the other is task=%s"
    transaction.on_commit(partial(log.warning, line, task.pk, task.provider, twin.pk))


def count_listing(task: Task) -> None:
    """Two complete listings a minute apart without it, then a person decides."""
    task.listings += 1
    if task.listings >= LISTINGS_NEEDED:
        leave_to_person(task)
        return
    task.record(
        _("The provider does not list it yet. We look again."),
        listings=task.listings,
        next_look_at=timezone.now() + timedelta(seconds=settings.RECONCILE_GAP),
    )
    wake(Job.POLL)


def postpone(task: Task, why: str) -> None:
    wait = max(schedule.again_after(task.listings + 3), timedelta(seconds=settings.RECONCILE_GAP))
    Task.objects.filter(pk=task.pk, status=Status.UNCERTAIN).update(
        next_look_at=timezone.now() + wait, waiting_for=why[:300]
    )
    wake(Job.POLL)


def leave_to_person(task: Task) -> None:
    """Nothing more can be found out by us: `next_look_at` None shows the three choices."""
    if task.record(
        _("It could not be found out whether this was accepted. You decide."),
        next_look_at=None,
        listings=task.listings,
    ):
        log.warning("task=%s provider=%s: not found, left to a person", task.pk, task.provider)


def check_again(task: Task) -> bool:
    if task.status != Status.UNCERTAIN:
        return False
    done = task.record(_("Checking again."), next_look_at=timezone.now(), listings=0)
    wake(Job.LOOK)
    return done


def give_up(task: Task, note: str = "") -> bool:
    """A person says that it failed."""
    if task.status != Status.UNCERTAIN:
        return False
    return task.move(
        Status.FAILED,
        note or _("A person decided that it failed."),
        next_look_at=None,
        error_code=GIVEN_UP,
        finished_at=timezone.now(),
    )


def look(ends: float) -> None:
    """Look for what is due, until the time is over."""
    while time.monotonic() < ends:
        now = timezone.now()
        task = Task.objects.filter(next_look_at__lte=now, status=Status.UNCERTAIN).first()
        if task is None:
            return
        same = Task.objects.filter(pk=task.pk, next_look_at=task.next_look_at)
        if same.update(next_look_at=now + timedelta(seconds=90)):
            reconcile(task.pk)
