"""Polling rounds: one job that asks about many tasks, and hands over."""

import logging
import math
import time
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from generation.catalogue.message import Message as _
from generation.engine import schedule
from generation.engine.asker import Answer, Asker
from generation.engine.due import due_times, free_stuck, wake_due
from generation.engine.queue import Job, wake
from generation.engine.record_outcome import DATABASE_AWAY, charge_of, finish, note_error
from generation.engine.worker_state import progress, stopping
from generation.models import ApiKey, Lane, Status, Task
from generation.providers.base import RemoteState, Snapshot
from generation.providers.error_texts import explain
from generation.providers.errors import ProviderError

log = logging.getLogger(__name__)

ROUND_SECONDS, LEASE_SECONDS, KEEP_SECONDS = 40.0, 20.0, 5.0
LOOK_SECONDS, WAKE_SECONDS, BREATH = 0.25, 2.0, timedelta(seconds=1)
CLAIM_TIME = timedelta(seconds=20)  # of one question: longer than it may take
CODE_FAILURES_MOST = 5
UNCHANGED = ("next_poll_at", "poll_failures", "code_failures", "unreachable_since", "progress")
# Of a task, what no answer to a poll asks for: rows are read many times before they end.
NOT_ASKED = (
    "retry_of", "prompt", "change", "marker", "callback_token",
    "created_at", "not_before", "waiting_for", "claim", "deadline", "sends", "results",
    "results_expire_at", "cancel_asked_at", "next_cancel_at", "store_tries", "next_store_at",
    "listings", "next_look_at", "finished_at", "estimate", "error", "error_code", "error_field",
    "advice",
)  # fmt: skip
ORDER = {state: place for place, state in enumerate(RemoteState)}


def poll_due(ends: float) -> bool:
    """Poll what is due, and wake the other lanes when their time comes. True when work is left.

    While a round runs nobody needs to call another: it looks for new rows by itself.
    """
    try:
        with Asker() as asker:
            work(ends + ROUND_SECONDS, asker)
    finally:
        Lane.end_round(Job.POLL)
    return bool(due_times(timezone.now()))


def work(ends: float, asker: Asker) -> None:
    """Each answer makes place for the next question: nobody waits for the slowest of a batch."""
    due_now = DueTimes()
    while not stopping():
        over = time.monotonic() > ends
        now = timezone.now()
        due_now.look(now)
        if not asker.open and (over or not due_now.times):
            return
        if not over and due_now.may_be_due(now):
            room, full = asker.room, asker.full()
            due = claim_due(now, room, full)
            due_now.note_claimed(len(due) < room and not full)
            asker.ask(due)
        answered = asker.collect(due_now.breath(now, bool(asker.open)))
        progress(f"{asker.open} polls")
        changed = bool(answered) and write(*zip(*answered, strict=True))
        if changed and Task.objects.due_to_send(now).exists():
            wake(Job.SEND)  # there may be room for it now


class DueTimes:
    """What is due when, looked up a few times a second; it wakes the other lanes."""

    def __init__(self) -> None:
        self.times: dict[Job, datetime] = {}
        self.looked = self.kept = self.woken = -math.inf

    def look(self, now: datetime) -> None:
        moment = time.monotonic()
        if moment - self.looked < LOOK_SECONDS:
            return
        self.looked, self.times = moment, due_times(now)
        if moment - self.kept > KEEP_SECONDS:
            self.kept = moment
            Lane.keep_round(Job.POLL, LEASE_SECONDS)
        if moment - self.woken > WAKE_SECONDS:
            self.woken = moment
            free_stuck(now)
            wake_due({lane: at for lane, at in self.times.items() if lane != Job.POLL}, now)

    def may_be_due(self, now: datetime) -> bool:
        return self.times.get(Job.POLL, now + BREATH) <= now

    def note_claimed(self, all_of_them: bool) -> None:
        """Nothing more is due until the next look, unless there was no room for it."""
        if all_of_them:
            self.times[Job.POLL] = timezone.now() + BREATH

    def breath(self, now: datetime, waits: bool) -> float:
        """How long to wait: until something is due, but what is new may be due sooner."""
        if waits:
            return LOOK_SECONDS
        coming = min([now + BREATH, *(at for at in self.times.values() if at > now)])
        return max((coming - timezone.now()).total_seconds(), 0.05)


def claim_due(now: datetime, most: int, without: Collection[str] = ()) -> list[Task]:
    """Take due rows by moving their next poll forward, so that no other round asks too."""
    if most <= 0:
        return []
    with transaction.atomic():
        due = Task.objects.due_for_poll(now).order_by("next_poll_at").defer(*NOT_ASKED)
        if without:
            due = due.exclude(provider__in=without)
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True)
        tasks = list(due[:most])
        put_off(tasks, now + CLAIM_TIME)
    share_keys(tasks)
    return tasks


def put_off(tasks: Sequence[Task], until: datetime) -> None:
    if not tasks:
        return
    pks = [task.pk for task in tasks]
    moment = Task._meta.get_field("next_poll_at").get_db_prep_save(until, connection)
    statement = (
        f'UPDATE "{Task._meta.db_table}" SET next_poll_at = %s '  # noqa: S608  our own name
        f"WHERE id IN ({', '.join(['%s'] * len(pks))})"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [moment, *pks])


def share_keys(tasks: Sequence[Task]) -> None:
    """Tasks with the same key have one object of it: most tasks of a round share a few keys."""
    wanted = {task.key_id for task in tasks if task.key_id}
    keys = ApiKey.objects.prefetch_related("old_secrets").in_bulk(wanted)
    for task in tasks:
        task.key = keys.get(task.key_id) if task.key_id else None


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
    write_unchanged(unchanged)
    return len(unchanged) < len(tasks)


def write_unchanged(tasks: Sequence[Task]) -> None:
    """One prepared statement for all: it costs a tenth of `bulk_update`. What moved on meanwhile
    is left alone."""
    fields = [field for field in Task._meta.concrete_fields if field.name in UNCHANGED]
    places = ", ".join(f'"{field.column}" = %s' for field in fields)
    statement = (
        f'UPDATE "{Task._meta.db_table}" SET {places} '  # noqa: S608  names of our own columns
        f"WHERE id = %s AND status = '{Status.RUNNING}'"
    )
    rows = [
        [
            *(field.get_db_prep_save(getattr(task, field.attname), connection) for field in fields),
            task.pk,
        ]
        for task in tasks
    ]
    if rows:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(statement, rows)


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
        error="" if cancelled else sentence,
        error_code=snapshot.error_code[:80],
        error_field=snapshot.error_field[:40],
        advice="" if cancelled else advice,
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
