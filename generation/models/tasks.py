"""Tasks: one submission to a provider each, and the states they go through."""

import logging
import secrets
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.dispatch import Signal
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.catalogue import rules
from generation.catalogue.message import Message
from generation.catalogue.types import Offer
from generation.log_lines import log_line
from generation.models.keys import ApiKey, ProviderName
from generation.models.media import Media
from generation.models.messages import MessageField
from generation.models.projects import Project
from generation.models.search import search_column
from generation.models.teams import Team
from generation.models.users import User
from generation.providers.registry import PROVIDERS

log = logging.getLogger(__name__)


class Status(models.TextChoices):
    QUEUED = "queued", _("Queued")
    SUBMITTING = "submitting", _("Sending")
    RUNNING = "running", _("Generating")
    STORING = "storing", _("Saving")
    SUCCEEDED = "succeeded", _("Ready")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    UNCERTAIN = "uncertain", _("Checking")


S = Status
# queued -> running: it was held, and found at the provider.
# failed -> storing is "download again": the provider has finished, only our copy is missing.
# failed -> running: a person gave it up or stopped waiting, and then it came all the same; or the
# provider had finished without a result, and a person asks it to be looked for again.
MOVES: dict[str, frozenset[str]] = {
    S.QUEUED: frozenset({S.SUBMITTING, S.CANCELLED, S.FAILED, S.RUNNING}),
    S.SUBMITTING: frozenset({S.RUNNING, S.QUEUED, S.FAILED, S.UNCERTAIN}),
    S.UNCERTAIN: frozenset({S.RUNNING, S.FAILED}),
    S.RUNNING: frozenset({S.STORING, S.FAILED, S.CANCELLED}),
    S.STORING: frozenset({S.SUCCEEDED, S.FAILED}),
    S.FAILED: frozenset({S.STORING, S.RUNNING}),
    S.SUCCEEDED: frozenset(),
    S.CANCELLED: frozenset(),
}
ACTIVE = (S.QUEUED, S.SUBMITTING, S.RUNNING, S.STORING)
UNFINISHED = (*ACTIVE, S.UNCERTAIN)
# Sent within the transaction of a move to a state that people are told of: (task, to).
task_moved = Signal()
NEWS = frozenset({S.SUCCEEDED, S.FAILED, S.CANCELLED, S.UNCERTAIN})
LOOK_FARTHEST = timedelta(minutes=15)  # no look is put off for longer
NOT_BEGUN = ("created", "queued")  # at the provider: it may still be cancelled
GIVEN_UP = "GivenUp"  # the error code of an uncertain task that a person called failed
STOPPED = "StoppedWaiting"  # the same of a task that the provider did not end in time
ASK_AGAIN = timedelta(minutes=10)
NO_RESULTS = "NoResults"  # the error code where the provider finished and sent no file
SENT = (S.SUBMITTING, S.RUNNING, S.STORING, S.UNCERTAIN)


IN_FLIGHT_INDEXES = {
    "queued": ["provider", "key", "user", "id"],
    "submitting": ["provider", "key", "deadline"],
    "running": ["next_poll_at"],
    "storing": ["next_store_at"],
}


# What the log calls each change of state; all others are outcomes: of sending, or at the provider.
EVENTS: dict[tuple[str, str], str] = {
    (S.QUEUED, S.SUBMITTING): "claim",
    (S.UNCERTAIN, S.RUNNING): "adoption",
    (S.QUEUED, S.RUNNING): "adoption",
    (S.STORING, S.SUCCEEDED): "store",
    (S.STORING, S.FAILED): "store",
    (S.FAILED, S.STORING): "again",
    (S.FAILED, S.RUNNING): "again",
}


class IllegalMove(Exception):
    """The state machine has no such arrow: a fault in the code, never a race."""


def log_change(event: str, row: models.Model, before: str, after: str, **facts: Any) -> None:
    """One line a change of state, written once it is committed. No prompt, no key, no address."""
    level = logging.WARNING if after in (S.FAILED, S.UNCERTAIN) else logging.INFO
    known = {str(row._meta.model_name): row.pk, **facts, "from": before, "to": after}
    transaction.on_commit(partial(log.log, level, "%s", log_line(event, **known)))


def new_marker() -> str:
    return f"vs-{secrets.token_hex(16)}"


