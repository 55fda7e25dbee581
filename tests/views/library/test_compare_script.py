"""Comparing by keys in a real browser."""

import pytest
from playwright.sync_api import expect

from generation.models import Rating
from tests.factories import make_output
from tests.views.create.test_script import SITE, chromium  # noqa: F401
from tests.views.library.test_script import LIBRARY, page, site  # noqa: F401

pytestmark = pytest.mark.browser


def test_two_that_are_selected_are_compared_and_keys_rate_and_choose(page, user):  # noqa: F811
    first, second = make_output(user), make_output(user)
    page.emulate_media(reduced_motion="reduce")  # no transition that a quick key breaks off
    page.goto(LIBRARY)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.locator(".bulk").get_by_role("button", name="Compare").click()
    page.wait_for_url(f"{SITE}/compare/?a={second.pk}&b={first.pk}")
    cells = page.locator(".compare-item")
    expect(cells.nth(0)).to_have_class("compare-item now")
    page.keyboard.press("2")
    expect(cells.nth(1)).to_have_class("compare-item now")
    page.keyboard.press("Shift+4")
    expect(cells.nth(1).locator("[data-stars='4']")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("q")
    expect(cells.nth(1).locator(".reject")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Enter")
    expect(cells.nth(1).locator(".heart")).to_have_attribute("aria-pressed", "true")
    expect(cells.nth(0).locator(".reject")).to_have_attribute("aria-pressed", "true")
    assert Rating.objects.get(output=first).stars == 4
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(cells.nth(0).locator(".reject")).to_have_attribute("aria-pressed", "false")


def test_two_pictures_are_wiped(page, user):  # noqa: F811
    first, second = make_output(user), make_output(user)
    page.goto(f"{SITE}/compare/?a={first.pk}&b={second.pk}&view=wipe")
    page.locator(".edge").fill("30")
    second = page.locator(".compare-item .screen").nth(1)
    shown = second.evaluate("one => getComputedStyle(one).clipPath")
    assert shown == "inset(0px 0px 0px 30%)"
