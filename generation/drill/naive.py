"""The control: what everybody writes first. POST, then save the id, and nothing is claimed.

It shows that the drill notices what is paid twice. Only the studio of such a drill runs it.
"""

from pathlib import Path

from django.conf import settings
from django_q.tasks import async_task

from generation.engine import start
from generation.engine.submit import prepare, send
from generation.models import Status, Task

PERMIT = "drill-without-a-claim"  # a file in the data folder that only a drill writes


class NotADrill(Exception):
    """An ordinary studio never sends without a claim."""


def permit_file() -> Path:
    return Path(settings.DATA_DIR) / PERMIT


def start_naively() -> None:
    """From now on what this process starts is sent without a claim."""
    permit_file().touch()

    def call(_lane: str) -> None:
        async_task("generation.drill.naive.submit_oldest", save=False)

    start.wake = call  # type: ignore[attr-defined, assignment]


def submit_oldest() -> None:
    if not permit_file().exists():
        raise NotADrill
    queued = Task.objects.filter(status=Status.QUEUED, mentioned_subjects=None)
    task = queued.select_related("key", "user", "team").order_by("pk").first()
    if task is None:
        return
    snapshot = send(task, prepare(task))
    Task.objects.filter(pk=task.pk).update(status=Status.RUNNING, remote_id=snapshot.remote_id)
