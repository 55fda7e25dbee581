"""The second step at log-in in a real browser: with a device, by keyboard, without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.authenticator import code_at, current_step
from tests.e2e.conftest import PASSWORD, Person
from tests.e2e.test_pages import SIZES, violations_in_both_themes

SECURITY = "/settings/security/"
DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
    "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


class Device:
    """A device with a fingerprint reader, attached to the tab of a person."""

    def __init__(self, person: Person) -> None:
        self.session = person.context.new_cdp_session(person.page)
        self.session.send("WebAuthn.enable")
        added = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        self.id = added["authenticatorId"]

    def refuse(self, refuses: bool = True) -> None:
        """Whether the finger is the wrong one."""
        facts = {"authenticatorId": self.id, "isUserVerified": not refuses}
        self.session.send("WebAuthn.setUserVerified", facts)

    def credentials(self) -> list[dict]:
        found = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return found["credentials"]


def sign_up(person: Person) -> Person:
    person.sign_up_unseen()
    return person


@pytest.fixture
def somebody(new_person) -> Person:
    return sign_up(new_person(viewport={"width": 1440, "height": 900}))


def log_out(page: Page) -> None:
    page.goto(re.sub(r"(https?://[^/]+).*", r"\1/logout/", page.url))
    page.get_by_role("main").get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login/**")


def type_password(person: Person) -> None:
    page = person.page
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()


def add_passkey(person: Person, name: str) -> None:
    page = person.goto(SECURITY)
    page.get_by_role("link", name=re.compile("^Add.*Passkeys")).click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add", exact=True).click()


def put_codes_away(page: Page) -> None:
    page.get_by_label("I have put them somewhere safe").check()
    page.get_by_role("button", name="Done").click()
    page.wait_for_url(f"**{SECURITY}")


def set_up_app(person: Person) -> str:
    """Turn on the codes of an app; returns its secret."""
    page = person.goto(SECURITY)
    page.get_by_role("link", name="Set up").click()
    secret = page.locator("#secret").inner_text()
    page.get_by_label("Type the six digits it shows").fill(code_at(secret, current_step()))
    page.get_by_role("button", name="Turn on").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    return secret


def test_a_passkey_is_added_and_logs_in_with_and_without_a_password(somebody: Person):
    device, page = Device(somebody), somebody.page
    add_passkey(somebody, "My laptop")
    expect(page.locator("#codes li")).to_have_count(10)
    put_codes_away(page)
    expect(page.get_by_role("link", name=re.compile("^Rename.*My laptop"))).to_be_visible()
    assert [one["isResidentCredential"] for one in device.credentials()] == [True]

    log_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/create/**")

    log_out(page)
    type_password(somebody)
    page.wait_for_url("**/login/second-step/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/create/**")

    page = somebody.goto("/reauthenticate/passkey/?next=/settings/keys/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/settings/keys/")


def test_what_goes_wrong_with_a_device_is_told(somebody: Person):
    device, page = Device(somebody), somebody.page
    add_passkey(somebody, "My laptop")
    put_codes_away(page)
    add_passkey(somebody, "Again")
    expect(page.get_by_text("This device has a passkey for this account already.")).to_be_visible()
    log_out(page)
    device.refuse()
    button = page.get_by_role("button", name="Use a passkey")
    button.click()
    expect(page.get_by_text("Nothing came of it")).to_be_visible()
    expect(button).to_be_focused()
    device.refuse(False)
    button.press("Enter")
    page.wait_for_url("**/create/**")


def test_where_passkeys_cannot_work_none_is_offered(new_person):
    person = new_person()
    person.page.goto(f"{person.studio.url.replace('localhost', '127.0.0.1')}/login/")
    expect(person.page.get_by_role("button", name="Log in", exact=True)).to_be_visible()
    expect(person.page.get_by_role("button", name="Use a passkey")).to_have_count(0)


def test_codes_of_an_app_by_keyboard_alone(somebody: Person):
    secret, page = set_up_app(somebody), somebody.page
    put_codes_away(page)
    log_out(page)
    page.get_by_label("E-mail address").fill(somebody.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/login/second-step/")
    expect(page.get_by_label("Code")).to_be_focused()
    page.keyboard.type("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_text("That code is over or wrong.")).to_be_visible()
    expect(page.get_by_label("Code")).to_be_focused()
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(code_at(secret, current_step() + 1))
    page.keyboard.press("Enter")
    page.wait_for_url("**/create/**")


def test_everything_but_passkeys_works_without_javascript(new_person):
    person = sign_up(new_person(java_script_enabled=False))
    secret = set_up_app(person)
    page = person.page
    code = page.locator("#codes li").first.inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as text").click()
    assert code in download.value.path().read_text()
    put_codes_away(page)
    log_out(page)
    type_password(person)
    page.get_by_label("Code").fill(code_at(secret, current_step() + 1))
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url("**/create/**")
    log_out(page)
    type_password(person)
    page.get_by_role("link", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(code)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.wait_for_url("**/create/**")
    person.goto(SECURITY)
    expect(page.get_by_text("9 of 10 left")).to_be_visible()
    page.get_by_role("link", name="Turn off").click()
    page.get_by_role("button", name="Turn off").click()
    expect(page.get_by_text("Six digits that change every 30 seconds")).to_be_visible()


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_on_the_pages_of_the_second_step(new_person, size):
    width, height = SIZES[size]
    person = sign_up(new_person(viewport={"width": width, "height": height}))
    Device(person)
    found = [
        one
        for path in (SECURITY, f"{SECURITY}app/", f"{SECURITY}passkeys/add/")
        for one in violations_in_both_themes(person.goto(path))
    ]
    set_up_app(person)
    found += violations_in_both_themes(person.page)
    found += violations_in_both_themes(person.goto(f"{SECURITY}codes/"))
    put_codes_away(person.page)
    add_passkey(person, "A key with quite a long name, the blue one on the key ring at home")
    person.page.wait_for_url(f"**{SECURITY}")
    inside = (
        SECURITY, f"{SECURITY}app/remove/", f"{SECURITY}codes/new/", "/reauthenticate/",
        "/reauthenticate/code/", "/reauthenticate/passkey/",
    )  # fmt: skip
    found += [one for path in inside for one in violations_in_both_themes(person.goto(path))]
    for act in ("Rename", "Remove"):
        page = person.goto(SECURITY)
        page.get_by_role("link", name=re.compile(f"^{act}.*A key")).click()
        page.get_by_role("heading", name=act).wait_for()
        found += violations_in_both_themes(page)
    log_out(person.page)
    type_password(person)
    person.page.wait_for_url("**/login/second-step/")
    found += violations_in_both_themes(person.page)
    found += violations_in_both_themes(person.goto("/login/second-step/?recovery"))
    assert not found
