"""A tile of the feed in a real browser: the same dialog as in the library."""

import pytest
from playwright.sync_api import expect

from tests.browser import be_patient
from tests.factories import make_output, make_task
from tests.views.create.test_script import SITE, Site, chromium  # noqa: F401

pytestmark = pytest.mark.browser
SHOWN = """() => getComputedStyle(document.querySelector("#dialog")).opacity === "1"
    && getComputedStyle(document.querySelector("#viewer")).display === "grid" """


def test_a_tile_of_the_feed_opens_the_dialog_and_back_leads_to_the_one_shown_last(
    chromium,  # noqa: F811
    client,
    user,
):
    old, new = (make_output(user, make_task(user, status="succeeded")) for _ in range(2))
    context = be_patient(chromium.new_context(viewport={"width": 1440, "height": 900}))
    context.route("**/*", Site(client).answer)
    page = context.new_page()
    page.goto(f"{SITE}/create/image/")
    tile = page.locator(f"#feed .card a.open[href^='/a/{new.pk}/']")
    tile.click()
    expect(page.locator(f"#dialog #viewer[data-output='{new.pk}']")).to_be_visible()
    page.wait_for_function(SHOWN)
    assert page.url == f"{SITE}/a/{new.pk}/"
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"#dialog #viewer[data-output='{old.pk}']")).to_be_visible()
    page.go_back()
    expect(page.locator("#dialog")).not_to_be_visible()
    assert page.url == f"{SITE}/create/image/"
    expect(page.locator(f"#feed .card a.open[href^='/a/{old.pk}/']")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#dialog #viewer")).to_be_visible()
    page.keyboard.press("Escape")
    page.wait_for_url(f"{SITE}/create/image/")
    context.close()
