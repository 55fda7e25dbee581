"""By what right a subject may be shown: until when, and the paper that proves it."""

from datetime import date, timedelta

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.models.subjects import Subject
from generation.models.teams import Team
from generation.models.users import User

SOON = timedelta(days=30)
LONGEST_NOTE = 1_000


class ConsentKind(models.TextChoices):
    RELEASE = "release", _("Release")
    LICENCE = "licence", _("Licence")
    OWN = "own", _("Own work")
    PUBLIC = "public", _("Public domain")


class ConsentState(models.TextChoices):
    NONE = "none", _("No consent")
    VALID = "valid", _("Valid")
    SOON = "soon", _("Consent ends soon")
    ENDED = "ended", _("Consent ended")


def studio_today() -> date:
    """The day in the studio's own time zone: a consent holds until the last second of its day."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


class ConsentFile(models.Model):
    """A paper as it was given, byte for byte, under a random name in the default storage.

    It is made when it is uploaded, and belongs to one subject from then on. Between that and being
    saved with the consent, and after it was taken off again, it is unused: kept for a day, so that
    a form that is still open loses nothing, then purged.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="consent_files")
    subject = models.ForeignKey(
        Subject, on_delete=models.SET_NULL, null=True, related_name="consent_files"
    )
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    path = models.CharField(max_length=200, unique=True)
    mime = models.CharField(max_length=40)
    format = models.CharField(max_length=12)
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True)  # what the person called it; text only
    unused_since = models.DateTimeField(null=True, default=timezone.now)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name or f"{self.format} {self.pk}"


class Consent(models.Model):
    """The consent for one subject. `version` is the team's change number of its last change: it
    only grows, also when a consent is removed and made anew between two looks of an open form."""

    subject = models.OneToOneField(Subject, on_delete=models.CASCADE, related_name="consent")
    kind = models.CharField(max_length=7, choices=ConsentKind.choices, default=ConsentKind.RELEASE)
    until = models.DateField(null=True, blank=True)  # its last day; None: it has no end
    note = models.TextField(max_length=LONGEST_NOTE, blank=True)
    file = models.OneToOneField(
        ConsentFile, on_delete=models.PROTECT, null=True, related_name="consent"
    )
    # Who said so last, and when. The name stays as text when the account is gone.
    set_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    set_by_name = models.CharField(max_length=80, blank=True)
    set_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"consent for {self.subject}"

    def state(self, today: date) -> ConsentState:
        if self.until is None or self.until > today + SOON:
            return ConsentState.VALID
        return ConsentState.ENDED if self.until < today else ConsentState.SOON

    @property
    def state_now(self) -> ConsentState:
        return self.state(studio_today())

    @property
    def days_left(self) -> int | None:
        """0 on its last day; None where it has no end or is over."""
        days = (self.until - studio_today()).days if self.until else -1
        return days if days >= 0 else None

    @property
    def setter_name(self) -> str:
        return self.set_by.shown_name if self.set_by else self.set_by_name


def consent_of(subject: Subject) -> Consent | None:
    """Select `consent` with the subjects, and this asks nothing."""
    return getattr(subject, "consent", None)


def version_of(subject: Subject) -> int:
    consent = consent_of(subject)
    return consent.version if consent else 0


def in_state(state: str, today: date) -> Q:
    """Which subjects have a consent in this state."""
    ends = {
        ConsentState.NONE: Q(consent=None),
        ConsentState.SOON: Q(consent__until__range=(today, today + SOON)),
        ConsentState.ENDED: Q(consent__until__lt=today),
        ConsentState.VALID: Q(consent__isnull=False)
        & (Q(consent__until=None) | Q(consent__until__gt=today + SOON)),
    }
    return ends[ConsentState(state)]


def consents_ending(team: Team, today: date) -> "models.QuerySet[Consent]":
    """Those of a team's present subjects that end within 30 days, the first to end first."""
    rows = Consent.objects.filter(subject__team=team, subject__archived_at=None)
    return rows.filter(until__range=(today, today + SOON)).order_by("until", "pk")


def consents_ended(team: Team, today: date) -> "models.QuerySet[Consent]":
    rows = Consent.objects.filter(subject__team=team, subject__archived_at=None)
    return rows.filter(until__lt=today).order_by("-until", "pk")


@transaction.atomic
def set_consent(
    subject: Subject,
    seen: int,
    by: User,
    *,
    kind: str,
    until: date | None,
    note: str,
    file: ConsentFile | None,
) -> bool:
    """Write what was filled in from version `seen` on; False when somebody else was quicker.

    False, too, when the subject was archived, or the file purged, in the meantime.
    """
    consent = locked(subject, seen)
    if consent is None or (file and not take_into_use(file)):
        return False
    before = consent.file
    consent.kind, consent.until, consent.note, consent.file = kind, until, note, file
    consent.set_by, consent.set_by_name, consent.set_at = by, by.shown_name[:80], timezone.now()
    consent.version = subject.tell_team(by)
    consent.save()
    if before is not None and before != file:
        release(before)
    return True


@transaction.atomic
def remove_consent(subject: Subject, seen: int, by: User) -> bool:
    """False when somebody else was quicker."""
    consent = locked(subject, seen)
    if consent is None or consent.pk is None:
        return False
    file = consent.file
    consent.delete()
    if file is not None:
        release(file)
    subject.tell_team(by)
    return True


def locked(subject: Subject, seen: int) -> Consent | None:
    """The consent at version `seen`, a new one for 0; None when that is not the present one. Who
    else saves waits until this transaction ends."""
    rows = Subject.objects.select_for_update(no_key=True).filter(pk=subject.pk, archived_at=None)
    if rows.first() is None:
        return None
    present = Consent.objects.select_related("file").filter(subject=subject).first()
    if (present.version if present else 0) != seen:
        return None
    return present or Consent(subject=subject)


def take_into_use(file: ConsentFile) -> bool:
    """False when it was purged: whoever purges holds the row until it is gone."""
    return bool(ConsentFile.objects.filter(pk=file.pk).update(unused_since=None))


def release(file: ConsentFile) -> None:
    ConsentFile.objects.filter(pk=file.pk).update(unused_since=timezone.now())
