"""The composer at work: whatever the mode, its usual settings and Generate are in sight at once."""

import pytest

from generation.catalogue import rules
from generation.catalogue.modes import MODES
from generation.catalogue.rules import name_of
from tests.e2e.conftest import Person

# What is cut off: a field or button of the composer that reaches below what can be seen of it.
HIDDEN = """() => {
    const edge = document.querySelector("#compose .body").getBoundingClientRect().bottom;
    const kinds = "input, select, textarea, button, summary";
    const all = [...document.querySelectorAll(`#compose :is(${kinds})`)];
    const low = (one) => one.getBoundingClientRect().bottom;
    return all.filter((one) => one.checkVisibility() && !one.matches("button.vh"))
        .filter((one) => low(one) > (one.closest(".body") ? edge : innerHeight) + 1)
        .map((one) => `${one.name || one.textContent.trim()} ${Math.round(low(one))}`);
}"""
GENERATE = """() => {
    const button = document.querySelector("#compose .go");
    const {left, top, right, bottom} = button.getBoundingClientRect();
    const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return top >= 0 && bottom <= innerHeight && right <= innerWidth && button.contains(over);
}"""


def fullest(mode: str) -> str:
    """The demo's model with most settings."""
    rows = [row for row in rules.offers(mode=mode) if row.provider == "demo"]
    return name_of(max(rows, key=lambda row: sum(not one.off for one in row.limits.values())))


def test_every_mode_shows_its_usual_settings_and_generate_without_scrolling(person: Person):
    hidden = {}
    for mode in MODES:
        page = person.goto(f"/create/{mode}/")
        for model in (page.locator("[name=model]:checked").input_value(), fullest(mode)):
            if not page.locator(f"[name=model][value='{model}']").is_checked():
                page = person.goto(f"/create/{mode}/?model={model}")
            assert page.evaluate(GENERATE), (mode, model)
            hidden[mode, model] = page.evaluate(HIDDEN)
    assert len(hidden) > len(MODES)
    assert {where: low for where, low in hidden.items() if low} == {}


@pytest.mark.parametrize("size", [(1280, 720), (390, 844), (844, 390)], ids=str)
def test_generate_is_always_in_sight_and_every_setting_can_be_reached(new_person, size):
    person = new_person(viewport={"width": size[0], "height": size[1]})
    person.sign_up_unseen()
    for mode in ("reference", "lip-sync"):
        page = person.goto(f"/create/{mode}/#compose")
        assert page.evaluate(GENERATE), mode
        last = page.locator("#compose .folds summary").last
        last.scroll_into_view_if_needed()
        last.click()
        assert page.locator("#compose .fold[open]").count() == 1
        assert page.evaluate(GENERATE), mode
