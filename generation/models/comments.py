"""Comments on outputs: at a frame, a range, a point or as a whole; with a drawing or without."""

import secrets
import time
import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.models.media import Output
from generation.models.paths import path_of
from generation.models.share_links import ShareLink, Visitor
from generation.models.stacks import Stack
from generation.models.teams import Team
from generation.models.users import User

LONGEST_BODY = 4_000


def uuid7() -> uuid.UUID:
    """A random number that grows with time (RFC 9562, 5.7): rows lie in the order of writing."""
    value = time.time_ns() // 1_000_000 << 80 | 0x7 << 76 | secrets.randbits(12) << 64
    return uuid.UUID(int=value | 0b10 << 62 | secrets.randbits(62))


class Audience(models.TextChoices):
    TEAM = "team", _("Team")
    GUESTS = "guests", _("Guests")


class CommentState(models.TextChoices):
    OPEN = "open", _("Open")
    RESOLVED = "resolved", _("Resolved")


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, user: User) -> "CommentQuerySet":
        return self.filter(team__in=Team.objects.visible_to(user))


class Comment(models.Model):
    """One comment or reply. Where the frame rate is constant, `frame` is the truth and `at_ms` the
    middle of that frame; else there is only `at_ms`. A picture may have a point, 0 to 1 of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="comments")
    output = models.ForeignKey(Output, on_delete=models.CASCADE, related_name="comments")
    # Where it stood when it was written: the stack may be dissolved since.
    stack = models.ForeignKey(Stack, on_delete=models.SET_NULL, null=True, related_name="+")
    version_number = models.PositiveIntegerField(null=True)
    parent = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, related_name="replies"
    )  # one level
    # In "still open on v3": the comment of the version before that this one stands for.
    carried_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="+")
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    visitor = models.ForeignKey(Visitor, on_delete=models.SET_NULL, null=True, related_name="+")
    link = models.ForeignKey(ShareLink, on_delete=models.SET_NULL, null=True, related_name="+")
    by_guest = models.BooleanField(default=False)
    name_then = models.CharField(max_length=80)
    body = models.TextField(max_length=LONGEST_BODY, blank=True)
    mentions = models.ManyToManyField(User, related_name="+")
    frame = models.PositiveIntegerField(null=True)
    end_frame = models.PositiveIntegerField(null=True)
    at_ms = models.PositiveIntegerField(null=True)
    end_ms = models.PositiveIntegerField(null=True)
    point_x = models.FloatField(null=True)
    point_y = models.FloatField(null=True)
    drawing = models.JSONField(null=True)
    audience = models.CharField(max_length=6, choices=Audience.choices, default=Audience.TEAM)
    state = models.CharField(max_length=8, choices=CommentState.choices, default=CommentState.OPEN)
    resolved_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(by_guest=False) | Q(audience=Audience.GUESTS),
                name="guests_write_to_guests",
            )
        ]
        indexes = [models.Index(fields=["output", "created_at"], name="comments_of_output")]

    def __str__(self) -> str:
        return f"comment {self.pk}"

    def get_absolute_url(self) -> str:
        """The output at the place of this comment."""
        return f"{path_of('output', self.output_id)}?c={self.pk}#c-{self.pk}"
