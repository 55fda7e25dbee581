"""Polling rounds: one job that asks about many tasks, under a lease, and hands over."""

import asyncio
import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from generation.engine import schedule
from generation.engine.due import due_times, free_stuck, wake_due
from generation.engine.provider_clients import Clients
from generation.engine.queue import Job, wake
from generation.engine.record_outcome import DATABASE_AWAY, charge_of, finish, note_error
from generation.engine.worker_state import progress, stopping
from generation.models import Lane, Status, Task
from generation.providers.base import RemoteState, Snapshot
from generation.providers.error_texts import explain
from generation.providers.errors import ProviderError

log = logging.getLogger(__name__)

ROUND_SECONDS, LEASE_SECONDS, KEEP_SECONDS = 40.0, 20.0, 5.0
BREATH, WAKE_SECONDS = timedelta(seconds=1), 2.0
CLAIM_MANY, CLAIM_TIME = 200, timedelta(seconds=10)
AT_ONCE = 20
CODE_FAILURES_MOST = 5
ORDER = {state: place for place, state in enumerate(RemoteState)}
Answer = Snapshot | ProviderError | Exception


def poll_due(ends: float) -> bool:
    """Poll what is due, and wake the other lanes when their time comes. True when work is left.

    While a round runs nobody needs to call another: it looks for new rows by itself.
    """
    try:
        with round_tools() as (runner, clients):
            work(ends + ROUND_SECONDS, runner, clients)
    finally:
        Lane.end_round(Job.POLL)
    return bool(due_times(timezone.now()))


def work(ends: float, runner: asyncio.Runner, clients: Clients) -> None:
    kept = woken = 0.0
    while time.monotonic() < ends and not stopping():
        now = timezone.now()
        times = due_times(now)
        if not times:
            return
        if time.monotonic() - kept > KEEP_SECONDS:
            kept = time.monotonic()
            Lane.keep_round(Job.POLL, LEASE_SECONDS)
        if times.get(Job.POLL, now + BREATH) <= now:
            poll_once(runner, clients, now)
        if time.monotonic() - woken > WAKE_SECONDS:
            woken = time.monotonic()
            wake_due({lane: at for lane, at in times.items() if lane != Job.POLL}, now)
        # What is new may be due sooner than what is known.
        coming = min([now + BREATH, *(at for at in times.values() if at > now)])
        time.sleep(max((coming - timezone.now()).total_seconds(), 0.1))


def poll_once(runner: asyncio.Runner, clients: Clients, now: datetime) -> None:
    free_stuck(now)
    due = claim_due(now)
    progress(f"{len(due)} polls")
    changed = bool(due) and write(due, runner.run(ask_all(clients, due)))
    if changed and Task.objects.due_to_send(now).exists():
        wake(Job.SEND)  # there may be room for it now


@contextmanager
def round_tools() -> Iterator[tuple[asyncio.Runner, Clients]]:
    """One event loop and one set of open clients for the length of a round."""
    with asyncio.Runner() as runner:
        clients = Clients()
        try:
            yield runner, clients
        finally:
            runner.run(clients.close())


def claim_due(now: datetime) -> list[Task]:
    """Take due rows by moving their next poll forward, so that no other round asks too."""
    with transaction.atomic():
        due = Task.objects.due_for_poll(now).order_by("next_poll_at")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        tasks = list(due.select_related("key").prefetch_related("key__old_secrets")[:CLAIM_MANY])
        Task.objects.filter(pk__in=[task.pk for task in tasks]).update(
            next_poll_at=now + CLAIM_TIME
        )
    return tasks


async def ask_all(clients: Clients, tasks: Sequence[Task]) -> list[Answer]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def ask(task: Task) -> Answer:
        async with gate:
            try:
                client = await clients.of(task)
                return await client.fetch(task.remote_id)
            except ProviderError as error:
                return error
            except Exception as error:  # one task that makes the code fail must not stop the round
                log.exception("task=%s provider=%s: polling failed", task.pk, task.provider)
                return error

    return list(await asyncio.gather(*map(ask, tasks)))


def write(tasks: Sequence[Task], answers: Sequence[Answer]) -> bool:
    """Move what changed one by one; the many that did not change in one batch.

    True when something changed.
    """
    unchanged = []
    now = timezone.now()
    for task, answer in zip(tasks, answers, strict=True):
        failures = task.code_failures
        try:
            changed = record_answer(task, answer, now)
        except DATABASE_AWAY:
            raise
        except Exception:  # one answer must not stop the round either
            log.exception("task=%s provider=%s: answer not written", task.pk, task.provider)
            task.code_failures = failures
            changed = park(task)
        if not changed:
            unchanged.append(task)
    Task.objects.bulk_update(
        unchanged,
        ["next_poll_at", "poll_failures", "code_failures", "unreachable_since", "progress"],
        batch_size=100,
    )
    return len(unchanged) < len(tasks)


def record_answer(task: Task, answer: Answer, now: datetime) -> bool:
    if isinstance(answer, Snapshot):
        return note_snapshot(task, answer, now)
    if isinstance(answer, ProviderError):
        return note_error(task, answer, now)
    return park(task)


def note_snapshot(task: Task, snapshot: Snapshot, now: datetime) -> bool:
    """True when the row was written; False leaves the timing fields to the batch."""
    was_away = task.unreachable_since is not None
    task.poll_failures, task.code_failures, task.unreachable_since = 0, 0, None
    task.progress = snapshot.progress
    task.next_poll_at = schedule.next_poll(task, now)
    if snapshot.state == RemoteState.SUCCESS:
        return finish(task, snapshot, now)
    if snapshot.state == RemoteState.FAILED:
        return fail_task(task, snapshot, now)
    forward = ORDER[snapshot.state] > ORDER.get(RemoteState(task.remote_state or "created"), 0)
    if forward or was_away:
        state = snapshot.state if forward else task.remote_state
        return task.record(
            remote_state=state,
            next_poll_at=task.next_poll_at,
            poll_failures=0,
            unreachable_since=None,
            progress=snapshot.progress,
        )
    return False


def fail_task(task: Task, snapshot: Snapshot, now: datetime) -> bool:
    cancelled = snapshot.error_code == "UserCancelled"
    sentence, advice = explain(snapshot.error_code, snapshot.error)
    task.move(
        Status.CANCELLED if cancelled else Status.FAILED,
        sentence,
        remote_state=RemoteState.FAILED,
        next_poll_at=None,
        finished_at=now,
        error="" if cancelled else sentence[:600],
        error_code=snapshot.error_code[:80],
        error_field=snapshot.error_field[:40],
        advice="" if cancelled else advice[:300],
        **charge_of(task, snapshot),
    )
    return True


def park(task: Task) -> bool:
    task.code_failures += 1
    if task.code_failures < CODE_FAILURES_MOST:
        task.next_poll_at = timezone.now() + schedule.again_after(task.code_failures)
        return False
    return task.record(
        _("The studio itself failed on this task; an admin finds the cause in the log."),
        code_failures=task.code_failures,
        next_poll_at=None,
    )
