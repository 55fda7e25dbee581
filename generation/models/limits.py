"""Counts of what may be done only so often in a while, shared by all processes."""

from datetime import timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from generation.models.leases import CLOCKS_APART


class LimitCount(models.Model):
    """How often something was done since its window began. The key tells nobody what it is."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.key[:8]}: {self.count}"

    @classmethod
    def take(cls, key: str, most: int, seconds: int) -> bool:
        """Count one more; False, without counting, where the window has as many already.

        The counting is one statement: of several processes at once none goes beyond `most`. A
        window that ends later than any could is from before the clock was set back.
        """
        now = timezone.now()
        ends = now + timedelta(seconds=seconds)
        cls.objects.get_or_create(key=key, defaults={"ends_at": ends})
        row, over = cls.objects.filter(key=key), Q(ends_at__lte=now)
        if row.filter(over | Q(ends_at__gt=ends + CLOCKS_APART)).update(count=1, ends_at=ends):
            return True
        if row.filter(count__lt=most).update(count=F("count") + 1):
            return True
        # The sweep may have taken it away in between.
        return not row.exists() and cls.take(key, most, seconds)

    @classmethod
    def add(cls, key: str, amount: int, seconds: int) -> int:
        """Count so many more in the window, or in a new one; returns what it has then."""
        now = timezone.now()
        ends = now + timedelta(seconds=seconds)
        row, over = cls.objects.filter(key=key), Q(ends_at__lte=now)
        over |= Q(ends_at__gt=ends + CLOCKS_APART)
        if not (
            row.filter(over).update(count=amount, ends_at=ends)
            or row.update(count=F("count") + amount)
        ):
            new = cls.objects.get_or_create(key=key, defaults={"ends_at": ends, "count": amount})
            return amount if new[1] else cls.add(key, amount, seconds)
        return row.values_list("count", flat=True).first() or 0

    @classmethod
    def give_back(cls, key: str) -> None:
        cls.objects.filter(key=key, count__gt=0).update(count=F("count") - 1)

    @classmethod
    def forget(cls, key: str) -> None:
        cls.objects.filter(key=key).delete()
