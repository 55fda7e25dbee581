"""One day's work in Chromium and the same in Firefox."""

import os
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser import be_patient
from tests.e2e import media
from tests.e2e.conftest import PASSWORD, Person, find_browser
from tests.e2e.test_first_minutes import READY, first_result, generate

STARTER = Path(__file__).with_name("firefox.py")
# Where Firefox cannot be installed, `.ci/run` says so and leaves it out.
BROWSERS = ("chromium",) if os.environ.get("STUDIO_NO_FIREFOX") else ("chromium", "firefox")
# One page of the library and a little more, and a link that shows three of it.
SEED = """
from generation.engine.share_items import items_of
from tests.factories import make_collection, make_link, make_output, make_task, make_user
user = make_user("{email}", name="Nadia Holm")
user.set_password("{password}")
user.save()
task = make_task(user, status="succeeded")
outputs = [make_output(user, task, position=place) for place in range(64)]
link = make_link(user, collection=make_collection(user, outputs[:3], name="Selects"))
print(link.set_token())
items_of(link)
"""
IS_SHOWN = "one => one.complete && one.naturalWidth > 0"
PLAYS = "one => one && !one.paused && one.currentTime > 0.2 && one.videoWidth > 0"


@pytest.fixture(scope="module")
def firefox(playwright: Playwright) -> Iterator[Browser]:
    find_browser("firefox-esr")
    own_python = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    browser = playwright.firefox.launch(
        channel="moz-firefox", executable_path=STARTER, env={**os.environ, "PATH": own_python}
    )
    yield browser
    browser.close()


@pytest.fixture(params=BROWSERS)
def begin(request, studio) -> Iterator[Callable[[], Person]]:
    """Opens a window of this browser that knows nothing yet; none may have complained."""
    browser: Browser = request.getfixturevalue(request.param)
    people: list[Person] = []

    def open_window() -> Person:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        people.append(Person(be_patient(context), studio))
        return people[-1]

    yield open_window
    complaints = [one for person in people for one in person.complaints]
    for person in people:
        person.context.close()
    assert not complaints


def log_in(person: Person) -> Page:
    page = person.goto("/create/")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/create/**")
    return page


def test_log_in_create_upload_play_page_and_share(begin, studio, tmp_path):
    person = begin()
    person.email = f"{secrets.token_hex(4)}@example.test"
    token = studio.run(SEED.format(email=person.email, password=PASSWORD))
    page = log_in(person)

    generate(page, "A lighthouse on a cliff at dusk")
    first_result(page).wait_for(timeout=READY)
    page.wait_for_function(f"() => ({IS_SHOWN})(document.querySelector('#feed .card a img'))")

    page = person.goto("/create/image-video/")
    page.locator("#id_images").set_input_files(media.image(tmp_path / "first.png"))
    page.locator("figure[data-image][data-input=images]").wait_for(timeout=READY)
    generate(page, "Slow push in")
    made = page.locator("#feed .batch", has_text="Slow push in").locator(".card a[href^='/a/']")
    made.first.wait_for(timeout=READY)

    made.first.click()
    page.wait_for_function("() => document.querySelector('#viewer video')?.readyState > 1")
    page.keyboard.press("Space")
    page.wait_for_function(f"() => ({PLAYS})(document.querySelector('#viewer video'))")
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_have_count(0)

    page = person.goto("/library/")
    tiles = page.locator(".justified .card")
    expect(tiles).to_have_count(60)
    tiles.last.scroll_into_view_if_needed()
    expect(tiles).to_have_count(66)
    expect(page.locator(".more")).to_have_count(0)

    guest = begin().goto(f"/s/{token}/")
    expect(guest.get_by_role("heading", name="For the client")).to_be_visible()
    items = guest.locator(f"a[href^='/s/{token}/'] img")
    expect(items).to_have_count(3)
    assert all(items.evaluate_all(f"all => all.map({IS_SHOWN})"))
