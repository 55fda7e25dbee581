"""Where one person works: the projects, keys, models and inputs they may use in one mode."""

from collections.abc import Container, Iterable, Mapping, Sequence
from functools import cached_property
from uuid import UUID

from django.db.models import QuerySet

from generation.catalogue import mentions, rules
from generation.catalogue.modes import MODES, mode_inputs
from generation.catalogue.rules import name_of
from generation.catalogue.signs import key_of
from generation.catalogue.types import Mode, Offer
from generation.forms.mentioned_subjects import mentioned_subjects, subjects_of
from generation.forms.parsing import parse_id
from generation.forms.voices import Voices
from generation.models import (
    Act,
    ApiKey,
    Collection,
    KeyLoan,
    KeyState,
    Media,
    MediaKind,
    Membership,
    Project,
    Stack,
    Subject,
    Team,
    User,
)
from generation.models.key_loans import providers_with
from generation.models.permissions import Reach

MOST_COLLECTIONS = 100
MOST_IDS = 50  # looked up at once; more than any mode takes
KINDS = {
    "images": MediaKind.IMAGE, "videos": MediaKind.VIDEO, "sounds": MediaKind.AUDIO,
}  # fmt: skip


def media_inputs(mode: str) -> dict[str, MediaKind]:
    """The inputs of a mode that are files, and what kind of file each takes."""
    return {one.name: KINDS[one.kind] for one in mode_inputs(mode) if one.kind in KINDS}


def parse_ids(texts: Iterable[str]) -> list[int]:
    """What people post as ids; 0 stands for what can be none."""
    return [parse_id(text) for text in texts][:MOST_IDS]


