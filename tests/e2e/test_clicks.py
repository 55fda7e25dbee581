"""How many clicks the usual flows take, and that the keyboard needs none."""

import re
import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.clicks import clicks
from tests.e2e.conftest import Person
from tests.e2e.test_first_minutes import READY
from tests.factories import png

IMAGE = {"name": "mira.png", "mimeType": "image/png"}
SEED = """
from generation.models import User
from tests.factories import make_output, make_subject, make_task
user = User.objects.get(email="{email}")
make_subject(user, "Mira")
make_output(user, make_task(user, status="succeeded"))
make_task(
    user, mode="text-video", model_name="viduq3-turbo", status="failed", prompt="A storm",
    values={{"prompt": "A storm"}},
)
"""
COPY_IMAGE = """async () => {
    const canvas = new OffscreenCanvas(640, 480);
    canvas.getContext("2d").fillRect(0, 0, 640, 480);
    const blob = await canvas.convertToBlob();
    await navigator.clipboard.write([new ClipboardItem({"image/png": blob})]);
}"""


@pytest.fixture
def director(person: Person, studio) -> Person:
    """Somebody with a subject, an image and a video that failed."""
    studio.run(SEED.format(email=person.email))
    person.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return person


def is_started(page: Page, prompt: str) -> None:
    expect(page.locator("#feed .batch", has_text=prompt).first).to_be_visible()


def go(page: Page) -> None:
    page.get_by_role("button", name="Generate").click()


def test_by_keyboard_alone(director: Person):
    page = director.goto("/create/text-video/")
    with clicks(page, 0):
        page.keyboard.press("Control+k")
        page.keyboard.type("A lighthouse at dusk")
        page.keyboard.press("Control+Enter")
        is_started(page, "A lighthouse at dusk")

    page = director.goto("/create/reference/")
    with clicks(page, 0):
        page.keyboard.press("Control+k")
        page.keyboard.type("@mi")
        page.locator(".mentions").wait_for()
        page.keyboard.press("Enter")
        page.keyboard.type("walks on a ridge")
        page.keyboard.press("Control+Enter")
        is_started(page, "walks on a ridge")

    page = director.goto("/create/reference/")
    page.evaluate(COPY_IMAGE)
    with clicks(page, 0):
        page.keyboard.press("Control+v")
        page.locator("figure[data-image]").wait_for()
        page.keyboard.press("Control+k")
        page.keyboard.press("Control+a")
        page.keyboard.type("runs to the sea")
        page.keyboard.press("Control+Enter")
        is_started(page, "runs to the sea")

    page = director.goto("/library/")
    with clicks(page, 0):
        page.keyboard.press("ArrowRight")
        page.keyboard.press("r")
        page.wait_for_url("**/create/image/**")
        expect(page.locator("#id_prompt")).to_have_value("A lighthouse at dusk")


def test_by_mouse(director: Person):
    page = director.goto("/create/text-video/")
    with clicks(page, 1):
        page.get_by_role("textbox", name="Prompt").fill("A lighthouse at dusk")
        go(page)
        is_started(page, "A lighthouse at dusk")

    page = director.goto("/create/reference/")
    with clicks(page, 3):
        page.get_by_role("button", name="Subject").click()
        page.locator(".mentions [role=option]").first.click()
        page.keyboard.type("walks on a ridge")
        go(page)
        is_started(page, "walks on a ridge")

    page = director.goto("/create/reference/")
    with clicks(page, 2):  # and one in the dialog of the system
        with page.expect_file_chooser() as chooser:
            page.locator("label", has_text="Add").first.click()
        chooser.value.set_files(IMAGE | {"buffer": png(640, 480)})
        page.locator("figure[data-image]").wait_for()
        page.get_by_role("textbox", name="Prompt").fill("runs to the sea")
        go(page)
        is_started(page, "runs to the sea")

    page = director.goto("/library/")
    tile = page.locator(".justified .card").first
    with clicks(page, 1):
        tile.hover()
        tile.get_by_role("link", name="Reuse settings").click()
        page.wait_for_url("**/create/image/**")
        expect(page.locator("#id_prompt")).to_have_value("A lighthouse at dusk")

    page = director.goto("/library/")
    with clicks(page, 2):
        tile.hover()
        tile.get_by_role("link", name="To video").click()
        page.locator("figure[data-image][data-input=images]").wait_for()
        page.get_by_role("textbox", name="Prompt").fill("The light turns")
        go(page)
        is_started(page, "The light turns")

    page = director.goto("/library/")
    tile.get_by_role("link").first.click()
    viewer = page.locator("#viewer")
    viewer.get_by_role("link", name="Save as subject").wait_for()
    with clicks(page, 2):
        viewer.get_by_role("link", name="Save as subject").click()
        page.get_by_role("button", name="Save subject").click()
        page.wait_for_url(re.compile(r"/subjects/\d+/$"))

    page = director.goto("/create/text-video/")
    with clicks(page, 2):
        page.get_by_role("link", name="Edit and retry").click()
        page.get_by_role("textbox", name="Prompt").fill("A storm, from far away")
        go(page)
        is_started(page, "A storm, from far away")


def test_from_the_first_login_to_a_video_of_ones_own_key(person: Person):
    page = person.page
    with clicks(page, 4):
        page.get_by_role("link", name="Add your Vidu key").click()
        page.get_by_label("Key", exact=True).fill(f"vda_{secrets.token_hex(12)}")
        page.get_by_role("button", name="Test and save").click()
        page.get_by_role("link", name="Make a video").click()
        page.get_by_role("textbox", name="Prompt").fill("A boat on a lake")
        go(page)
        page.locator("#feed .card a[href^='/a/']").first.wait_for(timeout=READY)
    expect(page.get_by_text("Demo videos are placeholders.")).to_have_count(0)
