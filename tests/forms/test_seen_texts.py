"""A required text of signs that nobody sees is missing."""

import pytest
from django.http import QueryDict

from generation.forms.collections import CollectionForm
from generation.forms.projects import ProjectForm
from generation.forms.subjects import SubjectForm
from generation.forms.teams import TeamForm
from tests.factories import make_media, team_of

UNSEEN = ["\u200b", "\ufeff\u00ad", "\u3164", "\ufe0f", "\U000e0041", "\u00a0"]


@pytest.mark.parametrize("text", UNSEEN)
@pytest.mark.parametrize("form", [ProjectForm, CollectionForm, TeamForm])
def test_a_name_of_unseen_signs_is_refused_and_a_seen_one_is_kept(form, text):
    assert "name" in form({"name": text}).errors
    assert "name" not in form({"name": f"{text}Winter"}).errors


@pytest.mark.parametrize("text", UNSEEN)
def test_a_subject_needs_a_name_that_is_seen(user, text):
    data = QueryDict(mutable=True)
    data.update({"name": text, "kind": "person"})
    form = SubjectForm(data, team=team_of(user), files=[make_media(user)])
    assert form.errors["name"] == ["Give the subject a name."]
