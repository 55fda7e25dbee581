"""What is held: queued before the studio was away or copied, so it may have been sent already.

It is looked for where the provider lists, and waits for a person's decision.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from generation.catalogue.message import Message
from generation.catalogue.message import Message as _
from generation.engine.queue import Job, wake
from generation.models import (
    ApiKey,
    Registration,
    RegistrationState,
    Status,
    Task,
    TaskEvent,
    Team,
)
from generation.models.tasks import TaskQuerySet
from generation.providers.registry import PROVIDERS

log = logging.getLogger(__name__)
R = RegistrationState
LISTING = [name for name, provider in PROVIDERS.items() if provider.can_find]


@transaction.atomic
def hold_all() -> None:
    """Hold all that would be sent by itself, also what was about to be and what a person had let
    go before: whether the original sent that, nobody here knows."""
    now = timezone.now()
    for task in Task.objects.filter(status=Status.SUBMITTING, sent_at=None):
        task.move(Status.QUEUED, where=Q(claim=task.claim, sent_at=None), claim="", deadline=None)
    queued = Task.objects.filter(status=Status.QUEUED)
    teams = set(queued.order_by().values_list("team", flat=True).distinct())
    for team_id in teams:
        hold_tasks(team_id, queued.filter(team=team_id), now)
    teams |= hold_registrations(now)
    Team.objects.filter(pk__in=teams).update(held_since=now)
    if teams:
        log.warning(
            "the studio was away or is a copy: what was queued waits for a person's decision"
        )
        wake(Job.LOOK)


def hold_tasks(team_id: int, rows: TaskQuerySet, now: datetime) -> None:
    ids = list(rows.values_list("pk", flat=True))
    write_held(
        team_id, ids,
        _("The studio was away, or this is a copy of it. A person decides whether it is sent."),
        held_since=now, send_asked_at=None, listings=0, next_look_at=None, waiting_for="",
    )  # fmt: skip
    version = ApiKey.objects.filter(pk=OuterRef("key")).values("version")[:1]
    rows.filter(provider__in=LISTING).update(
        next_look_at=now, key_version=Coalesce(Subquery(version), 1)
    )


def write_held(team_id: int, ids: Sequence[int], note: Message, **fields: object) -> None:
    """Set `fields` of these queued tasks, with a line in the log of each; open pages see it."""
    change = Team.next_change(team_id)
    Task.objects.filter(pk__in=ids, status=Status.QUEUED).update(change=change, **fields)
    TaskEvent.objects.bulk_create(
        TaskEvent(task_id=pk, from_status=Status.QUEUED, to_status=Status.QUEUED, note=note)
        for pk in ids
    )


def hold_registrations(now: datetime) -> set[int]:
    """All that would be sent: also an edit, because some libraries make a new one of new files, and
    that is paid for. Because of `sent_at` a new one is looked for first. Returns the teams."""
    rows = Registration.objects.select_related("subject")
    about_to = rows.filter(state=R.SENDING, sent_at=None, remote_id="")
    teams = set()
    for row in [*about_to, *rows.filter(state=R.WAITING)]:
        same = Q(sent_at=row.sent_at)
        known = {"claim": "", "deadline": None, "held_since": now, "sent_at": row.sent_at or now}
        moved = row.state == R.SENDING and row.step(R.WAITING, where=same, **known)
        waits = Registration.objects.filter(pk=row.pk, state=R.WAITING)
        if moved or waits.update(**known):
            teams.add(row.subject.team_id)
    return teams


def forget_settled() -> None:
    """Teams of which nothing waits for a person's decision any more."""
    teams = Team.objects.filter(held_since__isnull=False)
    for team in teams:
        rows = Registration.objects.held().filter(subject__team=team)
        if not Task.objects.held().filter(team=team).exists() and not rows.exists():
            teams.filter(pk=team.pk, held_since=team.held_since).update(held_since=None)