def new_token() -> str:
    return secrets.token_urlsafe(24)


class Batch(models.Model):
    """The tasks that one press of Generate made.

    `intent` is the form's one-time id. `digest` stands for all that was asked for, and `ordered_at`
    is by the database's clock: those of several web nodes differ.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="batches")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="batches")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="batches")
    made_by_name = models.CharField(max_length=80, blank=True)  # kept where `user` has left
    # Its results become the next versions of this stack.
    stack = models.ForeignKey(
        "generation.Stack", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # Its results come to the end of this collection; `collection_full`: one of them had no room.
    collection = models.ForeignKey(
        "generation.Collection", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    collection_full = models.BooleanField(default=False, db_default=False)
    intent = models.CharField(max_length=64)
    digest = models.CharField(max_length=32, blank=True)
    ordered_at = models.DateTimeField(db_default=Now())
    search_text = search_column()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "intent"], name="one_per_intent")]
        indexes = [
            models.Index(fields=["project", "-id"]),
            models.Index(fields=["user", "digest", "ordered_at"], name="batch_same_content"),
        ]

    def __str__(self) -> str:
        return f"batch {self.pk}"

    @property
    def maker_name(self) -> str:
        return self.made_by_name or (self.user.shown_name if self.user else "")


class TaskQuerySet(models.QuerySet["Task"]):
    def visible_to(self, user: User) -> "TaskQuerySet":
        return self.filter(team__in=Team.objects.visible_to(user))

    def due_to_send(self, now: datetime) -> "TaskQuerySet":
        due = Q(not_before=None) | Q(not_before__lte=now)
        return self.filter(due, status=S.QUEUED, held_since=None)

    def held(self) -> "TaskQuerySet":
        """Queued before the studio was away or copied: a person says whether they are sent."""
        return self.filter(status=S.QUEUED, held_since__isnull=False)

    def maybe_accepted(self) -> "TaskQuerySet":
        """Nobody knows; also where a person called it failed meanwhile, and what is held."""
        given_up = Q(status=S.FAILED, error_code=GIVEN_UP)
        held = Q(status=S.QUEUED, held_since__isnull=False)
        return self.filter(Q(status=S.UNCERTAIN) | given_up | held)

    def due_for_look(self, now: datetime) -> "TaskQuerySet":
        """Also what is so far off that it is from before the clock was set back.

        The state stands in a function, or SQLite reads all that failed by an index of it.
        """
        due = Q(next_look_at__lte=now) | Q(next_look_at__gt=now + LOOK_FARTHEST)
        held = Q(state=S.QUEUED, held_since__isnull=False)
        state = Q(state=S.UNCERTAIN) | Q(state=S.FAILED, error_code=GIVEN_UP) | held
        rows = self.filter(due, next_look_at__isnull=False)
        return rows.alias(state=Lower("status")).filter(state)

    def stopped(self) -> "TaskQuerySet":
        """A person waits for them no longer: what comes all the same is kept."""
        return self.filter(status=S.FAILED, error_code=STOPPED)

    def due_for_poll(self, now: datetime) -> "TaskQuerySet":
        return self.filter(status=S.RUNNING, next_poll_at__lte=now)

    def due_to_store(self, now: datetime) -> "TaskQuerySet":
        return self.filter(status=S.STORING, next_store_at__lte=now)

    def due_to_cancel(self, now: datetime) -> "TaskQuerySet":
        return self.filter(next_cancel_at__lte=now)


class Task(models.Model):
    """One submission. It causes at most one accepted create request, ever."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="tasks")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="tasks")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="tasks")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="tasks")
    key = models.ForeignKey(ApiKey, on_delete=models.SET_NULL, null=True, related_name="tasks")
    # Under which the key of somebody else is used; and what its subjects may cost on top of it.
    loan = models.ForeignKey(
        "generation.KeyLoan", on_delete=models.SET_NULL, null=True, related_name="tasks",
        db_index=False,
    )  # fmt: skip
    subject_credits = models.PositiveIntegerField(default=0)
    retry_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="retries"
    )

    provider = models.CharField(max_length=10, choices=ProviderName.choices)
    mode = models.CharField(max_length=20)
    model_name = models.CharField(max_length=60)
    prompt = models.TextField(blank=True)
    values = models.JSONField(default=dict)  # canonical, as catalogue.rules.check returned them

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    change = models.BigIntegerField(default=0)  # the team's change number of the last change
    marker = models.CharField(max_length=40, unique=True, default=new_marker)
    callback_token = models.CharField(max_length=40, default=new_token)
    created_at = models.DateTimeField(auto_now_add=True)
    request_id = models.CharField(max_length=32, blank=True)  # the web request that made it

    # Sending
    not_before = models.DateTimeField(null=True)  # queued, but wait: throttled or unreachable
    waiting_for = MessageField(blank=True)  # why, for a person
    held_since = models.DateTimeField(null=True)  # queued, but a person decides whether it is sent
    send_asked_at = models.DateTimeField(null=True)  # decided: sent once it was looked for
    claim = models.CharField(max_length=32, blank=True)
    deadline = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)  # set and committed before the first byte leaves
    sends = models.PositiveSmallIntegerField(default=0)
    key_version = models.PositiveIntegerField(default=1)  # of the secret that it was sent with

    # At the provider
    remote_id = models.CharField(max_length=120, blank=True)
    remote_state = models.CharField(max_length=10, blank=True)
    accepted_at = models.DateTimeField(null=True)
    next_poll_at = models.DateTimeField(null=True)
    poll_failures = models.PositiveIntegerField(default=0)
    code_failures = models.PositiveSmallIntegerField(default=0)  # our own code failed on it
    unreachable_since = models.DateTimeField(null=True)
    progress = models.FloatField(null=True)
    results = models.JSONField(default=list)  # [{"url", "remote_id", "marked"}], links expire
    empty_polls = models.PositiveSmallIntegerField(default=0)  # that told success without a file
    empty_since = models.DateTimeField(null=True)
    results_expire_at = models.DateTimeField(null=True)
    cancel_asked_at = models.DateTimeField(null=True)
    next_cancel_at = models.DateTimeField(null=True)  # the provider is asked again

    # Storing
    store_tries = models.PositiveSmallIntegerField(default=0)
    next_store_at = models.DateTimeField(null=True)

    # Reconciling
    listings = models.PositiveSmallIntegerField(default=0)  # complete listings without the marker
    next_look_at = models.DateTimeField(null=True)

    # The end
    finished_at = models.DateTimeField(null=True)
    credits = models.IntegerField(null=True)
    cost = models.DecimalField(max_digits=10, decimal_places=4, null=True)
    estimate = models.IntegerField(null=True)
    seed_used = models.BigIntegerField(null=True)
    error = MessageField(blank=True)  # the sentence for a person
    error_code = models.CharField(max_length=80, blank=True)
    error_field = models.CharField(max_length=40, blank=True)
    advice = MessageField(blank=True)  # what to do next

    objects = TaskQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["team", "change"]),
            models.Index(fields=["batch", "id"]),
            models.Index(fields=["team", "created_at"], name="task_team_month"),
            # One index a state: SQLite sees that a condition with one value fits, never one
            # with several. What is finished is in none of them.
            *(
                models.Index(fields=fields, condition=Q(status=status), name=f"task_{status}")
                for status, fields in IN_FLIGHT_INDEXES.items()
            ),
            models.Index(
                fields=["not_before", "created_at"],
                condition=Q(status="queued"),
                name="task_queued_later",
            ),
            models.Index(
                fields=["provider"], condition=Q(status="uncertain"), name="task_uncertain"
            ),
            models.Index(
                fields=["provider", "key"], condition=Q(status="running"), name="task_running_key"
            ),
            models.Index(
                fields=["next_cancel_at"],
                condition=Q(next_cancel_at__isnull=False),
                name="task_due_cancel",
            ),
            models.Index(
                fields=["next_look_at"],
                condition=Q(next_look_at__isnull=False),
                name="task_due_look",
            ),
            models.Index(fields=["team"], condition=Q(held_since__isnull=False), name="task_held"),
            models.Index(fields=["remote_id"], name="task_remote_id"),
            models.Index(
                fields=["provider", "mode", "model_name", "-finished_at"],
                condition=Q(status="succeeded"),
                name="task_usual_time",
            ),
            models.Index(fields=["user"], condition=Q(status="queued"), name="task_queued_of_user"),
            models.Index(fields=["loan"], condition=Q(loan__isnull=False), name="task_of_loan"),
            models.Index(
                fields=["next_look_at"],
                condition=Q(error_code="StoppedWaiting"),
                name="task_stopped",
            ),
        ]

    def __str__(self) -> str:
        return f"task {self.pk} ({self.status})"

    def get_absolute_url(self) -> str:
        return reverse("task", args=[self.pk])

    @property
    def offer(self) -> Offer:
        return rules.offer(self.provider, self.mode, self.model_name)

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE

    @property
    def is_held(self) -> bool:
        return self.status == S.QUEUED and self.held_since is not None

    @property
    def may_cancel(self) -> bool:
        """Only what has certainly not been sent, or what the provider has not scheduled."""
        now = timezone.now()
        if self.status == S.QUEUED:
            return True
        return (
            self.status == S.RUNNING
            and PROVIDERS[self.provider].can_cancel
            and self.remote_state in NOT_BEGUN
            and (self.cancel_asked_at is None or self.cancel_asked_at < now - ASK_AGAIN)
        )

    @property
    def log_facts(self) -> dict[str, Any]:
        """What each line of the log about it says."""
        return {"task": self.pk, "request": self.request_id, "provider": self.provider}

    @property
    def was_given_up(self) -> bool:
        """A person called it failed while nobody knew: what turns up all the same is kept."""
        return self.status == S.FAILED and self.error_code == GIVEN_UP

    @property
    def was_stopped(self) -> bool:
        return self.status == S.FAILED and self.error_code == STOPPED

    @property
    def may_find_results(self) -> bool:
        """The provider has finished and sent no file: it may have one by now."""
        return self.status == S.FAILED and self.error_code == NO_RESULTS

    @property
    def may_download_again(self) -> bool:
        return self.status == S.FAILED and self.remote_state == "success"

    def move(
        self, to: str, note: Message | str = "", *, where: Q | None = None, **fields: Any
    ) -> bool:
        """Go to state `to`, setting `fields`, with an event, in one transaction.

        The only writer of `status`. False when somebody else moved it first (or `where` no
        longer holds): a normal answer, nothing was written. IllegalMove when `MOVES` has no
        such arrow. On True the instance carries the new values.
        """
        if to not in MOVES[self.status]:
            raise IllegalMove(f"task {self.pk}: {self.status} -> {to}")
        with transaction.atomic():
            row = Task.objects.filter(pk=self.pk, status=self.status)
            if where is not None:
                row = row.filter(where)
            if not row.update(status=to, **fields):
                return False
            change = Team.next_change(self.team_id)
            Task.objects.filter(pk=self.pk).update(change=change)
            self.events.create(from_status=self.status, to_status=to, note=note)
            if to in NEWS:
                task_moved.send(Task, task=self, to=to)
        before, event = self.status, EVENTS.get((self.status, to), "outcome")
        if self.was_given_up or self.was_stopped:  # nobody waited for it any more
            event = "adoption"
        for name, value in {"status": to, "change": change, **fields}.items():
            setattr(self, name, value)
        known = {**self.log_facts, "remote_id": self.remote_id, "code": self.error_code}
        log_change(event, self, before, to, **known)
        return True

    def record(self, note: Message | str = "", *, where: Q | None = None, **fields: Any) -> bool:
        """Set `fields` without changing the state, and tell live pages; with `note`, log it.

        False when the task is no longer in the state this instance saw, or `where` not holds.
        """
        if "status" in fields:
            raise IllegalMove("status is written by move alone")
        with transaction.atomic():
            row = Task.objects.filter(pk=self.pk, status=self.status)
            held = row if where is None else row.filter(where)
            if not held.update(change=models.F("change"), **fields):
                return False
            change = Team.next_change(self.team_id)
            row.update(change=change)
            if note:
                self.events.create(from_status=self.status, to_status=self.status, note=note)
        for name, value in {"change": change, **fields}.items():
            setattr(self, name, value)
        return True


class TaskInput(models.Model):
    """One reference of a task, in order."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="inputs")
    role = models.CharField(max_length=12, default="images")
    position = models.PositiveSmallIntegerField()
    media = models.ForeignKey(Media, on_delete=models.PROTECT, related_name="used_in")

    class Meta:
        ordering = ["role", "position"]
        constraints = [
            models.UniqueConstraint(fields=["task", "role", "position"], name="one_input_a_place")
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.position} of task {self.task_id}"
