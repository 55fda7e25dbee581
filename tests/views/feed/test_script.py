"""The feed and the prompt in a real browser, beyond what Create needs to start something."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from generation.models import Task, Team
from tests.factories import make_member, make_output, make_subject, make_task, team_of
from tests.views.create import test_script as scripts

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


def test_what_was_changed_of_a_reused_task_outlives_a_reload(page, user):
    task = make_task(user, prompt="A red boat", values={"prompt": "A red boat"})
    page.goto(f"{URL}?from={task.pk}&project={task.project.slug}")
    page.fill("#id_prompt", "A blue boat in the fog")
    page.wait_for_url(f"{URL}?project={task.project.slug}")
    page.reload()
    expect(page.locator("#id_prompt")).to_have_value("A blue boat in the fog")


def test_a_session_that_ended_while_typing_loses_nothing(page, site, user):
    task = make_task(user, prompt="A red boat", values={"prompt": "A red boat"})
    page.goto(f"{URL}?from={task.pk}")
    page.fill("#id_prompt", "Ten minutes of work")
    site.client.logout()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/login/?next=*")
    back = parse_qs(urlsplit(page.url).query)["next"][0]
    site.client.force_login(user)
    page.goto(f"{scripts.SITE}{back}")
    expect(page.locator("#id_prompt")).to_have_value("Ten minutes of work")
    assert Task.objects.count() == 1


def test_up_in_an_empty_prompt_brings_back_ones_own(page, user):
    other = make_member(team_of(user))
    for maker, prompt in ((user, "The first\nof two lines"), (user, "Again"), (user, "Again")):
        make_task(maker, prompt=prompt)
    make_task(other, prompt="A secret of another")
    make_task(user, mode="speech", prompt="Words to be said")
    page.goto(URL)
    field = page.locator("#id_prompt")
    field.press("ArrowUp")
    expect(field).to_have_value("Again")
    field.press("ArrowUp")
    expect(field).to_have_value("The first\nof two lines")
    field.press("ArrowUp")
    expect(field).to_have_value("The first\nof two lines")
    field.press("ArrowDown")
    expect(field).to_have_value("Again")
    field.press("ArrowDown")
    expect(field).to_have_value("")
    expect(page.locator("#prompt-count")).to_have_text("0 / 2,000")


def test_up_leaves_alone_what_somebody_writes(page, user):
    make_task(user, prompt="An earlier one")
    page.goto(URL)
    field = page.locator("#id_prompt")
    field.press("ArrowUp")
    expect(field).to_have_value("An earlier one")
    field.press("Home")
    field.type("Not ")
    field.press("ArrowUp")
    field.press("ArrowDown")
    field.type("!")
    expect(field).to_have_value("Not An earlier one!")
    assert not page.faults


def test_mentions_stand_out_and_the_mouse_finds_subjects(page, user):
    for name in ("Mira", "Pip-2"):
        make_subject(user, name)
    page.goto(f"{scripts.SITE}/create/reference/")
    page.fill("#id_prompt", "Rain.")
    page.get_by_role("button", name="Subject", exact=True).click()
    page.get_by_role("option", name="Pip-2").click()
    expect(page.locator("#id_prompt")).to_have_value("Rain. @Pip-2 ")
    expect(page.locator(".ink .at")).to_have_text(["@Pip-2"])
    page.locator("#id_prompt").press_sequentially("and @Pipit")
    expect(page.locator(".ink")).to_have_text("Rain. @Pip-2 and @Pipit")
    expect(page.locator(".ink .at")).to_have_count(1)
    page.get_by_role("button", name="Remove @Pip-2").click()
    expect(page.locator("#id_prompt")).to_have_value("Rain. Pip-2 and @Pipit")
    expect(page.locator(".ink .at")).to_have_count(0)
    assert not page.faults


def test_without_subjects_the_button_says_where_they_are_made(page, user):
    page.goto(f"{scripts.SITE}/create/reference/")
    page.get_by_role("button", name="Subject", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("There are no subjects yet.")
    expect(page.locator(".toast a")).to_have_attribute("href", "/subjects/new/")
    expect(page.locator("#id_prompt")).to_have_value("")


def test_on_a_phone_the_sheet_shows_the_mode_it_stands_in(page, user):
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{scripts.SITE}/create/lip-sync/")
    page.click(".dock")
    expect(page.locator(".modes [aria-current]")).to_be_in_viewport(ratio=1)


def test_what_a_teammate_starts_comes_on_top_by_itself(page, user):
    mate = make_member(team_of(user))
    mine = make_task(user)
    page.goto(URL)
    theirs = make_task(
        mate, prompt="From across the table", change=Team.next_change(team_of(user).pk)
    )
    page.clock.run_for(2_100)
    expect(page.locator("#feed .batch").first).to_contain_text("From across the table")
    theirs.move("submitting")
    page.clock.run_for(2_100)
    expect(page.locator(f"#task-{theirs.pk}")).to_have_attribute("data-state", "sending")
    page.locator("#id_prompt").fill("Mine again")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#feed .batch")).to_have_count(3)
    mine.move("submitting")
    page.clock.run_for(2_100)
    expect(page.locator(f"#task-{mine.pk}")).to_have_attribute("data-state", "sending")
    expect(page.locator("#feed .batch")).to_have_count(3)
    assert not page.faults


@pytest.mark.parametrize("width", [1440, 390])
def test_a_long_name_of_a_project_breaks_nothing(page, user, width):
    page.set_viewport_size({"width": width, "height": 900})
    project = team_of(user).projects.create(
        name="A very long name of a project " * 3, created_by=user
    )
    page.goto(f"{URL}?project={project.slug}#compose")
    composer = page.locator("#compose").bounding_box()
    for part in ("#id_project", ".go", "#count", "#id_prompt"):
        box = page.locator(part).bounding_box()
        assert box["x"] + box["width"] <= composer["x"] + composer["width"], part
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    title = page.locator("#results h1").bounding_box()
    assert title["x"] + title["width"] <= width


def test_a_tab_left_open_tells_how_long_ago_things_were(page, user):
    make_output(user)
    page.goto(URL)
    time = page.locator("#feed .batch time")
    expect(time).to_have_text(re.compile("now|seconds? ago"))
    page.clock.fast_forward(61_000)
    expect(time).to_have_text("1 minute ago")
    page.clock.fast_forward(3_600_000)
    expect(time).to_have_text("1 hour ago")
    scripts.hide(page, True)
    page.clock.fast_forward(86_400_000)
    scripts.hide(page, False)
    expect(time).to_have_text("yesterday")


def test_the_list_of_keys_opens_at_its_top_each_time(page):
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto(URL)
    dialog = page.locator("#dialog")
    for _ in range(2):
        page.keyboard.press("?")
        expect(page.get_by_role("heading", name="Shortcuts")).to_be_in_viewport()
        assert dialog.evaluate("(one) => one.scrollHeight > one.clientHeight")
        assert dialog.evaluate("(one) => one.scrollTop") == 0
        dialog.evaluate("(one) => (one.scrollTop = 400)")
        page.keyboard.press("Escape")
        expect(dialog).not_to_be_visible()


def test_escape_leaves_the_prompt_and_keeps_what_was_written(page):
    page.goto(URL)
    field = page.locator("#id_prompt")
    field.fill("A boat")
    field.press("Escape")
    expect(field).not_to_be_focused()
    expect(field).to_have_value("A boat")


def test_what_has_no_place_on_the_page_is_left_out_of_an_answer(page, user):
    """The page of a task has no head of a batch and no count of what runs."""
    task = make_task(user)
    page.goto(f"{scripts.SITE}{task.get_absolute_url()}")
    page.get_by_role("button", name="Cancel", exact=True).first.click()
    expect(page.locator(f"#task-{task.pk}")).to_have_attribute("data-state", "cancelled")
    assert page.faults == []
