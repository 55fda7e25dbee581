"""Who may do what in a team: one table of acts and roles."""

from collections.abc import Mapping
from enum import Enum, IntEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    MEMBER = "member", _("Member")
    VIEWER = "viewer", _("Viewer")


class Act(Enum):
    SEE = "see"  # projects, library, subjects, members
    OWN_ACCOUNT = "own account"  # profile, keys, sessions; in no team, too
    RATE = "rate"  # one's own stars, favourites and rejections
    OPEN_NOTICE = "open notice"  # one's own, whatever the role
    SAVE_FILTER = "save filter"  # of the library, for oneself; change and delete those
    COMMENT = "comment"  # and reply, resolve
    EDIT_COMMENT = "edit comment"  # and delete: one's own, whatever the role
    CREATE = "create"  # generate, upload, save frames, add projects
    EDIT_SUBJECT = "edit subject"  # add, change, archive, register, import
    EDIT_COLLECTION = "edit collection"  # change, fill, arrange, delete
    REVIEW = "review"  # ask others for an answer, withdraw that; put versions together
    SHARE = "share"  # make links for guests, change and revoke them
    EDIT_PROJECT = "edit project"  # change, archive
    CONTROL_TASK = "control task"  # cancel, try again, download again, decide
    TRASH_OUTPUT = "trash output"  # and restore
    REMOVE_UPLOAD = "remove upload"
    LEND_KEY = "lend key"  # one's own, for others of the team to use
    END_LOAN = "end loan"  # of a key that was lent to the team
    INVITE = "invite"  # with a role up to one's own; see and revoke invitations
    CHANGE_ROLE = "change role"  # of who has no higher role, up to one's own
    REMOVE_MEMBER = "remove member"  # of one's own membership: leave
    READ_AUDIT = "read audit"
    MANAGE_TEAM = "manage team"  # name, picture, defaults, transfer, delete


class Reach(IntEnum):
    """Which rows of the team: none, those that the person made, or every one."""

    NONE = 0
    OWN = 1
    ALL = 2


NONE, OWN, ALL = Reach
COLUMNS = (Role.OWNER, Role.ADMIN, Role.MEMBER, Role.VIEWER)
TABLE: Mapping[Act, tuple[Reach, Reach, Reach, Reach]] = {
    Act.SEE:           (ALL, ALL, ALL, ALL),
    Act.OWN_ACCOUNT:   (OWN, OWN, OWN, OWN),
    Act.RATE:          (ALL, ALL, ALL, ALL),
    Act.OPEN_NOTICE:   (OWN, OWN, OWN, OWN),
    Act.SAVE_FILTER:   (ALL, ALL, OWN, OWN),
    Act.COMMENT:       (ALL, ALL, ALL, ALL),
    Act.EDIT_COMMENT:  (OWN, OWN, OWN, OWN),
    Act.CREATE:        (ALL, ALL, ALL, NONE),
    Act.EDIT_SUBJECT:  (ALL, ALL, ALL, NONE),
    Act.EDIT_COLLECTION: (ALL, ALL, OWN, NONE),
    Act.REVIEW:        (ALL, ALL, OWN, NONE),
    Act.SHARE:         (ALL, ALL, OWN, NONE),
    Act.EDIT_PROJECT:  (ALL, ALL, OWN, NONE),
    Act.CONTROL_TASK:  (ALL, ALL, OWN, NONE),
    Act.TRASH_OUTPUT:  (ALL, ALL, OWN, NONE),
    Act.REMOVE_UPLOAD: (OWN, OWN, OWN, NONE),
    Act.LEND_KEY:      (OWN, OWN, OWN, NONE),
    Act.END_LOAN:      (ALL, ALL, OWN, OWN),
    Act.INVITE:        (ALL, ALL, NONE, NONE),
    Act.CHANGE_ROLE:   (ALL, ALL, NONE, NONE),
    Act.REMOVE_MEMBER: (ALL, ALL, OWN, OWN),
    Act.READ_AUDIT:    (ALL, ALL, NONE, NONE),
    Act.MANAGE_TEAM:   (ALL, NONE, NONE, NONE),
}  # fmt: skip
# What is left of a team that was deleted, until it is gone: its owners may still take that back,
# and everybody may leave.
WHILE_LEAVING = {
    Act.SEE, Act.OWN_ACCOUNT, Act.OPEN_NOTICE, Act.END_LOAN, Act.READ_AUDIT, Act.REMOVE_MEMBER,
    Act.MANAGE_TEAM,
}  # fmt: skip


def reach_of(role: str, act: Act) -> Reach:
    return TABLE[act][COLUMNS.index(Role(role))]


def rank(role: str) -> int:
    """A higher role has a higher number."""
    return len(COLUMNS) - COLUMNS.index(Role(role))


def roles_for(act: Act) -> tuple[Role, ...]:
    """The roles that may do it at least to rows of their own."""
    return tuple(role for role in COLUMNS if reach_of(role, act) is not NONE)


def roles_up_to(role: str) -> tuple[Role, ...]:
    """The roles that somebody of this role may give, the lowest first. An owner is made by
    handing the team over, or by another owner."""
    return tuple(one for one in reversed(COLUMNS) if rank(one) <= rank(role))
