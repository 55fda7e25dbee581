"""Every page for everybody: axe, both themes, both widths, weights, and without JavaScript."""

import gzip
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from generation.catalogue.modes import MODES
from tests.e2e.conftest import Person
from tests.e2e.test_first_minutes import READY, first_result, generate

EVERY_RULE = {
    "type": "tag",
    "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
RULES_OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
OPEN = ("/login/", "/signup/", "/password/reset/", "/nowhere/")
INSIDE = (
    "/create/image/", "/library/", "/library/?q=nothing-like-this", "/trash/", "/projects/",
    "/projects/new/", "/settings/profile/", "/settings/appearance/", "/settings/security/",
    "/settings/shortcuts/", "/settings/keys/", "/password/change/", "/logout/", "/help/models/",
    "/help/models/?mode=reference", "/team/audit/", "/notices/", "/settings/notices/",
    "/check/",
)  # fmt: skip
MOST = {"html": 15 * 1024, "js": 42 * 1024, "css": 14 * 1024}  # of a page at first sight, gzipped
MOST_HTML = 12 * 1024  # of Create
MOST_WRITING = 44 * 1024  # of scripts, with what the first letter of a prompt fetches
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
THEMES = ("dark", "light")
# The theme that is drawn. One transition may begin another; some would wait for a frame for ever.
DRAWN = """() => {
    for (let round = 0; round < 5; round += 1)
        for (const one of document.getAnimations())
            if (one instanceof CSSTransition) one.finish();
    return getComputedStyle(document.documentElement).colorScheme;
}"""
# Nodes that pass are not described: that is half of the work, and nobody reads it.
RUN_AXE = """runOnly => axe.run(document, {runOnly, resultTypes: ["violations"]})
    .then((result) => result.violations)"""


def in_both_themes(page: Page) -> Iterator[str]:
    """The page in one theme and then in the other, without loading it again."""
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        assert page.evaluate(DRAWN) == theme, page.url
        yield theme


def violations(page: Page, rules: dict[str, object] = EVERY_RULE) -> list[str]:
    """What axe finds on the page as it is drawn now."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate(RUN_AXE, rules)
    return [f"{page.url}: {one['id']} {one['nodes'][0]['html'][:120]}" for one in found]


def violations_in_both_themes(page: Page) -> list[str]:
    """The same in each theme, of which the second has other colours only; in neither may the page
    scroll sideways."""
    found = []
    for theme in in_both_themes(page):
        rules = EVERY_RULE if theme == THEMES[0] else RULES_OF_COLOURS
        found += [f"{theme} {one}" for one in violations(page, rules)]
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, f"{theme} {page.url}"
    return found


def with_work(person: Person) -> list[str]:
    """A task, an output and a project to look at; returns their addresses."""
    page = person.page
    generate(page, "A still life with pears")
    first_result(page).wait_for(timeout=READY)
    viewer = page.locator("#feed .card a[href^='/a/']").first.get_attribute("href")
    generate(page, "[fail: result] a storm")
    page.locator("#feed [data-state=failed]").first.wait_for(timeout=READY)
    task = page.locator("#feed a[href^='/tasks/']").first.get_attribute("href")
    page = person.goto("/projects/")
    project = page.locator("main a[href^='/projects/']:not([href$='/new/'])").first
    slug = project.get_attribute("href")
    return [viewer, task, slug, f"{slug}settings/"]


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_and_no_page_scrolls_sideways(new_person, size):
    width, height = SIZES[size]
    person = new_person(viewport={"width": width, "height": height})
    found = [one for path in OPEN for one in violations_in_both_themes(person.goto(path))]
    person.sign_up()
    found += violations_in_both_themes(person.goto("/create/image/"))
    for path in (*with_work(person), *INSIDE):
        found += violations_in_both_themes(person.goto(path))
    assert not found


def begin_to_write(page) -> None:
    """What somebody's first letter fetches belongs to the page too: the list at @."""
    prompt = page.locator("#id_prompt, #id_text").first
    if prompt.count():
        prompt.press("@")
    if page.locator("text-expander[data-module]").count():
        page.wait_for_function("() => Boolean(customElements.get('text-expander'))")
        page.wait_for_load_state("networkidle")


def weight(page, known: dict[str, int]) -> dict[str, int]:
    """Gzipped bytes of the page and all that it has loaded, whether from a cache or not."""
    urls = set(page.evaluate("performance.getEntriesByType('resource').map((one) => one.name)"))
    origin = page.evaluate("location.origin")
    assert all(url.startswith(origin) for url in urls)
    kinds = {url: urlsplit(url).path.rpartition(".")[2] for url in urls} | {page.url: "html"}
    found = dict.fromkeys(MOST, 0)
    for url, kind in kinds.items():
        if kind not in MOST:
            continue
        if url not in known:
            answer = page.request.get(url)
            assert answer.ok, url
            known[url] = len(gzip.compress(answer.body()))
        found[kind] += known[url]
    return found


def too_heavy(path: str, weights: dict[str, int], most: dict[str, int]) -> dict[str, int]:
    return {f"{path} {kind}": n for kind, n in weights.items() if not 0 < n <= most[kind]}


def test_pages_stay_light(person: Person):
    generate(person.page, "A feather")
    first_result(person.page).wait_for(timeout=READY)
    viewer = person.page.locator("#feed .card a[href^='/a/']").first.get_attribute("href")
    known: dict[str, int] = {}
    heavy = {}
    for path in (*(f"/create/{mode}/" for mode in MODES), "/library/", viewer, "/subjects/"):
        page = person.goto(path)
        page.wait_for_load_state("networkidle")
        most = MOST | {"html": MOST_HTML} if path.startswith("/create/") else MOST
        heavy |= too_heavy(path, weight(page, known), most)
        begin_to_write(page)
        heavy |= too_heavy(f"{path}, writing", weight(page, known), most | {"js": MOST_WRITING})
    assert not heavy
    assert any("text-expander" in url for url in known)


def test_everything_works_without_javascript(new_person):
    person = new_person(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = person.sign_up()
    generate(page, "Plain and simple")
    for _ in range(60):
        if first_result(page).count():
            break
        page.reload()
        page.wait_for_load_state()
    expect(first_result(page)).to_be_visible()
    page.locator("#feed .card a[href^='/a/']").first.click()
    expect(page).to_have_url(re.compile(r"/a/\d+/"))
    page = person.goto("/library/")
    page.locator(".justified .card a[href^='/a/']").first.click()
    expect(page.get_by_text("Plain and simple").first).to_be_visible()


def test_keys_without_javascript(new_person):
    person = new_person(java_script_enabled=False)
    person.sign_up()
    person.add_key("vidu")
    expect(person.page.get_by_text("Works").first).to_be_visible()
