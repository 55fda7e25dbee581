"""People, their teams and projects, and what a role may do: one table of acts and roles."""

import secrets
from collections.abc import Mapping
from enum import Enum, IntEnum
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Theme(models.TextChoices):
    SYSTEM = "system", _("Same as the system")
    DARK = "dark", _("Dark")
    LIGHT = "light", _("Light")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    theme = models.CharField(_("theme"), max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    def __str__(self) -> str:
        return self.shown_name

    @property
    def shown_name(self) -> str:
        return self.name or self.email.partition("@")[0]

    @property
    def initials(self) -> str:
        parts = self.shown_name.replace(".", " ").split()
        return "".join(part[0] for part in parts[:2]).upper() or "?"


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


MAY_CREATE = roles_for(Act.CREATE)


class TeamQuerySet(models.QuerySet["Team"]):
    def visible_to(self, user: User) -> "TeamQuerySet":
        return self.filter(memberships__user=user, memberships__user__is_active=True)


class Team(models.Model):
    """A workspace. `change_seq` grows with every change of a task: the cursor of live pages."""

    name = models.CharField(_("name"), max_length=80)
    members = models.ManyToManyField(User, through="Membership", related_name="teams")
    change_seq = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def role_of(self, user: User) -> Role | None:
        found = self.memberships.filter(user=user).values_list("role", flat=True).first()
        return Role(found) if found else None

    @staticmethod
    def next_change(team_id: int) -> int:
        """Take the next change number. Call inside the transaction that makes the change: the
        row lock keeps numbers in commit order, so a reader never skips one."""
        Team.objects.filter(pk=team_id).update(change_seq=F("change_seq") + 1)
        return Team.objects.values_list("change_seq", flat=True).get(pk=team_id)

    @classmethod
    @transaction.atomic
    def create_personal(cls, user: User) -> "Team":
        """The team, role and first project that every new account gets."""
        team = cls.objects.create(name=gettext("%(name)s's team") % {"name": user.shown_name[:60]})
        Membership.objects.create(team=team, user=user, role=Role.OWNER)
        team.projects.create(name=gettext("Drafts"), created_by=user)
        return team


class Membership(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.MEMBER)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_role_per_team")]

    def __str__(self) -> str:
        return f"{self.user} / {self.team} / {self.role}"

    def may(self, act: Act) -> bool:
        """Whether at least rows of their own allow it."""
        return reach_of(self.role, act) is not Reach.NONE

    def may_on(self, act: Act, maker_id: int | None) -> bool:
        """Whether a row of this team allows it, by who made that row."""
        reach = reach_of(self.role, act)
        return reach is Reach.ALL or (reach is Reach.OWN and maker_id == self.user_id)

    @property
    def may_create(self) -> bool:
        return self.may(Act.CREATE)


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User) -> "ProjectQuerySet":
        return self.filter(team__in=Team.objects.visible_to(user))

    def active(self) -> "ProjectQuerySet":
        return self.filter(archived_at=None)


class Project(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="projects")
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(max_length=60, unique=True, editable=False)
    description = models.TextField(_("description"), max_length=2_000, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.slug:  # one name may stand in many teams: the tail keeps addresses apart
            self.slug = f"{slugify(self.name)[:48] or 'project'}-{secrets.token_hex(4)}"
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("project", args=[self.slug])
