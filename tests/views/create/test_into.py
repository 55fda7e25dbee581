"""Choosing in Create a collection that the results come into."""

import pytest

from generation.models import Batch, Collection, Team
from tests.factories import make_user
from tests.views.review.test_versions import FORM

pytestmark = pytest.mark.django_db


@pytest.fixture
def chosen(user):
    return Collection.objects.create(team=user.teams.get(), name="Best & last", created_by=user)


def test_a_button_opens_the_choice_and_only_then_it_is_loaded(client, chosen):
    page = client.get("/create/image/").content.decode()
    assert 'value="into"' in page
    assert "Best &amp; last" not in page
    page = client.post("/create/image/", {"edit": "into"}).content.decode()
    assert f'<option value="{chosen.pk}">' in page
    assert "Best &amp; last" in page


def test_an_address_chooses_it_and_a_foreign_one_is_none(client, chosen):
    page = client.get(f"/create/image/?into={chosen.pk}").content.decode()
    assert f'name="into" value="{chosen.pk}" checked' in page
    other = make_user("other@example.com")
    team = Team.objects.visible_to(other).get()
    foreign = Collection.objects.create(team=team, name="Theirs", created_by=other)
    page = client.get(f"/create/image/?into={foreign.pk}").content.decode()
    assert "Theirs" not in page
    assert 'name="into" value=' not in page


def test_it_is_kept_with_the_batch_shown_on_its_card_and_remembered(client, chosen):
    project = chosen.team.projects.first().slug
    body = FORM | {"project": project, "into": chosen.pk}
    answer = client.post("/create/image/", body, follow=True)
    assert Batch.objects.get().collection == chosen
    assert f'href="{chosen.get_absolute_url()}"' in answer.content.decode()
    page = client.get("/create/image/").content.decode()
    assert f'name="into" value="{chosen.pk}" checked' in page
