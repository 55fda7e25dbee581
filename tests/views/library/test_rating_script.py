"""Rating by keys and buttons in a real browser."""

import pytest
from playwright.sync_api import expect

from generation.models import Rating
from tests.factories import make_output
from tests.views.create.test_script import chromium  # noqa: F401
from tests.views.library.test_script import LIBRARY, page, site, tile  # noqa: F401

pytestmark = pytest.mark.browser


def mine(page, output):  # noqa: F811
    return tile(page, output).locator(".marks .mine")


def test_keys_rate_the_tile_in_hand_and_an_arrow_goes_on(page, user):  # noqa: F811
    old, new = make_output(user), make_output(user)
    page.goto(LIBRARY)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("4")
    expect(mine(page, new)).to_contain_text("4")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("f")
    expect(tile(page, old).locator(".marks .fav")).to_have_count(1)
    page.keyboard.press("q")
    expect(tile(page, old).locator(".rating.no")).to_have_count(1)
    expect(tile(page, old).locator(".marks .fav")).to_have_count(0)
    page.keyboard.press("q")
    expect(tile(page, old).locator(".rating.no")).to_have_count(0)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("0")
    expect(mine(page, new)).to_have_count(0)


def test_a_key_rates_all_that_is_selected(page, user):  # noqa: F811
    outputs = [make_output(user) for _ in range(3)]
    page.goto(LIBRARY)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.keyboard.press("5")
    expect(page.locator(".marks .mine")).to_have_count(2)
    assert mine(page, outputs[0]).count() == 0
    expect(page.locator(".tick :checked")).to_have_count(2)


def test_the_selection_is_rated_by_its_menu(page, user):  # noqa: F811
    output = make_output(user)
    page.goto(LIBRARY)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.locator(".bulk summary").click()
    page.get_by_role("button", name="3 of 5").last.click()
    expect(mine(page, output)).to_contain_text("3")


def test_a_star_of_a_tile_is_given_and_pressed_again_taken_back(page, user):  # noqa: F811
    output = make_output(user)
    page.goto(LIBRARY)
    tile(page, output).hover()
    tile(page, output).locator("[data-stars='2']").click()
    expect(mine(page, output)).to_contain_text("2")
    tile(page, output).locator("[data-stars='2']").click()
    expect(mine(page, output)).to_have_count(0)


def test_keys_in_the_viewer_rate_and_the_tile_behind_shows_it(page, user):  # noqa: F811
    output = make_output(user)
    page.goto(LIBRARY)
    tile(page, output).locator("a").first.click()
    page.locator("#rate").wait_for()
    page.keyboard.press("5")
    expect(page.locator("#rate-5")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("5")  # once more changes nothing
    page.keyboard.press("f")
    expect(page.locator("#rate-favourite")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(mine(page, output)).to_contain_text("5")
    assert Rating.objects.get().stars == 5


def test_a_rejection_is_undone_from_its_toast(page, user):  # noqa: F811
    output = make_output(user)
    page.goto(LIBRARY)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("q")
    page.get_by_role("button", name="Undo").click()
    expect(tile(page, output).locator(".rating.no")).to_have_count(0)
    assert not Rating.objects.get().rejected
