"""Telling people of a team what happened: one notice each, in the transaction of what happened.

`notify` is all that a view or another part of the engine calls. Batches and uncertain tasks are
heard of here, from the moves of tasks; `notice_mail` sends what people want by mail.
"""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import Error, transaction
from django.db.models import Count, F, Q, Sum
from django.urls import reverse
from django.utils import timezone

from generation.catalogue.message import Message
from generation.catalogue.message import Message as _
from generation.catalogue.modes import MODES
from generation.engine.mail_setup import has_mail_server
from generation.engine.queue import Job, wake
from generation.models import (
    Act,
    ApiKey,
    KeyState,
    Membership,
    Notice,
    NoticeChoice,
    NoticeKind,
    Role,
    Status,
    Task,
    Team,
    User,
)
from generation.models.keys import provider_message
from generation.models.notices import (
    GROUP_TIME,
    NOTICE_DAYS,
    MailRhythm,
    mail_time,
)
from generation.models.permissions import roles_for
from generation.models.tasks import GIVEN_UP, STOPPED, UNFINISHED, task_moved
from generation.models.zones import zone_of_person

log = logging.getLogger(__name__)
AT_ONCE = 1_000  # rows a sweep


@transaction.atomic
def notify(
    kind: str,
    team: Team,
    people: Iterable[User | int | None],
    message: Message,
    *,
    url: str,
    target: str = "",
    group: str = "",
    many: Message | None = None,
    actor: User | None = None,
) -> int:
    """Tell those of `people` who are in the team now, but not who did it; returns how many.

    With `group`, what happens again within five minutes is counted in the same notice, which then
    reads as `many`, where "%(count)s" stands for how often (without it: "... (3 times)"). `url` is
    a path of the studio. The text is read by the team: no prompt, no key, nothing of other teams.
    """
    if not url.startswith("/"):
        raise ValueError(f"not a path of the studio: {url}")
    wanted = choices_for(kind, team, people, actor)
    now, mails = timezone.now(), has_mail_server()
    zones = zones_of(wanted, team) if mails else {}
    rows = [
        Notice(
            user_id=one.user_id, team=team, kind=kind, target=target[:40], url=url[:300],
            text=message, since=now, at=now, in_studio=one.in_studio, grouped_key=group[:80],
            takes_more=bool(group), count=0 if group else 1,
            mail_at=mail_time(one.rhythm, now, zones.get(one.user_id, UTC)) if mails else None,
        )
        for one in wanted
        if one.in_studio or (mails and one.rhythm != MailRhythm.OFF)
    ]  # fmt: skip
    if not rows:
        return 0
    if group:
        count_in_group(rows, message if many is None else many, now)
    else:
        Notice.objects.bulk_create(rows)
    if any(row.mail_at == now for row in rows):
        wake(Job.MAIL)
    return len(rows)


def zones_of(wanted: list[NoticeChoice], team: Team) -> dict[int, ZoneInfo]:
    """By whose clock it is nine, of those who get a mail each day."""
    daily = [one.user_id for one in wanted if one.rhythm == MailRhythm.DAILY]
    people = User.objects.filter(pk__in=daily).only("zone", "browser_zone") if daily else ()
    return {person.pk: zone_of_person(person, team) for person in people}


def choices_for(
    kind: str, team: Team, people: Iterable[User | int | None], actor: User | None
) -> list[NoticeChoice]:
    """What each of them wants who is in the team at this moment. In order, so that two who tell the
    same people never wait for each other crosswise."""
    ids = {one.pk if isinstance(one, User) else one for one in people} - {None}
    members = Membership.objects.filter(
        team=team, user__in=ids, user__is_active=True, user__suspended_at=None,
        role__in=roles_for(Act.SEE),
    )  # fmt: skip
    if actor is not None:
        members = members.exclude(user=actor)
    there = sorted(members.values_list("user", flat=True))
    chosen = {one.user_id: one for one in NoticeChoice.objects.filter(user__in=there, kind=kind)}
    return [chosen.get(pk) or NoticeChoice.usual(pk, kind) for pk in there]


def count_in_group(rows: list[Notice], many: Message, now: datetime) -> None:
    """Rows that are missing are made first, with nothing counted: of several who come at once the
    database lets one make the row, and then each counts itself."""
    first = rows[0]
    text = Message(many.text, **{**many.params, "count": 0})  # the number is put in by who reads it
    same = Notice.objects.filter(
        team=first.team, grouped_key=first.grouped_key, takes_more=True,
        user__in=[row.user_id for row in rows],
    )  # fmt: skip
    over = Q(since__lte=now - GROUP_TIME) | Q(read_at__isnull=False)
    same.filter(over).update(takes_more=False)
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    same.filter(count__gt=0).update(text=text, url=first.url, at=now)
    again = {row.user_id: max(row.mail_at, now + GROUP_TIME) for row in rows if row.mail_at}
    for when in set(again.values()):  # what was mailed already is mailed once more, with the sum
        mailed = same.filter(count__gt=0, mail_at=None, mailed_at__isnull=False)
        mailed.filter(user__in=[pk for pk, at in again.items() if at == when]).update(
            mail_at=when, mail_id="", mail_tries=0
        )
    same.update(count=F("count") + 1)


def purge_notices(now: datetime) -> int:
    """Delete the oldest that are kept no longer. Returns how many."""
    over = Notice.objects.filter(at__lt=now - timedelta(days=NOTICE_DAYS))
    oldest = list(over.order_by("at").values_list("pk", flat=True)[:AT_ONCE])
    if oldest:
        Notice.objects.filter(pk__in=oldest).delete()
    return len(oldest)


