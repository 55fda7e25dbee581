"""Short questions to providers: cancel this one, and do you answer again."""

import time
from datetime import datetime, timedelta

from django.utils import timezone

from generation.catalogue.message import Message as _
from generation.engine import limits
from generation.engine.provider_clients import call_provider, client_of
from generation.engine.queue import Job, wake
from generation.engine.worker_state import stopping
from generation.models import ProviderSilence, Status, Task
from generation.models.tasks import NOT_BEGUN
from generation.providers.errors import ProviderError

CANCEL_AGAIN, CANCEL_FOR = timedelta(seconds=20), timedelta(minutes=10)
SECONDS = 10.0


def ask_due(ends: float) -> bool:
    """True when it ended with questions left."""
    now = timezone.now()
    for silence in ProviderSilence.due(now):
        if silence.claim_question(now) and limits.answers(silence.provider):
            limits.reopen(silence.provider)
    while not stopping():
        task = claim_cancel(timezone.now())
        if task is None:
            return False
        cancel(task)
        if time.monotonic() > ends:
            return True
    return False


def claim_cancel(now: datetime) -> Task | None:
    """One that a person wants cancelled. It is asked for again while the provider says that it
    has not begun, because an answer may be lost."""
    for task in Task.objects.due_to_cancel(now).select_related("key")[:20]:
        asked = task.cancel_asked_at or now
        still = task.status == Status.RUNNING and now - asked < CANCEL_FOR
        again = now + CANCEL_AGAIN if still and task.remote_state in NOT_BEGUN else None
        rows = Task.objects.filter(pk=task.pk, next_cancel_at=task.next_cancel_at)
        if rows.update(next_cancel_at=again) and still:
            return task
    return None


def cancel(task: Task) -> None:
    """Ask the provider; the next poll tells what came of it."""
    try:
        call_provider(client_of(task), lambda provider: provider.cancel(task.remote_id), SECONDS)
    except (ProviderError, TimeoutError) as error:
        why = error.sentence if isinstance(error, ProviderError) else _("no answer in time")
        note = _("Too late to cancel: %(why)s", why=why)
        if not task.events.filter(note=note).exists():
            task.record(note)
    rows = Task.objects.filter(pk=task.pk, status=Status.RUNNING)
    rows.update(next_poll_at=timezone.now())
    wake(Job.POLL)
