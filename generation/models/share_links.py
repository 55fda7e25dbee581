"""Links that show something of a team to whoever has them, and the visitors that came."""

import secrets
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation import crypto
from generation.models.collections import Collection
from generation.models.invitations import token_hash
from generation.models.media import Output
from generation.models.projects import Project
from generation.models.stacks import Stack
from generation.models.teams import Team
from generation.models.users import User

TOKEN_BYTES = 24


class Downloads(models.TextChoices):
    NONE = "none", _("Nothing")
    PREVIEW = "preview", _("Previews")
    ORIGINAL = "original", _("Originals")


class Commenting(models.TextChoices):
    OFF = "off", _("No")
    NAMED = "named", _("With name")
    NAMED_EMAIL = "named_email", _("Name and e-mail")


class LinkMode(models.TextChoices):
    LIVE = "live", _("Live")
    FROZEN = "frozen", _("Frozen")


def standing_at(now: datetime) -> Q:
    """Open, or opening later by itself; but for how often it was looked at."""
    lasting = Q(expires_at=None) | Q(expires_at__gt=now)
    safe = Q(team__share_password=False) | ~Q(password_hash="")
    undisturbed = Q(team__leaving_since=None, created_by__suspended_at=None)
    return lasting & safe & undisturbed & Q(revoked_at=None)


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def visible_to(self, user: User) -> "ShareLinkQuerySet":
        return self.filter(team__in=Team.objects.visible_to(user))

    def open(self) -> "ShareLinkQuerySet":
        """Those that show something now, but for how often they were looked at."""
        now = timezone.now()
        started = Q(starts_at=None) | Q(starts_at__lte=now)
        return self.filter(started, standing_at(now))


