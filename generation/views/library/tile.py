"""Tiles of a grid: one output each, with the labels on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, cached_property

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from generation.forms.days import start_of_day
from generation.forms.voices import name_of_voice
from generation.models import Act, Marks, Membership, Output, marks_of
from generation.models.media import OutputQuerySet
from generation.models.paths import path_of
from generation.views.feed.next_steps import NextStep, usual_uses
from generation.views.feed.task_card import media_ratio, model_label
from generation.web.days import DAY, day_name, day_of

TITLE = 120
COLUMNS = (
    "created_at", "kind", "marked", "trashed_at", "team", "taken_at", "user__name", "user__email",
    "made_by_name", "raters", "stars_doubled", "review", "version_number", "superseded",
    "open_comments",
    "media__width", "media__height", "media__seconds", "media__has_sound", "task__prompt",
    "task__provider", "task__mode", "task__model_name", "task__values",
)  # fmt: skip


class Framed:
    """What a tile's picture needs, for members and for guests.

    Templates write numbers as the language has it; these are texts already.
    """

    output: Output

    @property
    def width(self) -> str:
        return str(self.output.media.width or 16)

    @property
    def height(self) -> str:
        return str(self.output.media.height or 9)

    @property
    def shape(self) -> str:
        """The class of its ratio."""
        return media_ratio(self.output.media)


@dataclass
class OutputTile(Framed):
    output: Output
    may_trash: bool
    day: str = ""  # the heading above it, where a new day begins
    begins_row: bool = False  # so that what lies above may change and this stays where it is
    count: int | None = None  # outputs of that day, where counting is cheap
    marks: Marks | None = None
    place: int = 0  # its number, where the order is somebody's own

    @cached_property
    def number(self) -> str:
        return str(self.output.pk)

    @property
    def thumb(self) -> str:
        return self.output.media.thumb_url

    @property
    def link(self) -> str:
        return path_of("output", self.output.pk)

    @property
    def download(self) -> str:
        return path_of("output-download", self.output.pk)

    @cached_property
    def trash(self) -> str:
        return path_of("output-trash", self.output.pk)

    @property
    def reuse(self) -> str:
        version = f"&version_of={self.number}" if self.output.version_number else ""
        query = f"?from={self.output.task_id}{version}"
        return f"{create_path(self.output.task.mode)}{query}#compose"

    @property
    def as_subject(self) -> str:
        return f"{reverse('subject-new')}?from={self.number}"

    @property
    def version(self) -> str:
        """Such as v3; empty for what has no versions."""
        return version_label(self.output)

    @property
    def is_pile(self) -> bool:
        """Whether it lies on top of earlier versions."""
        return (self.output.version_number or 0) > 1 and not self.output.superseded

    @cached_property
    def title(self) -> str:
        return title_of(self.output)

    @cached_property
    def use(self) -> NextStep | None:
        """The usual next step with it."""
        return next(iter(usual_uses(self.output, 1)), None)

    @property
    def model(self) -> str:
        return model_label(self.output.task)

    @property
    def voice(self) -> str:
        return name_of_voice(self.output.task.values)

    @property
    def who(self) -> str:
        return output_name(self.output)


@cache
def create_path(mode: str) -> str:
    return reverse("create", args=[mode])


def title_of(output: Output) -> str:
    """The prompt on one short line; an output without one has its number."""
    text = one_line(output.task.prompt[: TITLE + 1], TITLE)
    known = {"kind": output.get_kind_display(), "number": output.pk}
    return text or _("%(kind)s %(number)s") % known


def one_line(text: str, most: int) -> str:
    text = " ".join(text.split())
    return f"{text[: most - 1].rstrip()}…" if len(text) > most else text


def version_label(output: Output) -> str:
    return f"v{output.version_number}" if output.version_number else ""


def output_name(output: Output) -> str:
    return output.maker_name or _("Someone who left")


def may_trash(member: Membership, output: Output) -> bool:
    return member.may_on(Act.TRASH_OUTPUT, output.user_id)


def with_tile_columns(rows: OutputQuerySet) -> OutputQuerySet:
    return rows.select_related("task", "media", "user").only(*COLUMNS)


def output_tiles(
    outputs: Sequence[Output],
    member: Membership,
    seen: datetime | None,
    counted: OutputQuerySet | None,
) -> list[OutputTile]:
    """`seen` is when the tile before was made; days of `counted` get the number of its rows."""
    heads = headings(outputs, day_of(seen) if seen else None)
    counts = outputs_per_day(counted, heads.values()) if counted is not None else {}
    marks = marks_of(member.user_id, outputs)
    return [
        OutputTile(
            output,
            may_trash(member, output),
            day_name(heads[output.pk]) if output.pk in heads else "",
            False,
            counts.get(heads.get(output.pk)),
            marks[output.pk],
        )
        for output in outputs
    ]


def headings(outputs: Sequence[Output], before: date | None) -> dict[int, date]:
    """The day of each output that is the first of its day."""
    found = {}
    for output in outputs:
        day = day_of(output.created_at)
        if day != before:
            found[output.pk] = before = day
    return found


def outputs_per_day(rows: OutputQuerySet, days: Iterable[date]) -> dict[date | None, int]:
    """How many rows each day has: one query over these days only."""
    spans = {
        day: Q(created_at__gte=start_of_day(day), created_at__lt=start_of_day(day + DAY))
        for day in days
    }
    if not spans:
        return {}
    around = rows.filter(
        created_at__gte=start_of_day(min(spans)), created_at__lt=start_of_day(max(spans) + DAY)
    )
    names = {f"day{number}": day for number, day in enumerate(spans)}
    found = around.aggregate(
        **{name: Count("pk", filter=spans[day]) for name, day in names.items()}
    )
    return {day: found[name] for name, day in names.items()}