def forget_notices(user_id: int, team_id: int) -> None:
    """Of somebody who leaves the team."""
    Notice.objects.filter(user=user_id, team=team_id).delete()


# --- What the moves of tasks tell -----------------------------------------------------------------

READY = {
    "image": (
        _("%(ready)s image is ready in %(project)s."),
        _("%(ready)s images are ready in %(project)s."),
    ),
    "video": (
        _("%(ready)s video is ready in %(project)s."),
        _("%(ready)s videos are ready in %(project)s."),
    ),
    "audio": (
        _("%(ready)s audio file is ready in %(project)s."),
        _("%(ready)s audio files are ready in %(project)s."),
    ),
}
FAILED = {
    "image": (
        _("An image failed in %(project)s."),
        _("%(failed)s of %(total)s images failed in %(project)s."),
    ),
    "video": (
        _("A video failed in %(project)s."),
        _("%(failed)s of %(total)s videos failed in %(project)s."),
    ),
    "audio": (
        _("An audio file failed in %(project)s."),
        _("%(failed)s of %(total)s audio files failed in %(project)s."),
    ),
}
BY_PERSON = Q(error_code__in=(GIVEN_UP, STOPPED))  # who decided it needs no notice of it


def hear_of_move(task: Task, to: str, **_more: Any) -> None:
    """In the transaction of the move, behind the lock that it holds on the team: of the last tasks
    of a batch that end at once, one sees that none is left.

    A fault of ours here must not undo what a provider told.
    """
    try:
        with transaction.atomic():
            if to == Status.UNCERTAIN:
                tell_uncertain(task)
            else:
                tell_batch(task)
    except Error:
        raise
    except Exception:
        log.exception("task=%s: nobody was told of its end", task.pk)


def tell_batch(task: Task) -> None:
    """One notice for all of a batch, when its last open task is done. One that was taken up again
    and ends again replaces it. Nothing is told of what people cancelled themselves."""
    tasks = Task.objects.filter(batch=task.batch_id)
    if tasks.filter(status__in=UNFINISHED).exists():
        return
    failed = Q(status=Status.FAILED) & ~BY_PERSON
    found = tasks.aggregate(
        total=Count("pk"), ready=Count("pk", filter=Q(status=Status.SUCCEEDED)),
        failed=Count("pk", filter=failed), charged=Sum("credits", filter=failed),
        unknown=Count("pk", filter=failed & Q(credits=None)),
    )  # fmt: skip
    key = f"batch:{task.batch_id}"
    before = Notice.objects.filter(user=task.user_id, team=task.team_id, takes_more=True)
    before.filter(grouped_key=key).delete()
    if not found["ready"] and not found["failed"]:
        return
    one_task = found["total"] == 1
    notify(
        NoticeKind.BATCH_FAILED if found["failed"] else NoticeKind.BATCH_READY,
        task.team, [task.user_id], batch_message(task, found), target=key, group=key,
        url=task.get_absolute_url() if one_task else project_url(task),
    )  # fmt: skip


def project_url(task: Task) -> str:
    return reverse("project", kwargs={"slug": task.project.slug})


def batch_message(task: Task, found: dict[str, Any]) -> Message:
    makes, project = MODES[task.mode].makes, task.project.name
    if not found["failed"]:
        text = READY[makes][found["ready"] != 1].text
        return Message(text, ready=found["ready"], project=project)
    text = FAILED[makes][found["total"] != 1].text
    what = Message(text, failed=found["failed"], total=found["total"], project=project)
    if found["charged"] or found["unknown"]:
        return what
    return _("%(what)s Nothing was charged for that.", what=what)


def tell_uncertain(task: Task) -> None:
    provider = provider_message(task.provider)
    notify(
        NoticeKind.TASK_UNCERTAIN, task.team, [task.user_id],
        _("A task is uncertain: %(provider)s is being asked whether it was accepted. "
          "Do not send it again.", provider=provider),
        many=_("%(count)s tasks are uncertain: %(provider)s is being asked whether they were "
               "accepted. Do not send them again.", provider=provider),
        url=task.get_absolute_url(), target=f"task:{task.pk}", group=f"uncertain:{task.batch_id}",
    )  # fmt: skip


task_moved.connect(hear_of_move, dispatch_uid="notices")


# --- Keys and members -----------------------------------------------------------------------------


def tell_key(key: ApiKey, team: Team, state: str) -> None:
    """Its owner, that the provider does not take it any more."""
    provider, name = provider_message(key.provider), key.label or str(key.get_provider_display())
    refused = _("Your key %(name)s is refused by %(provider)s.", name=name, provider=provider)
    empty = _("Your key %(name)s has no credits left at %(provider)s.", name=name,
              provider=provider)  # fmt: skip
    notify(
        NoticeKind.KEY_PAUSED, team, [key.user_id],
        empty if state == KeyState.EMPTY else refused, url=reverse("keys"),
    )  # fmt: skip


JOINED = {
    Role.OWNER: _("%(name)s joined as an owner."),
    Role.ADMIN: _("%(name)s joined as an admin."),
    Role.MEMBER: _("%(name)s joined as a member."),
    Role.VIEWER: _("%(name)s joined as a viewer."),
}


def tell_joined(team: Team, person: User, role: str) -> None:
    """Those who look after the members."""
    managers = Membership.objects.filter(team=team, role__in=roles_for(Act.INVITE))
    notify(
        NoticeKind.MEMBER_JOINED, team, managers.values_list("user", flat=True),
        Message(JOINED[Role(role)].text, name=person.shown_name),
        many=_("%(count)s people joined the team."), url=reverse("team-members"),
        target=f"user:{person.pk}", group="joined", actor=person,
    )  # fmt: skip
