"""Where this database was last at work, and when: what tells a copy, and a long absence."""

from datetime import timedelta

from django.db import models
from django.db.models import F
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

AWAY_AFTER = timedelta(minutes=10)


def lately() -> tuple[CombinedExpression, CombinedExpression]:
    return Now() - AWAY_AFTER, Now() + AWAY_AFTER


class InstallationQuerySet(models.QuerySet["Installation"]):
    def at_work(self, place: str) -> "InstallationQuerySet":
        """The row, if it was alive here just now; by the clock of the database, not of a node."""
        return self.filter(place=place, last_alive__range=lately())

    def not_at_work(self, place: str) -> "InstallationQuerySet":
        return self.exclude(place=place, last_alive__range=lately())


class Installation(models.Model):
    """One row. `beats` only grows: a database that knows of fewer than its folder was restored."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    place = models.CharField(max_length=64)
    last_alive = models.DateTimeField()
    beats = models.PositiveBigIntegerField(default=0)

    objects = InstallationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"alive at {self.last_alive}"

    @classmethod
    def touch(cls, place: str, known_beats: int) -> bool:
        """Note that it is alive here. False when it was away, elsewhere or is an older copy."""
        rows = cls.objects.at_work(place).filter(beats__gte=known_beats)
        return bool(rows.update(last_alive=Now(), beats=F("beats") + 1))
