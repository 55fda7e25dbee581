"""Teams, their members and roles."""

from django.db import connection, models, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from generation.models.permissions import Act, Reach, Role, reach_of, roles_for
from generation.models.users import User

MAY_CREATE = roles_for(Act.CREATE)
TAKE_CHANGE = "UPDATE generation_team SET change_seq = change_seq + 1 WHERE id = %s"
READ_CHANGE = "SELECT change_seq FROM generation_team WHERE id = %s"


class TeamQuerySet(models.QuerySet["Team"]):
    def visible_to(self, user: User) -> "TeamQuerySet":
        return self.filter(memberships__user=user, memberships__user__is_active=True)


class Team(models.Model):
    """A workspace. `change_seq` grows with every change of a task: the cursor of live pages."""

    name = models.CharField(_("name"), max_length=80)
    members = models.ManyToManyField(User, through="Membership", related_name="teams")
    change_seq = models.BigIntegerField(default=0)
    # Set while tasks of it may wait for a person's decision: pages of other teams ask nothing.
    held_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def next_change(team_id: int) -> int:
        """Take the next change number. Call inside the transaction that makes the change: the
        row lock keeps numbers in commit order, so a reader never skips one.

        Every change of a task takes one, and Django builds these statements for longer than the
        database works at them."""
        with connection.cursor() as cursor:
            cursor.execute(TAKE_CHANGE, [team_id])
            cursor.execute(READ_CHANGE, [team_id])
            return int(cursor.fetchone()[0])

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
