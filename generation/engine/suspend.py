"""Stopping a person at once, and letting them in again.

First nobody gets in and nothing is sent; that is committed before the rest, which the cluster would
find by itself: what an inactive person has queued is cancelled at its turn.
"""

from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from generation.catalogue.message import Message as _
from generation.engine.reviewers import free_person
from generation.models import (
    Registration,
    RegistrationState,
    Status,
    Task,
    User,
    Verb,
    audit,
)


class NotAllowed(Exception):
    """Oneself, or by somebody who is no operator any more."""


def suspend(operator: User, person: User, reason: str) -> int:
    """Log a person out everywhere and stop what they had queued; returns how many tasks that was.

    What was sent is finished and kept for its team. Raises NotAllowed.
    """
    with transaction.atomic():
        lock_operators(operator)
        if operator.pk == person.pk:
            raise NotAllowed
        now = timezone.now()
        rows = User.objects.filter(pk=person.pk, suspended_at=None, closed_at=None)
        if rows.update(is_active=False, suspended_at=now, suspended_by=operator):
            audit(
                Verb.SUSPENDED, team=None, actor=operator, target=person, changes={"reason": reason}
            )
        end_sessions(person)
    cancelled = cancel_queued(person)
    free_person(person, operator)
    stop_registrations(person)
    return cancelled


def lift(operator: User, person: User, reason: str) -> bool:
    """Let a person in again. What was cancelled stays so. Raises NotAllowed."""
    with transaction.atomic():
        lock_operators(operator)
        rows = User.objects.filter(pk=person.pk, closed_at=None).exclude(suspended_at=None)
        done = rows.update(is_active=True, suspended_at=None, suspended_by=None)
        if done:
            changes = {"reason": reason}
            audit(Verb.REINSTATED, team=None, actor=operator, target=person, changes=changes)
    return bool(done)


def lock_operators(operator: User) -> None:
    """Of two operators who suspend each other one stays."""
    staff = User.objects.select_for_update().filter(is_staff=True, is_active=True)
    if operator.pk not in [one.pk for one in staff.order_by("pk")]:
        raise NotAllowed


def end_sessions(person: User) -> int:
    """Log the person out on every device."""
    rows = list(UserSession.objects.filter(user=person))
    for row in rows:
        row.end()
    return len(rows)


def cancel_queued(person: User) -> int:
    """In all teams. Each by itself: a worker may hold one of them and wait for its team's row."""
    note, now = _("The person who asked was suspended."), timezone.now()
    queued = Task.objects.filter(user=person, status=Status.QUEUED).select_related("team")
    return sum(
        task.move(
            Status.CANCELLED, note, finished_at=now, credits=0, held_since=None, next_look_at=None
        )
        for task in queued
    )


def stop_registrations(person: User) -> None:
    """Subjects that wait to be sent with a key of this person's."""
    waiting = Registration.objects.filter(
        key__user=person, state=RegistrationState.WAITING, sent_at=None
    )
    for row in waiting.select_related("subject"):
        row.step(
            RegistrationState.FAILED,
            where=Q(state=RegistrationState.WAITING),
            error=_("The person whose key it was is suspended."),
            next_look_at=None,
        )
