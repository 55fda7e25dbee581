"""Inviting and joining in two browsers: with and without scripts, and what axe finds on the way."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PASSWORD, Person
from tests.e2e.test_pages import SIZES, violations_in_both_themes


def new_link(owner: Person, email: str = "") -> str:
    """The address of a new invitation, as the page shows it once."""
    page = owner.goto("/team/members/")
    page.get_by_role("link", name="Invite", exact=True).click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Make the link").click()
    return page.get_by_label("Link", exact=True).input_value()


def join_anew(newcomer: Person, link: str) -> None:
    """Sign up with the invitation; the address is the one that it was made for."""
    page = newcomer.page
    page.goto(link)
    page.get_by_role("link", name="Create an account and join").click()
    expect(page.get_by_label("E-mail")).to_have_value(newcomer.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url("**/create/**")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_an_owner_invites_and_a_new_person_joins_in_another_browser(new_person, scripts):
    owner = new_person(java_script_enabled=scripts)
    owner.sign_up_unseen()
    newcomer = new_person(java_script_enabled=scripts)
    link = new_link(owner, newcomer.email)
    if scripts:
        owner.context.grant_permissions(["clipboard-read", "clipboard-write"])
        owner.page.get_by_role("button", name="Copy link").click()
        expect(owner.page.get_by_role("button", name="Copied")).to_be_visible()
        assert owner.page.evaluate("navigator.clipboard.readText()") == link
    join_anew(newcomer, link)
    people = newcomer.goto("/team/members/").locator(".people .whois small")
    expect(people).to_have_text([owner.email, newcomer.email])
    page = owner.goto("/team/invitations/")
    row = page.locator(".people > li", has_text=newcomer.email)
    expect(row).to_contain_text("Accepted")
    # Whoever else opens the link now learns nothing.
    page = new_person(java_script_enabled=scripts).goto(re.sub(r"^https?://[^/]+", "", link))
    expect(page.get_by_role("heading")).to_have_text("This invitation does not open")


def test_somebody_with_another_address_logs_out_and_comes_back_as_who_was_meant(new_person):
    owner, meant = new_person(), new_person()
    owner.sign_up_unseen()
    link = new_link(owner, meant.email)
    page = meant.page
    join_anew(meant, link)
    meant.context.clear_cookies()
    other = new_person()
    other.sign_up_unseen()
    link = new_link(owner, "somebody.else@example.test")
    page = other.page
    page.goto(link)
    expect(page.get_by_role("heading")).to_have_text("This invitation is for someone else")
    expect(page.locator("main")).to_contain_text("s…@example.test")
    expect(page.locator("main")).to_contain_text(other.email)
    page.get_by_role("button", name="Log out and accept").click()
    page.wait_for_url("**/login/?next=**")
    page.get_by_label("E-mail").fill(other.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/invite/**")
    expect(page.get_by_role("heading")).to_have_text("This invitation is for someone else")


def test_by_keyboard_alone_an_open_link_is_made_and_taken(new_person):
    owner, guest = new_person(), new_person()
    owner.sign_up_unseen()
    guest.sign_up_unseen()
    page = owner.goto("/team/invitations/")
    page.get_by_label("E-mail").focus()
    page.keyboard.press("Enter")
    link = page.get_by_label("Link", exact=True).input_value()
    page = guest.page
    page.goto(link)
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim().startsWith('Join ')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/create/**")
    expect(page.locator("body")).to_contain_text("You are in")


TEN_PEOPLE = """
import json
from django.test import Client
from tests.factories import make_invitation, make_user, team_of

owner = make_user()
row, token = make_invitation(team_of(owner), owner)
sessions = []
for _ in range(10):
    client = Client()
    client.force_login(make_user())
    sessions += [morsel.value for morsel in client.cookies.values()]
print(json.dumps({"row": row.pk, "token": token, "sessions": sessions}))
"""
WHO_JOINED = """
from generation.models import Invitation

row = Invitation.objects.get(pk={row})
print(row.uses, row.state, row.team.memberships.count())
"""


def test_of_ten_browsers_that_accept_at_once_one_is_let_in(studio):
    made = json.loads(studio.run(TEN_PEOPLE))
    secret = "c" * 32

    def accept(session: str) -> int:
        headers = {"Cookie": f"session={session}; csrf={secret}"}
        form = {"csrfmiddlewaretoken": secret}
        return studio.post(f"/invite/{made['token']}/", form, headers)

    with ThreadPoolExecutor(10) as threads:
        statuses = list(threads.map(accept, made["sessions"]))
    assert sorted(statuses) == [200] + [404] * 9
    assert studio.run(WHO_JOINED.format(row=made["row"])) == "1 accepted 2"


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_where_people_are_invited(new_person, size):
    width, height = SIZES[size]
    view = {"viewport": {"width": width, "height": height}}
    owner, other, visitor = new_person(**view), new_person(**view), new_person(**view)
    owner.sign_up_unseen()
    other.sign_up_unseen()
    found, opened = [], new_link(owner)
    page = owner.page
    found += violations_in_both_themes(page)  # with the link
    page.get_by_label("E-mail").fill(owner.email)
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_text("This person is in the team already.")).to_be_visible()
    found += violations_in_both_themes(page)
    meant = new_link(owner, "somebody.else@example.test")
    found += violations_in_both_themes(owner.goto("/team/invitations/"))
    for person, link in ((visitor, meant), (other, meant), (other, opened), (owner, opened)):
        person.page.goto(link)
        found += violations_in_both_themes(person.page)
    visitor.page.get_by_role("link", name="I have an account").click()
    visitor.page.goto(meant)
    visitor.page.get_by_role("link", name="Create an account and join").click()
    found += violations_in_both_themes(visitor.page)
    found += violations_in_both_themes(visitor.goto(f"/invite/{'x' * 32}/"))
    assert not found
