"""Deleting the account and taking the own data along, in a real browser."""

import re
import subprocess
import sys
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Person
from tests.e2e.test_pages import violations_in_both_themes
from tests.studio import ROOT

DELETE, SECURITY = "/settings/security/delete/", "/settings/security/"
# A second team with others in it: Ana, and somebody who only looks.
TEAM = """
import secrets
from generation.models import Membership, Role, Team, User
def member(name, role):
    user = User.objects.create_user(secrets.token_hex(6) + "@example.test", name=name)
    Membership.objects.create(team=team, user=user, role=role)
    return user
person = User.objects.get(email="{email}")
team = Team.found("Maison Odile", person)
member("Ana Ruiz", Role.ADMIN)
member("Tom Berg", Role.VIEWER)
shared = Team.found("Studio Herz", member("Nadia Herz", Role.MEMBER))
Membership.objects.create(team=shared, user=person)
shared.projects.create(name="Spring film", created_by=person)
"""


def in_teams(person: Person) -> Person:
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", TEAM.format(email=person.email)],
        cwd=ROOT, env=person.studio.environment, check=True, capture_output=True,
    )  # fmt: skip
    return person


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_an_account_is_deleted_by_keyboard(new_person, scripts):
    person = new_person(java_script_enabled=scripts, viewport={"width": 390, "height": 844})
    person.sign_up_unseen()
    in_teams(person)
    page = person.goto(SECURITY)
    page.get_by_role("link", name=re.compile("Delete the account")).press("Enter")
    page.wait_for_url(f"**{DELETE}")
    page.get_by_label("Your e-mail address").fill("somebody@example.test")
    page.get_by_role("button", name="Delete the account").press("Enter")
    expect(page.get_by_text("Choose who owns the team then").first).to_be_visible()
    expect(page.get_by_label("Your e-mail address")).to_have_value("somebody@example.test")
    page.get_by_label("What becomes of the team").select_option(label="Ana Ruiz owns it")
    page.get_by_label("Your e-mail address").fill(person.email)
    page.get_by_label("Your e-mail address").press("Enter")
    page.wait_for_url("**/login/**")
    expect(page.get_by_text("Your account is deleted.")).to_be_visible()
    assert re.search("/login/", person.goto(SECURITY).url)


def test_the_own_data_comes_as_one_file(new_person, tmp_path):
    person = new_person(accept_downloads=True)
    person.sign_up_unseen()
    page = person.goto(SECURITY)
    with page.expect_download() as caught:
        page.get_by_role("button", name="Download", exact=True).click()
    path = tmp_path / "data.zip"
    caught.value.save_as(path)
    with ZipFile(path) as archive:
        assert archive.testzip() is None
        assert person.email in archive.read("account.json").decode()
    assert person.goto(SECURITY).get_by_text("under way").count() == 0


def test_the_page_has_no_fault_that_axe_finds(new_person):
    person = new_person(viewport={"width": 390, "height": 844})
    person.sign_up_unseen()
    in_teams(person)
    for path in (DELETE, SECURITY):
        page = person.goto(path)
        assert violations_in_both_themes(page) == []
