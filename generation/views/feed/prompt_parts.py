"""A prompt in parts, so that a page can show whom it mentions."""

from collections.abc import Iterable
from dataclasses import dataclass

from generation.catalogue import mentions
from generation.models import Task

MARK = "\x00"  # in no prompt: no database takes it
FILES = {"images": mentions.IMAGE, "videos": mentions.VIDEO}  # what a prompt calls them


@dataclass(frozen=True)
class Part:
    """Some words, or one mention; `subject` is the id of whom it names, 0 for a file."""

    text: str
    mention: bool = False
    subject: int = 0


def parts_of(task: Task, text: str) -> list[Part]:
    """The text of a task, its mentions apart. Asks nothing beyond what feeds have fetched."""
    if "@" not in text:
        return [Part(text)]
    known = {one.name: one.subject_id for one in task.mentioned_subjects.all()} | dict.fromkeys(
        file_mentions(task), 0
    )
    marked = mentions.rewrite_mentions(text, known, f"{MARK}@{{name}}{MARK}")
    found = [(piece, place % 2 == 1) for place, piece in enumerate(marked.split(MARK))]
    return [Part(one, told, known[one[1:]] if told else 0) for one, told in found if one]


def file_mentions(task: Task) -> Iterable[str]:
    """@image1, @video2: the files that were given, by their place."""
    roles = [one.role for one in task.inputs.all()]
    for role, called in FILES.items():
        yield from (f"{called}{place}" for place in range(1, roles.count(role) + 1))
