"""A real browser on the real studio. Without one these tests skip; in CI that is a failure."""

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    APIResponse,
    Browser,
    BrowserContext,
    Page,
    Playwright,
    sync_playwright,
)

from tests.browser import be_patient
from tests.studio import Studio, running_studio

HERE = Path(__file__).parent
QUICK = {
    "DJANGO_SETTINGS_MODULE": "tests.e2e.settings",
    "STUDIO_SIGNUP_OPEN": "yes",
    "STUDIO_SEND_SECONDS": "5",
    "STUDIO_RECONCILE_GRACE": "2",
    "STUDIO_RECONCILE_GAP": "1",
}
EXPECTED = (
    r"status of [45]\d\d|Status Error Code [45]\d\d"
    r"|ERR_INTERNET_DISCONNECTED|htmx:(send(Error|Abort)|afterRequest)"
)
PASSWORD = "a long pass phrase 7"
FLAGS = (
    "--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in Path(item.fspath).parents:
            item.add_marker(pytest.mark.browser)


def find_browser(*packages: str) -> str:
    path = next(filter(None, map(shutil.which, packages)), None)
    if path is None:
        reason = f"no such browser on this machine: install the package {packages[0]}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    path = find_browser("chromium", "google-chrome")
    browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def studio(chromium: Browser) -> Iterator[Studio]:
    with running_studio(**QUICK) as running:
        yield running


class Person:
    """Somebody at a browser, with everything the browser complained about."""

    def __init__(self, context: BrowserContext, studio: Studio) -> None:
        self.context, self.studio = context, studio
        self.email = f"{secrets.token_hex(4)}@example.test"
        self.complaints: list[str] = []
        self.page: Page = self.open_tab()

    def open_tab(self) -> Page:
        page = self.context.new_page()
        page.on("console", self.record_complaint)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        return page

    def record_complaint(self, message) -> None:
        expected = re.search(
            EXPECTED,
            message.text,
        )
        if message.type in ("error", "warning") and not expected:
            self.complaints.append(message.text)

    def goto(self, path: str) -> Page:
        self.page.goto(f"{self.studio.url}{path}")
        return self.page

    def sign_up(self) -> Page:
        page = self.goto("/signup/")
        page.get_by_label("E-mail").fill(self.email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Create account").click()
        page.get_by_label("Code").fill(self.mailed_code())
        page.get_by_role("button", name="Confirm").click()
        page.wait_for_url("**/create/**")
        return page

    def mailed_code(self) -> str:
        """The code in the newest mail to this person, which the studio's window shows."""
        printed = self.studio.log.read_text()
        found = rf"^To: {self.email}$.*?^([A-Z]{{4}}-[A-Z]{{4}})$"
        return re.findall(found, printed, re.M | re.S)[-1]

    def sign_up_unseen(self) -> Page:
        """The same without drawing the forms, which takes half a second each."""
        url, browser = f"{self.studio.url}/signup/", self.context.request
        page, form = browser.get(url), {"email": self.email, "password1": PASSWORD}
        answer = browser.post(url, form=form | hidden_token(page))
        code = {"code": self.mailed_code(), "action": "verify"}
        answer = browser.post(answer.url, form=code | hidden_token(answer))
        assert "/create/" in answer.url, answer.url
        self.page.goto(answer.url)
        return self.page

    def add_key(self, provider: str, secret: str = "") -> None:
        page = self.goto("/settings/keys/")
        page.get_by_label("Provider").select_option(provider)
        page.get_by_label("Key", exact=True).fill(secret or f"vda_{secrets.token_hex(12)}")
        page.get_by_role("button", name="Test and save").click()
        page.get_by_text("Works").or_(page.get_by_text("Could not be tested")).first.wait_for()


def hidden_token(page: APIResponse) -> dict[str, str]:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text())
    return {"csrfmiddlewaretoken": found[1]}


@pytest.fixture
def new_person(chromium: Browser, studio: Studio) -> Iterator[object]:
    """Makes a new person at a browser; at the end no browser may have complained."""
    people: list[Person] = []

    def create(**options) -> Person:
        person = Person(be_patient(chromium.new_context(**options)), studio)
        people.append(person)
        return person

    yield create
    complaints = [one for person in people for one in person.complaints]
    for person in people:
        person.context.close()
    assert not complaints


@pytest.fixture
def person(new_person) -> Person:
    """A new person, signed up and looking at Create."""
    someone = new_person(viewport={"width": 1440, "height": 900})
    someone.sign_up_unseen()
    return someone
