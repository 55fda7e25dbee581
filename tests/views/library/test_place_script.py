"""A reload, Back and the viewer lead to the same tile at the same place of a long grid."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import be_patient
from tests.factories import make_output
from tests.views.create.test_script import chromium  # noqa: F401
from tests.views.library.test_grid import many
from tests.views.library.test_script import LIBRARY, pages, site  # noqa: F401

pytestmark = pytest.mark.browser
NEAR = 50
IN_SIGHT = """() => {
  const seen = [...document.querySelectorAll(".card")].filter((one) => {
    const { top, bottom } = one.getBoundingClientRect();
    return bottom > 76 && top < innerHeight;
  });
  return seen.map((one) => [one.id, one.getBoundingClientRect().top]);
}"""
KEPT = "(id) => location.search.includes(`at=${id.slice(1)}`)"


@pytest.fixture
def page(chromium, site):  # noqa: F811
    """Without motion: Chromium complains of transitions that a busy machine is late for."""
    size = {"width": 1440, "height": 900}
    context = be_patient(chromium.new_context(viewport=size, reduced_motion="reduce"))
    context.route("**/*", site.answer)
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert not faults


def deep(page, user, query=""):
    """Five pages down, and a little up again; what is in sight there."""
    many(user, 420)
    page.goto(f"{LIBRARY}{query}")
    for count in (120, 180, 240, 300):
        page.locator(".more").scroll_into_view_if_needed()
        expect(page.locator(".card")).to_have_count(count)
    page.evaluate("scrollTo(0, scrollY - 900)")
    page.wait_for_function(KEPT, arg=page.evaluate(IN_SIGHT)[0][0])
    return page.evaluate(IN_SIGHT)


def is_near(page, before):
    now, known = page.evaluate(IN_SIGHT), dict(before)
    assert now[0][0] == before[0][0]
    assert {name for name, _ in now} == set(known)
    assert all(abs(top - known[name]) < NEAR for name, top in now)
    return True


@pytest.mark.parametrize("query", ["", "?sort=oldest"])
def test_a_reload_comes_back_to_the_same_tiles(page, user, site, query):  # noqa: F811
    before = deep(page, user, query)
    make_output(user)
    asked = len(pages(site))
    page.reload()
    assert is_near(page, before)
    assert len([one for one in pages(site)[asked:] if "/library/?" in one]) <= 2
    page.reload()
    assert is_near(page, before)


def test_what_lies_above_is_fetched_and_moves_nothing(page, user, site):  # noqa: F811
    deep(page, user)
    page.reload()
    for _ in range(8):
        if not page.locator("#earlier").count():
            break
        old = page.locator(".card").count()
        page.evaluate("scrollTo(0, 300)")
        before = page.evaluate(IN_SIGHT)
        page.wait_for_function("(n) => document.querySelectorAll('.card').length > n", arg=old)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        assert is_near(page, before)
    expect(page.locator("#earlier")).to_have_count(0)
    expect(page.locator("#to-start")).to_have_count(0)
    ids = page.evaluate("[...document.querySelectorAll('.card')].map((one) => +one.id.slice(1))")
    assert ids == sorted(set(ids), reverse=True)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_url(LIBRARY)


def test_the_viewer_and_another_page_lead_back_to_it(page, user, site):  # noqa: F811
    before = deep(page, user)
    page.locator(f"#{before[3][0]} a").first.click()
    expect(page.locator("#dialog #viewer")).to_be_visible()
    page.reload()
    expect(page.locator("#main #viewer")).to_be_visible()
    page.go_back()
    expect(page.locator(".justified")).to_be_visible()
    assert is_near(page, before)
    page.goto(f"{LIBRARY}?type=video")
    page.go_back()
    expect(page.locator(f"#{before[0][0]}")).to_be_visible()
    assert is_near(page, before)


def test_at_the_start_the_address_is_plain_and_what_is_new_is_shown_there(page, user):
    deep(page, user)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_url(LIBRARY)
    page.evaluate("scrollTo(0, document.body.scrollHeight / 2)")
    page.wait_for_url(re.compile("at="))
    page.evaluate("document.getElementById('fresh').innerHTML = '<a class=btn href=\"\">1 new</a>'")
    page.locator("#fresh a").click()
    page.wait_for_url(LIBRARY)
    assert page.evaluate("scrollY") == 0


def test_a_phone_shows_seven_tiles_and_the_narrowest_two_in_a_row(page, user):
    many(user, 30)
    for width, height, least in ((390, 844, 7), (320, 640, 4)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(LIBRARY)
        tops = page.evaluate(
            """(height) => [...document.querySelectorAll(".card")]
            .map((one) => one.getBoundingClientRect())
            .filter(({ bottom }) => bottom <= height - 64).map(({ top }) => Math.round(top))""",
            height,
        )
        assert len(tops) >= least
        assert tops.count(tops[0]) == 2
        assert page.evaluate("document.documentElement.scrollWidth") <= width
