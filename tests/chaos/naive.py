"""The control: what everybody writes first. POST, then save the id; no claim."""

from generation.engine.submit import prepare, send
from generation.models import Status, Task


def submit(task_id: int) -> None:
    task = Task.objects.select_related("key", "user", "team").get(pk=task_id)
    if task.status != Status.QUEUED:
        return
    snapshot = send(task, prepare(task))
    Task.objects.filter(pk=task_id).update(status=Status.RUNNING, remote_id=snapshot.remote_id)
