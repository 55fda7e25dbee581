"""The only door to django-q2. Work is in rows; a message only says that there is some."""

import logging
from datetime import timedelta
from enum import StrEnum
from functools import partial

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import Task as QueueRecord
from django_q.tasks import async_task

from generation.models import Lane

log = logging.getLogger(__name__)
KEEP_RECORDS = timedelta(days=3)
BROKER_ERRORS: tuple[type[Exception], ...] = (DatabaseError,)
if settings.REDIS_URL:  # the package is an extra
    from redis.exceptions import RedisError

    BROKER_ERRORS += (RedisError,)


class Job(StrEnum):
    """The functions of `generation.jobs`, by name: what the cluster can be asked to do."""

    SEND = "send"
    POLL = "poll"
    STORE = "store"
    LOOK = "look"
    ASK = "ask"
    SWEEP = "sweep"
    MAIL = "mail"
    IMPORT_SUBJECTS = "import_subjects"


# Seconds, where a job may take longer than the cluster's own limit.
LIMITS = {Job.STORE: 900}
# These take their work from rows: one message of each waits at most.
LANES = frozenset(Job) - {Job.IMPORT_SUBJECTS}


def wake(job: Job, *ids: int | str) -> None:
    """Have the cluster call `generation.jobs.<job>(*ids)` after this transaction commits.

    Of a lane one message waits at most, however often it is woken. One may still be lost, with a
    broker or a worker: the sweep wakes every lane that has work due.
    """
    transaction.on_commit(partial(call, job) if job in LANES else partial(send_message, job, *ids))


def call(lane: Job) -> None:
    """Send this lane a message, unless one waits, or a round looks for new rows by itself."""
    try:
        if Lane.call(lane, lambda: not messages_waiting()) and not send_message(lane):
            Lane.answer(lane)
    except BROKER_ERRORS:
        log.warning("could not wake the lane %s, the sweep will", lane)


def send_message(job: Job, *ids: int | str) -> bool:
    """False when the queue did not take it."""
    try:
        limit = {"timeout": LIMITS[job]} if job in LIMITS else {}
        async_task(f"generation.jobs.{job}", *ids, save=False, ack_failure=True, **limit)
    except BROKER_ERRORS:
        log.warning("could not wake %s, the sweep will", job)
        return False
    return True


def wake_sweep() -> None:
    """Called each minute where a cluster runs."""
    wake(Job.SWEEP)


def messages_waiting() -> int:
    """Messages that no cluster took yet."""
    return int(get_broker().queue_size())


def purge_records() -> None:
    QueueRecord.objects.filter(started__lt=timezone.now() - KEEP_RECORDS).delete()
