"""What a task is called: its prompt, else what it was made from."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from generation.catalogue.modes import MODES
from generation.models import Task

NAMED = 2  # sources in a title, before the rest is only counted
SHORT = 60
# Where the label only says what it begins with, which is enough beside "Video" on the form.
LABELS = {
    "text-video": gettext_noop("Text to video"),
    "image-video": gettext_noop("Image to video"),
}


def mode_label(name: str) -> str:
    """What the work is called; a mode that left the catalogue keeps its name."""
    if name in LABELS:
        return _(LABELS[name])
    return _(MODES[name].label) if name in MODES else name


def task_title(task: Task) -> str:
    """The prompt; without one, what is heard in it, else the mode and what it was made from."""
    if task.prompt:
        return task.prompt
    heard = ", ".join(str(cue.get("prompt", "")) for cue in task.values.get("cues", []))
    return heard or source_title(mode_label(task.mode), list(source_names(task)))


def source_title(mode: str, names: list[str]) -> str:
    if not names:
        return mode
    more = len(names) - NAMED
    shown = ", ".join(names[:NAMED])
    if more > 0:
        known = {"names": shown, "n": more}
        shown = ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", more) % known
    return _("%(mode)s: %(sources)s") % {"mode": mode, "sources": shown}


def source_names(task: Task) -> Iterator[str]:
    """Subjects as they were called, files by their name, results by their own prompt."""
    for used in task.mentioned_subjects.all():
        yield f"@{used.name}"
    for given in task.inputs.all():
        made = getattr(given.media, "output", None)
        name = made.task.prompt if made else given.media.name
        if name := " ".join(name[: SHORT + 1].split()):
            yield f"{name[: SHORT - 1].rstrip()}…" if len(name) > SHORT else name
