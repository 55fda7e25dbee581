"""Entry points that django-q2 calls by dotted path: ids in, nothing out."""

from generation.engine import poll
from generation.engine import reconcile as reconciling
from generation.engine import store as storing
from generation.engine import submit as sending
from generation.engine import sweep as sweeping
from generation.engine.imports import job as import_job
from generation.engine.registration import job as registering
from generation.models import Heartbeat


def submit(task_id: int) -> None:
    sending.submit(task_id)
    poll.poll_if_due()


def cancel(task_id: int) -> None:
    sending.cancel_remote(task_id)


def poll_round() -> None:
    poll.poll_round()


def store(task_id: int) -> None:
    storing.store_results(task_id)
    poll.poll_if_due()


def reconcile(task_id: int) -> None:
    reconciling.reconcile(task_id)


def register(registration_id: int) -> None:
    registering.register(registration_id)
    poll.poll_if_due()


def import_subjects(user_id: int, team_id: int, key_id: str, token: str) -> None:
    import_job.run(user_id, team_id, key_id, token)


def sweep() -> None:
    sweeping.sweep()


def heartbeat() -> None:
    """The canary: proves that a message goes through the queue and a worker runs it."""
    Heartbeat.touch("cluster")
