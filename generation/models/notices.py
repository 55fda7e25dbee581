"""Notices: what people are told in the bell and by mail, and what of it each of them wants."""

from contextlib import suppress
from datetime import datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from generation.catalogue.message import Message
from generation.models.messages import MessageField
from generation.models.teams import Team
from generation.models.users import User

NOTICE_DAYS = 90
GROUP_TIME = timedelta(minutes=5)
DAILY_AT = time(9)
COUNT = "%(count)s"  # where a text says how often it happened
TIMES = gettext_noop("%(text)s (%(count)s times)")


class NoticeKind(models.TextChoices):
    BATCH_READY = "batch.ready", _("A batch is ready")
    BATCH_FAILED = "batch.failed", _("A batch failed")
    TASK_UNCERTAIN = "task.uncertain", _("A task is uncertain")
    KEY_PAUSED = "key.paused", _("A key is refused")
    REVIEW_ASKED = "review.asked", _("You are asked to approve")
    REVIEW_ANSWERED = "review.answered", _("Someone answered your request")
    COMMENT_NEW = "comment.new", _("A comment on your work")
    MENTION = "mention", _("You are mentioned")
    LINK_OPENED = "link.opened", _("A link was opened the first time")
    LINK_DOWNLOADED = "link.downloaded", _("Something was downloaded by a link")
    LINK_COMMENTED = "link.commented", _("A guest commented")
    LINK_LOCKED = "link.locked", _("A link was locked")
    MEMBER_JOINED = "member.joined", _("Someone joined")


class MailRhythm(models.TextChoices):
    OFF = "off", _("Off")
    AT_ONCE = "once", _("At once")
    HOURLY = "hourly", _("Each hour")
    DAILY = "daily", _("Each day")


K, M = NoticeKind, MailRhythm
USUAL_MAIL: dict[str, MailRhythm] = {
    K.BATCH_READY: M.OFF,
    K.BATCH_FAILED: M.OFF,
    K.TASK_UNCERTAIN: M.AT_ONCE,
    K.KEY_PAUSED: M.AT_ONCE,
    K.REVIEW_ASKED: M.AT_ONCE,
    K.REVIEW_ANSWERED: M.AT_ONCE,
    K.COMMENT_NEW: M.HOURLY,
    K.MENTION: M.AT_ONCE,
    K.LINK_OPENED: M.OFF,
    K.LINK_DOWNLOADED: M.OFF,
    K.LINK_COMMENTED: M.HOURLY,
    K.LINK_LOCKED: M.AT_ONCE,
    K.MEMBER_JOINED: M.OFF,
}
URGENT = frozenset({K.TASK_UNCERTAIN, K.REVIEW_ASKED, K.LINK_LOCKED})  # no mail waits with these


def rhythms_of(kind: str) -> tuple[MailRhythm, ...]:
    """What may be chosen for the mail of a kind."""
    return (M.OFF, M.AT_ONCE) if kind in URGENT else tuple(MailRhythm)


def zone_of(team: Team | None) -> ZoneInfo:
    """The clock of the team, else that of the studio."""
    with suppress(ValueError, LookupError, OSError):  # no zone of this name, or not any more
        return ZoneInfo((team.time_zone if team else "") or settings.TIME_ZONE)
    return ZoneInfo(settings.TIME_ZONE)


def mail_time(rhythm: str, now: datetime, zone: tzinfo) -> datetime | None:
    """When a mail goes out about what happens now: at the full hour, or at nine."""
    if rhythm == M.HOURLY:
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if rhythm == M.DAILY:
        here = now.astimezone(zone)
        nine = datetime.combine(here.date(), DAILY_AT, zone)
        return nine if nine > here else datetime.combine(here.date() + timedelta(1), DAILY_AT, zone)
    return now if rhythm == M.AT_ONCE else None


