"""Fetching results: stream, check, keep, and only then call the task ready."""

import logging
import secrets
import time
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from django.db import Error, IntegrityError, connections, transaction
from django.db.models import F, Q
from django.utils import timezone

from generation import outbound
from generation.catalogue.message import Message
from generation.catalogue.message import Message as _
from generation.catalogue.modes import MODES
from generation.engine import schedule
from generation.engine.collect_stored import collect_stored
from generation.engine.provider_clients import call_provider, client_of, follow_key, trusted_origins
from generation.engine.queue import Job, wake
from generation.engine.record_outcome import LostClaim, links_of
from generation.engine.stacks import hold_stack, join_stored
from generation.engine.worker_state import progress, stopping
from generation.log_lines import log_line
from generation.media import images, sandbox, storage
from generation.media.storage import report_full_disk
from generation.models import Lane, Media, Output, Status, Task
from generation.providers.errors import ProviderError

AT_ONCE = 4
ROUND_SECONDS, LEASE_SECONDS = 300.0, 15.0
CLAIM_TIME, KEEP_SECONDS = timedelta(seconds=45), 5.0  # kept for as long as the worker lives
DEADLINE = 120.0
# Images of 4K and videos of minutes stay far below this.
MOST_BYTES = 1024**3
log = logging.getLogger(__name__)


class Stopped(Exception):
    """The studio stops in the middle of a download."""


class StoppableFile:
    """A file that takes nothing more once this worker was asked to stop."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def write(self, data: bytes) -> int:
        if stopping():
            raise Stopped
        return self.file.write(data)


Trouble = (outbound.Blocked, outbound.Unreachable, images.Unfit, ProviderError)


def store_due(ends: float) -> bool:
    """Bring finished files home, several at once: a slow one holds nobody else.

    It goes on while something comes, and ends within a job's limit. True when work is left.
    """
    try:
        store_many(ends + ROUND_SECONDS)
    finally:
        Lane.end_round(Job.STORE)
    return Task.objects.due_to_store(timezone.now()).exists()


def store_many(ends: float) -> None:
    running: dict[Future[None], Task] = {}
    kept = 0.0
    with ThreadPoolExecutor(AT_ONCE, "store") as pool:
        while not stopping():
            if time.monotonic() - kept > KEEP_SECONDS:
                kept = time.monotonic()
                Lane.keep_round(Job.STORE, LEASE_SECONDS)
                renew_claims(running.values())
            while len(running) < AT_ONCE and time.monotonic() < ends:
                task = claim_next(timezone.now())
                if task is None:
                    break
                running[pool.submit(store_in_thread, task)] = task
            if not running:
                break
            progress(f"{len(running)} downloads")
            for done in wait(running, timeout=1.0, return_when=FIRST_COMPLETED).done:
                del running[done]


def store_in_thread(task: Task) -> None:
    try:
        store_claimed(task)
    except Exception:  # the claim ends by itself
        log.exception("task=%s provider=%s: storing ended", task.pk, task.provider)
    finally:
        connections.close_all()


def store_results(task_id: int) -> None:
    """Bring one finished task's files home. Harmless when there is nothing to do."""
    task = claim(task_id, timezone.now())
    if task is not None:
        store_claimed(task)


def store_claimed(task: Task) -> None:
    try:
        if task.store_tries > schedule.STORE_TRIES:  # each try before died with its worker
            raise outbound.Unreachable
        keep_all(task)
    except LostClaim:
        return
    except Stopped:
        hand_back(task)
    except Trouble as trouble:
        try_later(task, trouble)
    except Error:  # the database is away: the claim ends by itself
        raise
    except Exception as fault:  # ours: what was paid for stays, and is tried again
        log.exception("task=%s provider=%s: could not be stored", task.pk, task.provider)
        try_later(task, fault)


def keep_all(task: Task) -> None:
    try:
        for position, link in enumerate(task.results):
            store_output(task, position, link)
    except outbound.LinkExpired:
        renew(task)
    else:
        task.move(Status.SUCCEEDED, where=Q(claim=task.claim), **CLEAN)


CLEAN: dict[str, Any] = {
    "deadline": None, "next_store_at": None, "error": "", "advice": "", "results_expire_at": None,
    "code_failures": 0,
}  # fmt: skip


def claim_next(now: datetime) -> Task | None:
    """The one that waits for longest."""
    due = Task.objects.due_to_store(now).order_by("next_store_at").values_list("pk", flat=True)
    for task_id in due[:AT_ONCE]:
        task = claim(task_id, now)
        if task is not None:
            return task
    return None


def claim(task_id: int, now: datetime) -> Task | None:
    """Take it for a while. The try is counted here: one that dies with its worker counts too."""
    free = Q(deadline=None) | Q(deadline__lt=now)
    mine = Task.objects.filter(free, pk=task_id, status=Status.STORING)
    until = now + CLAIM_TIME
    taken = mine.update(
        claim=secrets.token_hex(16), deadline=until, next_store_at=until,
        store_tries=F("store_tries") + 1,
    )  # fmt: skip
    return Task.objects.select_related("key", "team").get(pk=task_id) if taken else None


def renew_claims(tasks: Iterable[Task]) -> int:
    """They are still worked on. Where that ends with the worker, another takes them up soon.

    Returns how many are still ours.
    """
    until = timezone.now() + CLAIM_TIME
    claims = [task.claim for task in tasks]
    # Without a deadline it was given back, and waits for its time.
    held = Task.objects.filter(status=Status.STORING, deadline__isnull=False)
    mine = held.filter(claim__in=claims)
    return mine.update(deadline=until, next_store_at=until)


