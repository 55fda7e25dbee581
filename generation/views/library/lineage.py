"""What a task or an output was made from, and what was made of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Window
from django.utils.translation import gettext as _

from generation.forms.labels import param_label
from generation.models import Media, Output, SubjectMedia, Task, TaskInput, TaskSubject
from generation.views.library.task_facts import plain_number

MOST_DERIVED = 12
START_END, KEY_FRAMES = "start-end", "multiframe"


@dataclass(frozen=True)
class Source:
    """One file that something was made from; `output` where it is itself in the library."""

    media: Media
    name: str
    output: Output | None = None

    @property
    def href(self) -> str:
        return self.output.get_absolute_url() if self.output else self.media.url


@dataclass(frozen=True)
class DerivedOutputs:
    """The newest outputs that were made from one, and how many there are in all."""

    outputs: Sequence[Output]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.outputs)


def sources_of(task: Task) -> list[Source]:
    """The inputs of a task in order, each with what it was there for. One query."""
    rows = list(task.inputs.select_related("media__output").order_by("role", "position"))
    same_role = Counter(row.role for row in rows)
    return [
        Source(
            row.media, input_name(task.mode, row, same_role[row.role]), in_library(row.media, task)
        )
        for row in rows
    ]


def in_library(media: Media, task: Task) -> Output | None:
    """The output that a file is, as long as the library shows it to the same people."""
    output: Output | None = getattr(media, "output", None)
    shown = output and output.team_id == task.team_id and output.trashed_at is None
    return output if shown else None


def input_name(mode: str, row: TaskInput, same_role: int) -> str:
    """Start frame, Video 2, ..."""
    if mode == START_END and row.role == "images":
        return _("End frame") if row.position else _("Start frame")
    if mode == KEY_FRAMES and row.role == "images":
        return _("Key frame %(number)s") % {"number": row.position + 1}
    labels = {"images": _("Reference"), "videos": _("Video"), "sounds": _("Audio")}
    name = labels.get(row.role) or param_label(row.role)
    if same_role == 1:
        return name
    return _("%(name)s %(number)s") % {"name": name, "number": row.position + 1}


def task_subjects(task: Task) -> QuerySet[TaskSubject]:
    """The subjects of a task, each with the id of its first file as `cover`. One query."""
    files = SubjectMedia.objects.filter(subject=OuterRef("subject")).order_by("position")
    return task.mentioned_subjects.annotate(cover=Subquery(files.values("media")[:1]))


def sources_of_output(output: Output) -> list[Source]:
    """What an output was made from; a saved frame is of its video alone."""
    if output.taken_at is None:
        return sources_of(output.task)
    video = output.taken_from
    if video is None:
        return []
    name = _("Video at %(seconds)s s") % {"seconds": plain_number(output.taken_at)}
    return [Source(video.media, name, video if video.trashed_at is None else None)]


def derived_outputs(output: Output) -> DerivedOutputs:
    """Results of tasks that worked from this file, and frames that were saved of it.

    Of the output's own team, found through the tasks: a condition on the team of the outputs
    themselves would have the database read all of that team's.
    """
    using = TaskInput.objects.filter(media=output.media_id, task__team=output.team_id)
    made = Q(taken_from=output.pk) | Q(task__in=using.values("task"), taken_at=None)
    rows = Output.objects.kept().filter(made).order_by("-id").select_related("media")
    found = list(rows.annotate(all=Window(Count("pk")))[:MOST_DERIVED])
    return DerivedOutputs(found, found[0].all if found else 0)  # type: ignore[attr-defined]