class NoticeChoice(models.Model):
    """What a person wants to hear of one kind, once they have said so; until then what is usual."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notice_choices")
    kind = models.CharField(max_length=20, choices=NoticeKind.choices)
    in_studio = models.BooleanField(default=True)
    mail = models.CharField(max_length=8, choices=MailRhythm.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="one_choice_a_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} / {self.kind}: {self.in_studio}, {self.mail}"

    @classmethod
    def of(cls, user: User) -> "dict[str, NoticeChoice]":
        """For every kind, as the person has it."""
        known = {one.kind: one for one in cls.objects.filter(user=user)}
        return {kind: known.get(kind) or cls.usual(user.pk, kind) for kind in NoticeKind}

    @classmethod
    def usual(cls, user_id: int, kind: str) -> "NoticeChoice":
        return cls(user_id=user_id, kind=kind, mail=USUAL_MAIL[kind])

    @property
    def rhythm(self) -> str:
        """One that the kind allows, whatever the row says."""
        return self.mail if self.mail in rhythms_of(self.kind) else str(M.AT_ONCE)


def keep_choices(rows: list[NoticeChoice]) -> None:
    """Write down what a person chose, over what was there."""
    NoticeChoice.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["user", "kind"],
        update_fields=["in_studio", "mail"],
    )  # fmt: skip


class NoticeQuerySet(models.QuerySet["Notice"]):
    def shown_to(self, user: User, team: Team) -> "NoticeQuerySet":
        """What the bell of this person holds while they work in this team."""
        return self.filter(user=user, team=team, in_studio=True)

    def unread(self) -> "NoticeQuerySet":
        return self.filter(in_studio=True, read_at=None)

    def mail_due(self, now: datetime) -> "NoticeQuerySet":
        return self.filter(mail_at__lte=now)


class Notice(models.Model):
    """One thing that one person is told. Several of a group within minutes are one, and counted."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=20, choices=NoticeKind.choices)
    target = models.CharField(max_length=40, blank=True)  # "batch:12": what it is about
    url = models.CharField(max_length=300, blank=True)  # the path that it leads to
    text = MessageField(blank=True)
    count = models.PositiveIntegerField(default=1)
    grouped_key = models.CharField(max_length=80, blank=True)
    takes_more = models.BooleanField(default=False)  # the next of its group is counted here
    since = models.DateTimeField()  # of the first
    at = models.DateTimeField()  # of the newest
    in_studio = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True)
    # When a mail about it is due. Once one was begun, `mail_id` is its Message-ID: whoever takes it
    # up after a death sends the same mail, which a mailbox that has it already shows once.
    mail_at = models.DateTimeField(null=True)
    mail_id = models.CharField(max_length=32, blank=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    mailed_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "team", "grouped_key"],
                condition=Q(takes_more=True),
                name="one_notice_a_group",
            )
        ]
        indexes = [
            models.Index(fields=["user", "team", "-at", "-id"], name="notices_of_person"),
            models.Index(
                fields=["user", "team"],
                condition=Q(in_studio=True, read_at__isnull=True),
                name="notices_unread",
            ),
            models.Index(
                fields=["mail_at"], condition=Q(mail_at__isnull=False), name="notices_to_mail"
            ),
            models.Index(fields=["at"], name="notices_by_age"),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk} ({self.kind})"

    @property
    def sentence(self) -> Message:
        """The text with how often it happened, wherever the text says so."""
        counted = Message(self.text.text, **{**self.text.params, "count": self.count})
        if self.count == 1 or COUNT in self.text.text:
            return counted if COUNT in self.text.text else self.text
        return Message(TIMES, text=self.text, count=self.count)

    @property
    def path(self) -> str:
        """Where it leads: nowhere but below the studio's own address."""
        own = self.url.startswith("/") and url_has_allowed_host_and_scheme(self.url, None)
        return self.url if own else ""


def unread_count(user: Any, team: str) -> Subquery:
    """A column for rows of other tables: how many notices of `team`, the name of a column there,
    this person has not read. An index holds no other rows than these."""
    rows = Notice.objects.unread().filter(user=user, team=OuterRef(team)).order_by()
    return Subquery(rows.values("user").annotate(number=Count("pk")).values("number"))


def mark_read(rows: NoticeQuerySet) -> int:
    return rows.unread().update(read_at=timezone.now())
