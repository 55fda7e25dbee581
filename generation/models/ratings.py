"""What each person thinks of an output: stars, a favourite, or rejected."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models import F, FilteredRelation, Q

from generation.models.media import Output, OutputQuerySet, tell_teams
from generation.models.users import User

MOST_STARS = 5
FIELDS = ("stars", "favourite", "rejected")


class Rating(models.Model):
    """One person's own. Stays, without a name, where the account is gone: the median is the team's.

    `Output.raters` and `Output.stars_doubled` say how many gave stars and what their median is.
    """

    output = models.ForeignKey(Output, on_delete=models.CASCADE, related_name="ratings")
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    stars = models.PositiveSmallIntegerField(default=0)  # 1 to 5; 0: none
    favourite = models.BooleanField(default=False)
    rejected = models.BooleanField(default=False)
    rated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["output", "user"], name="one_rating_a_person"),
            models.CheckConstraint(condition=Q(stars__lte=MOST_STARS), name="at_most_five_stars"),
        ]
        indexes = [
            models.Index(fields=["user", "output"], condition=Q(rejected=True), name="rejected"),
            models.Index(fields=["user", "output"], condition=Q(favourite=True), name="favourite"),
            models.Index(fields=["user", "output", "stars"], name="rating_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.stars} stars of {self.user} for {self.output}"


@dataclass(frozen=True)
class Marks:
    """What one person gave an output, beside what the whole team thinks."""

    stars: int = 0
    favourite: bool = False
    rejected: bool = False
    raters: int = 0
    median: float | None = None
    open_comments: int = 0
    scale: ClassVar = range(1, MOST_STARS + 1)


def rated_by(user: User | int) -> models.QuerySet[Rating]:
    """What one person gave; `user` may be the number."""
    return Rating.objects.filter(user=user)


def marks_of(user: User | int, outputs: Sequence[Output]) -> dict[int, Marks]:
    """By the number of each output, in one query."""
    own = {row.output_id: row for row in rated_by(user).filter(output__in=outputs)}
    found = {}
    for output in outputs:
        row = own.get(output.pk)
        given = {name: getattr(row, name) for name in FIELDS} if row else {}
        found[output.pk] = Marks(
            raters=output.raters, median=output.median_stars, open_comments=output.open_comments,
            **given,
        )  # fmt: skip
    return found


def with_own_rating(rows: OutputQuerySet, user: User) -> OutputQuerySet:
    """Outputs that `marks_on` may be asked for, in the query that reads them."""
    own = FilteredRelation("ratings", condition=Q(ratings__user=user))
    return rows.annotate(own=own).annotate(**{f"own_{name}": F(f"own__{name}") for name in FIELDS})


def marks_on(output: Output) -> Marks:
    """Of an output that was read `with_own_rating`."""
    given: dict[str, Any] = {name: getattr(output, f"own_{name}") or 0 for name in FIELDS}
    return Marks(
        raters=output.raters,
        median=output.median_stars,
        open_comments=output.open_comments,
        **given,
    )


@transaction.atomic
def rate(
    user: User,
    output_ids: Iterable[int],
    *,
    stars: int | None = None,
    favourite: bool | None = None,
    rejected: bool | None = None,
) -> None:
    """Give these outputs what is not None, and have open pages of their teams show it.

    Nothing is a favourite and rejected: the later one counts. `stars` of 0 takes them back.
    """
    rows = Output.objects.filter(pk__in=output_ids)
    # In one order: two people who rate the same ones must not wait for each other in a circle.
    held = rows.order_by("pk").select_for_update(of=("self",), no_key=True)
    locked = list(held.values_list("pk", flat=True))
    asked = {"stars": stars, "favourite": favourite, "rejected": rejected}
    given = {name: value for name, value in asked.items() if value is not None}
    if favourite:
        given["rejected"] = False
    elif rejected:
        given["favourite"] = False
    known = set(rated_by(user).filter(output__in=locked).values_list("output", flat=True))
    rated_by(user).filter(output__in=locked).update(**given)
    Rating.objects.bulk_create(
        Rating(output_id=pk, user=user, **given) for pk in locked if pk not in known
    )
    if stars is not None:
        write_medians(locked)
    tell_teams(Output.objects.filter(pk__in=locked))


def write_medians(output_ids: Sequence[int]) -> None:
    """Say on the outputs what their ratings come to. Call with their rows locked."""
    given: dict[int, list[int]] = defaultdict(list)
    rows = Rating.objects.filter(output__in=output_ids, stars__gt=0)
    for pk, stars in rows.values_list("output", "stars"):
        given[pk].append(stars)
    changed = [
        Output(
            pk=pk,
            raters=len(given[pk]),
            stars_doubled=round(2 * median(given[pk])) if given[pk] else None,
        )
        for pk in output_ids
    ]
    Output.objects.bulk_update(changed, ["raters", "stars_doubled"], batch_size=200)