class CreateScope:
    """Asks the database once for each thing, and only when it is needed."""

    def __init__(self, user: User, team: Team, mode: str) -> None:
        self.user, self.team, self.mode = user, team, mode

    @cached_property
    def providers(self) -> list[str]:
        return providers_with({key.provider for key in self.keys})

    @cached_property
    def offers(self) -> list[Offer]:
        return [row for name in self.providers for row in rules.offers(name, self.mode)]

    @cached_property
    def modes(self) -> list[Mode]:
        """The modes this person can use; without any key, those that anybody offers."""
        able = {row.mode for name in self.providers for row in rules.offers(name)}
        able = (able or {row.mode for row in rules.offers()}) | {self.mode}
        return [mode for name, mode in MODES.items() if name in able]

    @cached_property
    def own_or_lent(self) -> list[ApiKey]:
        """Keys that can be used now, oldest first. One statement: most teams lend none."""
        lent = KeyLoan.objects.open_to(self.user, self.team).values("key")
        rows = ApiKey.objects.visible_to(self.user) | ApiKey.objects.filter(pk__in=lent)
        rows = rows.usable().order_by("created_at", "pk").defer("sealed", "fingerprint")
        return [key for key in rows if key.matches_address]

    @cached_property
    def keys(self) -> list[ApiKey]:
        """Keys that can be used now, oldest first; those that others lend come last."""
        own = [key for key in self.own_or_lent if key.user_id == self.user.pk]
        return [*own, *(loan.key for loan in self.loans.values())]

    @cached_property
    def loans(self) -> dict[UUID, KeyLoan]:
        """By key: what others lend to this team."""
        if all(key.user_id == self.user.pk for key in self.own_or_lent):
            return {}
        rows = KeyLoan.objects.open_to(self.user, self.team).select_related("key__user")
        rows = rows.defer("key__sealed", "key__fingerprint")
        return {loan.key.pk: loan for loan in rows if loan.key.matches_address}

    @cached_property
    def projects(self) -> list[Project]:
        own = Project.objects.visible_to(self.user).filter(team=self.team)
        return list(own.active())

    def offer(self, name: str) -> Offer | None:
        return next((row for row in self.offers if name_of(row) == name), None)

    @property
    def default_offer(self) -> Offer | None:
        """The first model of the provider whose key is the oldest, else of any other."""
        keys = sorted(self.keys, key=lambda key: key.must_be_entered_again)
        providers = [key.provider for key in keys]
        own = [row for name in providers[:1] for row in self.offers if row.provider == name]
        return next(iter([*own, *self.offers]), None)

    def keys_of(self, provider: str) -> list[ApiKey]:
        """The keys of one provider, the default one first, then those that others lend."""
        found = [key for key in self.keys if key.provider == provider]
        return sorted(found, key=lambda key: (key.pk in self.loans, key.rank))

    def voices(self, provider: str) -> Voices:
        return Voices(self.team, [provider])

    @property
    def working_provider(self) -> str:
        """Whose key of one's own is known to work, and who offers this mode; empty for none."""
        able = {row.provider for row in self.offers}
        works = [key for key in self.keys if key.state == KeyState.WORKS]
        own = (key.provider for key in works if key.pk not in self.loans)
        return next((name for name in own if name in able), "")

    @property
    def usual_project(self) -> Project | None:
        """Where work goes when no project is asked for: the team's choice, else the first."""
        usual = (one for one in self.projects if one.pk == self.team.default_project_id)
        return next(usual, None) or next(iter(self.projects), None)

    def stack_of(self, output_id: int) -> Stack | None:
        """The stack that an output of the team is in, if this mode makes what that holds."""
        kind = MODES[self.mode].makes
        rows = Stack.objects.visible_to(self.user).filter(team=self.team)
        return rows.filter(versions__output=output_id, versions__output__kind=kind).first()

    @cached_property
    def collections(self) -> list[Collection]:
        """Those that this person may fill, the ones changed last first."""
        rows = self.fillable().order_by("-changed_at", "-pk")
        return list(rows[:MOST_COLLECTIONS])

    def fillable(self) -> QuerySet[Collection]:
        rows = Collection.objects.visible_to(self.user).filter(team=self.team)
        member = Membership.objects.filter(user=self.user, team=self.team).first()
        reach = member.reach(Act.EDIT_COLLECTION) if member else Reach.NONE
        if reach is Reach.ALL:
            return rows
        return rows.filter(created_by=self.user) if reach is Reach.OWN else rows.none()

    def collection(self, pk: int) -> Collection | None:
        return self.fillable().filter(pk=pk).first()

    def project(self, slug: str) -> Project | None:
        return next((project for project in self.projects if project.slug == slug), None)

    def files(self, ids: Mapping[str, Sequence[str]]) -> dict[str, list[Media | None]]:
        """The files of each input in the order given; None stands for one that this team has not,
        or that is of another kind."""
        wanted = {name: parse_ids(ids.get(name, ())) for name in media_inputs(self.mode)}
        every = {pk for numbers in wanted.values() for pk in numbers if pk}
        found = self.own_files(every) if every else {}
        kinds = media_inputs(self.mode)
        return {
            name: [of_kind(found.get(pk), kinds[name]) for pk in numbers]
            for name, numbers in wanted.items()
        }

    def own_files(self, ids: Iterable[int]) -> dict[int, Media]:
        return Media.objects.visible_to(self.user).filter(team=self.team).in_bulk(list(ids))

    @cached_property
    def subject_names(self) -> dict[str, int]:
        """What can be mentioned. Ask only for a text that has an @."""
        return dict(subjects_of(self.team, self.user).values_list("name", "pk"))

    def subjects(
        self, ids: Iterable[str], prompt: str, as_text: Container[str] = ()
    ) -> list[Subject | None]:
        """The subjects that a prompt mentions and those named by id; None stands for an id that
        this team has not. Those in `as_text` are only words here."""
        if "subjects" not in (one.name for one in mode_inputs(self.mode)):
            return []
        wanted = list(ids)[:MOST_IDS]
        names = self.subject_names if mentions.has_at(prompt) else {}
        found = (
            mentioned_subjects(self.team, self.user, prompt, wanted, names, as_text)
            if wanted or names
            else []
        )
        known = {one.pk for one in found}
        known |= {pk for name, pk in names.items() if key_of(name) in as_text}
        lost = any(number not in known for number in parse_ids(wanted))
        return [*found, None] if lost else list(found)


def of_kind(media: Media | None, kind: MediaKind) -> Media | None:
    return media if media is not None and media.kind == kind else None
