"""A file is checked in the browser: read there, by keyboard, and without scripts."""

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Person

OURS, OTHER = "This is one of ours.", "This is not one of ours."
SEED = """
from generation.models import User
from tests.factories import make_media
make_media(User.objects.get(email="{email}"), name="shoes.png", given_sha256="{sha256}")
"""
# Around the ends of a block of 64 bytes, and of what a browser reads at once.
LENGTHS = (0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 200_003)


def pattern(length: int) -> bytes:
    return bytes(number * 7 % 251 for number in range(length))


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def ours(person: Person, studio) -> bytes:
    """The bytes of a file of the person's team."""
    data = pattern(3_000_000)
    studio.run(SEED.format(email=person.email, sha256=sha256(data)))
    return data


def test_the_browser_reads_a_file_and_sends_its_hash_alone(person, ours, tmp_path):
    sent: list[int] = []
    person.page.on(
        "request",
        lambda one: one.method == "POST" and sent.append(len(one.post_data_buffer or b"")),
    )
    page = person.goto("/check/")
    renamed = tmp_path / "holiday.bin"
    renamed.write_bytes(ours)
    page.get_by_label("Choose a file").set_input_files(renamed)
    expect(page.get_by_role("heading", name=OURS)).to_be_focused()
    expect(page.get_by_role("link", name="shoes.png")).to_be_visible()
    assert sent
    assert max(sent) < 2_000
    renamed.write_bytes(ours + b"!")
    page.get_by_label("Choose a file").set_input_files(renamed)
    expect(page.get_by_role("heading", name=OTHER)).to_be_focused()
    assert not person.complaints


def test_the_hash_of_the_page_is_the_hash_of_the_file(person, tmp_path: Path):
    page, file = person.goto("/check/"), tmp_path / "one"
    for length in LENGTHS:
        file.write_bytes(pattern(length))
        page.get_by_label("Choose a file").set_input_files(file)
        expect(page.locator(".check-hash code")).to_have_text(sha256(pattern(length)))


def test_a_hash_is_typed_by_keyboard_alone(person, ours):
    page = person.goto("/check/")
    page.get_by_label("Choose a file").focus()
    page.keyboard.press("Tab")
    page.keyboard.type(sha256(ours))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=OURS)).to_be_focused()


def test_without_scripts_the_file_is_sent(new_person, studio, tmp_path):
    person = new_person(java_script_enabled=False)
    person.sign_up_unseen()
    data = pattern(400_000)
    studio.run(SEED.format(email=person.email, sha256=sha256(data)))
    file = tmp_path / "one"
    file.write_bytes(data)
    page = person.goto("/check/")
    expect(page.get_by_text("up to 100 MB")).to_be_visible()
    page.get_by_label("Choose a file").set_input_files(file)
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("heading", name=OURS)).to_be_visible()
