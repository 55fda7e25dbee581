"""Held tasks: what the provider's list tells of them, and what a person decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import ngettext

from generation.catalogue.message import Message as _
from generation.engine.hold import write_held
from generation.engine.queue import Job, wake
from generation.models import Membership, Registration, RegistrationState, Status, Task, Team
from generation.models.permissions import Act, Reach, reach_of
from generation.models.subjects import RegistrationQuerySet
from generation.models.tasks import TaskQuerySet
from generation.providers.registry import PROVIDERS

R = RegistrationState
LOOKS_NEEDED = 2  # after a person lets it be sent, where the list cannot be read
LOOK_OFTEN, LOOK_SELDOM = timedelta(seconds=2), timedelta(minutes=10)
DOUBLINGS = 4


@dataclass(frozen=True)
class Held:
    """What waits for the decision of one member. `until` tells it from what is held later."""

    tasks: int
    subjects: int
    since: datetime | None
    until: datetime | None

    @property
    def sentences(self) -> list[str]:
        """In the language and by the clock of the reader."""
        tasks = ngettext(
            "%(count)d task was waiting since %(since)s.",
            "%(count)d tasks were waiting since %(since)s.",
            self.tasks,
        )
        subjects = ngettext(
            "%(count)d subject waits to be registered.",
            "%(count)d subjects wait to be registered.",
            self.subjects,
        )
        found = [tasks % {"count": self.tasks, "since": self.moment}] if self.tasks else []
        return found + ([subjects % {"count": self.subjects}] if self.subjects else [])

    @property
    def moment(self) -> str:
        if self.since is None:
            return ""
        local = timezone.localtime(self.since)
        today = local.date() == timezone.localdate()
        return date_format(local, "H:i" if today else "DATETIME_FORMAT")

    def __bool__(self) -> bool:
        return bool(self.tasks or self.subjects)


NOTHING = Held(0, 0, None, None)


def held_for(member: Membership) -> Held:
    """Asks the database only where something of the team is held."""
    if member.team.held_since is None:
        return NOTHING
    tasks = held_tasks(member).aggregate(count=Count("pk"), since=Min("created_at"))
    subjects = held_registrations(member).count()
    return Held(tasks["count"], subjects, tasks["since"], member.team.held_since)


def held_tasks(member: Membership) -> TaskQuerySet:
    """Those that this member may decide about, and nobody has."""
    rows = Task.objects.held().filter(team=member.team_id, send_asked_at=None)
    reach = reach_of(member.role, Act.CONTROL_TASK)
    if reach is Reach.OWN:
        return rows.filter(user=member.user_id)
    return rows if reach is Reach.ALL else rows.none()


def held_registrations(member: Membership) -> RegistrationQuerySet:
    rows = Registration.objects.held().filter(subject__team=member.team_id)
    if not member.may(Act.EDIT_SUBJECT):
        return rows.none()
    if reach_of(member.role, Act.CONTROL_TASK) is Reach.ALL:
        return rows
    return rows.filter(Q(key=None) | Q(key__user=member.user_id))


# --- A person's decision --------------------------------------------------------------------------


@transaction.atomic
def send_held(member: Membership, until: datetime) -> int:
    """Send what was held by then: at once where no list can tell, else after one more look.
    Returns how many; the second press finds none."""
    lock_team(member)
    tasks = list(held_tasks(member).filter(held_since__lte=until))
    now = timezone.now()
    looked_for = [task.pk for task in tasks if may_be_found(task)]
    others = [task.pk for task in tasks if not may_be_found(task)]
    if looked_for:
        note = _("A person lets it be sent. It is looked for at the provider first.")
        write_held(
            member.team_id, looked_for, note, send_asked_at=now, next_look_at=now, listings=0
        )
        wake(Job.LOOK)
    if others:
        free(member.team_id, others)
    rows = held_registrations(member).filter(held_since__lte=until)
    subjects = rows.update(held_since=None, next_look_at=now)
    if subjects:
        wake(Job.LOOK)
    return len(tasks) + subjects


@transaction.atomic
def cancel_held(member: Membership, until: datetime) -> int:
    """Nothing of it is sent. Returns how many."""
    lock_team(member)
    now, done = timezone.now(), 0
    for task in held_tasks(member).filter(held_since__lte=until):
        done += task.move(
            Status.CANCELLED,
            where=Q(held_since__isnull=False, send_asked_at=None),
            held_since=None,
            next_look_at=None,
            finished_at=now,
            credits=0,
        )
    for row in held_registrations(member).filter(held_since__lte=until):
        done += row.step(
            R.FAILED,
            where=Q(held_since__isnull=False),
            error=_("It was not registered: a person cancelled it."),
            held_since=None,
            next_look_at=None,
        )
    return done


def lock_team(member: Membership) -> None:
    """Of two presses at once the second waits, and finds what the first one left."""
    Team.objects.select_for_update(no_key=True).values_list("pk").get(pk=member.team_id)


def free(team_id: int, ids: Sequence[int]) -> None:
    """They are queued like any other."""
    note = _("A person lets it be sent.")
    write_held(
        team_id, ids, note,
        held_since=None, send_asked_at=None, next_look_at=None, listings=0, not_before=None,
    )  # fmt: skip
    wake(Job.SEND)


# --- What the look says -----------------------------------------------------------------------


def is_listed(task: Task) -> bool:
    """Whether the provider's list would show it: by our marker, unless a person's own payload is
    sent in its place."""
    return PROVIDERS[task.provider].can_find and "payload" not in task.values


def may_be_found(task: Task) -> bool:
    return is_listed(task) or bool(task.remote_id)


@transaction.atomic
def settle_held(task: Task, *, is_certain: bool) -> None:
    """It was not found; `is_certain` where the list was read to its end."""
    rows = Task.objects.held().select_for_update().filter(pk=task.pk)
    row = rows.filter(next_look_at=task.next_look_at).first()
    if row is None:  # decided meanwhile, or to be looked for at once
        return
    looks = row.listings + 1
    if row.send_asked_at and (is_certain or looks >= LOOKS_NEEDED):
        free(row.team_id, [row.pk])
        return
    pause = timedelta(seconds=settings.RECONCILE_GAP)
    if not row.send_asked_at:  # the original may still send it, as long as nobody decides
        pause = min(max(pause, LOOK_OFTEN) * 2 ** min(looks, DOUBLINGS), LOOK_SELDOM)
    may_look = may_be_found(row)
    rows.update(
        listings=min(looks, DOUBLINGS),
        next_look_at=timezone.now() + pause if may_look else None,
    )
