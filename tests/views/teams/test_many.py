"""Whoever is in 40 teams, one of them with 50 members and a long log: pages stay cheap."""

import re

import pytest
from django.test import Client

from generation.models import Verb, audit
from generation.models.teams import Team
from tests.factories import make_invitation, make_member, make_output, make_user, team_of

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12
PAGES = (
    "/create/image/", "/library/", "/projects/", "/subjects/", "/settings/", "/team/members/",
    "/team/invitations/", "/team/roles/", "/team/audit/", "/team/settings/", "/team/transfer/",
)  # fmt: skip


@pytest.fixture
def client():
    owner = make_user(name="Nadia Herz")
    team = team_of(owner)
    for _ in range(49):
        make_member(team)
    for number in range(20):
        make_invitation(team, owner, f"guest{number}@example.test")
        audit(Verb.TEAM_CHANGED, team=team, actor=owner, target=team)
    for _ in range(3):
        make_output(owner)
    for number in range(39):
        Team.found(f"Another {number:02}", owner)
    client = Client()
    client.force_login(owner)
    client.get("/create/image/")  # notes that the person is there, and learns how long tasks take
    return client


@pytest.mark.parametrize("path", PAGES)
def test_pages_ask_little_of_the_database(client, path, django_assert_max_num_queries):
    with django_assert_max_num_queries(MOST_QUERIES):
        assert client.get(path).status_code == 200


def test_the_team_at_hand_is_the_first_and_a_filter_finds_the_others(client):
    page = client.get("/library/").content.decode()
    first, *others = re.findall(r'name="team" value="\d+"[^>]*title="([^"]+)"', page)
    assert first.startswith("Nadia")
    assert others == sorted(others)
    assert len(others) == 39
    assert "Find a team" in page


def test_a_few_teams_need_no_filter(user):
    client = Client()
    client.force_login(user)
    assert "Find a team" not in client.get("/library/").content.decode()
