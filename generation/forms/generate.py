"""What Generate asks for. The catalogue decides what is legal; this form says it at the field."""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generation.catalogue import rules
from generation.catalogue.modes import mode_inputs, mode_settings
from generation.catalogue.params import PARAMS
from generation.catalogue.rules import name_of
from generation.catalogue.types import MEGABYTE, Counts, Input, Invalid, Offer, Problem
from generation.forms.create_scope import CreateScope
from generation.forms.fields import Text, field_for, sentence, values_in
from generation.forms.generate_display import FormDisplay
from generation.forms.key_loans import name_of_key, trouble_of_lent
from generation.forms.parsing import parse_id
from generation.forms.picked_fields import PickedFields
from generation.forms.row_fields import is_blank
from generation.forms.unsent_mentions import UnsentMention, keys_as_text, texts_in, unsent_mentions
from generation.models import (
    ApiKey,
    Collection,
    KeyLoan,
    KeyState,
    Media,
    MediaKind,
    Project,
    Stack,
    Subject,
)
from generation.providers.registry import PROVIDERS
from generation.providers.request_body import MOST_BODY

COUNTS = (1, 2, 3, 4)
AROUND = 64 * 1024  # what a request has besides its files; a long payload counts for itself
SMALL = MEGABYTE  # what a smaller copy would hardly make lighter
INTENT = re.compile(r"[\w-]{16,64}", re.ASCII)
PLACED = {
    "images": gettext_lazy("Image %(number)s"),
    "videos": gettext_lazy("Video %(number)s"),
    "sounds": gettext_lazy("Sound effect %(number)s"),
    "frames": gettext_lazy("Way to image %(number)s"),
    "cues": gettext_lazy("Row %(number)s"),
}


def new_intent() -> str:
    return secrets.token_urlsafe(24)


def setting_names(mode: str) -> list[str]:
    """The parameters of a mode that are fields of their own and that anybody takes."""
    taken = {name for row in rules.offers(mode=mode) for name in row.limits}
    return [one.name for one in mode_settings(mode) if one.name in taken]


def input_names(mode: str) -> list[str]:
    return [one.name for one in mode_inputs(mode)]


def defaults(offer: Offer) -> dict[str, Any]:
    return {
        name: limit.default
        for name, limit in offer.limits.items()
        if limit.default is not None and not PARAMS[name].is_input
    }


