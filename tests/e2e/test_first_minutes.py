"""What a person does in the first minutes, with no key and nothing read."""

import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect

from tests.browser import PATIENCE
from tests.e2e.conftest import Person

READY = 2 * PATIENCE  # queued, sent, made and stored


def generate(page, prompt: str) -> None:
    if not page.locator("#id_prompt").is_visible():  # on a phone the composer is a sheet
        page.locator(".dock").click()
    page.get_by_role("textbox", name="Prompt").fill(prompt)
    page.get_by_role("button", name="Generate").click()


def first_result(page):
    return page.locator("#feed .card a[href^='/a/'] img").first


def test_from_sign_up_to_a_stored_image(new_person, tmp_path):
    started = time.monotonic()
    person = new_person(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    page = person.sign_up()
    generate(page, "A lighthouse on a cliff at dusk")
    first_result(page).wait_for(timeout=READY)
    assert time.monotonic() - started < 120
    page = person.goto("/library/")
    page.locator(".justified .card a").first.click()
    with page.expect_download() as download:
        page.locator("#dialog").get_by_role("link", name="Download").first.click()
    target = tmp_path / "result.png"
    download.value.save_as(target)
    with Image.open(target) as image:
        assert image.size == (1920, 1080)
    assert Path(download.value.suggested_filename).stem.startswith("a-lighthouse-on-a-cliff")


def test_closing_the_tab_changes_nothing(person: Person):
    generate(person.page, "Dunes in the morning")
    person.page.locator("#feed .batch").first.wait_for()
    person.page.close()
    person.page = person.open_tab()
    page = person.goto("/create/image/")
    first_result(page).wait_for(timeout=READY)


def test_killing_the_cluster_changes_nothing(person: Person, studio):
    generate(person.page, "A forest in fog")
    # Killed in the instant before sending, nobody could know; from the acceptance on, we must.
    studio.wait_for_accepted("A forest in fog")
    studio.kill_cluster()
    first_result(person.page).wait_for(timeout=60_000)
    assert studio.accepted("A forest in fog") == 1


def test_a_double_click_a_reload_and_back_pay_once(person: Person, studio):
    page = person.page
    page.get_by_role("textbox", name="Prompt").fill("Two quick clicks")
    page.get_by_role("button", name="Generate").dblclick()
    page.keyboard.press("Control+Enter")
    first_result(page).wait_for(timeout=READY)
    page.reload()
    page.goto(f"{studio.url}/library/")
    page.go_back()
    first_result(page).wait_for(timeout=READY)
    expect(page.locator("#feed .task:not([data-state='ready'])")).to_have_count(0, timeout=READY)
    assert page.locator("#feed .batch").count() == studio.accepted("Two quick clicks")


def test_a_draft_survives_a_closed_tab(person: Person):
    person.page.get_by_role("textbox", name="Prompt").fill("A sentence nobody wants to type twice")
    person.page.close(run_before_unload=True)
    person.page = person.open_tab()
    page = person.goto("/create/image/")
    prompt = page.get_by_role("textbox", name="Prompt")
    expect(prompt).to_have_value("A sentence nobody wants to type twice")
