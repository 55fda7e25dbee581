"""A guest of a share link in a real browser: a phone and a keyboard, no script, and no account."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_pages import violations_in_both_themes

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
SEED = """
from dataclasses import asdict
from pathlib import Path
from django.contrib.auth.hashers import make_password
from generation.engine import reviews
from generation.engine.share_items import items_of
from generation.media import images, storage, videos
from generation.models import Collection, Media, ShareLink, Team, User
from tests.e2e import media
from tests.factories import make_output
user = User.objects.create_user(email="guests@example.test", name="Nadia Herz")
team = Team.create_personal(user)
with storage.scratch() as path:
    film = videos.keep_output(media.video(Path(str(path) + ".mp4"), 2.0))
    still = images.take_file(media.image(Path(str(path) + ".png")).read_bytes())
facts = [asdict(still), asdict(film)]
rows = [Media.objects.create(team=team, created_by=user, **one) for one in facts]
picks = Collection.objects.create(team=team, name="Picks", created_by=user)
picks.add([make_output(user, media=row) for row in rows], user)
password = make_password("Glass-and-Amber-7")
for fields in (dict(may_approve=True), dict(may_approve=True), dict(password_hash=password)):
    link = ShareLink(team=team, created_by=user, collection=picks, title="First selects", **fields)
    print(link.set_token())
    items_of(link)
    if fields.get("may_approve") and not reviews.asked_last(picks.shown_items[1].output):
        reviews.ask(picks.shown_items[1].output, by=user, links=[link])
"""


@pytest.fixture(scope="module")
def seeded(studio):
    """The addresses of a link, of the same under another one, and of one with a password."""
    return [f"/s/{token}/" for token in studio.run(SEED).split()[-3:]]


def test_a_guest_with_a_phone_and_a_keyboard(new_person, seeded):
    page_path, _other, locked_path = seeded
    item_path = f"{page_path}2/"
    person = new_person(viewport=PHONE)
    page = person.goto(locked_path)
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Capitals count.")
    page.keyboard.type("Glass-and-Amber-7")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="First selects")).to_be_visible()
    page = person.goto(page_path)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.locator(f"a[href='{item_path}']").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Name", exact=True).fill("Claire Dubois")
    page.keyboard.press("Enter")
    words = page.get_by_label("Your comment")
    expect(words).to_be_visible()
    player = page.locator(".pub-screen video")
    player.evaluate("one => Object.defineProperty(one, 'currentTime', {value: 1.5, writable: 1})")
    words.focus()
    page.keyboard.type("The light is lovely.")
    expect(page.locator("#at")).to_have_value(re.compile(r"0:01\.\d+"))
    page.keyboard.press("Control+Enter")
    expect(page.locator(".pub-comment")).to_contain_text("The light is lovely.")
    expect(page.locator(".pub-comment")).to_contain_text("0:01")
    expect(page.get_by_label("Your comment").last).to_be_focused()
    page.get_by_role("button", name="Approve").press("Enter")
    expect(page.locator("#answer")).to_contain_text("You approved this on")
    assert not person.complaints


def test_without_a_script_a_guest_comments_and_asks_for_changes(new_person, seeded):
    person = new_person(java_script_enabled=False, viewport=PHONE)
    page = person.goto(f"{seeded[1]}1/")
    page.get_by_label("Name", exact=True).fill("Ana Ruiz")
    page.get_by_role("button", name="Continue").click()
    page.locator("#body").fill("Too dark here")
    page.locator(".pub-say").get_by_role("button", name="Send").click()
    expect(page.locator(".pub-comment")).to_contain_text("Too dark here")
    page.get_by_text("Ask for changes").click()
    page.get_by_label("What should change").fill("Lighter, please")
    page.locator("#answer").get_by_role("button", name="Send").click()
    expect(page.locator("#answer")).to_contain_text("You asked for changes on")


@pytest.mark.parametrize("size", [(390, 844), (1440, 900)], ids=str)
def test_axe_finds_nothing_on_the_pages_of_a_link(new_person, seeded, size):
    page_path, _other, locked_path = seeded
    item_path = f"{page_path}2/"
    person = new_person(viewport={"width": size[0], "height": size[1]})
    found = []
    for path in (page_path, item_path, f"{page_path}name/", locked_path, "/s/nothing/"):
        found += violations_in_both_themes(person.goto(path))
    person.goto(item_path)
    person.page.get_by_label("Name", exact=True).fill("Ana Ruiz")
    person.page.keyboard.press("Enter")
    expect(person.page.get_by_label("Your comment").last).to_be_visible()
    found += violations_in_both_themes(person.page)
    assert not found
