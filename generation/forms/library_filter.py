"""What of the library is shown: filters read from an address."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from django.core import signing
from django.db.models import Exists, OuterRef, QuerySet
from django.http import QueryDict

from generation.catalogue import rules
from generation.engine.reviewers import waited_for
from generation.forms.days import end_of_day, read_day, start_of_day
from generation.forms.paging import beyond
from generation.forms.search import clean_query, searched
from generation.forms.search_operators import read_operators
from generation.models import MediaKind, Rating, TaskSubject, User, rated_by
from generation.models.media import OutputQuerySet

OLDEST, TEAM, UNRATED = "oldest", "team", "unrated"
STARS = ("5", "4", "3", UNRATED)
ALL_VERSIONS = "all"
SHOWN, ONLY = REJECTED = ("shown", "only")
MINE = "mine"  # asked, and not answered yet
REVIEWS = (MINE, "in_review", "approved", "changes", "none")
# Without a time in it: the same view has the same addresses each time it is drawn.
FILTERS = signing.Signer(salt="library.filter")


def model_names() -> dict[str, list[str]]:
    """The models of the catalogue by label: one model has another name at each provider."""
    found: dict[str, list[str]] = {}
    for offer in rules.offers():
        names = found.setdefault(offer.label, [])
        if offer.model_name not in names:
            names.append(offer.model_name)
    return {names[0]: names for names in found.values()}


@dataclass(frozen=True)
class Choices:
    """What the menus offer, by the value that stands in the address."""

    projects: Mapping[str, tuple[int, str]]
    people: Mapping[str, tuple[int, str]]
    models: Mapping[str, str]
    modes: Mapping[str, str] = field(default_factory=dict)
    subjects: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    team: int = 0

    def slug(self, project_id: int) -> str:
        return next((slug for slug, (pk, _) in self.projects.items() if pk == project_id), "")


@dataclass(frozen=True)
class Filter:
    """One view of the library. Holds row ids, so it must only ever narrow one team's rows."""

    kind: str = ""
    projects: tuple[int, ...] = ()
    people: tuple[int, ...] = ()
    models: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    subjects: tuple[int, ...] = ()
    search: str = ""
    team: int = 0  # whose index is searched
    stars: str = ""  # at least so many, or `unrated`
    by_team: bool = False  # the team's median instead of the viewer's own stars
    favourite: bool = False
    collection: int = 0  # its order is its own: neighbours are found by it, nothing is narrowed
    all_versions: bool = False  # also those that a later version took the place of
    rejected: str = ""  # what the viewer rejected is hidden, unless it is "shown" or all of it
    review: str = ""  # a state, or MINE
    since: str = ""  # the first day and the last one, as 2026-11-01
    until: str = ""
    oldest: bool = False

    @classmethod
    def read(cls, query: QueryDict, choices: Choices) -> "Filter":
        """What the address asks for; what nobody offers is left out."""
        kind = query.get("type", "")
        search, asked = read_operators(
            clean_query(query.get("q", "")), choices.people.values(), choices.models
        )
        found = cls(
            kind=kind if kind in MediaKind.values else "",
            projects=ids(query.getlist("project"), choices.projects),
            people=ids(query.getlist("person"), choices.people),
            models=tuple(name for name in choices.models if name in query.getlist("model")),
            modes=tuple(name for name in choices.modes if name in query.getlist("mode")),
            subjects=ids(query.getlist("subject"), choices.subjects),
            search=search,
            team=choices.team if search else 0,
            stars=one_of(query, "stars", STARS),
            by_team=query.get("by") == TEAM,
            favourite=query.get("favourite") == "1",
            rejected=one_of(query, "rejected", REJECTED),
            review=one_of(query, "review", REVIEWS),
            since=read_iso_day(query, "since"),
            until=read_iso_day(query, "until"),
            all_versions=query.get("versions") == ALL_VERSIONS,
            oldest=query.get("sort") == OLDEST,
        )
        return replace(found, **asked)

    @classmethod
    def opened(cls, token: str) -> "Filter":
        """The filter that `sealed` put into an address; a broken one filters nothing."""
        try:
            fields = FILTERS.unsign_object(token)
            return cls(**{name: thaw(value) for name, value in fields.items()})
        except (signing.BadSignature, TypeError, AttributeError):
            return cls()

    def sealed(self) -> str:
        """For addresses of single outputs; empty when nothing is filtered."""
        fields = {name: value for name, value in asdict(self).items() if value}
        return FILTERS.sign_object(fields) if fields else ""

    @property
    def narrows(self) -> bool:
        plain = replace(self, oldest=False, by_team=False, collection=0, all_versions=False, team=0)
        return plain != Filter()

    def without(self, name: str, value: Any = None) -> "Filter":
        """This view with one filter, or one of its values, taken away."""
        now = getattr(self, name)
        less: Any = tuple(one for one in now if one != value) if isinstance(now, tuple) else ""
        less = False if isinstance(now, bool) else less
        return replace(self, **{name: less})

    def query(self, choices: Choices) -> str:
        """The address of this view, after the question mark."""
        query = QueryDict(mutable=True)
        facts: dict[str, list[Any]] = {
            "type": [self.kind],
            "project": [choices.slug(pk) for pk in self.projects],
            "person": list(self.people),
            "model": list(self.models),
            "mode": list(self.modes),
            "subject": list(self.subjects),
            "q": [self.search],
            "stars": [self.stars],
            "by": [TEAM if self.by_team and self.stars else ""],
            "favourite": ["1" if self.favourite else ""],
            "rejected": [self.rejected],
            "review": [self.review],
            "since": [self.since],
            "until": [self.until],
            "versions": [ALL_VERSIONS if self.all_versions else ""],
            "sort": [OLDEST if self.oldest else ""],
        }
        for name, values in facts.items():
            query.setlist(name, [value for value in values if value])
        return query.urlencode()

    def apply(self, rows: OutputQuerySet, viewer: User) -> OutputQuerySet:
        """The rows of this view for one person, in its order."""
        if not self.all_versions:
            rows = rows.filter(superseded=False)
        if self.kind:
            rows = rows.filter(kind=self.kind)
        if self.projects:
            rows = rows.filter(project__in=self.projects)
        if self.people:
            rows = rows.filter(user__in=self.people)
        if self.models:
            names = model_names()
            wanted = [name for key in self.models for name in names.get(key, ())]
            rows = rows.filter(task__model_name__in=wanted)
        if self.modes:
            rows = rows.filter(task__mode__in=self.modes)
        if self.subjects:
            using = TaskSubject.objects.filter(subject__in=self.subjects).values("task")
            rows = rows.filter(task__in=using)
        rows = self.reviewed(self.made_then(rows), viewer)
        rows = self.rated(searched(rows, self.search, self.team), rated_by(viewer))
        return rows.order_by("created_at", "id") if self.oldest else rows.newest_first()

    def made_then(self, rows: OutputQuerySet) -> OutputQuerySet:
        first, last = read_day(self.since), read_day(self.until)
        if first:
            rows = rows.filter(created_at__gte=start_of_day(first))
        return rows.filter(created_at__lt=end_of_day(last)) if last else rows

    def reviewed(self, rows: OutputQuerySet, viewer: User) -> OutputQuerySet:
        if self.review == MINE:
            return rows.filter(pk__in=waited_for(viewer).values("request__output"))
        return rows.filter(review=self.review) if self.review else rows

    def rated(self, rows: OutputQuerySet, own: QuerySet[Rating]) -> OutputQuerySet:
        """Those that the ratings let through; `own` are the viewer's."""
        own = own.filter(output=OuterRef("pk"))
        if self.stars == UNRATED:
            rows = rows.filter(~Exists(own.filter(stars__gt=0)))
        elif self.stars and self.by_team:
            rows = rows.filter(stars_doubled__gte=2 * int(self.stars))
        elif self.stars:
            rows = rows.filter(Exists(own.filter(stars__gte=int(self.stars))))
        if self.favourite:
            rows = rows.filter(Exists(own.filter(favourite=True)))
        if self.rejected != SHOWN:
            is_rejected = Exists(own.filter(rejected=True))
            rows = rows.filter(is_rejected if self.rejected == ONLY else ~is_rejected)
        return rows

    def after(self, rows: OutputQuerySet, at: datetime, pk: int, viewer: User) -> OutputQuerySet:
        """What follows the output of that time and id."""
        return beyond(self.apply(rows, viewer), at, pk, later=self.oldest)

    def before(self, rows: OutputQuerySet, at: datetime, pk: int, viewer: User) -> OutputQuerySet:
        """What stands before it, the nearest first."""
        return beyond(self.apply(rows, viewer).reverse(), at, pk, later=not self.oldest)


def one_of(query: QueryDict, name: str, offered: tuple[str, ...]) -> str:
    value = str(query.get(name, ""))
    return value if value in offered else ""


def read_iso_day(query: QueryDict, name: str) -> str:
    day = read_day(str(query.get(name, "")))
    return day.isoformat() if day else ""


def ids(values: list[str], offered: Mapping[str, tuple[int, str]]) -> tuple[int, ...]:
    return tuple(pk for value, (pk, _) in offered.items() if value in values)


def thaw(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
