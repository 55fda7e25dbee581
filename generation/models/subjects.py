"""Subjects: people, things and places that videos keep to, and where providers know them."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.catalogue import mentions, signs
from generation.catalogue.folding import index_text
from generation.catalogue.types import SubjectFacts
from generation.models.keys import ApiKey, ProviderName
from generation.models.media import Media, MediaKind
from generation.models.messages import MessageField
from generation.models.search import search_column, team_mark
from generation.models.tasks import Task, log_change
from generation.models.teams import Team
from generation.models.users import User

MOST_IMAGES = 3
LONGEST_KEY = 4 * mentions.MOST  # a sign may become several where case is folded
VIDEO_SECONDS = 5.0
SHOWN_FIELDS = ("name", "description", "style", "voice_id")  # what a provider gets besides files


class SubjectKind(models.TextChoices):
    PERSON = "person", _("Person")
    ANIMAL = "animal", _("Animal")
    THING = "thing", _("Thing")
    PLACE = "place", _("Place")
    OTHER = "other", _("Other")


def check_name(name: str) -> None:
    if not mentions.is_name(name):
        raise ValidationError(
            _("Use letters, digits, - and _, up to 40, without spaces: it is typed after @.")
        )


class SubjectQuerySet(models.QuerySet["Subject"]):
    def visible_to(self, user: User) -> "SubjectQuerySet":
        return self.filter(team__in=Team.objects.visible_to(user))

    def active(self) -> "SubjectQuerySet":
        return self.filter(archived_at=None)

    def with_consent(self) -> "SubjectQuerySet":
        return self.select_related("consent")


class Subject(models.Model):
    """One subject of a team. `version` counts every edit, `shape` those that providers must hear
    of; both only grow, so that two people who edit at once notice each other."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="subjects")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    made_by_name = models.CharField(max_length=80, blank=True)  # where `created_by` is the heir
    name = models.CharField(_("name"), max_length=mentions.MOST, validators=[check_name])
    name_key = models.CharField(max_length=LONGEST_KEY, editable=False)  # what makes it one name
    kind = models.CharField(max_length=6, choices=SubjectKind.choices, default=SubjectKind.PERSON)
    description = models.TextField(max_length=2_000, blank=True)
    style = models.CharField(max_length=100, blank=True)
    voice_id = models.CharField(max_length=256, blank=True)
    tags = models.JSONField(default=list)  # short texts, lower case
    media = models.ManyToManyField(Media, through="SubjectMedia", related_name="subjects")
    version = models.PositiveIntegerField(default=1)
    change = models.BigIntegerField(default=0)  # the team's change number of the last change
    changed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    shape = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    search_text = search_column()

    objects = SubjectQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "name_key", "team", condition=Q(archived_at=None), name="one_subject_a_key"
            )
        ]
        indexes = [
            models.Index(fields=["team", "-changed_at"]),
            models.Index(fields=["team", "change"]),
        ]

    def __str__(self) -> str:
        return f"@{self.name}"

    def save(self, *args: Any, **facts: Any) -> None:
        """No two names of a team read the same: their keys differ. The index follows."""
        self.name_key = signs.key_of(self.name)
        texts = (self.name, self.description, self.style, *self.tags)
        self.search_text = index_text(texts, team_mark(self.team_id))
        if facts.get("update_fields") is not None:
            facts["update_fields"] = {*facts["update_fields"], "name_key", "search_text"}
        super().save(*args, **facts)

    def get_absolute_url(self) -> str:
        return reverse("subject", args=[self.pk])

    @property
    def maker_name(self) -> str:
        """Who made it, also where it was handed over since; empty when nobody knows."""
        return self.made_by_name or (self.created_by.shown_name if self.created_by else "")

    @property
    def files(self) -> list[Media]:
        """Its images or its video, the cover first."""
        rows = self.places.all()
        return [one.media for one in rows]

    @property
    def cover(self) -> Media | None:
        return next(iter(self.files), None)

    @property
    def facts(self) -> SubjectFacts:
        files = self.files
        return SubjectFacts(
            self.name,
            tuple(one.image for one in files if one.kind == MediaKind.IMAGE),
            tuple(one.video for one in files if one.kind == MediaKind.VIDEO),
        )

    def tell_team(self, by: User | None) -> int:
        """Have open pages of the team show it anew. Call it in the transaction of the change;
        returns the number of that."""
        change = Team.next_change(self.team_id)
        Subject.objects.filter(pk=self.pk).update(change=change, changed_by=by)
        return change

    def edit(self, seen: int, files: list[Media], by: User | None = None, **fields: Any) -> bool:
        """Write an edit that began from version `seen`; False when somebody else was quicker.

        Providers hear of it when the files or one of SHOWN_FIELDS changed.
        """
        if "name" in fields:
            fields["name_key"] = signs.key_of(fields["name"])
        shown_changed = files != self.files or any(
            fields.get(name, getattr(self, name)) != getattr(self, name) for name in SHOWN_FIELDS
        )
        with transaction.atomic():
            row = Subject.objects.filter(pk=self.pk, version=seen, archived_at=None)
            grown = {"version": F("version") + 1, "shape": F("shape") + int(shown_changed)}
            if not row.update(**fields, **grown, changed_at=timezone.now()):
                return False
            self.place(files)
            self.tell_team(by)
        self.refresh_from_db()
        return True

    @transaction.atomic
    def archive(self, by: User | None = None) -> bool:
        """Out of the lists; the name is free, and tasks that use it go on. False when it was."""
        rows = Subject.objects.filter(pk=self.pk, archived_at=None)
        if not rows.update(archived_at=timezone.now()):
            return False
        self.tell_team(by)
        return True

    def restore(self, by: User | None = None) -> bool:
        """Back into the lists; False when its name was given to another subject since."""
        try:
            with transaction.atomic():
                Subject.objects.filter(pk=self.pk).update(archived_at=None)
                self.tell_team(by)
        except IntegrityError:
            return False
        return True

    def place(self, files: list[Media]) -> None:
        """Make `files` what it consists of, in this order."""
        self.places.all().delete()
        SubjectMedia.objects.bulk_create(
            SubjectMedia(subject=self, media=media, position=position)
            for position, media in enumerate(files)
        )
        self._prefetched_objects_cache: dict[str, Any] = {}


