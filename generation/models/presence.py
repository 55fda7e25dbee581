"""Who of a team is there, and which subject somebody is editing."""

from contextlib import suppress
from datetime import timedelta

from django.db import DatabaseError, models
from django.db.models import Max
from django.utils import timezone

from generation.models.teams import HERE, Membership

SEEN_STEP = timedelta(minutes=1)  # so often at most it is written down that somebody is there
EDIT_STEP = timedelta(seconds=8)
EDITING = timedelta(seconds=25)  # somebody whose page asks no more has closed it


class Presence(models.Model):
    """Apart from the membership: it is written while people only look."""

    membership = models.OneToOneField(
        Membership, on_delete=models.CASCADE, related_name="presence", primary_key=True
    )
    seen_at = models.DateTimeField()
    editing = models.ForeignKey(
        "generation.Subject", on_delete=models.SET_NULL, null=True, related_name="editors"
    )
    editing_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"presence of membership {self.membership_id}"


def note_seen(member: Membership) -> None:
    """Write down that the member is there, now and then. Select `presence` with the member."""
    now, known = timezone.now(), getattr(member, "presence", None)
    if known is None or not now - SEEN_STEP < known.seen_at <= now:
        with suppress(DatabaseError):  # the page is shown where nothing can be written, too
            Presence.objects.update_or_create(membership=member, defaults={"seen_at": now})


def note_editing(member: Membership, subject_id: int) -> None:
    """Write down that the member has this subject open to change it."""
    now, known = timezone.now(), getattr(member, "presence", None)
    fresh = known is not None and known.editing_id == subject_id and known.editing_at
    if not fresh or not now - EDIT_STEP < fresh <= now:
        facts = {"seen_at": now, "editing_id": subject_id, "editing_at": now}
        Presence.objects.update_or_create(membership=member, defaults=facts)


def note_edited(member: Membership) -> None:
    Presence.objects.filter(membership=member).update(editing=None, editing_at=None)


def others_are_here(member: Membership) -> bool:
    """Whether another member of the team was seen within the last minutes."""
    others = Presence.objects.filter(membership__team=member.team_id).exclude(membership=member)
    seen = others.aggregate(at=Max("seen_at"))["at"]
    return seen is not None and seen > timezone.now() - HERE


def editors_of(subject_id: int, reader: Membership) -> list[Membership]:
    """Who else has it open to change it."""
    rows = Membership.objects.filter(
        presence__editing=subject_id, presence__editing_at__gt=timezone.now() - EDITING
    )
    return list(rows.exclude(pk=reader.pk).select_related("user").order_by("pk"))
