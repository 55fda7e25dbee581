"""The head of one batch, above its cards. Nothing here asks the database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from generation.catalogue import mentions
from generation.models import Batch, Task
from generation.models.keys import USUAL_PROVIDER
from generation.views.feed.next_steps import NextStep, usual_uses
from generation.views.feed.source_title import task_title
from generation.views.feed.task_card import (
    RATIOS,
    Card,
    model_label,
    short_settings,
    work_of,
)

NARROW, WIDER = 0.95, 1.25
ROWS = {1: "one", 2: "two", 3: "three"}  # four in a row, and more wrap
MARK = "\x00"  # in no prompt: no database takes it
FILES = {"images": mentions.IMAGE, "videos": mentions.VIDEO}  # what a prompt calls them


@dataclass(frozen=True)
class Part:
    """Plain text, or one mention; `subject` is the id of whom it names, 0 for a file."""

    text: str
    mention: bool = False
    subject: int = 0


@dataclass(frozen=True)
class BatchCard:
    """One press of Generate: its prompt, its cards, and what can be done with all of them."""

    batch: Batch
    cards: Sequence[Card]
    lead: Task
    marks: Sequence[tuple[str, str]] = field(default_factory=tuple)

    @property
    def facts(self) -> list[str]:
        """The settings, short, in the order they are read."""
        labels = [*work_of(self.lead), model_label(self.lead)]
        if self.lead.provider != USUAL_PROVIDER:
            labels.append(self.lead.get_provider_display())
        return [*labels, *short_settings(self.lead)]

    @property
    def prompt(self) -> list[Part]:
        return parts_of(self.lead, task_title(self.lead))

    @property
    def use(self) -> NextStep | None:
        """The usual way on from the first result."""
        first = next((one for card in self.cards for one in card.outputs), None)
        return next(iter(usual_uses(first, 1)), None) if first else None

    @property
    def charged(self) -> str:
        tasks = [card.task for card in self.cards if not card.task.was_stopped]
        spent = sum(task.credits or 0 for task in tasks)
        return ngettext("%d credit", "%d credits", spent) % spent if spent else ""

    @property
    def may_cancel(self) -> list[Task]:
        return [card.task for card in self.cards if card.task.may_cancel]

    @property
    def notes(self) -> list[str]:
        """What there is to know of its cards, each once."""
        return list(dict.fromkeys(card.note for card in self.cards if card.note))

    @property
    def grid(self) -> str:
        """How many cards stand in a row, and how wide one may be: classes."""
        widest = max(RATIOS[card.shape] for card in self.cards)
        shape = "tall" if widest < NARROW else "square" if widest < WIDER else ""
        return f"{ROWS.get(len(self.cards), '')} {shape}".strip()


def batch_card(batch: Batch, cards: Sequence[Card]) -> BatchCard:
    return BatchCard(batch, cards, cards[0].task, tuple(marks_of(cards)))


def marks_of(cards: Sequence[Card]) -> list[tuple[str, str]]:
    """The state of a batch: (class, label), the most urgent first."""
    count = {name: sum(card.state == name for card in cards) for name in STATES}
    busy = sum(count[name] for name in BUSY)
    found = []
    if count["decide"]:
        found.append(("warn", _("Your decision is needed")))
    if busy:
        only = next((name for name in ("queued", "checking") if count[name] == busy), "")
        labels = {"queued": _("In queue"), "checking": _("Checking")}
        found.append(("run", labels.get(only, _("Generating"))))
    if count["failed"]:
        failed = ngettext("%d failed", "%d failed", count["failed"]) % count["failed"]
        found.append(("err", failed if len(cards) > 1 else _("Failed")))
    if count["ready"]:
        found.append(("ok", ngettext("%d ready", "%d ready", count["ready"]) % count["ready"]))
    if count["cancelled"]:
        found.append(("off", _("Cancelled")))
    if count["gone"]:
        trashed = any(card.in_trash for card in cards)
        found.append(("off", _("In the trash") if trashed else _("Deleted")))
    return found


BUSY = ("queued", "sending", "waiting", "rendering", "saving", "checking")
STATES = (*BUSY, "ready", "failed", "cancelled", "gone", "decide")


def parts_of(task: Task, text: str) -> list[Part]:
    """The text of a task, its mentions apart. Asks nothing beyond what feeds have fetched."""
    if not mentions.has_at(text):
        return [Part(text)]
    known = {one.name: one.subject_id for one in task.mentioned_subjects.all()} | dict.fromkeys(
        file_mentions(task), 0
    )
    marked = mentions.rewrite_mentions(text, known, f"{MARK}@{{name}}{MARK}")
    found = [(piece, place % 2 == 1) for place, piece in enumerate(marked.split(MARK))]
    return [Part(one, mention, known[one[1:]] if mention else 0) for one, mention in found if one]


def file_mentions(task: Task) -> Iterable[str]:
    """@image1, @video2: the files that were given, by their place."""
    roles = [one.role for one in task.inputs.all()]
    for role, called in FILES.items():
        yield from (f"{called}{place}" for place in range(1, roles.count(role) + 1))