class GenerateForm(PickedFields, FormDisplay):
    """The composer. `offer` None: there is nothing this person can ask for yet.

    `initial` holds native values by name, and inputs as `files` (Media by parameter) and `subjects`
    (Subjects). `refused` says, by parameter, why inputs that came along could not be taken.
    """

    intent = forms.CharField(required=False)
    model = forms.CharField(required=False)
    project = Text(strip=True)
    key = Text(strip=True)
    count = forms.TypedChoiceField(
        choices=[(number, str(number)) for number in COUNTS],
        coerce=int,
        initial=1,
        error_messages={
            "invalid_choice": gettext_lazy("Choose a number from 1 to 4."),
            "required": gettext_lazy("Choose a number from 1 to 4."),
        },
    )

    as_text = forms.Field(required=False)  # words after @ that are to be sent as they are typed

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        scope: CreateScope,
        offer: Offer | None,
        initial: Mapping[str, Any] | None = None,
        refused: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        given = dict(initial or {})
        self.sent = QueryDict() if data is None else data
        super().__init__(data, initial=(defaults(offer) if offer else {}) | given)
        self.scope, self.offer = scope, offer
        self.refused = {name: list(reasons) for name, reasons in (refused or {}).items()}
        self.row_errors: dict[str, dict[int, str]] = {}
        self.values: dict[str, Any] = {}
        self.used: list[int] = []
        self.heavy: list[Media] = []
        self.take_inputs(given)
        self.raw = self.read_values()
        for name in self.inputs:
            self.fields[name] = forms.Field(required=False)
        for name in self.names:
            self.fields[name] = field_for(self.shown_offer, name, self.raw, self.counts)

    def take_inputs(self, given: Mapping[str, Any]) -> None:
        files: Mapping[str, Sequence[Media | None]] = given.get("files", {})
        subjects: Sequence[Subject | None] = given.get("subjects", ())
        chosen = self.sent.getlist("as_text") if self.is_bound else given.get("as_text", ())
        self.as_text_keys = keys_as_text(chosen)
        if self.is_bound:
            files = self.scope.files({name: self.sent.getlist(name) for name in self.inputs})
            subjects = self.scope.subjects(
                self.sent.getlist("subjects"), self.sent.get("prompt", ""), self.as_text_keys
            )
        self.missing = {name for name, many in files.items() if None in many}
        self.missing |= {"subjects"} if None in subjects else set()
        self.chosen: dict[str, list[Media]] = {
            name: [one for one in many if one] for name, many in files.items()
        }
        self.subjects = [one for one in subjects if one]

    def read_values(self) -> dict[str, Any]:
        """The native values as they stand, sent or given."""
        if not self.is_bound:
            return {name: self.initial.get(name) for name in self.names}
        found = values_in(self.names, self.sent)
        if "frames" in found:  # every picture sends a row; nothing leads to the first
            found["frames"] = found["frames"][1:]
        return {name: found.get(name) for name in self.names}

    @cached_property
    def names(self) -> list[str]:
        return setting_names(self.scope.mode)

    @cached_property
    def inputs(self) -> list[str]:
        return input_names(self.scope.mode)

    @property
    def counts(self) -> Counts:
        return {name: len(self.given(name)) for name in self.inputs}

    def given(self, name: str) -> Sequence[Media | Subject]:
        return self.subjects if name == "subjects" else self.chosen.get(name, [])

    @property
    def facts(self) -> dict[str, list[Input]]:
        """What the catalogue's limits speak of."""
        return {name: [one.facts for one in self.given(name)] for name in self.inputs}

    @cached_property
    def unsent(self) -> list[UnsentMention]:
        """What stands after @ and is not sent as a subject, to be decided about."""
        names = self.scope.subject_names if any(texts_in(self.raw)) else ()
        return unsent_mentions(self.shown_offer, self.raw, self.counts, names, self.as_text_keys)

    @property
    def shown_offer(self) -> Offer:
        """Whose limits the fields show; without any offer, those of the mode's first model."""
        return self.offer or rules.offers(mode=self.scope.mode)[0]

    def shown(self, name: str) -> Any:
        given = self.initial.get(name)
        return self.data.get(name, given) if self.is_bound else given

    @property
    def own_keys(self) -> list[ApiKey]:
        return self.scope.keys_of(self.offer.provider) if self.offer else []

    @property
    def chosen_key(self) -> ApiKey | None:
        """The key that the form names now, else the default one."""
        named, own = str(self.shown("key")), self.own_keys
        return next((key for key in own if str(key.pk) == named), next(iter(own), None))

    @property
    def chosen_loan(self) -> KeyLoan | None:
        """Under which the chosen key is used, where it is somebody else's."""
        return self.scope.loans.get(self.chosen_key.pk) if self.chosen_key else None

    @property
    def key_choices(self) -> list[tuple[ApiKey, str]]:
        return [(key, name_of_key(key, self.scope.loans.get(key.pk))) for key in self.own_keys]

    @property
    def key_trouble(self) -> str:
        """What the last test of the key found, as far as it stands in the way."""
        key, loan = self.chosen_key, self.chosen_loan
        if key is None or key.state not in (KeyState.REJECTED, KeyState.EMPTY):
            return ""
        if loan is not None:
            return trouble_of_lent(loan)
        return str(key.note) or str(KeyState(key.state).label)

    @property
    def chosen_project(self) -> Project | None:
        return self.scope.project(str(self.shown("project"))) or self.scope.usual_project

    @property
    def version_source(self) -> str:
        """The output that is made again, as its number."""
        return str(parse_id(str(self.shown("version_of") or "")))

    @cached_property
    def version_of(self) -> Stack | None:
        """The stack whose next version the results may become; asked for only where an output of
        one was opened to be made again."""
        named = parse_id(self.version_source)
        return self.scope.stack_of(named) if named else None

    @property
    def version_name(self) -> str:
        """The stack's name, else the prompt of its newest version."""
        if self.version_of is None or self.version_of.name:
            return self.version_of.name if self.version_of else ""
        kept = self.version_of.versions.filter(output__trashed_at=None).order_by("-number")
        prompt = kept.values_list("output__task__prompt", flat=True).first() or ""
        return " ".join(prompt.split()) or str(self.version_of)

    @property
    def stack(self) -> Stack | None:
        """The stack that the person chose for the results."""
        return self.version_of if self.shown("as_version") == "1" else None

    @cached_property
    def collection(self) -> Collection | None:
        """What the person chose for the results to come into; one that is gone is no choice."""
        named = parse_id(str(self.shown("into") or ""))
        return self.scope.collection(named) if named else None

    @property
    def next_version(self) -> str:
        return f"v{self.version_of.last_number + 1}" if self.version_of else ""

    @property
    def shown_count(self) -> int:
        if self.scope.mode == "voice":  # there can be only one of its id
            return 1
        value = str(self.shown("count"))
        return int(value) if value in map(str, COUNTS) else 1

    @property
    def shown_intent(self) -> str:
        """The id this form was drawn with: a form shown again keeps it until it was used."""
        given = str(self.shown("intent"))
        return given if INTENT.fullmatch(given) else new_intent()

    def renew_intent(self) -> None:
        """Its intent was used: with the same one it could start nothing."""
        self.sent["intent"] = new_intent()

    # --- Checking ---------------------------------------------------------------------------

    def clean_intent(self) -> str:
        intent = str(self.cleaned_data["intent"])
        return intent if INTENT.fullmatch(intent) else new_intent()

    def clean_model(self) -> str:
        name = str(self.cleaned_data["model"])
        if self.offer is None or (name and name != name_of(self.offer)):
            raise forms.ValidationError(
                _("You cannot use this model now. Choose another, or add a key in Settings.")
            )
        return name

    def clean_project(self) -> Project:
        project = self.scope.project(str(self.cleaned_data["project"]))
        if not self.scope.projects:
            raise forms.ValidationError(_("There is no project to put this in. Create one first."))
        if project is None:
            raise forms.ValidationError(_("This project is not there. Choose another."))
        return project

    def clean_key(self) -> ApiKey | None:
        named = str(self.cleaned_data["key"])
        if named and self.own_keys and named not in [str(key.pk) for key in self.own_keys]:
            raise forms.ValidationError(_("This key is not there. Choose another."))
        return self.chosen_key

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or self.cleaned_data)
        for name in self.inputs:
            self.say_all(name, self.lost(name))
            self.say_all(name, self.refused.get(name, ()))
        self.say_all("as_text", (word.sentence for word in self.unsent if not word.as_text))
        if self.offer is None:
            return data
        values, cues = dict(self.raw), list(self.raw.get("cues") or ())
        # An empty row is one that nobody has used yet; problems speak of the rows as shown.
        self.used = [place for place, row in enumerate(cues) if not is_blank(row)]
        if cues:
            values["cues"] = [cues[place] for place in self.used]
        values |= self.new_voice()
        self.say_wrong_choices()
        try:
            self.values = rules.check(self.offer, values, self.facts)
        except Invalid as invalid:
            for problem in invalid.problems:
                self.say(problem)
        else:
            self.values |= self.name_of_voice()
            self.weigh(self.offer)
        return data

    def weigh(self, offer: Offer) -> None:
        """Refuse files that are together too large to be sent; `heavy` could be made smaller."""
        size = too_much(offer, self.chosen)
        if not size:
            return
        self.heavy = heavy(self.chosen)
        facts = {"size": -(-size // MEGABYTE), "most": MOST_BODY // MEGABYTE}
        if self.heavy:
            text = _("Together these files are %(size)s MB to send, this provider takes %(most)s.")
            advice = _("Use a smaller copy of one.")
            self.add_error("images", f"{text % facts} {advice}")
        else:
            text = _(
                "This is %(size)s MB to send, this provider takes %(most)s. Use a shorter one."
            )
            self.add_error(
                next(name for name in self.inputs if self.chosen.get(name)), text % facts
            )

    def lost(self, name: str) -> list[str]:
        if name not in self.missing:
            return []
        if name == "images":
            return [_("An image was not found. It is left out; add it again if you need it.")]
        if name == "subjects":
            return [_("A subject was not found. It is left out; choose it again if you need it.")]
        return [_("A file was not found. It is left out; add it again if you need it.")]

    def say_all(self, name: str, sentences: Iterable[str]) -> None:
        for one in sentences:
            self.add_error(name, one)

    def say(self, problem: Problem) -> None:
        """Put the catalogue's problem at its field, once; inputs and rows are called by place."""
        name, text, place = problem.param, sentence(problem), problem.position
        if self.scope.mode == "voice" and name == "voice_id" and not self.raw.get(name):
            name, text = "voice_name", _("Give the voice a name.")
        if place is not None:
            place = self.used[place] if name == "cues" else place
            self.row_errors.setdefault(name, {}).setdefault(place, text)
            text = f"{self.called(name, place)}{text}"
        elif name in self.errors:
            return
        self.add_error(name if name in self.fields else None, text)

    def called(self, name: str, position: int) -> str:
        """How a sentence about one input or row begins."""
        pattern = PLACED.get(PARAMS[name].kind)
        if pattern is None:
            return ""
        number = position + (2 if name == "frames" else 1)
        one = self.given(name)[position] if name in self.inputs else None
        file = f" ({one.name})" if isinstance(one, Media) and one.name else ""
        return f"{pattern % {'number': number}}{file}: "


def sent_size(media: Media) -> int:
    """Bytes in the request: as text, or nothing where an address is sent instead."""
    return 0 if media.source_url else 4 * -(-media.bytes // 3)


def too_much(offer: Offer, files: Mapping[str, Sequence[Media]]) -> int:
    """How many bytes the files of a request have together, if that is too much; else 0."""
    if PROVIDERS[offer.provider].can_upload:  # pictures go ahead of the request there
        return 0
    size = AROUND + sum(sent_size(media) for many in files.values() for media in many)
    return size if size > MOST_BODY else 0


def heavy(files: Mapping[str, Sequence[Media]]) -> list[Media]:
    """The pictures that a smaller copy would make lighter, the heaviest first."""
    images = [one for many in files.values() for one in many if one.kind == MediaKind.IMAGE]
    found = [one for one in images if sent_size(one) > SMALL]
    return sorted(found, key=sent_size, reverse=True)
