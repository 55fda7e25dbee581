"""Two members at two browsers: what one does, the other sees. `tests.bench.presence` measures the
five seconds that the product promises."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Person
from tests.e2e.test_first_minutes import READY, first_result, generate
from tests.e2e.test_invitations import join_anew, new_link
from tests.e2e.test_pages import SIZES, violations_in_both_themes

# What fades in has no contrast yet.
OPENED = """async dialog => {
  await Promise.allSettled(dialog.getAnimations({ subtree: true }).map(one => one.finished));
}"""
SUBJECT = """
from generation.models import Subject, Team, User
from tests.factories import make_subject

user = User.objects.get(email="{email}")
make_subject(user, "Mira", team=Team.objects.get(memberships__user=user))
"""


@pytest.fixture
def pair(new_person) -> tuple[Person, Person]:
    """An owner and a member of one team, each with a page of it open."""
    owner, member = new_person(), new_person()
    owner.sign_up_unseen()
    join_anew(member, new_link(owner, member.email))
    return owner, member


def test_a_batch_of_a_colleague_comes_to_an_idle_page(pair):
    owner, member = pair
    page = owner.goto("/create/image/")
    page.wait_for_function("document.querySelector('#live').dataset.next === '3000'")
    other = member.goto("/create/image/")
    other.get_by_role("textbox", name="Prompt").fill("A red boat for both")
    other.get_by_role("button", name="Generate").click()
    expect(other.locator("#feed .batch")).to_have_count(1)
    expect(page.locator("#feed .batch")).to_have_count(1)
    expect(page.locator("#feed .batch")).to_contain_text("A red boat for both")


def test_a_rating_of_a_colleague_comes_to_the_tile(pair):
    owner, member = pair
    page = owner.goto("/create/image/")
    generate(page, "A blue boat to be rated")
    first_result(page).wait_for(timeout=READY)
    page = owner.goto("/library/")
    page.wait_for_function("document.querySelector('#live').dataset.next === '3000'")
    other = member.goto("/library/")
    other.locator(".card .open").first.focus()
    other.keyboard.press("4")
    expect(other.locator(".card .marks .mine")).to_contain_text("4")
    expect(page.locator(".card .of")).to_have_text("Team 4 (1)")
    assert page.locator(".card .marks .mine").count() == 0


def test_an_edit_of_a_subject_and_its_editor_are_seen(pair, studio):
    owner, member = pair
    studio.run(SUBJECT.format(email=owner.email))
    page = owner.goto("/subjects/")
    page.get_by_role("link", name="@Mira", exact=True).click()
    other = member.goto("/subjects/")
    page.reload()  # now that somebody else is there
    other.get_by_role("link", name="@Mira", exact=True).click()
    other.get_by_role("link", name="Edit").click()
    expect(page.locator("#editors")).to_contain_text("is editing this subject")
    other.locator(".further > summary").click()
    other.get_by_label("Style").fill("ink wash")
    other.get_by_role("button", name="Save").click()
    expect(page.locator("#changed")).to_contain_text("saved this subject just now")
    page.get_by_role("link", name="Show it as it is now").click()
    expect(page.locator(".facts").first).to_contain_text("ink wash")


def test_who_is_removed_leaves_the_page(pair):
    owner, member = pair
    page = owner.goto("/team/members/")
    other = member.goto("/create/image/")
    row = page.locator(".people > li", has_text=member.email)
    row.get_by_role("link", name="Remove").click()
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("The work stays with the team")
    dialog.get_by_role("button", name="Remove").click()
    expect(page.locator("body")).to_contain_text("is no longer in this team")
    other.wait_for_url("**/team/ended/")
    expect(other.locator("main")).to_contain_text("You are no longer in")


def test_an_idle_page_sends_one_small_request_at_a_time(pair):
    owner, member = pair
    member.goto("/library/")
    page = owner.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    owner.goto("/library/")
    page.wait_for_function("document.querySelector('#live').dataset.next === '3000'")
    asked.clear()
    with page.expect_response("**/library/live/**") as first:
        pass
    with page.expect_response("**/library/live/**") as second:
        pass
    assert [first.value.status, second.value.status] == [204, 204]
    assert len(asked) == 2


def test_a_team_is_run_by_keyboard_alone_without_scripts(new_person):
    owner = new_person(java_script_enabled=False)
    owner.sign_up_unseen()
    page = owner.goto("/team/new/")
    page.get_by_label("Name").focus()
    page.keyboard.type("Maison Odile")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Members")).to_be_visible()
    page.goto(f"{owner.studio.url}/team/delete/")
    page.get_by_label("Name of the team").focus()
    page.keyboard.type("maison odile")
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("will be deleted on")
    page.get_by_role("button", name="Keep the team").focus()
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text("The team stays.")


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_on_the_pages_of_a_team(new_person, size):
    width, height = SIZES[size]
    owner, member = new_person(viewport={"width": width, "height": height}), new_person()
    owner.sign_up_unseen()
    join_anew(member, new_link(owner, member.email))
    page, found = owner.goto("/team/members/"), []
    removal = page.locator(".people > li", has_text=member.email).get_by_role("link", name="Remove")
    address = removal.get_attribute("href")
    found += violations_in_both_themes(page)
    removal.click()
    page.locator("#dialog .tally").wait_for()
    page.locator("#dialog").evaluate(OPENED)
    found += violations_in_both_themes(page)
    for path in (address, "/team/roles/", "/team/settings/", "/team/transfer/", "/team/delete/",
                 "/team/new/", "/settings/"):  # fmt: skip
        found += violations_in_both_themes(owner.goto(path))
    assert not found
