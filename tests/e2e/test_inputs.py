"""Inputs by hand: two frames are cropped to agree, files and tiles are dragged onto the form."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Person
from tests.e2e.media import image
from tests.e2e.test_first_minutes import READY, first_result, generate
from tests.e2e.test_pages import violations_in_both_themes

# Files and texts over the window, as a browser tells of them.
DRAG = """([event, selector, content]) => {
  const data = new DataTransfer();
  for (const [type, text] of Object.entries(content))
    if (text === true) data.items.add(new File(["x"], "a." + type.split("/")[1], {type}));
    else data.setData(type, text);
  document.querySelector(selector).dispatchEvent(
    new DragEvent(event, {bubbles: true, cancelable: true, dataTransfer: data}));
}"""


def add_two_frames(page: Page, folder) -> None:
    """A wide one and a high one, which do not agree."""
    page.locator("#zone-images input[type=file]").set_input_files(
        [image(folder / "start.png", 640, 360), image(folder / "end.png", 600, 750)]
    )
    expect(page.locator("#zone-images figure[data-image]")).to_have_count(2)
    page.get_by_role("button", name="Crop the end frame to match").click()
    expect(page.get_by_role("group", name="Frame of the crop")).to_be_focused()


def frame_of(page: Page) -> list[int]:
    names = ("left", "top", "width", "height")
    return [int(page.locator(f"#dialog [name=crop-{name}]").input_value()) for name in names]


def by_mouse(page: Page) -> None:
    corner = page.locator("[data-corner='1 1']").bounding_box()
    frame = page.locator("[data-frame]").bounding_box()
    assert corner
    assert frame
    page.mouse.move(corner["x"] + 14, corner["y"] + 14)
    page.mouse.down()
    page.mouse.move(corner["x"] - 86, corner["y"] - 86, steps=4)
    page.mouse.up()
    page.mouse.move(frame["x"] + 40, frame["y"] + 40)
    page.mouse.down()
    page.mouse.move(frame["x"] + 60, frame["y"] + 70, steps=4)
    page.mouse.up()


def by_keyboard(page: Page) -> None:
    for key in ("-", "-", "Shift+ArrowLeft", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)


@pytest.mark.parametrize("way", [by_mouse, by_keyboard])
def test_two_frames_are_cropped_to_agree_and_go_out(person: Person, tmp_path, way):
    page, prompt = person.goto("/create/start-end/"), f"Day becomes night {way.__name__}"
    page.get_by_role("textbox", name="Prompt").fill(prompt)
    add_two_frames(page, tmp_path)
    assert not violations_in_both_themes(page)
    first = frame_of(page)
    way(page)
    left, top, width, height = frame_of(page)
    assert width < first[2]
    assert left > 0
    assert top > first[1]
    assert abs(width - height * 16 / 9) <= 16 / 9
    page.locator("#dialog").get_by_role("button", name="Crop", exact=True).click()
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator("#zone-images figure").nth(1)).to_contain_text("Cropped: end")
    expect(page.get_by_role("button", name="Crop the end frame to match")).to_have_count(0)
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value(prompt)
    page.get_by_role("button", name="Use the original again").click()
    expect(page.locator("#zone-images figure").nth(1)).to_contain_text("end.png")
    page.get_by_role("button", name="Crop the end frame to match").click()
    page.locator("#dialog").get_by_role("button", name="Crop", exact=True).click()
    expect(page.locator("#zone-images figure").nth(1)).to_contain_text("Cropped: end")
    page.get_by_role("button", name="Generate").click()
    expect(page.locator("#feed .batch")).to_have_count(1)
    person.studio.wait_for_accepted(prompt)


def test_a_drag_says_what_it_will_do_and_leaves_no_trace(person: Person):
    page, veil = person.goto("/create/start-end/"), person.page.locator(".veil")

    def drag(event: str, selector: str = "main", **content: object) -> None:
        page.evaluate(DRAG, [event, selector, content or {"image/png": True}])

    with page.expect_response("**/js/drag*.js"):
        drag("dragenter", "body")
    veil.wait_for(state="attached")
    drag("dragover")
    expect(veil).to_contain_text("Drop to upload as the start frame")
    drag("dragover", **{"video/mp4": True})
    expect(veil).to_contain_text("This mode takes no videos.")
    drag("dragleave", "body")
    expect(veil).to_be_hidden()
    for end in ("Escape", "pointer", "time"):
        drag("dragover")
        expect(veil).to_be_visible()
        if end == "Escape":
            page.keyboard.press("Escape")
        elif end == "pointer":
            page.mouse.move(300, 300)
        expect(veil).to_be_hidden()
    drag("dragover", "textarea", **{"text/plain": "https://cdn.test/a.png"})
    expect(veil).to_be_hidden()
    drag("drop")
    expect(veil).to_be_hidden()
    expect(page.locator("#zone-images figure")).to_have_count(1)


def test_in_a_mode_without_inputs_a_drop_says_so(person: Person):
    page = person.goto("/create/text-video/")
    with page.expect_response("**/js/drag*.js"):
        page.evaluate(DRAG, ["dragenter", "body", {"image/png": True}])
    page.locator(".veil").wait_for(state="attached")
    page.evaluate(DRAG, ["dragover", "main", {"image/png": True}])
    expect(page.locator(".veil")).to_contain_text("This mode takes no images.")
    page.evaluate(DRAG, ["drop", "main", {"image/png": True}])
    expect(page.locator("#toasts")).to_contain_text("This mode takes no images.")
    assert page.url.endswith("/create/text-video/")


def test_a_tile_is_dragged_onto_an_input_that_takes_it(person: Person):
    generate(person.page, "A red door")
    first_result(person.page).wait_for(timeout=READY)
    page = person.goto("/create/image-video/")
    tile = page.locator("#feed .card a.open").first
    tile.drag_to(page.locator("#zone-images"))
    expect(page.locator("#zone-images figure[data-image]")).to_have_count(1)
    tile.drag_to(page.locator("#zone-images"))
    expect(page.locator("#zone-images [data-problem]")).to_have_text(
        "No more fit here. Remove one first."
    )
    page = person.goto("/create/upscale/")
    page.locator("#feed .card a.open").first.drag_to(page.locator("#zone-videos"))
    expect(page.locator("#zone-videos [data-problem]")).to_have_text("This mode takes no images.")
    expect(page.locator("#zone-videos figure[data-image]")).to_have_count(0)


def test_the_picker_is_narrowed_as_one_chooses(person: Person):
    generate(person.page, "A red door")
    first_result(person.page).wait_for(timeout=READY)
    page = person.goto("/create/reference/")
    page.get_by_role("button", name="From the library").click()
    found = page.locator("#picker-found")
    expect(found).to_contain_text("1 match")
    assert not violations_in_both_themes(page)
    page.locator("#dialog").get_by_text("Video", exact=True).click()
    expect(found).to_contain_text("There is nothing of this kind in the library yet.")
    page.locator("#dialog").get_by_text("Image", exact=True).first.click()
    page.locator("#dialog").get_by_label("Mode").select_option("image")
    found.get_by_role("link", name="Use: A red door").click()
    expect(page.locator("#zone-images figure[data-image]")).to_have_count(1)
