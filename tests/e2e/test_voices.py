"""Speech with a voice out of the list: by mouse and by keyboard, and nobody types an id."""

import re

from playwright.sync_api import expect

from tests.e2e import media
from tests.e2e.conftest import Person
from tests.e2e.test_first_minutes import READY

CARD = "#feed .card a[href^='/a/']"


def test_a_voice_is_chosen_by_mouse_then_by_keyboard_and_a_cloned_one_is_spoken_with(
    person: Person, tmp_path
):
    page = person.goto("/create/speech/")
    opener, dialog = page.locator("#id_voice_id_open"), page.locator("#picks")
    page.get_by_label("Text to speak").fill("Good morning, and welcome.")

    opener.click()
    dialog.get_by_label("Language").select_option("de")
    expect(dialog.locator("[data-choose]")).to_have_count(3)
    dialog.get_by_role("button", name="Friendly Man").click()
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    expect(opener).to_contain_text("German · Male")
    page.get_by_role("button", name="Generate").click()
    page.locator(CARD).first.wait_for(timeout=READY)
    expect(page.locator("#feed")).to_contain_text("Friendly Man · German · Male")

    opener.press("Enter")
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("gentle butler")
    expect(dialog.locator("[data-choose]")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(opener).to_be_focused()
    expect(opener).to_contain_text("Gentle Butler")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#feed")).to_contain_text("Gentle Butler · Japanese · Male", timeout=READY)

    opener.click()
    dialog.get_by_label("Language").select_option("de")
    page.keyboard.press("Escape")
    expect(opener).to_contain_text("Gentle Butler")
    expect(opener).to_be_focused()

    page = person.goto("/create/voice/")
    page.locator("#id_sounds").set_input_files(media.audio(tmp_path / "me.mp3", 11))
    page.locator("figure[data-input=sounds]").wait_for(timeout=READY)
    page.get_by_label("Name of the voice").fill("Mira, warm")
    page.get_by_label("Text to speak").fill("This is my voice.")
    page.get_by_role("button", name="Generate").click()
    page.get_by_role("link", name="Speak with this voice").first.click(timeout=READY)
    expect(page.locator("#id_voice_id_open")).to_contain_text("Mira, warm")
    assert re.search(r"/create/speech/", page.url)
    page.locator("#id_voice_id_open").click()
    own = page.locator("#picks li").filter(has_text="Mira, warm")
    play = own.get_by_role("link", name="Play Mira, warm")
    play.click()
    expect(play).to_have_class(re.compile("playing"))
    assert not person.complaints
