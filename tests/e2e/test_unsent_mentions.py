"""A mistyped name is told of while it is typed, and without scripts at the press."""

from playwright.sync_api import expect

from tests.e2e.conftest import Person

TOLD = "@Nobody is no subject. Choose one or send it as text."


def test_a_mistyped_name_is_told_while_it_is_typed_and_in_sight(person: Person):
    page = person.goto("/create/reference/")
    page.locator("#id_prompt").click()
    page.keyboard.type("＠Nobody walks ")
    told = page.get_by_text(TOLD)
    expect(told).to_be_in_viewport()
    page.get_by_label("Send @Nobody as text").check()
    expect(told).to_have_count(0)
    expect(page.get_by_label("Send @Nobody as text")).to_be_checked()
    page.locator("#id_prompt").fill("Somebody walks")
    expect(page.get_by_label("Send @Nobody as text")).to_have_count(0)


def test_without_scripts_it_is_told_at_the_press_and_one_tick_sends_it(new_person):
    person = new_person(java_script_enabled=False)
    person.sign_up()
    page = person.goto("/create/reference/")
    page.locator("#id_prompt").fill("@Nobody walks")
    page.locator("button.go").click()
    expect(page.get_by_text(TOLD).first).to_be_visible()
    assert page.locator("#feed .batch").count() == 0
    page.get_by_label("Send @Nobody as text").check()
    page.locator("button.go").click()
    expect(page.get_by_text(TOLD)).to_have_count(0)
