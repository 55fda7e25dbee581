"""One lends a key, the other works with it, and at its end it is gone from the other's page."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_pages import SIZES, violations_in_both_themes
from tests.e2e.test_teams import pair

__all__ = ["pair"]


def lend(owner, weekly="500"):
    """A key of the owner's to the team that both are in; returns the page of the loan."""
    owner.add_key("vidu")
    page = owner.page
    page.get_by_role("link", name="Lend", exact=True).click()
    page.get_by_label("Credits a week").fill(weekly)
    page.get_by_role("button", name="Lend key").click()
    page.wait_for_url("**/settings/keys/loans/**")
    return page


def test_a_key_is_lent_used_and_taken_back(pair):
    owner, member = pair
    other = member.goto("/create/image/")
    expect(other.locator("#models summary")).to_contain_text("Demo")
    page = lend(owner)
    member.goto("/create/image/?model=vidu/viduq2")
    expect(other.locator("#cost")).to_contain_text("500 credits left of")
    other.get_by_role("textbox", name="Prompt").fill("A borrowed boat")
    other.get_by_role("button", name="Generate").click()
    expect(other.locator("#feed .batch")).to_contain_text("A borrowed boat")
    page.reload()
    row = page.locator(".lent tbody tr")
    expect(row).to_contain_text(member.email.partition("@")[0])
    expect(row.locator("td").first).to_have_text("1")
    page.get_by_role("button", name="End the loan").click()
    expect(page.locator("body")).to_contain_text("can no longer use the key")
    member.goto("/create/image/?model=vidu/viduq2")
    expect(other.locator("#models summary")).to_contain_text("Demo")
    member.goto("/team/keys/")
    expect(other.locator("main")).to_contain_text("Nobody lends a key to this team.")


@pytest.mark.parametrize("size", SIZES)
def test_the_pages_of_lent_keys_are_accessible(pair, size):
    owner, _member = pair
    page = lend(owner)
    address, (width, height) = page.url, SIZES[size]
    page.goto("about:blank")  # a page that is still coming up complains of another size
    page.set_viewport_size({"width": width, "height": height})
    page.goto(address)
    assert violations_in_both_themes(page) == []
    owner.goto("/team/keys/")
    assert violations_in_both_themes(page) == []
    owner.goto("/settings/keys/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.locator(".keylent")).to_contain_text(re.compile("500 credits a week"))
    assert violations_in_both_themes(page) == []
