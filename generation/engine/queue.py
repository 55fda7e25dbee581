"""The only door to django-q2. A wake-up is a hint: it may be lost or come twice."""

import logging
from datetime import timedelta
from enum import StrEnum
from functools import partial

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone
from django_q.models import OrmQ
from django_q.models import Task as QueueRecord
from django_q.tasks import async_task

from generation.models import Lease

POLL_LEASE = "poll"
log = logging.getLogger(__name__)
KEEP_RECORDS = timedelta(days=3)
BROKER_ERRORS: tuple[type[Exception], ...] = (DatabaseError,)
if settings.REDIS_URL:  # the package is an extra
    from redis.exceptions import RedisError

    BROKER_ERRORS += (RedisError,)


class Job(StrEnum):
    """The functions of `generation.jobs`, by name: what the cluster can be asked to do."""

    SUBMIT = "submit"
    CANCEL = "cancel"
    POLL_ROUND = "poll_round"
    STORE = "store"
    RECONCILE = "reconcile"
    REGISTER = "register"
    IMPORT_SUBJECTS = "import_subjects"
    SWEEP = "sweep"
    HEARTBEAT = "heartbeat"


def wake(job: Job, *ids: int | str) -> None:
    """Have the cluster call `generation.jobs.<job>(*ids)` after this transaction commits."""
    transaction.on_commit(partial(send, job, *ids))


def wake_round() -> None:
    """A round that runs looks once more before it ends: then no message is needed."""
    if Lease.is_free(POLL_LEASE):
        wake(Job.POLL_ROUND)


def send(job: Job, *ids: int | str) -> bool:
    """False when the queue did not take it."""
    try:
        async_task(f"generation.jobs.{job}", *ids, save=False, ack_failure=True)
    except BROKER_ERRORS:
        # The row is committed; the sweep finds it within a minute.
        log.warning("could not wake %s, the sweep will", job)
        return False
    return True


def backlog() -> int:
    """Messages that wait in the database broker."""
    return int(OrmQ.objects.count())


def purge_records() -> None:
    QueueRecord.objects.filter(started__lt=timezone.now() - KEEP_RECORDS).delete()
