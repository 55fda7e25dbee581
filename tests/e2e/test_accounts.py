"""Signing up with a code, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.test_pages import violations_in_both_themes

NARROW = {"width": 390, "height": 844}


@pytest.mark.parametrize("script", [True, False])
def test_a_code_from_the_mail_opens_the_studio_on_a_phone(new_person, script):
    person = new_person(viewport=NARROW, java_script_enabled=script)
    page = person.goto("/signup/")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password", exact=True).fill("a long pass phrase 7")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()
    page.get_by_label("Code").fill("BCDF-GHJK")
    page.get_by_role("button", name="Confirm").press("Enter")
    expect(page.get_by_text("This is not the code of the newest mail.")).to_be_visible()
    if script:
        assert not violations_in_both_themes(page)
    old = person.mailed_code()
    page.get_by_role("button", name="Send a new code").click()
    assert person.mailed_code() != old
    page.get_by_label("Code").fill(person.mailed_code())
    page.get_by_role("button", name="Confirm").click()
    expect(page).to_have_url(re.compile("/create/"))


def test_who_took_the_wrong_address_begins_anew(new_person):
    person = new_person(viewport=NARROW, locale="zh-CN")
    page = person.goto("/signup/")
    page.locator("#id_email").fill("wrong@example.test")
    page.locator("#id_password1").fill("a long pass phrase 7")
    page.get_by_role("button", name="注册", exact=True).click()
    expect(page.get_by_text("wrong@example.test")).to_be_visible()
    page.get_by_role("button", name="换一个邮箱").click()
    expect(page).to_have_url(re.compile("/signup/"))
