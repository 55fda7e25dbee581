"""Uncertain tasks: look for them at the provider; what cannot be found a person decides."""

import logging
import secrets
import time
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from generation.catalogue.message import Message
from generation.catalogue.message import Message as _
from generation.engine.adopt import adopt
from generation.engine.held_tasks import is_listed, settle_held
from generation.engine.look_rows import (
    WAIT_MOST,
    apart,
    claim_group,
    claimed,
    leave_to_person,
    others_like,
    pause,
    pause_after,
    put_off,
)
from generation.engine.provider_clients import follow_key
from generation.engine.queue import Job, wake
from generation.engine.record_outcome import DATABASE_AWAY
from generation.engine.registration.look import look_for_registrations
from generation.engine.search_list import (
    LIST_SECONDS,
    Answer,
    SearchResult,
    ask_about,
    moment_sent,
    search_list,
)
from generation.models import Lease, Status, Task
from generation.models.tasks import GIVEN_UP
from generation.providers.base import Snapshot
from generation.providers.errors import ProviderError, Refused

log = logging.getLogger(__name__)
LISTINGS_NEEDED = 2
UNREAD_MOST = timedelta(minutes=30)  # after sending, until a person decides what stays unreadable
ADOPTED_FOR = timedelta(hours=72)
MARKER_MOST = 40


def look(ends: float) -> None:
    """Look for uncertain tasks and registrations that are due until none is, or `ends` (monotonic)
    is reached.

    Rows are claimed before anything is asked: of looks at once, on any machine, each row has one.
    What is begun is finished, which may take a minute longer.
    """
    while time.monotonic() < ends and (take_turn() or look_for_registrations()):
        pass


def reconcile(task_id: int) -> None:
    """Look now, for this task and those that share its listing. Harmless for any other."""
    rows = Task.objects.maybe_accepted().filter(pk=task_id)
    if rows.filter(~Q(remote_id="") | Q(status=Status.UNCERTAIN)).update(
        next_look_at=timezone.now()
    ):
        take_turn()


def take_turn() -> bool:
    """Look once for the due tasks of one secret; False when none is due."""
    tasks = claim_group()
    if not tasks:
        return False
    try:
        lost = ask_for_named([task for task in tasks if task.remote_id])
        lost += [task for task in tasks if not task.remote_id]
        look_for_lost([task for task in lost if may_be_there(task)])
    except DATABASE_AWAY:
        raise
    except Exception:  # other keys have their turn; these are due again when their claim ends
        log.exception("provider=%s: %s tasks were not looked for", tasks[0].provider, len(tasks))
    wake(Job.POLL)
    return True


# --- Named by a callback ----------------------------------------------------------------------


def ask_for_named(tasks: Sequence[Task]) -> list[Task]:
    """Adopt what a callback named, if the provider confirms it. Returns those that still have to
    be looked for."""
    if not tasks:
        return []
    try:
        answers = ask_about(tasks[0], [task.remote_id for task in tasks])
    except ProviderError as error:
        answers = {task.remote_id: error for task in tasks}
    for task in tasks:
        apart(task, partial(settle_named, task, answers.get(task.remote_id)))
    return [task for task in tasks if not task.remote_id]


def settle_named(task: Task, answer: Answer | None) -> None:
    if isinstance(answer, Snapshot) and is_confirmed(task, answer):
        adopt(task, [answer])
    elif answer is None:  # there was no time to ask
        put_off([task], pause())
    elif isinstance(answer, Snapshot | Refused) or can_be_listed(task):
        drop_name(task)
    else:
        follow_key(task, answer)
        if task.is_held:
            settle_held(task, is_certain=False)
        else:
            keep_asking(task, answer)


def is_confirmed(task: Task, snapshot: Snapshot) -> bool:
    """Where its replies repeat no payload, it is enough that who knew the task's own address
    named something that this key made and that no other task is."""
    if snapshot.payload:
        return snapshot.payload == str(task.values.get("payload", task.marker))
    return not owned_ids(task.provider, [snapshot.remote_id])


def owned_ids(provider: str, remote_ids: Collection[str]) -> set[str]:
    """Those that tasks of this studio are for certain: what a callback named is no proof."""
    tasks = Task.objects.filter(provider=provider, remote_id__in=remote_ids)
    accepted = tasks.filter(accepted_at__isnull=False)
    return set(accepted.values_list("remote_id", flat=True))


def drop_name(task: Task) -> None:
    """That is not it. Then the list tells; nobody waits for one that was given up."""
    when = task.next_look_at if may_be_there(task) else None
    if claimed(task).update(remote_id="", next_look_at=when):
        task.remote_id = ""