class SubjectMedia(models.Model):
    """One image of a subject, or its video."""

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="places")
    media = models.ForeignKey(Media, on_delete=models.PROTECT, related_name="in_subjects")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["subject", "position"], name="one_file_a_place")
        ]

    def __str__(self) -> str:
        return f"file {self.position} of subject {self.subject_id}"


class RegistrationState(models.TextChoices):
    """Where one subject stands in one provider's library."""

    WAITING = "waiting", _("To be registered")
    SENDING = "sending", _("Being registered")
    UNCERTAIN = "uncertain", _("Checking")
    KEPT = "kept", _("Registered")
    FAILED = "failed", _("Not registered")


R = RegistrationState
STEPS: dict[str, frozenset[str]] = {
    R.WAITING: frozenset({R.SENDING, R.FAILED}),
    R.SENDING: frozenset({R.SENDING, R.KEPT, R.WAITING, R.FAILED, R.UNCERTAIN}),
    R.UNCERTAIN: frozenset({R.SENDING, R.KEPT, R.FAILED, R.WAITING}),
    R.KEPT: frozenset({R.WAITING, R.FAILED}),
    R.FAILED: frozenset({R.WAITING, R.SENDING}),  # the reply came very late
}


class RegistrationQuerySet(models.QuerySet["Registration"]):
    def held(self) -> "RegistrationQuerySet":
        return self.filter(state=R.WAITING, held_since__isnull=False)

    def visible_to(self, user: User) -> "RegistrationQuerySet":
        return self.filter(subject__team__in=Team.objects.visible_to(user))


class Registration(models.Model):
    """One subject in the library behind one key: made once, paid once. `key` None is the demo.

    `shape` is the subject's shape that the provider knows; `label` is the name it was sent under,
    unique, so that it can be found again when the reply was lost.
    """

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="registrations")
    provider = models.CharField(max_length=10)
    key = models.ForeignKey(
        ApiKey, on_delete=models.CASCADE, null=True, related_name="registrations"
    )
    key_version = models.PositiveIntegerField(default=1)  # of the secret that it was sent with
    state = models.CharField(max_length=10, choices=R.choices, default=R.WAITING)
    server_id = models.CharField(max_length=120, blank=True)
    label = models.CharField(max_length=64, blank=True)
    shape = models.PositiveIntegerField(default=0)
    sent_shape = models.PositiveIntegerField(default=0)
    files = models.JSONField(default=list)  # ids of the media that the provider has
    sent_files = models.JSONField(default=list)
    remote_id = models.CharField(max_length=120, blank=True)
    claim = models.CharField(max_length=32, blank=True)
    deadline = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    next_look_at = models.DateTimeField(null=True)
    held_since = models.DateTimeField(null=True)  # to be registered, once a person says so
    looks = models.PositiveSmallIntegerField(default=0)
    credits = models.IntegerField(null=True)
    error = MessageField(blank=True)
    advice = MessageField(blank=True)
    imported = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "key"], name="one_registration_a_key"),
            models.UniqueConstraint(
                fields=["subject", "provider"],
                condition=Q(key=None),
                name="one_registration_without_key",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "next_look_at"],
                condition=~Q(state__in=["kept", "failed"]),
                name="registration_unfinished",
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} at {self.provider}"

    @property
    def provider_name(self) -> str:
        return str(ProviderName(self.provider).label)

    @property
    def is_current(self) -> bool:
        """The provider knows the subject as it is now."""
        return self.state == R.KEPT and self.shape == self.subject.shape and bool(self.server_id)

    def step(self, to: str, *, where: Q | None = None, **fields: Any) -> bool:
        """Go to state `to`, the only writer of `state`. False when somebody else was quicker."""
        if to not in STEPS[self.state]:
            raise ValueError(f"registration {self.pk}: {self.state} -> {to}")
        row = Registration.objects.filter(pk=self.pk, state=self.state, claim=self.claim)
        if where is not None:
            row = row.filter(where)
        values: dict[str, Any] = {"state": to, **fields, "changed_at": timezone.now()}
        if not row.update(**values):
            return False
        log_change("registration", self, self.state, to, provider=self.provider)
        for name, value in values.items():
            setattr(self, name, value)
        return True


class TaskSubject(models.Model):
    """One subject that a task used, as it was called then."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="mentioned_subjects")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="uses")
    name = models.CharField(max_length=mentions.MOST)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["task", "position"], name="one_subject_a_place")
        ]

    def __str__(self) -> str:
        return f"@{self.name} of task {self.task_id}"
