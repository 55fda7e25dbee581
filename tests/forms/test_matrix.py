"""The form says of every request at every limit what the catalogue says, at the same field."""

from types import SimpleNamespace

import pytest
from django.http import QueryDict

from generation.catalogue import rules
from generation.catalogue.modes import MODES
from generation.catalogue.params import PARAMS
from generation.catalogue.types import SubjectFacts
from generation.forms.create_scope import CreateScope, media_inputs, name_of
from generation.forms.generate import GenerateForm
from generation.forms.picks import is_picked
from generation.forms.row_fields import PARTS
from generation.forms.voices import Voices
from tests.catalogue.matrix import Case, representative_cases

TYPES = {"text": str, "url": str, "choice": str, "switch": bool, "frames": list, "cues": list}


class FactsVoices(Voices):
    """Nobody cloned any."""

    own = ()

    def is_of_others(self, _ident):
        return False


class FactsScope(CreateScope):
    """A desk whose files and subjects are only facts, and which asks no database."""

    def __init__(self, case: Case) -> None:
        self.mode, self.case = case.mode, case
        self.providers = [case.provider]
        self.keys = []
        self.projects = [SimpleNamespace(slug="drafts", name="Drafts")]

    @property
    def subject_names(self):
        return {one.name: one.pk for one in self.given("subjects")}

    def files(self, _ids):
        return {name: self.given(name) for name in media_inputs(self.mode)}

    def subjects(self, _ids, _prompt, _as_text=()):
        return self.given("subjects")

    def voices(self, provider):
        return FactsVoices(SimpleNamespace(pk=0), [provider])

    def given(self, name):
        facts = self.case.inputs.get(name, ())
        return [
            SimpleNamespace(facts=one, name=called(one), pk=1, source_url="given") for one in facts
        ]


def called(one) -> str:
    return one.name if isinstance(one, SubjectFacts) else ""


def typed(case: Case) -> QueryDict:
    """The values as a browser would send them."""
    data = QueryDict(mutable=True)
    offer = rules.offer(case.provider, case.mode, case.model_name)
    data.update({"model": name_of(offer), "count": "1", "project": "drafts", "intent": "i" * 32})
    for name, value in case.values.items():
        kind = PARAMS[name].kind
        if kind in PARTS and isinstance(value, list):
            rows = [{}, *value] if kind == "frames" else value
            for part in PARTS[kind]:
                data.setlist(f"{name}.{part}", [str(row.get(part, "")) for row in rows])
        elif isinstance(value, bool):
            data.setlist(name, ["off", "on"] if value else ["off"])
        else:
            # What is in no list is typed beside it.
            data[f"{name}_typed" if is_picked(case.mode, name) else name] = str(value)
    return data


def can_be_typed(case: Case) -> bool:
    """A browser sends text: the number 5 and the text "5" are one to a form."""
    for name, value in case.values.items():
        kind = PARAMS[name].kind
        if not isinstance(value, TYPES.get(kind, (int, float, type(None)))):
            return False
        rows = value if kind in PARTS else ()
        if any(isinstance(one, str) for row in rows for key, one in row.items() if key != "prompt"):
            return False
    return True


def form_of(case: Case) -> GenerateForm:
    offer = rules.offer(case.provider, case.mode, case.model_name)
    return GenerateForm(typed(case), scope=FactsScope(case), offer=offer)


@pytest.mark.parametrize("mode", MODES)
def test_the_form_gives_the_verdict_of_the_catalogue_at_the_right_field(mode):
    wrong = []
    for case in filter(can_be_typed, representative_cases(mode=mode)):
        form = form_of(case)
        refused = next(iter(form.errors), None)
        if case.mode == "voice" and not case.values.get("voice_id") and refused == "voice_name":
            refused = "voice_id"  # which is made of the name
        if refused != case.verdict:
            errors = dict(form.errors)
            wrong.append((case.provider, case.model_name, case.reason, case.verdict, errors))
        elif refused is None and form.values != rules.check(form.offer, case.values, case.inputs):
            wrong.append((case.provider, case.model_name, case.reason, "values differ"))
    assert not wrong, f"{len(wrong)}: {wrong[:12]}"
