"""How often tasks went from one state to another, counted from their logs bit by bit."""

from django.db import models
from django.db.models import Count, F, Max

from generation.models.events import TaskEvent
from generation.models.tasks import Status

MOST = 50_000  # events a time: it goes on with the rest


class MoveTotal(models.Model):
    """How often one change of state happened, by provider and mode. It never falls."""

    provider = models.CharField(max_length=10)
    mode = models.CharField(max_length=20)
    from_status = models.CharField(max_length=10, choices=Status.choices, blank=True)
    to_status = models.CharField(max_length=10, choices=Status.choices)
    count = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "mode", "from_status", "to_status"], name="one_total_a_move"
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.mode}: {self.from_status} -> {self.to_status}"

    @classmethod
    def add(cls, since: int, until: int) -> None:
        """Count the events with these ids, without the first."""
        events = TaskEvent.objects.filter(pk__gt=since, pk__lte=until)
        moves = events.exclude(from_status=F("to_status")).order_by()
        facts = ("task__provider", "task__mode", "from_status", "to_status")
        for *known, count in moves.values_list(*facts).annotate(count=Count("pk")):
            names = ("provider", "mode", "from_status", "to_status")
            row = cls.objects.get_or_create(**dict(zip(names, known, strict=True)))[0]
            cls.objects.filter(pk=row.pk).update(count=F("count") + count)


class CountedEvents(models.Model):
    """How far the totals have come. There is one row.

    Events up to `seen` were there at the last count, so by now no transaction can still add one
    below it: ids of a database are given before the commit.
    """

    counted = models.BigIntegerField(default=0)
    seen = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"counted up to {self.counted}"

    @property
    def next_stop(self) -> int:
        return min(self.seen, self.counted + MOST)

    @classmethod
    def newest(cls) -> int:
        return TaskEvent.objects.aggregate(newest=Max("pk"))["newest"] or 0
