"""Which subjects a request means: those its prompt mentions, and those chosen beside it."""

from collections.abc import Container, Iterable, Mapping

from django.db.models import Prefetch

from generation.catalogue import mentions
from generation.forms.parsing import parse_id
from generation.models import Subject, SubjectMedia, Team, User
from generation.models.subjects import SubjectQuerySet

MOST_IDS = 50  # looked up at once; more than any model takes


def with_files(rows: SubjectQuerySet) -> SubjectQuerySet:
    """With everything that `files`, `cover` and `facts` need, in two queries however many."""
    places = SubjectMedia.objects.select_related("media").order_by("position")
    return rows.prefetch_related(Prefetch("places", places))


def subjects_of(team: Team, user: User) -> SubjectQuerySet:
    return Subject.objects.visible_to(user).filter(team=team).active()


def mentioned_subjects(
    team: Team,
    user: User,
    prompt: str,
    ids: Iterable[str | int],
    names: Mapping[str, int] | None = None,
    as_text: Container[str] = (),
) -> list[Subject]:
    """The subjects mentioned, in the order of the prompt, then those of `ids`; each once.

    Ids of other teams and of what is archived name nobody. `names` are all there are, if the
    caller knows them; those whose keys are in `as_text` are meant as words and not sent.
    """
    rows = subjects_of(team, user)
    if names is None:
        names = dict(rows.values_list("name", "pk")) if mentions.has_at(prompt) else {}
    wanted = [names[name] for name in mentions.mentioned_names(prompt, names)]
    wanted += [pk for text in ids if (pk := parse_id(str(text)))][:MOST_IDS]
    found = with_files(rows).with_consent().in_bulk(wanted)
    every = [found[pk] for pk in dict.fromkeys(wanted) if pk in found]
    return [one for one in every if one.name_key not in as_text]


def without(prompt: str, name: str) -> str:
    """The prompt with the name as a plain word: a subject taken away is not mentioned again."""
    return mentions.rewrite_mentions(prompt, [name], "{name}")
