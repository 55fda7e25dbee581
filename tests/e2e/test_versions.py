"""Versions in the browser: two clicks, a drag, the keys, without scripts, and axe on all of it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Person
from tests.e2e.test_pages import violations_in_both_themes

SEED = """
from generation.models import Output, User
from tests.factories import make_output, make_stack, make_task

user = User.objects.get(email="{email}")
prompts = ("Flacon amber", "Flacon bronze", "Flacon copper", "A ferry at dawn")
made = [make_output(user, make_task(user, status="succeeded", prompt=one)) for one in prompts]
if {stacked}:
    make_stack(user, made[:3])
print(*(one.pk for one in made))
"""


@pytest.fixture
def begin(new_person, studio):
    """A person with three flacons and a ferry, as plain results or the flacons as a stack."""

    def start(stacked: bool = True, **options) -> tuple[Person, list[int]]:
        person = new_person(**options)
        person.sign_up_unseen()
        printed = studio.run(SEED.format(email=person.email, stacked=stacked))
        return person, [int(number) for number in re.findall(r"\d+", printed.splitlines()[-1])]

    return start


def tile(page: Page, pk: int):
    return page.locator(f"#o{pk}")


def test_a_new_version_takes_two_clicks_from_the_viewer(begin):
    person, (amber, bronze, *_rest) = begin(stacked=False)
    page = person.goto(f"/a/{bronze}/")
    page.get_by_role("link", name="New version of…").click()
    page.get_by_role("button", name="Flacon amber").click()
    expect(page.locator(".stackpick summary")).to_contain_text("v2")
    assert page.url.endswith(f"/a/{bronze}/")
    person.goto("/library/")
    expect(tile(page, bronze)).to_have_class(re.compile(r"\bpile\b"))
    expect(tile(page, amber)).to_have_count(0)


def test_a_drag_of_one_tile_on_another_makes_a_version_and_undo_takes_it_back(begin):
    person, (amber, bronze, *_rest) = begin(stacked=False)
    page = person.goto("/library/")
    tile(page, bronze).drag_to(tile(page, amber))
    expect(tile(page, amber)).to_have_count(0)
    expect(tile(page, bronze).locator(".badge.version")).to_have_text("v2")
    page.get_by_role("button", name="Undo").click()
    expect(tile(page, amber)).to_be_visible()
    expect(tile(page, bronze).locator(".badge.version")).to_have_count(0)


def test_a_selection_is_stacked_by_keys_alone(begin):
    person, (amber, bronze, *_rest) = begin(stacked=False)
    page = person.goto("/library/")
    for pk in (amber, bronze):
        tile(page, pk).locator(".open").focus()
        page.keyboard.press("x")
    button = page.get_by_role("button", name="Stack as versions")
    button.focus()
    page.keyboard.press("Enter")
    expect(tile(page, amber)).to_have_count(0)
    expect(tile(page, bronze).locator(".badge.version")).to_have_text("v2")


def test_v_opens_the_versions_and_arrows_go_through_them(begin):
    person, (_amber, bronze, copper, _ferry) = begin()
    page = person.goto(f"/a/{copper}/")
    page.locator("#main").wait_for()
    page.keyboard.press("v")
    expect(page.locator(".stackpick [aria-current]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/a/{bronze}/")
    expect(page.locator(".stackpick summary")).to_contain_text("v2")
    page.get_by_role("link", name="Compare with v3").first.click()
    expect(page).to_have_url(re.compile(rf"/compare/\?a={bronze}&b={copper}"))


def test_the_trash_asks_in_the_dialog_and_the_next_head_stays(begin):
    person, (_amber, _bronze, copper, _ferry) = begin()
    page = person.goto("/library/")
    tile(page, copper).locator(".open").focus()
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Only this version").click()
    expect(page.locator("#dialog")).not_to_be_visible()
    expect(tile(page, copper)).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    expect(tile(page, copper)).to_be_visible()


def test_everything_works_without_scripts(begin):
    person, (_amber, _bronze, copper, ferry) = begin(java_script_enabled=False)
    page = person.goto(f"/a/{ferry}/")
    page.get_by_role("link", name="New version of…").click()
    page.get_by_role("searchbox").fill("copper")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("button", name="Flacon copper").click()
    page.locator(".stackpick summary").click()
    page.get_by_role("link", name="Notes, name, take out").click()
    page.get_by_label("Note on v4").fill("Other idea")
    page.locator("#v4").get_by_role("button", name="Save").click()
    expect(page.get_by_label("Note on v4")).to_have_value("Other idea")
    page.locator("#v4").get_by_role("button", name="Take out of the stack").click()
    expect(page.locator("#v4")).to_have_count(0)
    person.goto(f"/a/{copper}/")
    page.locator(".output-actions summary", has_text="More").click()
    page.get_by_role("button", name="Move to trash").click()
    page.get_by_role("button", name="All 3 versions").click()
    person.goto("/trash/")
    expect(page.locator(".card")).to_have_count(3)


@pytest.mark.parametrize(("size", "locale"), [((1440, 900), "en-GB"), ((390, 844), "zh-CN")])
def test_axe_finds_nothing_and_no_page_scrolls_sideways(begin, size, locale):
    viewport = {"width": size[0], "height": size[1]}
    person, (amber, _bronze, copper, ferry) = begin(viewport=viewport, locale=locale)
    page = person.goto(f"/a/{copper}/")
    page.locator(".stackpick summary").click()
    found = violations_in_both_themes(page)
    stack = page.locator(".stackpick .pop a").last.get_attribute("href")
    for address in (
        "/library/", "/library/?versions=all", f"/a/{amber}/", stack, f"{stack}dissolve/",
        f"/a/{ferry}/version/", f"/a/{copper}/version/",
        f"/create/image/?version_of={copper}&as_version=1",
    ):  # fmt: skip
        found += violations_in_both_themes(person.goto(address))
    assert not found
