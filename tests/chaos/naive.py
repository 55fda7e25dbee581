"""The control: what everybody writes first. POST, then save the id; no claim."""

from generation.engine.submit import prepare, send
from generation.models import Status, Task


def submit_oldest() -> None:
    task = Task.objects.select_related("key", "user", "team").filter(status=Status.QUEUED).first()
    if task is None:
        return
    snapshot = send(task, prepare(task))
    Task.objects.filter(pk=task.pk).update(status=Status.RUNNING, remote_id=snapshot.remote_id)
