"""One noun per file; everything a caller needs is importable from here."""

from generation.models.audit import ActorKind, AuditEvent, Verb, audit, changed_fields
from generation.models.collections import Collection, CollectionItem
from generation.models.comments import Audience, Comment, CommentState
from generation.models.consents import Consent, ConsentFile, ConsentKind, ConsentState
from generation.models.events import CallbackEvent, TaskEvent
from generation.models.installation import Installation
from generation.models.invitations import Invitation, InvitationState
from generation.models.key_loans import KeyLoan
from generation.models.keys import NEEDS_KEY, ApiKey, KeyState, OldSecret, ProviderName
from generation.models.lanes import Lane, ProviderSilence
from generation.models.leases import Heartbeat, Lease
from generation.models.limits import LimitCount
from generation.models.media import TRASH_DAYS, Media, MediaKind, Output, ReviewState
from generation.models.notices import MailRhythm, Notice, NoticeChoice, NoticeKind
from generation.models.operator import Announcement, Switches
from generation.models.permissions import Act, Role
from generation.models.presence import Presence
from generation.models.projects import Project
from generation.models.ratings import Marks, Rating, marks_of, rate, rated_by
from generation.models.reviews import (
    Answer,
    Needed,
    RequestState,
    ReviewDecision,
    ReviewRequest,
)
from generation.models.secret_proofs import SecretProof
from generation.models.share_links import (
    Commenting,
    Downloads,
    LinkItem,
    LinkMode,
    ShareLink,
    Visitor,
)
from generation.models.stacks import Stack, StackVersion
from generation.models.subjects import (
    Registration,
    RegistrationState,
    Subject,
    SubjectKind,
    SubjectMedia,
    TaskSubject,
)
from generation.models.tasks import ACTIVE, MOVES, SENT, Batch, IllegalMove, Status, Task, TaskInput
from generation.models.teams import MAY_CREATE, Membership, Team
from generation.models.totals import CountedEvents, MoveTotal
from generation.models.users import Theme, User

__all__ = [
    "ACTIVE",
    "MAY_CREATE",
    "MOVES",
    "NEEDS_KEY",
    "SENT",
    "TRASH_DAYS",
    "Act",
    "ActorKind",
    "Announcement",
    "Answer",
    "ApiKey",
    "Audience",
    "AuditEvent",
    "Batch",
    "CallbackEvent",
    "Collection",
    "CollectionItem",
    "Comment",
    "CommentState",
    "Commenting",
    "Consent",
    "ConsentFile",
    "ConsentKind",
    "ConsentState",
    "CountedEvents",
    "Downloads",
    "Heartbeat",
    "IllegalMove",
    "Installation",
    "Invitation",
    "InvitationState",
    "KeyLoan",
    "KeyState",
    "Lane",
    "Lease",
    "LimitCount",
    "LinkItem",
    "LinkMode",
    "MailRhythm",
    "Marks",
    "Media",
    "MediaKind",
    "Membership",
    "MoveTotal",
    "Needed",
    "Notice",
    "NoticeChoice",
    "NoticeKind",
    "OldSecret",
    "Output",
    "Presence",
    "Project",
    "ProviderName",
    "ProviderSilence",
    "Rating",
    "Registration",
    "RegistrationState",
    "RequestState",
    "ReviewDecision",
    "ReviewRequest",
    "ReviewState",
    "Role",
    "SecretProof",
    "ShareLink",
    "Stack",
    "StackVersion",
    "Status",
    "Subject",
    "SubjectKind",
    "SubjectMedia",
    "Switches",
    "Task",
    "TaskEvent",
    "TaskInput",
    "TaskSubject",
    "Team",
    "Theme",
    "User",
    "Verb",
    "Visitor",
    "audit",
    "changed_fields",
    "marks_of",
    "rate",
    "rated_by",
]  # fmt: skip
