"""The audit log: who did what, from where. Rows are added and never changed."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.log_lines import present_request_id
from generation.models.teams import Team
from generation.models.users import User


class ActorKind(models.TextChoices):
    USER = "user", _("Person")
    GUEST = "guest", _("Guest")
    SYSTEM = "system", _("System")
    LINK = "link", _("Link")


class Verb(models.TextChoices):
    """What is worth remembering. `noun.verb`; the page words it for people."""

    TEAM_CREATED = "team.created", _("Team created")
    TEAM_CHANGED = "team.changed", _("Team changed")
    TEAM_LEAVING = "team.leaving", _("Team deleted")
    TEAM_KEPT = "team.kept", _("Deletion of the team taken back")
    TEAM_OFFERED = "team.offered", _("Asked to take the team over")
    TEAM_OFFER_WITHDRAWN = "team.offer_withdrawn", _("No longer asked to take the team over")
    TEAM_DECLINED = "team.declined", _("Declined to take the team over")
    TEAM_TRANSFERRED = "team.transferred", _("Team handed over")
    MEMBER_JOINED = "member.joined", _("Member joined")
    MEMBER_LEFT = "member.left", _("Member left")
    MEMBER_REMOVED = "member.removed", _("Member removed")
    MEMBER_ROLE = "member.role", _("Role changed")
    INVITED = "invitation.created", _("Invited")
    INVITATION_RENEWED = "invitation.renewed", _("New link for an invitation")
    INVITATION_REVOKED = "invitation.revoked", _("Invitation revoked")
    INVITATION_ACCEPTED = "invitation.accepted", _("Invitation accepted")
    INVITATION_EXPIRED = "invitation.expired", _("Invitation ended")
    INVITATION_VOID = "invitation.void", _("Invitation no longer valid")
    PROJECT_CREATED = "project.created", _("Project created")
    PROJECT_CHANGED = "project.changed", _("Project changed")
    PROJECT_ARCHIVED = "project.archived", _("Project archived")
    PROJECT_RESTORED = "project.restored", _("Project restored")
    COLLECTION_CREATED = "collection.created", _("Collection created")
    COLLECTION_CHANGED = "collection.changed", _("Collection changed")
    COLLECTION_FILLED = "collection.filled", _("Added to a collection")
    COLLECTION_THINNED = "collection.thinned", _("Taken out of a collection")
    COLLECTION_DELETED = "collection.deleted", _("Collection deleted")
    FILTER_SAVED = "filter.saved", _("Filter saved for the team")
    FILTER_CHANGED = "filter.changed", _("Filter of the team changed")
    FILTER_DELETED = "filter.deleted", _("Filter of the team deleted")
    LINK_CREATED = "link.created", _("Share link created")
    LINK_CHANGED = "link.changed", _("Share link changed")
    LINK_REVOKED = "link.revoked", _("Share link switched off")
    LINK_RENEWED = "link.renewed", _("New address for a share link")
    LINK_VISITS_ENDED = "link.visits_ended", _("All visits of a share link ended")
    LINK_EXTENDED = "link.extended", _("Share link extended")
    COMMENT_REMOVED = "comment.removed", _("Comment of a guest removed")
    SUBJECT_CREATED = "subject.created", _("Subject created")
    SUBJECT_CHANGED = "subject.changed", _("Subject changed")
    SUBJECT_ARCHIVED = "subject.archived", _("Subject archived")
    SUBJECT_RESTORED = "subject.restored", _("Subject restored")
    SUBJECT_REGISTERED = "subject.registered", _("Subject registered")
    CONSENT_SET = "consent.set", _("Consent changed")
    CONSENT_REMOVED = "consent.removed", _("Consent removed")
    SUBJECTS_IMPORTED = "subject.imported", _("Subjects imported")
    BATCH_STARTED = "batch.started", _("Generation started")
    TASK_CANCELLED = "task.cancelled", _("Task cancelled")
    TASK_DECIDED = "task.decided", _("Task decided")
    TASK_SENT_AGAIN = "task.sent_again", _("Task sent again")
    OUTPUT_TRASHED = "output.trashed", _("Moved to the trash")
    OUTPUT_DELETED = "output.deleted", _("Deleted for good")
    OUTPUT_RESTORED = "output.restored", _("Restored from the trash")
    OUTPUT_DOWNLOADED = "output.downloaded", _("Downloaded as zip")
    VERSION_ADDED = "version.added", _("Version added")
    VERSION_REMOVED = "version.removed", _("Version taken out of its stack")
    STACK_CHANGED = "stack.changed", _("Stack changed")
    STACK_DISSOLVED = "stack.dissolved", _("Stack dissolved")
    REVIEW_ASKED = "review.asked", _("Review asked for")
    REVIEW_APPROVED = "review.approved", _("Approved")
    REVIEW_CHANGES = "review.changes", _("Changes asked for")
    REVIEW_MOVED = "review.moved", _("Approval moved to another version")
    REVIEW_WITHDRAWN = "review.withdrawn", _("Review withdrawn")
    REVIEWER_FREED = "review.freed", _("Reviewer taken off")
    KEY_ADDED = "key.added", _("Key added")
    KEY_REPLACED = "key.replaced", _("Key replaced")
    KEY_REMOVED = "key.removed", _("Key removed")
    KEY_DEFAULT = "key.default", _("Default key changed")
    KEY_LENT = "key.lent", _("Key lent to the team")
    KEY_LOAN_CHANGED = "key.loan_changed", _("Loan of a key changed")
    KEY_LOAN_ENDED = "key.loan_ended", _("Loan of a key ended")
    ACCOUNT_CREATED = "account.created", _("Account created")
    LOGGED_IN = "account.logged_in", _("Logged in from a new device")
    PASSWORD_CHANGED = "account.password", _("Password changed")
    FACTOR_CHANGED = "account.factor", _("Second factor changed")
    EMAIL_CHANGED = "account.email", _("E-mail address changed")
    SESSIONS_ENDED = "account.sessions", _("Sessions ended")
    ACCOUNT_EXPORTED = "account.exported", _("Own data downloaded")
    ACCOUNT_DELETED = "account.deleted", _("Account deleted")
    SUSPENDED = "account.suspended", _("Person suspended")
    REINSTATED = "account.reinstated", _("Suspension lifted")
    RESET_LINK_MADE = "account.reset_link", _("Link to set a password made")
    TASK_CHECKED = "task.checked", _("Task looked for again")
    SIGNUP_SWITCHED = "studio.signup", _("Sign-up opened or closed")
    ANNOUNCED = "studio.announced", _("Message to everybody")
    ANNOUNCEMENT_ENDED = "studio.quiet", _("Message to everybody ended")


@dataclass(frozen=True)
class Origin:
    """Where a request came from, as the log keeps it."""

    ip: str = ""
    user_agent: str = ""
    session_hint: str = ""


LONGEST_VALUE = 200
NOWHERE = Origin()  # the cluster, or a command
origin: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)  # set for each request


class AuditEvent(models.Model):
    """One act. Names are kept as text: they stay when the row that they name is gone.

    `changes` is {field: [old, new]} of plain values, never a secret, a prompt or a token.
    """

    at = models.DateTimeField(default=timezone.now)
    team = models.ForeignKey(
        Team, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="audit"
    )
    actor = models.ForeignKey(
        User, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    actor_name = models.CharField(max_length=80, blank=True)
    actor_kind = models.CharField(max_length=6, choices=ActorKind.choices)
    verb = models.CharField(max_length=24)  # one of Verb, which grows without a migration
    target_kind = models.CharField(max_length=20, blank=True)
    target_id = models.CharField(max_length=40, blank=True)
    target_name = models.CharField(max_length=200, blank=True)
    changes = models.JSONField(default=dict)
    ip = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=200, blank=True)
    session_hint = models.CharField(max_length=8, blank=True)
    request_id = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["team", "-at", "-id"], name="audit_team"),
            models.Index(fields=["team", "verb", "-at"], name="audit_verb"),
            models.Index(fields=["team", "actor", "-at"], name="audit_actor"),
            models.Index(fields=["at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.target_kind} {self.target_id}"


def changed_fields(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    """{field: [old, new]} of those that differ. Of a long text its beginning is enough."""
    return {
        name: [cut(before[name]), cut(after[name])]
        for name in before
        if before[name] != after[name]
    }


def cut(value: Any) -> Any:
    if not isinstance(value, str) or len(value) <= LONGEST_VALUE:
        return value
    return value[: LONGEST_VALUE - 1] + "…"


def audit(
    verb: Verb,
    *,
    team: Team | None,
    actor: User | None,
    target: models.Model | None = None,
    name: str = "",
    kind: ActorKind | None = None,
    changes: dict[str, Any] | None = None,
) -> AuditEvent:
    """Add one act to the log. Call it inside the transaction that does the act.

    `actor` None is the studio itself unless `kind` says otherwise; `name` is the target's, where
    its own text would not do; `changes` are {field: [old, new]} or plain facts.
    """
    came_from = origin.get()
    return AuditEvent.objects.create(
        team=team,
        actor=actor,
        actor_name=actor.shown_name[:80] if actor else "",
        actor_kind=kind or (ActorKind.USER if actor else ActorKind.SYSTEM),
        verb=verb,
        target_kind=target._meta.model_name or "" if target is not None else "",
        target_id=str(target.pk) if target is not None else "",
        target_name=(name or (str(target) if target is not None else ""))[:200],
        changes=changes or {},
        ip=came_from.ip,
        user_agent=came_from.user_agent[:200],
        session_hint=came_from.session_hint,
        request_id=present_request_id(),
    )
