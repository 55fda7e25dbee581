"""Collections: outputs of a team that somebody chose, in an order of their own."""

from collections.abc import Sequence

from django.db import models, transaction
from django.db.models import F, Max, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.models.media import Output
from generation.models.teams import Team
from generation.models.users import User

MOST_ITEMS = 2_000


class Full(Exception):
    """More items than a collection holds; nothing was added. `room` is how many still fit."""

    def __init__(self, room: int) -> None:
        super().__init__(room)
        self.room = room


class CollectionQuerySet(models.QuerySet["Collection"]):
    def visible_to(self, user: User) -> "CollectionQuerySet":
        return self.filter(team__in=Team.objects.visible_to(user))


class Collection(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="collections")
    name = models.CharField(_("name"), max_length=120)
    note = models.TextField(_("note"), max_length=2_000, blank=True)
    # The picture it is shown by; without one, its first items.
    cover = models.ForeignKey(
        Output, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    made_by_name = models.CharField(max_length=80, blank=True)  # where `created_by` is the heir
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = CollectionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["team", "-changed_at", "-id"], name="collections_of_team")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("collection", args=[self.pk])

    @property
    def maker_name(self) -> str:
        """Who made it, also where it was handed over since; empty when nobody knows."""
        return self.made_by_name or (self.created_by.shown_name if self.created_by else "")

    @property
    def shown_items(self) -> QuerySet["CollectionItem"]:
        """In their order, without what lies in the trash: restored, it has its place again."""
        rows = self.items.filter(output__trashed_at=None)
        return rows.order_by("position", "pk")

    def lock(self) -> None:
        """Have others who change its items wait for this transaction, and note the change, for
        open pages too."""
        Team.next_change(self.team_id)  # first, as by who holds the team to share a collection
        Collection.objects.select_for_update(no_key=True).get(pk=self.pk)
        Collection.objects.filter(pk=self.pk).update(changed_at=timezone.now())

    @transaction.atomic
    def add(self, outputs: Sequence[Output], user: User | None) -> int:
        """Put these at the end, without those that are in it; returns how many came. The caller
        has seen that they are of its team. Raises Full."""
        self.lock()
        known = set(self.items.values_list("output", flat=True))
        new = [one for one in outputs if one.pk not in known]
        if len(known) + len(new) > MOST_ITEMS:
            raise Full(MOST_ITEMS - len(known))
        last = self.items.aggregate(last=Max("position"))["last"] or 0
        CollectionItem.objects.bulk_create(
            CollectionItem(collection=self, output=output, position=last + place, added_by=user)
            for place, output in enumerate(new, 1)
        )
        return len(new)

    @transaction.atomic
    def take_out(self, output_ids: Sequence[int]) -> int:
        """Returns how many left; the outputs themselves stay in the library."""
        self.lock()
        return self.items.filter(output__in=output_ids).delete()[0]

    @transaction.atomic
    def move(self, output_id: int, place: int) -> int:
        """Make it number `place` of the shown items, the first is 1; returns the number that it
        has. Beyond an end it goes to that end. Raises CollectionItem.DoesNotExist."""
        self.lock()
        item = self.shown_items.get(output=output_id)
        others = list(self.shown_items.exclude(pk=item.pk).values_list("position", flat=True))
        place = max(1, min(place, len(others) + 1))
        if place <= len(others):
            position = others[place - 1]
            later = self.items.filter(position__gte=position)
            later.update(position=F("position") + 1)
        else:
            position = (self.items.aggregate(last=Max("position"))["last"] or 0) + 1
        self.items.filter(pk=item.pk).update(position=position)
        return place


class CollectionItem(models.Model):
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="items")
    output = models.ForeignKey(Output, on_delete=models.CASCADE, related_name="places")
    position = models.PositiveIntegerField()  # only the order means something
    added_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["collection", "output"], name="once_in_a_collection")
        ]
        indexes = [models.Index(fields=["collection", "position"], name="collection_order")]

    def __str__(self) -> str:
        return f"{self.output} in {self.collection}"
