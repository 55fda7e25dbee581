"""Whoever is in forty teams finds one: by typing, with scripts or without, also on a phone."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Person
from tests.e2e.test_pages import violations_in_both_themes

TEAMS = """
from generation.models import Team, User

user = User.objects.get(email="{email}")
for number in range(39):
    Team.found(f"Atelier {{number:02}}, Vandenbroucke-Steinmetz et associes, Paris", user)
"""


@pytest.fixture
def in_forty_teams(new_person, studio):
    def start(width: int) -> Person:
        person = new_person(viewport={"width": width, "height": 844})
        person.sign_up_unseen()
        studio.run(TEAMS.format(email=person.email))
        return person

    return start


def test_a_team_is_found_by_typing_in_the_rail(in_forty_teams):
    person = in_forty_teams(1440)
    page = person.goto("/library/")
    page.locator("#team-switch").press("Enter")
    menu = page.locator("#team-menu")
    box = menu.bounding_box()
    assert box["y"] + box["height"] <= 844
    menu.get_by_label("Find a team").fill("atelier 17")
    expect(menu.locator("button:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("You are in Atelier 17")


def test_a_team_is_found_by_typing_on_a_phone(in_forty_teams):
    person = in_forty_teams(390)
    page = person.goto("/settings/")
    assert not violations_in_both_themes(page)  # and nothing scrolls sideways
    group = page.locator(".tabs .group")
    group.get_by_label("Find a team").fill("atelier 17")
    group.locator("button:visible").click()
    expect(page.locator("#toasts")).to_contain_text("You are in Atelier 17")
