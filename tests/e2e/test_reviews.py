"""A review at a real browser: asked for in two presses, approved in one, and without scripts."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Person
from tests.e2e.test_pages import SIZES, violations_in_both_themes

WORK = """
from generation.models import User
from tests.factories import make_output

user = User.objects.get(email="{email}")
print([make_output(user).pk for _ in range(3)])
"""


@pytest.fixture
def reviewer(new_person):
    """Somebody alone in a team, who may ask themselves; and numbers of three outputs."""

    def make(**options) -> tuple[Person, list[str]]:
        person = new_person(**options)
        person.sign_up_unseen()
        return person, re.findall(r"\d+", person.studio.run(WORK.format(email=person.email)))[-3:]

    return make


def ask_in_viewer(page) -> None:
    page.get_by_role("link", name="Ask for a review").click()
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#ask")).to_contain_text("In review")


def test_two_presses_ask_and_one_approves(reviewer):
    person, pks = reviewer(viewport={"width": 1440, "height": 900})
    page = person.goto("/library/")
    page.locator(f"#o{pks[0]} .open").click()
    ask_in_viewer(page)
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#ask")).to_have_class(re.compile(r"\bok\b"))
    page.keyboard.press("Escape")
    expect(page.locator(f"#f{pks[0]}")).to_contain_text("Approved")


def test_changes_are_asked_for_with_a_word(reviewer):
    person, pks = reviewer(viewport={"width": 1440, "height": 900})
    page = person.goto(f"/a/{pks[0]}/")
    ask_in_viewer(page)
    page.get_by_text("Request changes").click()
    page.get_by_label("What should change").fill("Warmer from 0:02 on")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#ask")).to_contain_text("Warmer from 0:02 on")
    expect(page.locator("#ask")).to_have_class(re.compile(r"\bno\b"))


def test_a_selection_is_asked_about_and_an_approval_is_trashed_on_a_second_word(reviewer):
    person, pks = reviewer(viewport={"width": 1440, "height": 900})
    page = person.goto("/library/")
    for pk in pks[:2]:
        page.locator(f"#o{pk} .tick input").check(force=True)
    page.locator(".bulk").get_by_role("button", name="Ask for a review").click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("Ask for a review of 2 items")
    dialog.get_by_role("button", name="Ask", exact=True).click()
    expect(dialog).not_to_be_visible()
    page = person.goto("/library/?review=mine")
    expect(page.locator(".card")).to_have_count(2)
    page = person.goto(f"/a/{pks[0]}/")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#ask")).to_have_class(re.compile(r"\bok\b"))
    page = person.goto("/library/")
    page.locator(f"#o{pks[0]} .tick input").check(force=True)
    page.locator("[data-bulk=trash]").click()
    expect(dialog).to_contain_text("approved by")
    dialog.get_by_role("button", name="Move it to the trash").click()
    expect(dialog).not_to_be_visible()
    expect(page.locator(f"#o{pks[0]}")).not_to_be_visible()


def test_all_of_it_without_scripts(reviewer):
    person, pks = reviewer()
    bare = person.context.browser.new_context(
        java_script_enabled=False, storage_state=person.context.storage_state()
    )
    page = bare.new_page()
    page.goto(f"{person.studio.url}/a/{pks[0]}/")
    ask_in_viewer(page)
    page.get_by_role("button", name="Withdraw").click()
    expect(page.locator("#ask")).to_contain_text("No review yet")
    ask_in_viewer(page)
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#ask")).to_contain_text("Approved")
    page.locator("[data-tab=settings]").click()
    page.locator(".output-actions summary", has_text="More").click()
    page.get_by_role("button", name="Move to trash").click()
    expect(page.get_by_text("approved by")).to_be_visible()
    page.get_by_role("button", name="Move it to the trash").click()
    page.goto(f"{person.studio.url}/trash/")
    expect(page.locator(f"#o{pks[0]}")).to_be_visible()
    bare.close()


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_where_reviews_are(reviewer, size):
    width, height = SIZES[size]
    person, pks = reviewer(viewport={"width": width, "height": height})
    found = violations_in_both_themes(person.goto(f"/review/ask/?ids={pks[0]}"))
    page = person.goto(f"/a/{pks[0]}/")
    page.get_by_role("link", name="Ask for a review").click()
    expect(page.locator(".ask-form")).to_be_visible()
    found += violations_in_both_themes(page)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#ask")).to_contain_text("In review")
    page.get_by_text("Request changes").click()
    found += violations_in_both_themes(page)
    assert found == []
