"""Deletes for good: outputs 30 days in the trash, unused uploads, secrets no longer needed,
sign-ups that were never proven, sessions, visitors of links, old acts and counts that are over."""

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from generation.engine.delivery import copy_paths
from generation.engine.stacks import end_if_empty, lock, stack_of
from generation.media import storage
from generation.models import (
    TRASH_DAYS,
    AuditEvent,
    Consent,
    ConsentFile,
    LimitCount,
    Media,
    OldSecret,
    Output,
    Registration,
    RegistrationState,
    Task,
    Visitor,
)
from generation.models.addresses import pending_sign_ups
from generation.models.tasks import SENT

KEPT = timedelta(days=TRASH_DAYS)
UNDER_WAY = (RegistrationState.SENDING, RegistrationState.UNCERTAIN)
PROOF_WAIT = timedelta(days=1)  # a code works for minutes; its page may stay open longer
PAPER_WAIT = timedelta(days=1)  # a form with an uploaded paper may stay open
VISITS_KEPT = timedelta(days=90)  # after their link ended
VISITS_LONGEST = timedelta(days=400)  # as acts are
AT_ONCE = 200  # rows a sweep: it comes again in a minute
ACTS_AT_ONCE = 1_000


def purge_trash(now: datetime) -> int:
    """Delete outputs trashed long ago or deleted by somebody, with their files. Returns how many.

    A file that another task has as its input stays: that task must stay repeatable. So does one
    that a subject consists of.
    """
    over = Q(trashed_at__lt=now - KEPT) | Q(trashed_at__isnull=False, deleted_at__isnull=False)
    old = Output.objects.filter(over).select_related("media")[:AT_ONCE]
    for output in old:
        with transaction.atomic():
            stack = stack_of(output) if output.version_number else None
            if stack is not None:
                lock(stack.pk)  # before its output
            output.delete()
            if stack is not None:
                end_if_empty(stack)
            remove_unused(output.media)
    return len(old)


def purge_uploads(now: datetime) -> int:
    """Delete uploads that no task and no subject ever used. Returns how many."""
    unused = Media.objects.filter(uploaded=True, used_in=None, in_subjects=None)
    old = unused.filter(created_at__lt=now - KEPT)[:AT_ONCE]
    for media in old:
        with transaction.atomic():
            remove_unused(media)
    return len(old)


def remove_unused(media: Media) -> None:
    """Inside a transaction: the files go when the row is certainly gone."""
    if media.used_in.exists() or media.in_subjects.exists():
        return
    paths = media.path, media.thumb_path, media.preview_path, *copy_paths(media)
    media.delete()
    transaction.on_commit(lambda: storage.delete(*paths))


def purge_papers(now: datetime) -> int:
    """Delete papers that no consent has. Returns how many were looked at."""
    fresh = Q(unused_since__gt=now - PAPER_WAIT)
    unused = ConsentFile.objects.filter(~fresh | Q(unused_since=None), consent=None)
    found = list(unused.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    for pk in found:
        remove_paper(pk)
    return len(found)


@transaction.atomic
def remove_paper(pk: int) -> None:
    """The file before its row, so that a row which is left is found again. Whoever saves a consent
    with it waits here for the row, and finds it gone."""
    file = ConsentFile.objects.select_for_update().filter(pk=pk).first()
    if file is None or Consent.objects.filter(file=pk).exists():
        return
    storage.delete(file.path)
    file.delete()


def purge_audit(now: datetime) -> int:
    """Delete the oldest acts that are kept no longer. Returns how many; never a younger one, which
    the database would refuse."""
    over = AuditEvent.objects.filter(at__lt=now - timedelta(days=settings.AUDIT_DAYS))
    oldest = list(over.order_by("at").values_list("pk", flat=True)[:ACTS_AT_ONCE])
    if oldest:
        AuditEvent.objects.filter(pk__in=oldest).delete()
    return len(oldest)


def forget_old() -> None:
    """Destroy replaced secrets that no unfinished work needs.

    Never inside the transaction that retires one: a claim that has just read the old secret looks
    once more after it is committed, so from here it is seen, or it sends nothing.
    """
    same = {"key": OuterRef("key"), "key_version": OuterRef("version")}
    OldSecret.objects.filter(
        ~Exists(Task.objects.filter(status__in=SENT, **same)),
        ~Exists(Registration.objects.filter(state__in=UNDER_WAY, **same)),
    ).delete()


def purge_sign_ups(now: datetime) -> int:
    """Delete accounts whose address was never proven. Returns how many."""
    old = pending_sign_ups().filter(date_joined__lt=now - PROOF_WAIT)[:AT_ONCE]
    for user in old:
        user.delete()
    return len(old)


def purge_sessions(now: datetime) -> None:
    """Delete those that are over, and what the page of devices knew of them."""
    Session.objects.filter(expire_date__lt=now).delete()
    there = Session.objects.filter(session_key=OuterRef("session_key"))
    UserSession.objects.filter(~Exists(there), last_seen_at__lt=now - KEPT).delete()


def purge_visitors(now: datetime) -> int:
    """Forget browsers that came by a link which ended long ago, or that came no more: name, e-mail
    address and hashes. What they wrote and answered keeps the name it was given."""
    ended, unseen = now - VISITS_KEPT, now - VISITS_LONGEST
    over = Q(link__revoked_at__lt=ended) | Q(link__expires_at__lt=ended) | Q(last_at__lt=unseen)
    found = list(Visitor.objects.filter(over).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if found:  # the usual sweep writes nothing
        Visitor.objects.filter(pk__in=found).delete()
    return len(found)


def purge_counts(now: datetime) -> None:
    LimitCount.objects.filter(ends_at__lt=now).delete()
