"""A link is made, copied and switched off: in four clicks, by keyboard, and without scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Person
from tests.e2e.test_pages import SIZES, violations_in_both_themes
from tests.e2e.test_team_keyboard import tab_to

SEED = """
from generation.models import User
from tests.factories import make_collection, make_output, make_task

user = User.objects.get(email="{email}")
task = make_task(user, status="succeeded")
outputs = [make_output(user, task, position=place) for place in range(14)]
make_collection(user, outputs, name="Flacon selects")
User.objects.filter(pk=user.pk).update(language="{language}")
"""
COLLECTION = "/collections/"


@pytest.fixture
def begin(new_person, studio):
    def start(language: str = "", **options) -> Person:
        person = new_person(**{"viewport": {"width": 1440, "height": 900}} | options)
        person.sign_up_unseen()
        studio.run(SEED.format(email=person.email, language=language))
        return person

    return start


def open_collection(person: Person) -> Page:
    page = person.goto(COLLECTION)
    page.get_by_role("link", name="Flacon selects").first.click()
    return page


def test_twelve_items_are_shared_in_four_clicks(begin):
    person = begin()
    person.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = person.goto("/library/")
    ticks = page.locator(".card .tick")
    ticks.nth(11).wait_for(state="attached")
    ticks.nth(0).click()
    ticks.nth(11).click(modifiers=["Shift"])
    expect(page.locator(".bulk b")).to_contain_text("12")
    page.locator(".bulk").get_by_role("button", name="Share").click()
    dialog = page.get_by_role("dialog", name="Share")
    expect(dialog.get_by_text("These 12 items become a collection")).to_be_visible()
    expect(dialog.get_by_label("Title")).to_be_focused()
    dialog.get_by_role("button", name="Create link").click()
    ready = page.get_by_role("dialog", name="The link is ready")
    address = ready.get_by_label("Link", exact=True)
    expect(address).to_have_value(re.compile(r"/s/[\w-]{32}/$"))
    ready.get_by_role("button", name="Copy").click()
    expect(ready.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == address.input_value()


def test_the_preview_follows_the_form(begin):
    page = open_collection(begin())
    page.get_by_role("link", name="Share", exact=True).click()
    dialog = page.get_by_role("dialog", name="Share")
    seen = dialog.get_by_role("complementary")
    dialog.get_by_label("Title").fill("Round two")
    expect(seen.get_by_text("Round two")).to_be_visible()
    expect(seen.get_by_text("14 items, and new ones as they come")).to_be_visible()
    dialog.get_by_text("Frozen", exact=True).click()
    expect(seen.get_by_text("14 items, as they are today")).to_be_visible()
    row = seen.get_by_role("listitem").filter(has_text="Older versions")
    expect(row).to_have_class("withheld")
    dialog.get_by_label("See older versions").check()
    expect(row).to_have_class("given")
    expect(dialog.get_by_label("Day", exact=True)).to_be_hidden()
    dialog.get_by_label("Ends").select_option("day")
    dialog.get_by_label("Day", exact=True).fill("2027-01-12")
    expect(dialog.locator("#share-end")).to_have_text(re.compile(r"12.*2027, 23:59 \(UTC\)"))


def test_a_link_is_made_and_switched_off_by_keyboard_alone(begin):
    # Keys are quicker than the transition from page to page.
    page = open_collection(begin(reduced_motion="reduce"))
    tab_to(page, page.get_by_role("link", name="Share", exact=True))
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Share")
    expect(dialog.get_by_label("Title")).to_be_focused()
    page.keyboard.press("Enter")
    ready = page.get_by_role("dialog", name="The link is ready")
    expect(ready.get_by_label("Link", exact=True)).to_be_focused()
    tab_to(page, ready.get_by_role("link", name="Revoke"))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Switch off").wait_for()
    tab_to(page, page.get_by_role("button", name="Revoke"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("is switched off").first).to_be_visible()


def test_a_link_is_made_and_switched_off_without_scripts(begin):
    page = open_collection(begin(java_script_enabled=False))
    page.get_by_role("link", name="Share", exact=True).click()
    page.get_by_label("Title").fill("Without scripts")
    page.get_by_role("button", name="Create link").click()
    page.get_by_role("heading", name="The link is ready").wait_for()
    address = page.get_by_label("Link", exact=True).input_value()
    expect(page.get_by_role("button", name="Copy")).to_be_hidden()
    page.goto(address)
    expect(page.get_by_text("Without scripts").first).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="All links").click()
    page.get_by_role("link", name="Revoke").click()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("Switched off").first).to_be_visible()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["", "zh-hans"])
def test_all_its_pages_are_accessible_and_fit(begin, size, language):
    width, height = SIZES[size]
    person = begin(language, viewport={"width": width, "height": height})
    page = open_collection(person)
    page.locator("a[href^='/share/new/']").first.click()
    page.locator("dialog[open] .share-f").wait_for()
    found = violations_in_both_themes(page)
    page.locator("dialog[open] .share-f footer .cta").click()
    page.locator("dialog[open] .copy-link").wait_for()
    found += violations_in_both_themes(page)
    link = page.locator(".share-made a[href$='/edit/']").get_attribute("href").removesuffix("edit/")
    new = (
        "/share/new/?" + page.locator(".share-lab a").first.get_attribute("href").partition("?")[2]
    )
    for path in (link, f"{link}edit/", f"{link}revoke/", f"{link}address/", "/share/", new,
                 "/share/?state=ended", "/team/settings/"):  # fmt: skip
        person.goto(path)
        found += violations_in_both_themes(page)
    assert not found
