"""The frame in a real browser: keys, dialog, toasts, menus, theme."""

import pytest
from playwright.sync_api import expect

from generation.web import keyboard

TOAST = "document.body.dispatchEvent(new CustomEvent('toast', {bubbles: true, detail: %s}))"
LEADING = [row for row in keyboard.SHORTCUTS if row.href and not row.dialog]


@pytest.mark.parametrize("row", LEADING, ids=lambda row: row.id)
def test_a_key_leads_where_the_table_says(person, row):
    page = person.goto("/settings/profile/")
    for key in row.keys.split():
        page.keyboard.press(key)
    page.wait_for_url(f"**{row.href}**")


def test_keys_are_letters_while_somebody_types(person):
    page = person.goto("/settings/profile/")
    page.get_by_label("Name").fill("")
    page.get_by_label("Name").press_sequentially("gp?/")
    assert page.get_by_label("Name").input_value() == "gp?/"
    assert page.url.endswith("/settings/profile/")
    assert not page.locator("#dialog").evaluate("dialog => dialog.open")


def test_the_list_of_keys_opens_over_the_page_and_gives_the_focus_back(person):
    page = person.goto("/settings/profile/")
    page.get_by_role("button", name="Save").focus()
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Shortcuts").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    assert page.get_by_role("button", name="Save").evaluate("b => b === document.activeElement")
    expect(page.locator("#dialog-body")).to_be_empty()


def test_a_list_longer_than_the_window_opens_at_its_top(person):
    page = person.goto("/settings/profile/")
    page.set_viewport_size({"width": 844, "height": 390})
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Shortcuts")
    expect(dialog.get_by_role("heading", name="Shortcuts")).to_be_focused()
    assert dialog.evaluate("one => one.scrollHeight > one.clientHeight && one.scrollTop === 0")
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("link", name="Switch single keys on or off")).to_be_focused()


def test_escape_leaves_a_field_and_keeps_what_was_typed(person):
    page = person.goto("/create/image/")
    prompt = page.get_by_role("textbox", name="Prompt")
    prompt.fill("A lighthouse")
    page.keyboard.press("Escape")
    expect(prompt).not_to_be_focused()
    expect(prompt).to_have_value("A lighthouse")
    page.keyboard.press("/")
    search = page.get_by_role("searchbox")
    expect(search).to_be_focused()
    search.fill("sea")
    page.keyboard.press("Escape")
    expect(search).to_be_focused()
    expect(search).to_have_value("")


def test_a_click_outside_the_dialog_closes_it(person):
    page = person.goto("/settings/profile/")
    page.keyboard.press("?")
    page.get_by_role("dialog", name="Shortcuts").wait_for()
    page.mouse.click(5, 5)
    page.get_by_role("dialog").wait_for(state="hidden")


def test_single_keys_that_are_switched_off_do_nothing(person):
    page = person.goto("/settings/shortcuts/")
    page.get_by_role("switch").uncheck()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    page.keyboard.press("?")
    page.keyboard.press("g")
    page.keyboard.press("p")
    assert page.url.endswith("/settings/shortcuts/")
    assert not page.locator("#dialog").evaluate("dialog => dialog.open")


def test_at_most_three_toasts_stand_and_their_text_is_text(person):
    page = person.goto("/settings/profile/")
    for n in range(5):
        page.evaluate(TOAST % f"{{level: 'ok', text: '<b>{n}</b>'}}")
    shown = page.locator("#toasts .toast p").all_inner_texts()
    assert shown == ["<b>2</b>", "<b>3</b>", "<b>4</b>"]


def test_a_toast_undoes_by_post(person):
    page = person.goto("/settings/profile/")
    page.evaluate(TOAST % "{text: 'Done.', href: '/logout/', action: 'Undo', method: 'post'}")
    with page.expect_request("**/logout/") as sent:
        page.get_by_role("button", name="Undo").click()
    assert sent.value.method == "POST"
    assert sent.value.headers["x-csrftoken"]
    page.get_by_text("Done.").wait_for(state="hidden")


def test_the_account_menu_opens_by_keyboard_and_logs_out(person):
    page = person.goto("/settings/profile/")
    page.get_by_role("button", name="Account:").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login/")


def test_a_theme_shows_before_it_is_saved_and_stays_after(person):
    page = person.goto("/settings/appearance/")
    ground = "getComputedStyle(document.body).backgroundColor"
    page.get_by_label("Light").check()
    assert page.evaluate(ground) == "rgb(246, 246, 244)"
    page.get_by_label("Dark").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    assert page.evaluate(ground) == "rgb(12, 13, 16)"


def test_the_frame_works_without_script(new_person):
    person = new_person(viewport={"width": 1440, "height": 900}, java_script_enabled=False)
    person.sign_up()
    page = person.goto("/projects/")
    page.get_by_role("link", name="New project").click()
    page.get_by_label("Name").fill("Harbour")
    page.get_by_role("button", name="Create project").click()
    page.get_by_role("heading", name="Harbour").wait_for()
    page.get_by_role("button", name="Account:").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login/")
