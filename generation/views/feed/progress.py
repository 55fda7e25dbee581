"""How far a task is, as far as anybody knows. Nothing here asks the database."""

from dataclasses import dataclass
from datetime import datetime
from math import ceil

from django.utils.translation import gettext as _

from generation.engine.schedule import STORE_TRIES
from generation.models import Task
from generation.models.tasks import NOT_BEGUN

MOST_SHOWN = 0.95  # of the bar: the end comes from the provider, never from the clock


def clock(seconds: int | None) -> str:
    minutes, rest = divmod(max(0, seconds or 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@dataclass(frozen=True)
class Times:
    """What others like this one took in seconds, and whether this one takes far longer; after how
    many seconds a person may stop waiting for it."""

    usual: int | None = None
    stuck: bool = False
    patience: int | None = None


@dataclass(frozen=True)
class Progress:
    """Time since it was sent, against the usual time. `share` None: nobody can say."""

    elapsed: int
    usual: int | None
    share: float | None
    patience: int | None = None

    @property
    def may_stop(self) -> bool:
        return self.patience is not None and self.elapsed >= self.patience

    @property
    def over(self) -> bool:
        return self.usual is not None and self.elapsed > self.usual

    @property
    def percent(self) -> int | None:
        """None: nobody can say yet, which a bar at zero would not tell."""
        return round(100 * self.share) or None if self.share else None

    @property
    def pattern(self) -> str:
        """The words around %e, the elapsed time, for the page to count on."""
        return _("%%e of about %(usual)s") % {"usual": clock(self.usual)} if self.usual else "%e"

    @property
    def late(self) -> str:
        return _("%e, longer than usual")

    @property
    def text(self) -> str:
        return (self.late if self.over else self.pattern).replace("%e", clock(self.elapsed))


def progress_of(
    task: Task, usual: int | None, now: datetime, patience: int | None = None
) -> Progress:
    """Of a provider's queue nobody knows the length: no share of it is shown."""
    elapsed = max(0, int((now - (task.sent_at or task.created_at)).total_seconds()))
    share = task.progress
    if task.remote_state in NOT_BEGUN:
        share = None
    elif share is None and usual:
        share = min(elapsed / usual, MOST_SHOWN)
    return Progress(elapsed, usual, share, patience)


@dataclass(frozen=True)
class NextTry:
    """Which try to save it failed, and in how many seconds the next comes; 0: it is under way."""

    failed: int
    seconds: int

    @classmethod
    def of(cls, task: Task, now: datetime) -> "NextTry":
        busy = task.deadline is not None and task.deadline > now
        at = None if busy else task.next_store_at
        wait = max(0, ceil((at - now).total_seconds())) if at else 0
        return cls(task.store_tries - busy, wait)

    @property
    def late(self) -> str:
        return _("trying again now")

    @property
    def pattern(self) -> str:
        """The words around %e, the time that is left, for the page to count down."""
        if not self.failed:  # a fault of the studio: it goes on until it is mended
            return _("next try in %e")
        known = {"n": self.failed, "most": STORE_TRIES}
        return _("try %(n)d of %(most)d, next in %%e") % known

    @property
    def text(self) -> str:
        return self.pattern.replace("%e", clock(self.seconds)) if self.seconds else self.late