def hand_back(task: Task) -> None:
    """The studio stops: this was no try."""
    mine = Task.objects.filter(pk=task.pk, status=Status.STORING, claim=task.claim)
    mine.update(deadline=None, next_store_at=timezone.now(), store_tries=F("store_tries") - 1)


def store_output(task: Task, position: int, link: dict[str, Any]) -> None:
    """Download one result into a scratch file, check it, and make its rows together."""
    if Output.objects.filter(task=task, position=position).exists():
        return
    if not renew_claims([task]):
        raise LostClaim
    with report_full_disk(), storage.scratch() as path:
        download(task, link["url"], path)
        stored = images.keep_output(path, MODES[task.mode].makes)
    name = Path(urlsplit(link["url"]).path).name[:200]
    try:
        with transaction.atomic():
            # Read anew: the download took its time, and the person may have left meanwhile.
            of_task = Task.objects.select_related("batch__user", "user").get(pk=task.pk)
            hold_stack(of_task.batch.stack_id)
            user_id, made_by_name = of_task.user_id, of_task.batch.made_by_name
            media = Media.objects.create(
                team=task.team, created_by_id=user_id, made_by_name=made_by_name, name=name,
                **asdict(stored),
            )  # fmt: skip
            output = Output.objects.create(
                task=task,
                team=task.team,
                project_id=task.project_id,
                user_id=user_id,
                made_by_name=made_by_name,
                media=media,
                kind=media.kind,
                position=position,
                remote_id=link.get("remote_id", "")[:120],
                marked=bool(link.get("marked")),
            )
            join_stored(of_task.batch.stack_id, output, of_task.user)
            if of_task.batch.collection_id:
                collect_stored(of_task.batch, output)
    except IntegrityError:
        storage.delete(stored.path, stored.thumb_path, stored.preview_path)
        if not Output.objects.filter(task=task, position=position).exists():
            raise  # what it belongs to changed meanwhile: the next try reads it anew
        # else another worker kept the same result first


def download(task: Task, url: str, path: Path) -> None:
    if not storage.enough_space(storage.ROOM[MODES[task.mode].makes]):
        raise images.NoSpace
    with path.open("wb") as file:
        outbound.fetch(
            url,
            into=StoppableFile(file),
            max_bytes=MOST_BYTES,
            allowed=trusted_origins(task.provider),
            deadline=DEADLINE,
        )


def renew(task: Task) -> None:
    """The link is refused or has expired: ask the provider for a fresh one."""
    try:
        snapshot = call_provider(client_of(task), lambda provider: provider.fetch(task.remote_id))
    except ProviderError as trouble:
        follow_key(task, trouble)
        try_later(task, trouble)
        return
    if snapshot.results and task.store_tries <= len(schedule.STORE_WAITS):
        Task.objects.filter(pk=task.pk, claim=task.claim).update(results=links_of(task, snapshot))
    try_later(task, outbound.Unreachable())


def try_later(task: Task, trouble: Exception) -> None:
    """Within the budget wait and try again; then fail, with 'download again' as the way on.

    A full disk or a fault of ours says nothing against the result: it waits as long as it takes.
    """
    wait, tries, faults = (
        schedule.store_again(task.store_tries),
        task.store_tries,
        task.code_failures,
    )
    if isinstance(trouble, images.NoSpace):
        wait, tries = schedule.FULL_WAIT, task.store_tries - 1
    elif is_ours(trouble):
        faults = min(faults + 1, len(schedule.STORE_WAITS))
        wait, tries = schedule.store_again(faults), 0
    cause = cause_of(trouble)
    mine = Q(claim=task.claim)
    if wait is None or isinstance(trouble, outbound.Blocked):
        task.move(
            Status.FAILED,
            cause,
            where=mine,
            deadline=None,
            next_store_at=None,
            error=cause,
            error_code="NotStored",
            advice=_("Press Download again. It costs nothing."),
        )
        return
    note = "" if cause == task.error else cause
    next_store_at = timezone.now() + wait
    waits = task.record(
        note, where=mine, error=cause, deadline=None, next_store_at=next_store_at,
        store_tries=tries, code_failures=faults,
    )  # fmt: skip
    wake(Job.POLL)  # a round looks after what is due later
    if waits and isinstance(trouble, Trouble):  # a fault of ours is logged where it was caught
        facts = {**task.log_facts, "outcome": "not_stored", "reason": type(trouble).__name__}
        log.warning("%s", log_line("store", **facts, tries=tries))


def is_ours(trouble: Exception) -> bool:
    return isinstance(trouble, sandbox.ChildFailed) or not isinstance(trouble, Trouble)


def cause_of(trouble: Exception) -> Message:
    if is_ours(trouble):
        return _("The studio itself failed on this task; an admin finds the cause in the log.")
    if isinstance(trouble, outbound.DownloadTooLarge):
        return _("The result is larger than the studio takes.")
    if isinstance(trouble, outbound.Blocked):
        return _("The result was offered at an unsafe address and was not downloaded.")
    if isinstance(trouble, images.NoSpace):
        return _("The studio's disk is full, so the result could not be kept yet.")
    if isinstance(trouble, images.Unfit):
        return _("The file that came back is damaged, or is not what was asked for.")
    if isinstance(trouble, ProviderError):
        return trouble.sentence
    return _("The result could not be downloaded.")


def download_again(task: Task) -> bool:
    """A person asks for the files once more. Never a new charge."""
    if not task.may_download_again:
        return False
    moved = task.move(
        Status.STORING,
        store_tries=0,
        deadline=None,
        next_store_at=timezone.now(),
        error="",
        advice="",
    )
    if moved:
        wake(Job.STORE)
    return moved
