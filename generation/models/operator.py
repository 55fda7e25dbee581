"""What whoever runs the studio decides for everybody in it."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.models.users import User

DISMISSED = "dismissed_announcement"  # in a session: the id of the one that was read


class Switches(models.Model):
    """One row. What is None stays as the environment says."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    signup_open = models.BooleanField(null=True)

    def __str__(self) -> str:
        return f"sign-up {self.signup_open}"

    @classmethod
    def signup_is_open(cls) -> bool:
        """Asked of the database each time, so that every process knows at once."""
        switched = cls.objects.values_list("signup_open", flat=True).first()
        return bool(settings.SIGNUP_OPEN) if switched is None else switched


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def current(self) -> "AnnouncementQuerySet":
        """The one that is shown now, by the clock of the database; the first counts."""
        return self.filter(ended_at=None, until__gt=Now()).order_by("-pk")


class Announcement(models.Model):
    """A sentence at the top of every page, until it ends."""

    class Level(models.TextChoices):
        INFO = "info", _("For information")
        WARN = "warn", _("Warning")

    text = models.CharField(max_length=300)
    level = models.CharField(max_length=4, choices=Level.choices, default=Level.INFO)
    at_login = models.BooleanField(default=False)  # also on the page that anybody sees
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AnnouncementQuerySet.as_manager()

    def __str__(self) -> str:
        return self.text

    @classmethod
    def end_all(cls) -> int:
        return cls.objects.filter(ended_at=None).update(ended_at=timezone.now())