class ShareLink(models.Model):
    """One link to one output, collection, project or stack.

    Found by the SHA-256 of its token. The token itself is kept sealed, bound to row and team, so
    that its maker and admins can copy the link again. What ends all visits at once is
    `generation`: each visitor's cookie carries the number that it was let in with.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="share_links")
    # Exactly one of these is what it shows.
    output = models.ForeignKey(
        Output, on_delete=models.CASCADE, null=True, related_name="share_links"
    )
    collection = models.ForeignKey(
        Collection, on_delete=models.CASCADE, null=True, related_name="share_links"
    )
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, null=True, related_name="share_links"
    )
    stack = models.ForeignKey(
        Stack, on_delete=models.CASCADE, null=True, related_name="share_links"
    )
    token_hash = models.CharField(max_length=64, unique=True)
    token_sealed = models.BinaryField(default=b"")
    hint = models.CharField(max_length=4)  # how the token ends
    title = models.CharField(_("title"), max_length=120)
    note = models.TextField(_("note"), max_length=1_000, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    # The last second of the chosen day in the team's zone; None: never, where an admin allows it.
    expires_at = models.DateTimeField(null=True, blank=True)
    password_hash = models.CharField(max_length=128, blank=True)  # argon2id; empty: none asked
    generation = models.PositiveIntegerField(default=1)
    mode = models.CharField(max_length=6, choices=LinkMode.choices, default=LinkMode.LIVE)
    downloads = models.CharField(max_length=8, choices=Downloads.choices, default=Downloads.NONE)
    approved_only = models.BooleanField(default=False)  # downloads only of what was approved
    show_prompts = models.BooleanField(default=False)
    show_names = models.BooleanField(default=False)
    show_versions = models.BooleanField(default=False)  # older ones of a stack, beside its head
    comments = models.CharField(max_length=11, choices=Commenting.choices, default=Commenting.NAMED)
    may_approve = models.BooleanField(default=False)
    watermark_text = models.CharField(max_length=40, blank=True)
    max_views = models.PositiveIntegerField(null=True, blank=True)
    social_preview = models.BooleanField(default=False)
    tell_first_view = models.BooleanField(default=True)
    tell_downloads = models.BooleanField(default=False)
    tell_comments = models.BooleanField(default=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    made_by_name = models.CharField(max_length=80, blank=True)  # where `created_by` is the heir
    created_at = models.DateTimeField(default=timezone.now)
    # The one-time id of the form that made it: sent twice, it makes one link.
    intent = models.CharField(max_length=64, blank=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    views = models.PositiveIntegerField(default=0)
    last_view_at = models.DateTimeField(null=True)
    downloads_count = models.PositiveIntegerField(default=0)

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(output__isnull=False, collection=None, project=None, stack=None)
                    | Q(output=None, collection__isnull=False, project=None, stack=None)
                    | Q(output=None, collection=None, project__isnull=False, stack=None)
                    | Q(output=None, collection=None, project=None, stack__isnull=False)
                ),
                name="link_to_one_thing",
            ),
            models.UniqueConstraint(
                fields=["team", "intent"], condition=~Q(intent=""), name="one_link_an_intent"
            ),
        ]
        indexes = [models.Index(fields=["team", "-created_at", "-id"], name="links_of_team")]

    def __str__(self) -> str:
        return f"link …{self.hint}"

    def get_absolute_url(self) -> str:
        return reverse("share-link", args=[self.pk])

    @property
    def binding(self) -> str:
        """What the sealed token is bound to. The row must have a number."""
        return f"share-link:{self.pk}:{self.team_id}"

    def set_token(self) -> str:
        """Give it a new token, which ends the one before, and return it. Saves these fields."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self.token_hash, self.hint = token_hash(token), token[-4:]
        if self.pk is None:
            self.save()
        self.token_sealed = crypto.seal(token, self.binding)
        self.save(update_fields=["token_hash", "hint", "token_sealed"])
        return token

    def token(self) -> str:
        """Open the seal. Raises crypto.Broken when the blob belongs to another row or team."""
        return crypto.open_sealed(bytes(self.token_sealed), self.binding)

    def seal_anew(self) -> None:
        """With the newest key of the ring."""
        sealed = crypto.seal(self.token(), self.binding)
        rows = ShareLink.objects.filter(pk=self.pk, token_hash=self.token_hash)
        rows.update(token_sealed=sealed)

    @property
    def target(self) -> Any:
        """The Output, Collection, Project or Stack that it shows."""
        return self.output or self.collection or self.project or self.stack

    @property
    def maker_name(self) -> str:
        return self.made_by_name or (self.created_by.shown_name if self.created_by else "")

    @property
    def is_used_up(self) -> bool:
        return self.max_views is not None and self.views >= self.max_views

    @property
    def lacks_password(self) -> bool:
        """The team demands one of each link, and this one has none."""
        return self.team.share_password and not self.password_hash

    @property
    def is_suspended(self) -> bool:
        """Off for as long as its maker is suspended."""
        return self.created_by is not None and self.created_by.suspended_at is not None

    def is_open(self, now: datetime) -> bool:
        """Whether it shows something at `now`, the views counted too. Select `team` and
        `created_by` with the row."""
        return (
            self.revoked_at is None
            and (self.starts_at is None or self.starts_at <= now)
            and (self.expires_at is None or now < self.expires_at)
            and not self.is_used_up
            and self.team.leaving_since is None
            and not self.lacks_password
            and not self.is_suspended
        )


class LinkItem(models.Model):
    """An output under the number that addresses of one link know it by; never its own.

    A frozen link has all of its items from the start, in this order; a live one gets the row of an
    output when that is first shown.
    """

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="items")
    output = models.ForeignKey(Output, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["link", "number"], name="one_item_a_number"),
            models.UniqueConstraint(fields=["link", "output"], name="one_number_an_item"),
        ]

    def __str__(self) -> str:
        return f"{self.number} of {self.link_id}"


class Visitor(models.Model):
    """One browser that was let in by a link. Its cookie holds the secret and the generation."""

    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="visitors")
    secret_hash = models.CharField(max_length=64)
    generation = models.PositiveIntegerField()
    name = models.CharField(_("name"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    viewed_at = models.DateTimeField(null=True)  # the last time that counted as a view
    ip_hash = models.CharField(max_length=64, blank=True)
    agent = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["link", "secret_hash"], name="one_visitor_a_secret")
        ]

    def __str__(self) -> str:
        return f"visitor {self.pk}"
