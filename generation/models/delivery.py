"""What a file carries when it leaves the studio, and the copies that were made for that."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from generation.models.media import Media
from generation.models.tasks import Task
from generation.models.teams import Team
from generation.providers.registry import PROVIDERS


class DeliveryRules(models.Model):
    """A team's choice. A team without a row has the defaults."""

    team = models.OneToOneField(
        Team, on_delete=models.CASCADE, primary_key=True, related_name="delivery_rules"
    )
    source_mark = models.BooleanField(default=False)  # that a model made it, as IPTC says it
    aigc_keys = models.BooleanField(default=False)  # the same as Chinese rules ask for it
    names_maker = models.BooleanField(default=True)  # in the settings that go with a file
    sidecar_in_zip = models.BooleanField(default=False)
    # When somebody answered whether a team that works with Vidu China wants the keys.
    aigc_answered_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"delivery of {self.team_id}"

    @classmethod
    def of(cls, team: Team) -> "DeliveryRules":
        """The row, or the defaults; a row that was read with the team costs nothing."""
        try:
            return team.delivery_rules
        except cls.DoesNotExist:
            return cls(team_id=team.pk)

    @property
    def marks(self) -> bool:
        """Whether what is sent may be another file than the original."""
        return self.source_mark or self.aigc_keys

    def asks_about(self, task: Task) -> bool:
        """The same beside a result of this task."""
        asks = not self.aigc_keys and not self.aigc_answered_at
        return asks and PROVIDERS[task.provider].chinese_rules

    def asks_about_aigc(self) -> bool:
        """Once, when the team has worked with Vidu China."""
        if self.aigc_keys or self.aigc_answered_at:
            return False
        ruled = [name for name, one in PROVIDERS.items() if one.chinese_rules]
        return Task.objects.filter(team=self.team_id, provider__in=ruled).exists()


class DeliveryCopy(models.Model):
    """A copy of a file with marks in it. Its hash stays when the file makes room for others.

    `path` is set before the file is put there, `made_at` when it is there: what has the one without
    the other is under way, or was broken off.
    """

    media = models.ForeignKey(Media, on_delete=models.CASCADE, related_name="delivery_copies")
    recipe = models.CharField(max_length=12)  # what it carries, as `delivery.recipe_of` writes it
    path = models.CharField(max_length=200, blank=True)
    bytes = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    made_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["media", "recipe"], name="one_copy_a_recipe")
        ]
        indexes = [
            models.Index(fields=["used_at"], condition=~Q(path=""), name="delivery_copy_kept")
        ]

    def __str__(self) -> str:
        return f"{self.recipe} of media {self.media_id}"
