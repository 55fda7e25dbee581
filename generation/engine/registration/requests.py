"""Subjects in providers' libraries: who has to be there, and who is."""

import secrets
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone

from generation.catalogue.message import Message
from generation.catalogue.message import Message as _
from generation.catalogue.types import Offer
from generation.engine.queue import Job, wake
from generation.models import ApiKey, Registration, RegistrationState, Subject, Task
from generation.providers.registry import PROVIDERS

R = RegistrationState


class NotReady(Exception):
    """A subject is not registered yet; nothing may be sent."""


def has_library(provider: str) -> bool:
    """Whether subjects can be kept at this provider at all."""
    return PROVIDERS[provider].can_keep_subjects


def keeps(offer: Offer) -> bool:
    """Whether this model takes subjects from the provider's library, by their id there."""
    if "subjects" not in offer.limits or not has_library(offer.provider):
        return False
    return PROVIDERS[offer.provider].library_first or not offer.subjects_inline


def registration_of(subject: Subject, provider: str, key: ApiKey | None) -> Registration | None:
    return Registration.objects.filter(subject=subject, provider=provider, key=key).first()


def current_registration(subject: Subject, provider: str, key: ApiKey | None) -> Registration:
    """The registration that knows the subject as it is now; NotReady when there is none."""
    row = registration_of(subject, provider, key)
    if row is None or not row.is_current:
        raise NotReady(str(subject))
    return row


def to_register(subjects: Iterable[Subject], provider: str, key: ApiKey | None) -> list[Subject]:
    """Those that a task with this key would have to register first, and pay for."""
    if not has_library(provider):
        return []
    rows = Registration.objects.filter(subject__in=list(subjects), provider=provider, key=key)
    known = {row.subject_id for row in rows if row.server_id}
    return [subject for subject in subjects if subject.pk not in known]


def register(subject: Subject, provider: str, key: ApiKey | None) -> Registration:
    """Ask for a subject to be known at a provider as it is now; a job does it, once.

    Asked again while it is under way, or when it is there already, this changes nothing.
    """
    row = registration_of(subject, provider, key) or get_or_create(subject, provider, key)
    now = timezone.now()
    stale = row.state == R.KEPT and not row.is_current
    if stale or row.state == R.FAILED:
        # `sent_at` of one that failed stays: it is looked for once more before it is made.
        row.step(R.WAITING, claim="", deadline=None, looks=0, error="", advice="",
                 next_look_at=now)  # fmt: skip
    if row.held_since:  # that is a person's decision; it is looked for before it is made
        Registration.objects.held().filter(pk=row.pk).update(held_since=None, next_look_at=now)
    if row.state == R.WAITING:
        wake(Job.LOOK)
    return row


def get_or_create(subject: Subject, provider: str, key: ApiKey | None) -> Registration:
    try:
        with transaction.atomic():
            return Registration.objects.create(
                subject=subject, provider=provider, key=key, label=new_label(subject),
                next_look_at=timezone.now(),
            )  # fmt: skip
    except IntegrityError:  # somebody else asked in the same moment
        return Registration.objects.get(subject=subject, provider=provider, key=key)


def new_label(subject: Subject) -> str:
    """The name in the provider's library: unique, so that it is found when a reply was lost."""
    return f"{subject.name}-{secrets.token_hex(4)}"


def wait_for(task: Task) -> Message | None:
    """What a task waits for before it can be sent, as a sentence; None when nothing.

    Starts what has to be started. Raises RegistrationFailed when a registration failed.
    """
    if not keeps(task.offer):
        return None
    waiting = []
    for one in task.mentioned_subjects.select_related("subject"):
        row = registration_of(one.subject, task.provider, task.key)
        if row is not None and row.is_current:
            continue
        # One that failed before this task was made is tried once more for it.
        if row is not None and row.state == R.FAILED and row.changed_at > task.created_at:
            raise RegistrationFailed(row)
        register(one.subject, task.provider, task.key)
        waiting.append(f"@{one.name}")
    if not waiting:
        return None
    return _("Registering %(names)s with the provider first.", names=", ".join(waiting))


class RegistrationFailed(Exception):
    """A subject could not be registered, so the task cannot be sent."""

    def __init__(self, row: Registration) -> None:
        super().__init__(str(row.error))
        self.row = row
