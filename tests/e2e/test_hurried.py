"""What a hurried person does: wrong keys, wrong files, a dead network, too much of everything."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Person
from tests.e2e.test_first_minutes import READY, first_result, generate
from tests.factories import png

PHOTO = Path(__file__).parent / "photo.jpg"


def file(name: str, data: bytes) -> dict:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


BAD_FILES = {
    "too small": file("small.png", png(127, 127)),
    "too long": file("long.png", png(1000, 249)),
    "a GIF": file("moving.gif", png(200, 200, format="GIF")),
    "no picture": file("page.png", b"<html><script>alert(1)</script>"),
    "empty": file("empty.png", b""),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD_FILES.values(), ids=BAD_FILES.keys())
def test_a_wrong_file_is_refused_at_its_place_and_nothing_typed_is_lost(person: Person, bad):
    page = person.page
    page.get_by_role("textbox", name="Prompt").fill("Keep this")
    page.locator("input[type=file]").set_input_files(bad)
    expect(page.locator("[data-uploads]").get_by_role("alert").first).to_be_visible()
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("Keep this")
    assert page.locator("[name=images]").count() == 0


def test_a_60_mb_file_is_refused_before_it_travels(person: Person, tmp_path):
    huge = tmp_path / "huge.jpg"
    with huge.open("wb") as out:
        out.write(PHOTO.read_bytes())
        out.truncate(60 * 1024 * 1024)
    sent = []
    person.page.on("request", lambda request: sent.append(request.url))
    person.page.locator("input[type=file]").set_input_files(huge)
    expect(person.page.locator("[data-uploads]").get_by_role("alert").first).to_be_visible()
    assert not [url for url in sent if "/uploads/" in url]


def test_a_long_prompt_is_refused_and_kept_in_full(person: Person, studio):
    page = person.page
    generate(page, "word " * 401)
    expect(page.get_by_text("Shorten it to 2,000").first).to_be_visible()
    assert len(page.get_by_role("textbox", name="Prompt").input_value()) == 2005
    assert studio.accepted("word word") == 0


def test_a_dead_network_loses_nothing(person: Person):
    page = person.page
    page.get_by_role("textbox", name="Prompt").fill("Still here")
    person.context.set_offline(True)
    page.get_by_role("button", name="Generate").click()
    expect(page.get_by_role("button", name="Try again").first).to_be_visible()
    person.context.set_offline(False)
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value("Still here")
    page.get_by_role("button", name="Generate").click()
    first_result(page).wait_for(timeout=READY)


def test_a_wrong_key_is_refused_where_it_was_typed(person: Person):
    page = person.goto("/settings/keys/")
    page.get_by_label("Provider").select_option("vidu")
    page.get_by_label("Key", exact=True).fill("vda_wrong_0123456789")
    page.get_by_role("button", name="Test and save").click()
    expect(page.get_by_text("rejected this key").first).to_be_visible()
    assert "vda_wrong" not in page.content()


def test_a_lost_answer_shows_three_choices(person: Person, studio):
    person.add_key("vtrix")
    page = person.goto("/create/image/")
    generate(page, "[fail: lost] a boat")
    card = page.locator("#feed [data-state=checking]").first
    card.wait_for(timeout=READY)
    for choice in ("Check again", "Mark as failed", "Send again (may be charged twice)"):
        expect(page.locator("#feed").get_by_text(choice).first).to_be_visible(timeout=READY)


def test_an_image_is_used_as_reference_for_the_next(person: Person):
    page = person.page
    generate(page, "A red door")
    first_result(page).wait_for(timeout=READY)
    viewer = page.locator("#feed .card a[href^='/a/']").first.get_attribute("href")
    page = person.goto(viewer)
    page.get_by_text("Use as", exact=True).click()
    page.get_by_role("link", name="Use as reference").first.click()
    page.locator("[name=images]").first.wait_for(state="attached")
    generate(page, "The same door in blue")
    expect(page.locator("#feed .batch")).to_have_count(2)
