"""Leases and heartbeats: who works on what right now, and who is alive."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

LONGEST = timedelta(minutes=5)  # no lease is taken for longer
CLOCKS_APART = timedelta(minutes=1)


class Lease(models.Model):
    """The right to do one thing alone for a while."""

    name = models.CharField(max_length=60, primary_key=True)
    holder = models.CharField(max_length=40, blank=True)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @classmethod
    def take(cls, name: str, holder: str, seconds: float) -> bool:
        """Take or extend; False when somebody else holds it.

        One that ends later than any could is from before the clock was set back.
        """
        now = timezone.now()
        until = now + timedelta(seconds=seconds)
        cls.objects.get_or_create(name=name, defaults={"expires_at": now - timedelta(days=1)})
        free = Q(holder=holder) | Q(expires_at__lt=now) | Q(expires_at__gt=until + CLOCKS_APART)
        return bool(cls.objects.filter(free, name=name).update(holder=holder, expires_at=until))

    @classmethod
    def release(cls, name: str, holder: str) -> None:
        cls.objects.filter(name=name, holder=holder).update(holder="", expires_at=timezone.now())

    @classmethod
    def is_free(cls, name: str) -> bool:
        now = timezone.now()
        return not cls.objects.filter(name=name, expires_at__range=(now, now + LONGEST)).exists()


class Heartbeat(models.Model):
    """The last time something proved that it works."""

    name = models.CharField(max_length=60, primary_key=True)
    at = models.DateTimeField()
    workers = models.JSONField(default=list)  # of a node: what each does, and for how long

    def __str__(self) -> str:
        return self.name

    @classmethod
    def touch(cls, name: str, **facts: Any) -> None:
        cls.objects.update_or_create(name=name, defaults={"at": timezone.now(), **facts})

    @classmethod
    def last(cls, name: str) -> datetime | None:
        """None also when it is from before the clock was set back: that proves nothing."""
        soon = timezone.now() + CLOCKS_APART
        return cls.objects.filter(name=name, at__lt=soon).values_list("at", flat=True).first()

    @classmethod
    def newest(cls, beginning: str) -> datetime | None:
        """The last time of all whose name begins so."""
        soon = timezone.now() + CLOCKS_APART
        rows = cls.objects.filter(name__startswith=beginning, at__lt=soon).order_by("-at")
        return rows.values_list("at", flat=True).first()
