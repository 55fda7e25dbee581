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
    CREATE = "create"  # generate, upload, save frames, add projects
    EDIT_SUBJECT = "edit subject"  # add, change, archive, register, import
    EDIT_PROJECT = "edit project"  # change, archive
    CONTROL_TASK = "control task"  # cancel, try again, download again, decide
    TRASH_OUTPUT = "trash output"  # and restore
    REMOVE_UPLOAD = "remove upload"


class Reach(IntEnum):
    """Which rows of the team: none, those that the person made, or every one."""

    NONE = 0
    OWN = 1
    ALL = 2


NONE, OWN, ALL = Reach
COLUMNS = (Role.OWNER, Role.ADMIN, Role.MEMBER, Role.VIEWER)
TABLE: Mapping[Act, tuple[Reach, Reach, Reach, Reach]] = {
    Act.CREATE:        (ALL, ALL, ALL, NONE),
    Act.EDIT_SUBJECT:  (ALL, ALL, ALL, NONE),
    Act.EDIT_PROJECT:  (ALL, ALL, OWN, NONE),
    Act.CONTROL_TASK:  (ALL, ALL, OWN, NONE),
    Act.TRASH_OUTPUT:  (ALL, ALL, OWN, NONE),
    Act.REMOVE_UPLOAD: (OWN, OWN, OWN, NONE),
}  # fmt: skip


def reach_of(role: str, act: Act) -> Reach:
    return TABLE[act][COLUMNS.index(Role(role))]


def roles_for(act: Act) -> tuple[Role, ...]:
    """The roles that may do it at least to rows of their own."""
    return tuple(role for role in COLUMNS if reach_of(role, act) is not NONE)
