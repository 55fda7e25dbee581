"""Subjects as people use them: made, mentioned by keyboard, mouse and input method, registered."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Person
from tests.e2e.test_first_minutes import READY, first_result, generate
from tests.e2e.test_pages import SIZES, in_both_themes, violations, violations_in_both_themes
from tests.factories import PDF, png

IMAGE = {"name": "mira.png", "mimeType": "image/png", "buffer": png(640, 480, "firebrick")}


def make(person: Person, name: str, **fields: str) -> Page:
    page = person.goto("/subjects/new/")
    page.locator("#id_images").set_input_files(IMAGE)
    page.locator("figure[data-image]").wait_for()
    page.get_by_label("Name").fill(name)
    page.get_by_text("Person", exact=True).click()
    page.locator(".further > summary").click()
    for label, text in fields.items():
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Save subject").click()
    page.wait_for_url(re.compile(r"/subjects/\d+/$"))
    return page


def prompt_of(page: Page):
    return page.locator("text-expander textarea")


@pytest.fixture
def create_page(person: Person) -> Page:
    """Create in the mode of references, with Mira, Pip and 米拉 in the library."""
    for name in ("Mira", "Pip", "米拉"):
        make(person, name)
    page = person.goto("/create/reference/")
    prompt_of(page).click()
    return page


def test_a_subject_is_made_in_the_dialog_and_found_in_the_grid(person: Person):
    page = person.goto("/subjects/")
    page.get_by_role("link", name="Create a subject").click()
    dialog = page.locator("#dialog")
    dialog.locator("#id_images").set_input_files(IMAGE)
    dialog.locator("figure[data-image]").wait_for()
    dialog.get_by_role("button", name="Save subject").click()
    expect(dialog.get_by_text("Give the subject a name.")).to_be_visible()
    expect(dialog.get_by_text("Choose what it is.")).to_be_visible()
    dialog.get_by_text("Person", exact=True).click()
    dialog.get_by_label("Name").fill("Mira")
    dialog.get_by_label("Name").press("Enter")
    page.wait_for_url(re.compile(r"/subjects/\d+/$"))
    page = person.goto("/subjects/?q=mir")
    expect(page.locator(".subject-card")).to_have_text(re.compile("@Mira"))


def test_an_output_is_saved_as_a_subject_without_a_word_typed(person: Person):
    generate(person.page, "A lighthouse on a cliff")
    first_result(person.page).wait_for(timeout=READY)
    output = person.page.locator("#feed .card a[href^='/a/']").first.get_attribute("href")
    page = person.goto(output)
    page.get_by_role("link", name="Save as subject").click()
    page.get_by_role("button", name="Save subject").click()
    page.wait_for_url(re.compile(r"/subjects/\d+/$"))
    expect(page.get_by_role("heading", name="@lighthouse")).to_be_visible()


def test_a_consent_is_noted_with_its_paper_and_create_warns_of_its_end(person: Person):
    page = make(person, "Mira")
    page.get_by_role("link", name="Add consent").click()
    assert violations_in_both_themes(page) == []
    page.get_by_label("Valid until").fill("2020-01-31")
    page.get_by_label("File").set_input_files(
        {"name": "release.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#consent")).to_contain_text("Consent ended")
    assert violations_in_both_themes(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download file").click()
    assert download.value.path().read_bytes() == PDF
    page = person.goto("/subjects/?consent=ended")
    expect(page.locator(".subject-card")).to_contain_text(["Consent ended"])
    page = person.goto("/create/reference/")
    prompt_of(page).click()
    page.keyboard.type("@mir")
    expect(page.locator(".mentions [role=option]")).to_contain_text(["Consent ended"])
    page.keyboard.press("Enter")
    expect(page.locator(".input-notes")).to_contain_text(
        "Consent for @Mira ended on Jan. 31, 2020."
    )


def test_everything_works_without_javascript(new_person):
    person = new_person(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = person.sign_up()
    page = person.goto("/subjects/new/")
    page.get_by_label("Name").fill("Mira")
    page.get_by_text("Person", exact=True).click()
    page.locator("#id_images").set_input_files(IMAGE)
    page.get_by_role("button", name="Save subject").click()
    page.wait_for_url(re.compile(r"/subjects/\d+/$"))
    page.get_by_role("button", name="Register: Demo").click()
    expect(page.locator("#registrations")).to_be_visible()
    page.get_by_role("button", name="Archive").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("@Mira is back.")).to_be_visible()


# --- Two people, and the providers ----------------------------------------------------------------


def test_the_second_of_two_who_edit_loses_nothing(person: Person):
    page = make(person, "Mira")
    address = page.url
    page.get_by_role("link", name="Edit").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("Description").fill("Green coat")
    other = person.open_tab()
    other.goto(f"{address}edit/")
    other.get_by_label("Description").fill("Blue coat")
    other.get_by_role("button", name="Save").click()
    other.wait_for_url(address)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog.get_by_role("alert").first).to_be_focused()
    expect(dialog.get_by_role("row", name="Description Blue coat Green coat")).to_be_visible()
    dialog.get_by_role("button", name="Save mine over it").click()
    expect(page.locator(".full-text")).to_have_text("Green coat")


def test_a_registration_shows_its_state_without_a_reload(person: Person):
    page = make(person, "Mira")
    page.get_by_role("button", name="Register: Demo").click()
    expect(page.locator("#registrations .library-state")).to_have_text("Registered", timeout=READY)
    expect(page.locator("#following")).to_have_count(0)


# --- At @ -----------------------------------------------------------------------------------------


def test_keys_choose_a_subject_and_its_tile_comes_along(create_page: Page):
    create_page.keyboard.type("She meets @mi")
    create_page.locator(".mentions").wait_for()
    create_page.keyboard.press("Enter")
    expect(prompt_of(create_page)).to_have_value("She meets @Mira ")
    expect(create_page.locator("[data-subjects] [data-mention]")).to_have_text(re.compile("@Mira"))
    create_page.keyboard.type("and @")
    create_page.locator(".mentions").wait_for()
    create_page.keyboard.press("ArrowDown")
    create_page.keyboard.press("Tab")
    expect(prompt_of(create_page)).to_have_value("She meets @Mira and @Pip ")
    create_page.keyboard.type("@mira")
    create_page.locator(".mentions").wait_for()
    create_page.keyboard.press("Enter")
    expect(create_page.locator("[name=subjects]")).to_have_count(2)


def test_enter_before_the_list_is_there_chooses_too(create_page: Page):
    held = []
    create_page.route("**/subjects/search/**", lambda route: held.append(route))
    create_page.get_by_role("heading", level=1).click()
    with create_page.expect_request("**/subjects/search/**"):
        prompt_of(create_page).click()
        create_page.keyboard.type("@mi")
        create_page.keyboard.press("Enter")
    for route in held:
        route.continue_()
    expect(prompt_of(create_page)).to_have_value("@Mira ")


def test_letters_typed_before_the_script_is_there_count(create_page: Page):
    held = []
    create_page.reload()
    create_page.route("**/bundle*.js", lambda route: held.append(route))
    prompt_of(create_page).click()
    create_page.keyboard.type("@mi")
    create_page.keyboard.press("Enter")
    for route in held:
        route.continue_()
    expect(prompt_of(create_page)).to_have_value("@Mira ")


def test_escape_leaves_what_was_typed(create_page: Page):
    create_page.keyboard.type("@mi")
    create_page.locator(".mentions").wait_for()
    create_page.keyboard.press("Escape")
    expect(create_page.locator(".mentions")).to_have_count(0)
    create_page.keyboard.press("Enter")
    expect(prompt_of(create_page)).to_have_value("@mi\n")


def test_the_mouse_chooses(create_page: Page):
    create_page.keyboard.type("@")
    create_page.locator(".mentions [role=option]", has_text="Pip").click()
    expect(prompt_of(create_page)).to_have_value("@Pip ")
    expect(prompt_of(create_page)).to_be_focused()


def test_an_input_method_is_left_alone_until_it_is_done(create_page: Page):
    device = create_page.context.new_cdp_session(create_page)
    create_page.keyboard.type("看@")
    create_page.locator(".mentions").wait_for()
    device.send("Input.imeSetComposition", {"text": "mi", "selectionStart": 2, "selectionEnd": 2})
    expect(create_page.locator(".mentions")).to_have_count(0)
    pressed = "new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, keyCode: 229,"
    prompt_of(create_page).evaluate(f"one => one.dispatchEvent({pressed} bubbles: true}}))")
    expect(prompt_of(create_page)).to_have_value("看 @mi")
    device.send("Input.insertText", {"text": "米"})
    create_page.locator(".mentions").wait_for()
    create_page.keyboard.press("Enter")
    expect(prompt_of(create_page)).to_have_value("看 @米拉 ")


def test_a_tile_taken_away_leaves_a_plain_word(create_page: Page):
    create_page.keyboard.type("@mi")
    create_page.locator(".mentions").wait_for()
    create_page.keyboard.press("Enter")
    create_page.get_by_role("button", name="Remove @Mira").click()
    expect(prompt_of(create_page)).to_have_value("Mira ")
    expect(create_page.locator("[name=subjects]")).to_have_count(0)
    expect(create_page.get_by_text("Mira is a plain word in the prompt now.")).to_be_visible()


def test_added_images_can_be_named(create_page: Page):
    create_page.locator("input[type=file][name=new_images]").set_input_files(IMAGE)
    create_page.locator("figure[data-image]").wait_for()
    prompt_of(create_page).click()
    create_page.keyboard.type("@ima")
    create_page.locator(".mentions").wait_for()
    create_page.keyboard.press("Enter")
    expect(prompt_of(create_page)).to_have_value("@image1 ")


def test_a_saved_subject_becomes_a_video_without_a_click(create_page: Page):
    create_page.keyboard.type("@mi")
    create_page.locator(".mentions").wait_for()
    create_page.keyboard.press("Enter")
    create_page.keyboard.type("walks on a ridge")
    create_page.keyboard.press("Control+Enter")
    create_page.locator("#feed .card a[href^='/a/']").first.wait_for(timeout=2 * READY)
    create_page.goto(create_page.url.partition("/create")[0] + "/subjects/?q=mira")
    expect(create_page.get_by_text("used 1 time")).to_be_visible()


# --- For everybody --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_and_no_page_scrolls_sideways(new_person, size):
    width, height = SIZES[size]
    person = new_person(viewport={"width": width, "height": height})
    person.sign_up()
    found = violations_in_both_themes(person.goto("/subjects/"))
    made = make(person, "Mira", Tags="hero", Style="ink wash", Description="Red coat. " * 40)
    own = made.url.removeprefix(person.studio.url)
    paths = ("/subjects/", "/subjects/?q=x", "/subjects/?archived=1", "/subjects/new/")
    for path in (*paths, own, f"{own}edit/"):
        found += violations_in_both_themes(person.goto(path))
    page = person.goto("/create/reference/")
    if size == "phone":
        page.locator(".dock").click()
    prompt_of(page).click()
    page.keyboard.type("@mi")
    page.locator(".mentions").wait_for()
    for _theme in in_both_themes(page):
        found += violations(page)
        box = page.locator(".mentions").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    assert not found


def test_a_tile_becomes_a_subject_in_two_clicks_and_the_feed_stays(person: Person):
    generate(person.page, "A photo of a lighthouse on a cliff")
    first_result(person.page).wait_for(timeout=READY)
    page, address = person.page, person.page.url
    page.locator("#feed .card").first.hover()
    page.locator("#feed .card").first.get_by_role("link", name="Save as subject").click()
    page.locator("#dialog").get_by_role("button", name="Save subject").click()
    expect(page.get_by_text("@lighthouse is saved.")).to_be_visible()
    expect(page.locator("#dialog")).not_to_be_visible()
    assert page.url == address
    page.get_by_role("link", name="Use in Create").click()
    page.wait_for_url(re.compile(r"/create/reference/\?subject=\d+"))
    expect(prompt_of(page)).to_have_value("@lighthouse ")
    expect(page.locator("figure[data-mention]")).to_have_count(1)


def test_save_stays_in_sight_on_every_screen(new_person):
    person = new_person()
    person.sign_up_unseen()
    page = person.goto("/subjects/new/")
    for width, height in ((1440, 900), (390, 844), (844, 390)):
        page.set_viewport_size({"width": width, "height": height})
        for down in (0, 10_000):
            page.evaluate("(y) => scrollTo(0, y)", down)
            box = page.get_by_role("button", name="Save subject").bounding_box()
            assert 0 <= box["y"] <= height - box["height"], (width, down)


def test_the_composer_of_a_phone_takes_the_focus_and_gives_it_back(new_person):
    person = new_person(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = person.sign_up_unseen()
    dock, sheet = page.locator(".dock"), page.locator("#compose")
    for close in ("Escape", "Back", "Close composer"):
        dock.click()
        expect(page.locator("#id_prompt")).to_be_focused()
        assert page.locator("main").evaluate("(main) => main.inert")
        if close == "Escape":
            page.keyboard.press("Escape")
        elif close == "Back":
            page.go_back()
        else:
            page.get_by_label(close).click()
        expect(sheet).not_to_be_visible()
        expect(dock).to_be_focused()
        assert not page.locator("main").evaluate("(main) => main.inert")
