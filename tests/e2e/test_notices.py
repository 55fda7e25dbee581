"""The bell in a browser: it counts by itself, opens by keyboard, and leads to the place."""

import re

from playwright.sync_api import expect

from tests.browser import PATIENCE
from tests.e2e.test_first_minutes import READY, first_result, generate
from tests.e2e.test_pages import violations_in_both_themes


def test_the_bell_tells_that_work_is_ready_and_leads_to_it(person):
    page = person.page
    bell = page.locator(".rail .bell")
    generate(page, "A bell above the door")
    first_result(page).wait_for(timeout=READY)
    expect(bell).to_have_accessible_name(re.compile(r"Notices\s*, 1 new"), timeout=READY)
    bell.focus()
    page.keyboard.press("Enter")
    notice = page.get_by_role("button", name=re.compile("1 image is ready"))
    expect(notice).to_be_visible()
    assert not violations_in_both_themes(page)
    for _ in range(3):  # mark all, settings, the notice
        page.keyboard.press("Tab")
    expect(notice).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/tasks/\d+/$"), timeout=PATIENCE)
    expect(bell).to_have_accessible_name("Notices")


def test_one_is_marked_read_where_the_bell_is_open(person):
    page = person.page
    generate(page, "[fail: result] a storm above the door")
    page.locator("#feed [data-state=failed]").first.wait_for(timeout=READY)
    page = person.goto("/library/")
    page.locator(".rail .bell").click()
    page.get_by_role("button", name="Mark as read").click()
    expect(page.locator(".rail .bell")).to_have_accessible_name("Notices")
    expect(page.get_by_role("link", name=re.compile("An image failed"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#bell")).to_be_hidden()
    expect(page).to_have_url(re.compile("/library/$"))


def test_the_bell_of_a_phone_without_javascript(new_person):
    phone = {"viewport": {"width": 390, "height": 844}, "java_script_enabled": False}
    person = new_person(**phone)
    page = person.sign_up()
    page = person.goto("/library/")
    page.locator(".stage > .bell").click()
    expect(page.get_by_role("heading", name="No notices yet")).to_be_visible()
    page.get_by_role("link", name="Which notices I get").first.click()
    mail = page.get_by_label("E-mail: A batch is ready")
    mail.select_option("once")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("E-mail: A batch is ready")).to_have_value("once")
