"""A task that may have been sent was accepted: it goes on as if the reply had come."""

import logging
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from generation.catalogue.message import Message as _
from generation.engine.record_outcome import charge_of
from generation.log_lines import log_line
from generation.models import Status, Task, TaskEvent, Team
from generation.providers.base import Snapshot

log = logging.getLogger(__name__)


@transaction.atomic
def adopt(task: Task, found: list[Snapshot]) -> bool:
    """False when somebody else moved it first."""
    first, *others = found
    fields = {**adopted_fields(first), **charge_of(task, first)}
    if task.sent_at is None:  # it was held: another studio sent it
        fields["sent_at"] = first.created_at or timezone.now()
    if not task.move(Status.RUNNING, _("The provider had accepted it."), **fields):
        return False
    for other in others:
        adopt_twin(task, other)
    return True


def adopted_fields(snapshot: Snapshot) -> dict[str, Any]:
    now = timezone.now()
    return {
        "remote_id": snapshot.remote_id,
        "remote_state": "created",
        "accepted_at": now,
        "next_poll_at": now,
        "next_look_at": None,
        "held_since": None,
        "send_asked_at": None,
        "waiting_for": "",
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
        request_id=task.request_id,
        change=Team.next_change(task.team_id),
        credits=snapshot.credits,
        cost=snapshot.cost,
        seed_used=snapshot.seed,
        **adopted_fields(snapshot),
    )
    TaskEvent.objects.create(task=twin, to_status=Status.RUNNING, note=note)
    task.record(note)
    line = log_line("adoption", **task.log_facts, outcome="accepted_twice", twin=twin.pk)
    transaction.on_commit(partial(log.warning, "%s", line))
