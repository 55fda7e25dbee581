"""What happened to a task: its log, and the callbacks that were seen."""

from django.db import models
from django.utils import timezone

from generation.models.messages import MessageField
from generation.models.tasks import Status, Task


class TaskEvent(models.Model):
    """One line of a task's log: a transition, or a note within one state."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    from_status = models.CharField(max_length=10, choices=Status.choices, blank=True)
    to_status = models.CharField(max_length=10, choices=Status.choices)
    note = MessageField(blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.from_status} -> {self.to_status}"


class CallbackEvent(models.Model):
    """A callback that was seen, so that a repeat changes nothing."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="callbacks")
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "digest"], name="one_event_per_callback")
        ]

    def __str__(self) -> str:
        return f"callback of task {self.task_id}"
