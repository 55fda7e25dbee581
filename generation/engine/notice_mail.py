"""Mail about notices: one for all that is due to a person, sent by the cluster.

A mail is claimed in the database before it is sent. What died with its worker is sent again after
`LEASE`, with the same rows and Message-ID: nobody can know whether the server had taken it.
"""

import logging
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext, override

from generation.engine.mail_setup import first_allowed, has_mail_server, link_to
from generation.engine.queue import Job, wake
from generation.engine.record_outcome import retry_until_written
from generation.engine.worker_state import stopping
from generation.models import Notice, NoticeChoice, Team, User
from generation.models.messages import sentence_of
from generation.models.notices import GROUP_TIME, MailRhythm
from generation.models.users import NOWHERE
from generation.models.zones import zone_of_person

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=10)  # longer than a job lives
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
MOST = 100  # notices in a mail
SUBJECT_MOST = 120


@dataclass(frozen=True)
class Line:
    """One notice of a mail."""

    text: str
    team: Team
    url: str
    at: datetime


def wake_due_mail(now: datetime) -> None:
    if Notice.objects.mail_due(now).exists():
        wake(Job.MAIL)


def mail_due(ends: float) -> bool:
    """Send what is due, person by person. True when more is left."""
    if not has_mail_server():
        Notice.objects.mail_due(timezone.now()).update(mail_at=None)
        return False
    while not stopping():
        rows = claim_mail(timezone.now())
        if not rows:
            return False
        send_mail_about(rows)
        if time.monotonic() > ends:
            return True
    return True


def claim_mail(now: datetime) -> list[Notice]:
    """The rows of the next mail, which nobody else sends now; none when nothing is due."""
    while first := Notice.objects.mail_due(now).order_by("mail_at", "pk").first():
        same = Notice.objects.mail_due(now).filter(user=first.user_id, mail_id=first.mail_id)
        ids = list(same.order_by("at", "pk").values_list("pk", flat=True)[:MOST])
        token, until = first.mail_id or secrets.token_hex(16), now + LEASE
        # Of two who read the same rows, the second finds that they are not due any more.
        mine = same.filter(pk__in=ids)
        if mine.update(mail_id=token, mail_at=until, mail_tries=F("mail_tries") + 1):
            rows = Notice.objects.filter(user=first.user_id, mail_id=token, mail_at=until)
            return list(rows.select_related("user", "team").order_by("at", "pk"))
    return []


def send_mail_about(rows: list[Notice]) -> None:
    person, token = rows[0].user, rows[0].mail_id
    wanted = [row for row in rows if row.pk in still_wanted(person, rows)]
    if wanted:
        try:
            letter_about(person, wanted, token).send()
        except OSError as trouble:
            put_off(rows, trouble)
            return
    retry_until_written(lambda: note_sent(rows, wanted), f"mail {token} was sent")


def still_wanted(person: User, rows: list[Notice]) -> set[int]:
    """Ids of what this person may still see, has not read, and wants by mail."""
    if not person.is_active or person.suspended_at or person.email.endswith(NOWHERE):
        return set()
    teams = Team.objects.visible_to(person).filter(pk__in={row.team_id for row in rows})
    there = set(teams.values_list("pk", flat=True))
    choices = NoticeChoice.of(person)
    return {
        row.pk
        for row in rows
        if row.read_at is None and row.team_id in there
        and choices[row.kind].rhythm != MailRhythm.OFF
    }  # fmt: skip


def letter_about(person: User, rows: list[Notice], token: str) -> EmailMessage:
    """In the person's language, and by their clock."""
    zone = zone_of_person(person, rows[-1].team)
    with override(person.language or settings.LANGUAGE_CODE), timezone.override(zone):
        lines = [
            Line(sentence_of(row.sentence), row.team, link_to(row.path), row.at)
            for row in reversed(rows)
        ]
        subject = " ".join(lines[0].text.split())[:SUBJECT_MOST]
        if len(lines) > 1:
            subject = ngettext("%(n)s notice", "%(n)s notices", len(lines)) % {"n": len(lines)}
        settings_link = link_to(reverse("settings-notices"))
        facts = {"lines": lines, "settings_link": settings_link, "zone": zone.key}
        body = render_to_string("generation/notices/mail.txt", facts)
    host = (settings.PUBLIC_URL or first_allowed()).split("/")[2].partition(":")[0]
    return EmailMessage(
        settings.ACCOUNT_EMAIL_SUBJECT_PREFIX + subject,
        body,
        to=[person.email],
        headers={
            "Message-ID": f"<{token}@{host}>",
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{settings_link}>",
        },
    )


def note_sent(rows: list[Notice], wanted: list[Notice]) -> None:
    """What was counted in a notice while its mail was under way is mailed a little later."""
    now, sent = timezone.now(), {row.pk for row in wanted}
    mine = Notice.objects.filter(mail_id=rows[0].mail_id, mail_at__isnull=False)
    for row in rows:
        done = {"mailed_at": now if row.pk in sent else None, "mail_id": "", "mail_tries": 0}
        same = mine.filter(pk=row.pk)
        if not same.filter(count=row.count).update(mail_at=None, **done):
            same.update(mail_at=now + GROUP_TIME, **done)


def put_off(rows: list[Notice], trouble: OSError) -> None:
    """The server did not take it: later, and at last not at all."""
    tries = max(row.mail_tries for row in rows)
    wait = WAITS[tries - 1] if tries <= len(WAITS) else None
    mine = Notice.objects.filter(mail_id=rows[0].mail_id, mail_at__isnull=False)
    mine.filter(pk__in=[row.pk for row in rows]).update(
        mail_at=timezone.now() + wait if wait else None
    )
    after = f"again in {wait}" if wait else "given up"
    log.warning("a mail about notices was not sent (%s): %s", type(trouble).__name__, after)
