"""Pressing Generate on the real studio, with real clocks: one order a wish."""

import threading

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Person
from tests.e2e.test_first_minutes import READY

# Both clicks by the page's own clock; done once what they sent has been answered.
TWO_CLICKS = """gap => new Promise(done => {
  const go = () => document.querySelector("#compose .go");
  const busy = () => document.querySelector("#compose.htmx-request");
  const ready = () => busy() ? setTimeout(ready, 20) : done();
  go().click();
  setTimeout(() => { go().click(); setTimeout(ready, 20); }, gap);
})"""


def write(page, prompt) -> None:
    page.get_by_role("textbox", name="Prompt").fill(prompt)


@pytest.mark.parametrize("gap", [0, 50, 200, 500, 700, 1000, 1400])
def test_two_clicks_within_a_second_and_a_half_are_one_order(person: Person, studio, gap):
    page, prompt = person.page, f"Two clicks {gap} ms apart"
    write(page, prompt)
    page.evaluate(TWO_CLICKS, gap)
    expect(page.locator("#feed .batch")).to_have_count(1)
    page = person.goto("/create/image/")
    expect(page.locator("#feed .batch")).to_have_count(1)
    page.locator("#feed [data-state=ready]").first.wait_for(timeout=READY)
    assert studio.accepted(prompt) == 1


def test_two_different_orders_go_one_right_after_the_other(person: Person, studio):
    page = person.page
    write(page, "A red boat")
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("#feed .batch")).to_have_count(1)
    write(page, "A blue boat")
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("#feed .batch")).to_have_count(2)
    for prompt in ("A red boat", "A blue boat"):
        studio.wait_for_accepted(prompt)


def test_eight_tabs_that_press_in_one_instant_make_one_order(person: Person, studio):
    page, browser = person.page, person.context
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in browser.cookies())
    token = page.locator("#compose [name=csrfmiddlewaretoken]").input_value()
    project = page.locator("#compose [name=project]").first.input_value()
    gate, answers = threading.Barrier(8), []

    def press(number):
        form = {
            "csrfmiddlewaretoken": token, "intent": f"{number}" * 20, "model": "demo/viduq2",
            "prompt": "Eight tabs", "project": project, "count": "1",
        }  # fmt: skip
        headers = {"Cookie": cookies, "HX-Request": "true", "Referer": studio.url}
        gate.wait(10)
        answers.append(studio.post("/create/image/", form, headers))

    threads = [threading.Thread(target=press, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == [200] + [422] * 7
    page.reload()
    expect(page.locator("#feed .batch")).to_have_count(1)
    studio.wait_for_accepted("Eight tabs")
    assert studio.accepted("Eight tabs") == 1


def test_another_text_after_a_lost_answer_is_kept_and_goes_with_the_next_press(person: Person):
    def lose(route):
        route.fetch()
        route.abort("internetdisconnected")

    page = person.page
    write(page, "The first text")
    page.route("**/create/image/", lose)
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_role("button", name="Try again").first).to_be_visible()
    page.unroute("**/create/image/")
    write(page, "The second text")
    page.get_by_role("button", name="Generate").click()
    sentence = "Your last order was already started. This one has a new text"
    expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("The second text")
    expect(page.locator("#feed .batch")).to_have_count(1)
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("#feed .batch")).to_have_count(2)
    expect(page.get_by_text(sentence)).to_have_count(0)
