"""Reviews: who is asked about exactly which file, and what they answered."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.models.media import Output
from generation.models.share_links import ShareLink, Visitor
from generation.models.teams import Team
from generation.models.users import User


class Needed(models.TextChoices):
    ALL = "all", _("Everybody")
    ANY = "any", _("Anybody")


class RequestState(models.TextChoices):
    OPEN = "open", _("Open")
    APPROVED = "approved", _("Approved")
    CHANGES = "changes", _("Changes asked for")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    NOTED = "noted", _("Nobody asked")  # only holds what guests answered by themselves


class Answer(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    APPROVED = "approved", _("Approved")
    CHANGES = "changes", _("Changes asked for")


class ReviewRequestQuerySet(models.QuerySet["ReviewRequest"]):
    def visible_to(self, user: User) -> "ReviewRequestQuerySet":
        return self.filter(team__in=Team.objects.visible_to(user))


class ReviewRequest(models.Model):
    """A question about one file. An output has at most one that is open.

    A row that only holds what guests answered without being asked is no question: `NOTED`.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="review_requests")
    output = models.ForeignKey(Output, on_delete=models.CASCADE, related_name="review_requests")
    sha256 = models.CharField(max_length=64)  # of the file that is asked about
    message = models.TextField(_("message"), max_length=2_000, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)  # last second of the day in the zone
    needed = models.CharField(max_length=3, choices=Needed.choices, default=Needed.ALL)
    state = models.CharField(max_length=9, choices=RequestState.choices, default=RequestState.OPEN)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    made_by_name = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True)
    # An approval that another version of the stack has taken over, and by which request.
    moved_at = models.DateTimeField(null=True)
    moved_by = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="took")
    # Reminders that went out to who is still waited for.
    reminded_at = models.DateTimeField(null=True)
    reminded_late_at = models.DateTimeField(null=True)

    objects = ReviewRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["output"], condition=Q(state="open"), name="one_open_request"
            )
        ]
        indexes = [
            models.Index(fields=["team", "due_at"], condition=Q(state="open"), name="open_requests")
        ]

    def __str__(self) -> str:
        return f"request {self.pk} ({self.state})"

    @property
    def asker_name(self) -> str:
        return self.made_by_name or (self.created_by.shown_name if self.created_by else "")

    @property
    def is_late(self) -> bool:
        open_now = self.state == RequestState.OPEN
        return open_now and self.due_at is not None and self.due_at < timezone.now()


class ReviewDecision(models.Model):
    """One answer, or the wait for one: of a member, or of a guest who came by a link.

    A guest who was asked before anybody came has a link and no visitor yet.
    """

    request = models.ForeignKey(ReviewRequest, on_delete=models.CASCADE, related_name="decisions")
    reviewer = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, related_name="review_decisions"
    )
    link = models.ForeignKey(ShareLink, on_delete=models.SET_NULL, null=True, related_name="+")
    visitor = models.ForeignKey(Visitor, on_delete=models.SET_NULL, null=True, related_name="+")
    asked = models.BooleanField(default=True)  # else a guest answered without: it closes nothing
    by_guest = models.BooleanField(default=False)  # also where link and visitor are gone
    name_then = models.CharField(max_length=80)  # stays when the account or the link is gone
    state = models.CharField(max_length=8, choices=Answer.choices, default=Answer.WAITING)
    note = models.TextField(_("note"), max_length=2_000, blank=True)
    at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["request", "reviewer"], name="one_answer_a_person"),
            models.UniqueConstraint(fields=["request", "visitor"], name="one_answer_a_guest"),
        ]
        indexes = [
            models.Index(
                fields=["reviewer"], condition=Q(state="waiting"), name="answers_waited_for"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name_then}: {self.state}"
