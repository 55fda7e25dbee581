"""A guest of a share link in a real browser: a phone and a keyboard, no script, and no account."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_pages import violations_in_both_themes

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
SEED = """
from django.core.management import call_command
from django.contrib.auth.hashers import make_password
from generation.engine import reviews
from generation.engine.share_items import items_of
from generation.models import Collection, Output, ShareLink, Team, User
user = User.objects.create_user(email="{email}", password="pass-1234-word", name="Nadia Herz")
Team.create_personal(user)
call_command("seed", user=user.email, outputs=6)
team = user.teams.get()
outputs = list(Output.objects.filter(team=team))
picks = Collection.objects.create(team=team, name="Picks", created_by=user)
picks.add(outputs, user)
found = []
for fields in (dict(may_approve=True), dict(password_hash=make_password("Glass-and-Amber-7"))):
    link = ShareLink(team=team, created_by=user, collection=picks, title="First selects", **fields)
    found.append(link.set_token())
    if link.may_approve:
        number, output = next(one for one in items_of(link) if one[1].kind == "video")
        reviews.ask(output, by=user, links=[link])
        found.append(number)
print(*found)
"""


@pytest.fixture(scope="module")
def seeded(studio):
    token, number, locked = studio.run(SEED.format(email="guests@example.test")).split()[-3:]
    return f"/s/{token}/", f"/s/{token}/{number}/", f"/s/{locked}/"


def test_a_guest_with_a_phone_and_a_keyboard(new_person, seeded):
    page_path, item_path, locked_path = seeded
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


def test_without_a_script_a_guest_comments_and_asks_for_changes(new_person, studio):
    token, number, _locked = studio.run(SEED.format(email="plain@example.test")).split()[-3:]
    person = new_person(java_script_enabled=False, viewport=PHONE)
    page = person.goto(f"/s/{token}/{number}/")
    page.get_by_label("Name", exact=True).fill("Ana Ruiz")
    page.get_by_role("button", name="Continue").click()
    page.locator("#body").fill("Too dark here")
    page.locator("#at").fill("0:01")
    page.locator(".pub-say").get_by_role("button", name="Send").click()
    expect(page.locator(".pub-comment")).to_contain_text("Too dark here")
    page.get_by_text("Ask for changes").click()
    page.get_by_label("What should change").fill("Lighter, please")
    page.locator("#answer").get_by_role("button", name="Send").click()
    expect(page.locator("#answer")).to_contain_text("You asked for changes on")


@pytest.mark.parametrize("size", [(390, 844), (1440, 900)], ids=str)
def test_axe_finds_nothing_on_the_pages_of_a_link(new_person, seeded, size):
    page_path, item_path, locked_path = seeded
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