def keep_asking(task: Task, error: ProviderError) -> None:
    """No list can tell, so the name stays: until a person may decide, or decided long ago."""
    age = timezone.now() - moment_sent(task)
    if task.was_given_up:
        claimed(task).update(next_look_at=timezone.now() + WAIT_MOST if age < ADOPTED_FOR else None)
    elif age > UNREAD_MOST:
        leave_to_person(task)
    else:
        put_off([task], pause_after(error), error.sentence)


# --- In the provider's list -------------------------------------------------------------------


def may_be_there(task: Task) -> bool:
    """Nobody has decided about it: it may have been sent, or a held one by another studio."""
    return task.status == Status.UNCERTAIN or task.is_held


def can_be_listed(task: Task) -> bool:
    """Whether a list would show that it is this one."""
    return may_be_there(task) and is_listed(task)


def look_for_lost(tasks: Sequence[Task]) -> None:
    """One listing for all of them; where there is none, a person decides."""
    listed = [task for task in tasks if can_be_listed(task)]
    for task in tasks:
        if not can_be_listed(task):
            leave_unlisted(task)
    if not listed:
        return
    first, holder, now = listed[0], secrets.token_hex(8), timezone.now()
    name = f"list:{first.key_id or first.provider}"
    if not Lease.take(name, holder, max(settings.RECONCILE_GAP, LIST_SECONDS + 5)):
        free_at = Lease.objects.get(name=name).expires_at
        put_off(listed, max(free_at - now, timedelta(0)))
        return
    try:
        owned = partial(owned_ids, first.provider)
        others = [task for task in others_like(listed) if can_be_listed(task)]
        result = search_list([*listed, *others], owned, now)
    except ProviderError as error:  # the key cannot be used
        result = SearchResult(failure=error)
    finally:
        Lease.take(name, holder, settings.RECONCILE_GAP)
    adopted = adopt_found(first, result)
    missing = [task for task in listed if task.pk not in adopted]
    settle_missing_held([task for task in missing if task.is_held], result)
    settle_lost([task for task in missing if not task.is_held], result, now)


def leave_unlisted(task: Task) -> None:
    if task.is_held:
        settle_held(task, is_certain=True)
    else:
        leave_to_person(task)


def adopt_found(first: Task, result: SearchResult) -> set[int]:
    """Every task whose marker was seen, even one that a person had given up."""
    markers = [payload for payload in result.found if len(payload) <= MARKER_MOST]
    tasks = [
        task
        for task in Task.objects.filter(marker__in=markers).select_related("key")
        if (task.provider, task.key_id) == (first.provider, first.key_id)
        and (may_be_there(task) or task.was_given_up)
    ]
    for task in tasks:
        apart(task, partial(adopt, task, result.found[task.marker]))
    return {task.pk for task in tasks}


def settle_missing_held(tasks: Sequence[Task], result: SearchResult) -> None:
    for task in tasks:
        if result.failure is not None:
            follow_key(task, result.failure)
        is_certain = result.failure is None and task.pk not in result.undecided
        apart(task, partial(settle_held, task, is_certain=is_certain))


def settle_lost(tasks: Sequence[Task], result: SearchResult, now: datetime) -> None:
    """Those that this listing did not show: it counts for what it would have shown."""
    if result.failure is not None:
        for task in tasks:
            follow_key(task, result.failure)
        put_off(tasks, pause_after(result.failure), result.failure.sentence)
        return
    for task in tasks:
        age = abs(now - moment_sent(task))  # below zero when the clock was set back
        left = timedelta(seconds=settings.RECONCILE_GRACE) - age
        if task.pk in result.undecided and age < UNREAD_MOST:
            put_off([task], pause(), _("The provider gave no clear answer."))
        elif task.pk in result.undecided:
            leave_to_person(task)
        elif left > timedelta(0):
            put_off([task], max(left, pause()))
        else:
            apart(task, partial(count_listing, task))


def count_listing(task: Task) -> None:
    """Two complete listings a minute apart without it, then a person decides."""
    task.listings += 1
    if task.listings >= LISTINGS_NEEDED:
        leave_to_person(task)
        return
    task.record(
        _("The provider does not list it yet. We look again."),
        where=Q(next_look_at=task.next_look_at),
        listings=task.listings,
        next_look_at=timezone.now() + pause(),
    )


# --- A person's part --------------------------------------------------------------------------


def check_again(task: Task) -> bool:
    if task.status != Status.UNCERTAIN:
        return False
    done = task.record(_("Checking again."), next_look_at=timezone.now(), listings=0)
    wake(Job.LOOK)
    return done


def give_up(task: Task, note: Message | str = "") -> bool:
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
