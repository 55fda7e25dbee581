"""The feed and the prompt in a real browser, beyond what Create needs to start something."""

from playwright.sync_api import expect

from tests.factories import make_output
from tests.views import test_create_script as scripts

pytestmark = scripts.pytestmark
URL = scripts.URL
chromium, site, page = scripts.chromium, scripts.site, scripts.page


def test_what_was_started_is_seen_from_anywhere_in_the_feed(page, user):
    for _ in range(10):
        make_output(user)
    page.goto(URL)
    page.mouse.move(900, 450)
    page.mouse.wheel(0, 2_000)
    expect(page.locator("#feed .batch").first).not_to_be_in_viewport()
    page.locator("#id_prompt").fill("A boat")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#feed .batch")).to_have_count(11)
    expect(page.locator("#feed .batch").first).to_be_in_viewport(ratio=0.9)
