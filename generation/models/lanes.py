"""What the cluster's nodes must know of each other: messages that wait, providers in silence."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F
from django.utils import timezone

from generation.models.keys import ProviderName
from generation.models.leases import CLOCKS_APART, LONGEST

LOST_AFTER = timedelta(seconds=30)  # no message waits for longer while a worker is free
UNANSWERED_MOST = 3
ASK_LEAST, ASK_MOST = timedelta(seconds=3), timedelta(seconds=60)


class Lane(models.Model):
    """One kind of work. A message only says that it has work: one waits at most."""

    name = models.CharField(max_length=20, primary_key=True)
    waiting_since = models.DateTimeField(null=True)  # of the message that no worker took yet
    missed = models.BooleanField(default=False)  # one came while every place was taken
    round_until = models.DateTimeField(null=True)  # a round runs, and looks for new rows itself

    def __str__(self) -> str:
        return self.name

    @classmethod
    def call(cls, name: str, queue_is_empty: Callable[[], bool]) -> bool:
        """Note that a message waits from now on; False when none is needed.

        One that nobody took for long is lost, unless the queue still holds messages.
        """
        now = timezone.now()
        lane = cls.objects.filter(name=name).first() or cls.objects.get_or_create(name=name)[0]
        since, until = lane.waiting_since, lane.round_until
        # What is later than any could be is from before the clock was set back.
        if until is not None and now <= until <= now + LONGEST:
            return False
        if since is not None and now - LOST_AFTER <= since <= now + CLOCKS_APART:
            return False
        if since is not None and not queue_is_empty():
            return False
        same = cls.objects.filter(name=name, waiting_since=since, round_until=until)
        return bool(same.update(waiting_since=now))

    @classmethod
    def answer(cls, name: str) -> None:
        """A worker has the message: the next call sends another."""
        cls.objects.filter(name=name).exclude(waiting_since=None).update(waiting_since=None)

    @classmethod
    def miss(cls, name: str) -> None:
        """A message came while every place was taken: who ends next looks once more."""
        cls.objects.update_or_create(name=name, defaults={"missed": True})

    @classmethod
    def was_missed(cls, name: str) -> bool:
        missed = cls.objects.filter(name=name, missed=True)
        return missed.exists() and bool(missed.update(missed=False))

    @classmethod
    def keep_round(cls, name: str, seconds: float) -> None:
        until = timezone.now() + timedelta(seconds=seconds)
        cls.objects.filter(name=name).update(round_until=until)

    @classmethod
    def end_round(cls, name: str) -> None:
        cls.objects.filter(name=name).update(round_until=None)


class ProviderSilence(models.Model):
    """A provider that leaves create requests without a clear answer. Nothing is sent to it after
    three in a row, until it answers a question that costs nothing."""

    provider = models.CharField(max_length=10, choices=ProviderName.choices, primary_key=True)
    unanswered = models.PositiveSmallIntegerField(default=0)  # in a row
    since = models.DateTimeField(null=True)
    ask_at = models.DateTimeField(null=True)  # when to ask it next; None while it may be sent to
    asked = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.provider}: {self.unanswered} unanswered"

    @property
    def is_closed(self) -> bool:
        return self.ask_at is not None

    @property
    def may_be_out(self) -> int | None:
        """How many create requests may be out at once; None where nothing is in doubt."""
        if self.is_closed:
            return 0
        return max(1, UNANSWERED_MOST - self.unanswered) if self.unanswered else None

    @classmethod
    def note_silence(cls, provider: str) -> bool:
        """A create request got no clear answer. True when this was one too many."""
        now = timezone.now()
        cls.objects.get_or_create(provider=provider)
        rows = cls.objects.filter(provider=provider)
        rows.filter(since=None).update(since=now)
        rows.update(unanswered=F("unanswered") + 1)
        closing = rows.filter(unanswered__gte=UNANSWERED_MOST, ask_at=None)
        return bool(closing.update(ask_at=now + ASK_LEAST, asked=0))

    @classmethod
    def clear(cls, provider: str) -> bool:
        """It answered a create request clearly."""
        rows = cls.objects.filter(provider=provider, unanswered__gt=0)
        return rows.exists() and bool(rows.update(unanswered=0, since=None, ask_at=None, asked=0))

    @classmethod
    def due(cls, now: datetime) -> "models.QuerySet[Self]":
        return cls.objects.filter(ask_at__lte=now)

    def claim_question(self, now: datetime) -> bool:
        """Before it is asked: nobody else asks meanwhile, and the next question comes later."""
        wait = min(ASK_LEAST * 2 ** min(self.asked, 5), ASK_MOST)
        rows = type(self).objects.filter(pk=self.pk, ask_at=self.ask_at)
        return bool(rows.update(ask_at=now + wait, asked=F("asked") + 1))

    @classmethod
    def reopen(cls, provider: str) -> bool:
        """It answers again. One create request at a time, until one was answered clearly."""
        rows = cls.objects.filter(provider=provider).exclude(ask_at=None)
        return bool(rows.update(ask_at=None, unanswered=UNANSWERED_MOST - 1))
