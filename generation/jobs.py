"""Entry points that django-q2 calls by dotted path."""

from generation.engine import ask as asking
from generation.engine import lanes, notice_mail
from generation.engine import look as looking
from generation.engine import poll as polling
from generation.engine import store as storing
from generation.engine import submit as sending
from generation.engine import sweep as sweeping
from generation.engine.imports import job as import_job
from generation.engine.queue import Job


def send() -> None:
    lanes.run(Job.SEND, sending.send_due)


def poll() -> None:
    lanes.run(Job.POLL, polling.poll_due)


def store() -> None:
    lanes.run(Job.STORE, storing.store_due)


def look() -> None:
    lanes.run(Job.LOOK, looking.look_due)


def ask() -> None:
    lanes.run(Job.ASK, asking.ask_due)


def sweep() -> None:
    lanes.run(Job.SWEEP, sweeping.sweep_due)


def mail() -> None:
    lanes.run(Job.MAIL, notice_mail.mail_due)


def import_subjects(user_id: int, team_id: int, key_id: str, token: str) -> None:
    import_job.run(user_id, team_id, key_id, token)
