"""Callbacks: hints from a provider. The poll decides."""

import hashlib
import json
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from generation import crypto
from generation.engine import overdue
from generation.engine.queue import Job, wake
from generation.models import CallbackEvent, Status, Task
from generation.models.tasks import GIVEN_UP
from generation.providers.errors import InvalidSignature
from generation.providers.registry import PROVIDERS

ADOPTED_FOR = timedelta(hours=72)


class BadSignature(Exception):
    """The provider signs its callbacks, and this is not its signature."""


def verify(task: Task, path: str, query: str, headers: dict[str, str]) -> str:
    """Return the nonce. Raises BadSignature where the provider signs and this does not match."""
    provider = PROVIDERS[task.provider]
    if not provider.signs_callbacks:
        return ""
    if task.key is None:
        raise BadSignature
    try:
        sealed = task.key.secret_for(task.key_version)
        return provider.verify_callback(
            "POST", path, query, headers, sealed.secret(), timezone.now()
        )
    except (InvalidSignature, crypto.Broken):
        raise BadSignature from None


@transaction.atomic
def receive(task: Task, nonce: str, body: bytes) -> bool:
    """Remember a hint once and look at the task soon. False when it was known.

    All or nothing: a repeat of what was only half received must not count as known.
    """
    digest = hashlib.sha256(nonce.encode() + b"\n" + body).hexdigest()
    try:
        with transaction.atomic():
            CallbackEvent.objects.create(task=task, digest=digest)
    except IntegrityError:
        return False
    now = timezone.now()
    rows = Task.objects.filter(pk=task.pk)
    rows.filter(status=Status.RUNNING).update(next_poll_at=now)
    if overdue.hint_stopped(task.pk):
        wake(Job.LOOK)
    named = remote_id_in(task.provider, body)
    if named:  # only a name to ask about: the provider must confirm it
        # It may be quicker than the reply to the request, which may then be lost.
        rows.filter(status=Status.SUBMITTING).update(remote_id=named)
        rows.filter(status=Status.UNCERTAIN).update(remote_id=named, next_look_at=now)
        if rows.held().update(remote_id=named, next_look_at=now):  # the original has sent it
            wake(Job.LOOK)
        given_up = rows.filter(status=Status.FAILED, error_code=GIVEN_UP)
        lately = given_up.filter(sent_at__gte=now - ADOPTED_FOR)
        if lately.update(remote_id=named, next_look_at=now):
            wake(Job.LOOK)
    wake(Job.POLL)
    return True


def remote_id_in(provider: str, body: bytes) -> str:
    """The id it gives its task, in any form that the provider's create replies may have."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    found = PROVIDERS[provider].ids_in(payload) if isinstance(payload, dict) else []
    return next(iter(found), "")
