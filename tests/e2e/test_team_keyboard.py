"""A team is run by keyboard alone, and without scripts: members, owners, the log, settings."""

import json

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Person
from tests.factories import png

MOST_TABS = 60
SEED = """
from generation.models import Membership, Role, Team, User, Verb, audit
from generation.models.addresses import prove_address

owner = User.objects.get(email="{email}")
team = Team.objects.get(memberships__user=owner)
for name in ("Kenji", "Mira"):
    person = User.objects.create_user(name.lower() + "-{email}", name=name)
    Membership.objects.create(team=team, user=person, role=Role.MEMBER)
Team.objects.filter(pk=team.pk).update(name="Studio Herz")
audit(Verb.TEAM_CHANGED, team=team, actor=owner, target=team)
for email in {others}:
    Membership.objects.create(team=team, user=User.objects.get(email=email), role=Role.MEMBER)
    Team.objects.filter(memberships__user__email=email).exclude(pk=team.pk).update(name="Own")
"""
FOCUS = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const drawn = style.outlineStyle !== "none" || style.boxShadow !== "none";
  return one.matches(":focus-visible") && drawn;
}"""


@pytest.fixture
def begin(new_person, studio):
    """An owner of a team with Kenji and Mira; further people are members who have a browser."""

    def start(scripts: bool = True, others: int = 0) -> list[Person]:
        people = [new_person(java_script_enabled=scripts) for _ in range(1 + others)]
        for person in people:
            person.sign_up_unseen()
        owner, *rest = people
        emails = json.dumps([one.email for one in rest])
        studio.run(SEED.format(email=owner.email, others=emails))
        return people

    return start


def tab_to(page: Page, target: Locator) -> None:
    """As somebody gets there who has no mouse; where they are can be seen."""
    target.wait_for()
    for _ in range(MOST_TABS):
        if target.evaluate("one => one === document.activeElement"):
            assert page.evaluate(FOCUS), "the focus is not to be seen"
            return
        page.keyboard.press("Tab")
    raise AssertionError("Tab does not lead there")


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    tab_to(page, target)
    page.keyboard.press(key)


def row_of(page: Page, name: str) -> Locator:
    return page.locator(".people > li", has_text=name)


def test_a_member_is_removed_and_an_heir_chosen(begin):
    (owner,) = begin()
    page = owner.goto("/team/members/")
    opener = row_of(page, "Kenji").get_by_role("link", name="Remove")
    press(page, opener)
    dialog = page.locator("#dialog")
    expect(dialog).to_contain_text("The work stays with the team")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, dialog.get_by_label("Who receives the work"))
    page.keyboard.type("Mira")
    press(page, dialog.get_by_role("button", name="Remove Kenji"), "Space")
    expect(page.locator("#toasts")).to_contain_text("Kenji is no longer in this team")
    expect(row_of(page, "Kenji")).to_have_count(0)
    page = owner.goto("/team/audit/")
    expect(page.locator("main")).to_contain_text("removed Kenji, heir Mira")


def test_a_role_is_looked_through_before_it_is_saved(begin):
    (owner,) = begin()
    page = owner.goto("/team/members/")
    choice = row_of(page, "Kenji").get_by_role("combobox")
    tab_to(page, choice)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(choice).to_be_focused()  # nothing was sent meanwhile
    expect(choice).to_have_value("admin")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Kenji is admin now")


def test_a_team_changes_hands(begin):
    owner, other = begin(others=1)
    page = owner.goto("/team/transfer/")
    tab_to(page, page.get_by_label("New owner"))
    page.keyboard.type(other.email[:6])
    press(page, page.get_by_role("button", name="Ask to take over"))
    expect(page.locator("main")).to_contain_text("is asked to take it over")
    page = switch_to(other, "Studio Herz")
    banner = page.locator(".banner", has_text="asks you to take")
    press(page, banner.get_by_role("button").first)
    expect(page.locator("body")).to_contain_text("You own Studio Herz now.")


def switch_to(person: Person, team: str) -> Page:
    page = person.goto("/library/")
    opener, menu = page.locator("#team-switch"), page.locator("#team-menu")
    press(page, opener)
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    press(page, menu.get_by_role("button", name=team))
    expect(page.locator("body")).to_contain_text(f"You are in {team} now.")
    return page


def test_the_log_is_filtered_and_exported(begin):
    (owner,) = begin()
    page = owner.goto("/team/audit/")
    what = page.get_by_label("What")
    tab_to(page, what)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(what).to_be_focused()  # nothing was sent meanwhile
    expect(what).to_have_value("team")
    press(page, page.get_by_role("button", name="Show"))
    page.wait_for_url("**/team/audit/?*what=*")
    opener = page.locator("summary", has_text="Export")
    press(page, opener)
    tab_to(page, page.get_by_role("link", name="CSV"))
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    page.keyboard.press("Space")
    with page.expect_download() as download:
        press(page, page.get_by_role("link", name="JSON lines"))
    assert download.value.suggested_filename.endswith(".jsonl")


def test_the_settings_of_a_team_are_changed(begin):
    (owner,) = begin()
    page = owner.goto("/team/settings/")
    tab_to(page, page.get_by_label("Name", exact=True))
    page.keyboard.press("Control+a")
    page.keyboard.type("Maison Odile")
    tab_to(page, page.get_by_label("Time zone"))
    page.keyboard.type("berlin")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("Saved.")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Berlin")
    expect(page.locator("#team-switch")).to_contain_text("Maison Odile")
    picture = {"name": "team.png", "mimeType": "image/png", "buffer": png()}
    page.locator("input[type=file]").set_input_files(picture)
    press(page, page.get_by_role("button", name="Use this image"))
    expect(page.locator("#team-switch img")).to_be_visible()
    press(page, page.get_by_role("button", name="Remove the image"))
    expect(page.locator("#team-switch img")).to_have_count(0)


def test_what_is_refused_says_why_when_it_is_pressed(begin):
    _owner, other = begin(others=1)
    page = switch_to(other, "Studio Herz")
    page = other.goto("/team/members/")
    invite = page.locator("main").get_by_role("button", name="Invite", exact=True)
    press(page, invite)
    reason = page.locator(".why:popover-open")
    expect(reason).to_contain_text("Only owners and admins invite people. Ask")
    page.keyboard.press("Escape")
    expect(reason).to_have_count(0)
    expect(invite).to_be_focused()


# --- Without scripts ------------------------------------------------------------------------------


def test_members_and_owners_without_scripts(begin):
    owner, other = begin(scripts=False, others=1)
    page = owner.goto("/team/members/")
    row_of(page, "Kenji").get_by_role("combobox").select_option("viewer")
    press(page, row_of(page, "Kenji").get_by_role("button", name="Save"))
    expect(page.locator("body")).to_contain_text("Kenji is viewer now.")
    press(page, row_of(page, "Kenji").get_by_role("link", name="Remove"))
    page.get_by_label("Who receives the work").select_option(label="Mira")
    press(page, page.get_by_role("button", name="Remove Kenji"))
    expect(page.locator("body")).to_contain_text("Kenji is no longer in this team")
    page = owner.goto("/team/transfer/")
    page.get_by_label("New owner").select_option(label=other.email.partition("@")[0])
    press(page, page.get_by_role("button", name="Ask to take over"))
    press(page, page.get_by_role("button", name="Take the question back"))
    expect(page.locator("body")).to_contain_text("Nobody is asked any more.")


def test_the_log_and_the_settings_without_scripts(begin):
    (owner,) = begin(scripts=False)
    page = owner.goto("/team/audit/")
    page.get_by_label("What").select_option("team")
    press(page, page.get_by_role("button", name="Show"))
    page.wait_for_url("**/team/audit/?*what=*")
    press(page, page.locator("summary", has_text="Export"))
    with page.expect_download() as download:
        press(page, page.get_by_role("link", name="CSV"))
    assert download.value.suggested_filename.endswith(".csv")
    page = owner.goto("/team/settings/")
    page.get_by_label("Name", exact=True).fill("Maison Odile")
    settings = page.get_by_role("region", name="Team settings")
    press(page, settings.get_by_role("button", name="Save"))
    expect(page.locator("body")).to_contain_text("Saved.")
    picture = {"name": "team.png", "mimeType": "image/png", "buffer": png()}
    page.locator("input[type=file]").set_input_files(picture)
    press(page, page.get_by_role("button", name="Use this image"))
    expect(page.locator("#team-switch img")).to_be_visible()


def test_teams_are_switched_without_scripts(begin):
    _owner, other = begin(scripts=False, others=1)
    page = other.goto("/library/")
    press(page, page.locator("#team-switch"))
    press(page, page.locator("#team-menu").get_by_role("button", name="Studio Herz"))
    expect(page.locator("body")).to_contain_text("You are in Studio Herz now.")
