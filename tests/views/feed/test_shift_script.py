"""What stands in the feed stays where it is while cards come and change."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from generation.models import Team
from tests.factories import make_media, make_member, make_output, make_task, team_of
from tests.views.create import test_script as scripts

pytestmark = scripts.pytestmark
chromium, site, page = scripts.chromium, scripts.site, scripts.page
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
MOST = 0.02
# What the person's own press moves is no surprise: the browser says which shifts those are.
OBSERVE = """() => {
    window.shifts = [];
    new PerformanceObserver((list) => {
        for (const one of list.getEntries())
            if (!one.hadRecentInput) window.shifts.push([one.value, one.sources.map((s) => String(
                s.node?.id || s.node?.className || s.node?.nodeName))]);
    }).observe({type: "layout-shift", buffered: true});
}"""
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def look_again(page):
    page.evaluate("document.body.dispatchEvent(new CustomEvent('vs:tick'))")


def moved(page):
    """How far things moved since it was last asked, and what."""
    page.evaluate(DRAWN)
    found = page.evaluate("window.shifts.splice(0)")
    return sum(value for value, _what in found), found


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("count", [1, 4])
def test_nothing_moves_while_a_card_becomes_a_result(page, user, size, count):
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    for _ in range(3):
        make_output(user, media=make_media(user, 1600, 900, uploaded=False))
    tasks = [make_task(user, prompt="A boat " * 30)]
    tasks += [make_task(user, batch=tasks[0].batch) for _ in range(count - 1)]
    page.goto(scripts.URL)
    page.evaluate(OBSERVE)
    cards = [page.locator(f"#task-{task.pk}") for task in tasks]
    expect(cards[0]).to_have_attribute("data-state", "queued")
    steps = [
        ("submitting", "sending", {}),
        ("running", "waiting", {"remote_id": "1", "remote_state": "queued"}),
        ("storing", "saving", {}),
        ("succeeded", "ready", {"credits": 8, "finished_at": timezone.now()}),
    ]
    for status, state, facts in steps:
        for task in tasks:
            if status == "succeeded":
                make_output(user, task, media=make_media(user, 1600, 900, uploaded=False))
            task.move(status, **facts)
        look_again(page)
        for card in cards:
            expect(card).to_have_attribute("data-state", state)
        shift, what = moved(page)
        assert shift <= MOST, (state, what)


@pytest.mark.parametrize("size", SIZES)
def test_a_new_batch_of_a_colleague_moves_nothing(page, user, size):
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    for _ in range(4):
        make_output(user, media=make_media(user, 1600, 900, uploaded=False))
    colleague, team = make_member(team_of(user)), team_of(user)
    page.goto(scripts.URL)
    page.evaluate(OBSERVE)
    task = make_task(colleague, team=team, change=Team.next_change(team.pk))
    look_again(page)
    expect(page.locator(f"#batch-{task.batch_id}")).to_be_in_viewport()
    shift, what = moved(page)
    assert shift <= MOST, what
