"""Zoom and pan in the viewer: wheel, fingers, keys, and what is drawn or pointed at meanwhile."""

from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Person
from tests.e2e.test_pages import violations_in_both_themes
from tests.e2e.test_review_room import assert_drawn, fill
from tests.media import sample_videos

WIDE, HIGH = 4_000, 3_000
FEATURE = (0.7, 0.3)  # where on the picture there is something to see
CLIP = (640, 360)
SETTLED = """() => !document.querySelector(".rv-frame").getAnimations().length"""
# The frame against the screen that cuts it off.
PLACE = """() => {
    const [screen, frame] = [".rv-screen", ".rv-frame"].map(
        (one) => document.querySelector("#viewer " + one).getBoundingClientRect());
    return {left: frame.left - screen.left, top: frame.top - screen.top, width: frame.width,
            height: frame.height, right: frame.right - screen.right,
            bottom: frame.bottom - screen.bottom, wide: screen.width, high: screen.height,
            x: frame.x, y: frame.y}; }"""


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("large")
    picture = Image.new("RGB", (WIDE, HIGH), "#345")
    x, y = FEATURE[0] * WIDE, FEATURE[1] * HIGH
    ImageDraw.Draw(picture).rectangle((x - 40, y - 40, x + 40, y + 40), fill="#f40")
    picture.save(folder / "large.png")
    Image.new("RGB", CLIP, "#763").save(folder / "small.png")
    (folder / "clip.mp4").write_bytes(sample_videos.video(frames=48, fps=24, size=CLIP))
    return folder


@pytest.fixture
def made(person: Person, files) -> dict[str, int]:
    return fill(person, files)


def place(page: Page) -> dict[str, float]:
    page.wait_for_function(SETTLED)
    return page.evaluate(PLACE)


def on_page(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a part of the picture is now."""
    box = place(page)
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def percent(page: Page, text: str) -> None:
    expect(page.locator("[data-zoom-now]")).to_have_text(text)
    page.wait_for_function(SETTLED)


def begin(page: Page, made: dict[str, int], name: str) -> None:
    expect(page.locator(f"#viewer[data-output='{made[name]}'] [data-zoom-box]")).to_be_visible()


def fitting(page: Page) -> dict[str, float]:
    box = place(page)
    assert box["width"] <= box["wide"] + 1
    assert box["height"] <= box["high"] + 1
    return box


def test_the_wheel_keeps_what_is_under_the_pointer_and_a_pan_ends_at_the_edge(person, made):
    page = person.goto(f"/a/{made['large']}/")
    begin(page, made, "large")
    fit = fitting(page)
    page.mouse.move(*on_page(page, *FEATURE))
    page.mouse.wheel(0, -300)
    page.wait_for_function("() => document.querySelector('.rv-frame').offsetHeight"
                           " > document.querySelector('.rv-screen').offsetHeight")  # fmt: skip
    first, at = (
        place(page),
        on_page(page, *FEATURE),
    )  # from here on no side has room left beside the picture
    page.mouse.move(*at)
    for _ in range(4):
        page.mouse.wheel(0, -300)
    page.wait_for_function("wide => document.querySelector('.rv-frame').offsetWidth > wide",
                           arg=4 * fit["width"])  # fmt: skip
    after = on_page(page, *FEATURE)
    box = place(page)
    assert abs(after[0] - at[0]) < 0.01 * box["width"]
    # A pointer stands on whole pixels, which have grown, too.
    pixel = box["width"] / first["width"]
    assert max(abs(after[0] - at[0]), abs(after[1] - at[1])) < pixel + 1
    for _ in range(3):  # far more than there is
        page.mouse.move(at[0], at[1])
        page.mouse.down()
        page.mouse.move(at[0] + 5_000, at[1] + 5_000, steps=4)
        page.mouse.up()
    box = place(page)
    assert (abs(box["left"]) < 1, abs(box["top"]) < 1) == (True, True), box
    expect(page.locator("[data-go=unpoint]")).to_have_text("Entire image")  # no press of a drag
    page.keyboard.press("Shift+Digit0")
    assert fitting(page)["width"] == pytest.approx(fit["width"], abs=1)


def test_a_double_click_shows_every_pixel_of_the_original_and_then_all_of_it(person, made):
    page = person.goto(f"/a/{made['large']}/")
    begin(page, made, "large")
    fit = fitting(page)
    preview = page.locator(".rv-frame img").get_attribute("src")
    page.mouse.dblclick(*on_page(page, *FEATURE))
    percent(page, "100%")
    box = place(page)
    assert (box["width"], box["height"]) == pytest.approx((WIDE, HIGH), abs=0.5)
    assert box["left"] == pytest.approx(round(box["left"]), abs=0.01)
    page.wait_for_function("wide => document.querySelector('.rv-frame img').naturalWidth === wide",
                           arg=WIDE)  # fmt: skip
    assert page.locator(".rv-frame img").get_attribute("src") != preview
    expect(page.locator("[data-go=unpoint]")).to_have_text("Entire image")
    page.mouse.dblclick(*on_page(page, *FEATURE))
    assert fitting(page)["width"] == pytest.approx(fit["width"], abs=1)


def test_a_small_picture_can_be_shown_in_its_real_size(person, made):
    page = person.goto(f"/a/{made['small']}/")
    begin(page, made, "small")
    page.keyboard.press("Shift+Digit1")
    percent(page, "100%")
    assert place(page)["width"] == pytest.approx(CLIP[0], abs=0.5)
    page.keyboard.press("+")
    percent(page, "125%")
    page.keyboard.press("-")
    percent(page, "100%")


def test_a_point_and_a_drawing_hit_the_feature_while_it_is_large(person, made):
    page = person.goto(f"/a/{made['large']}/?tab=comments")
    begin(page, made, "large")
    page.mouse.dblclick(*on_page(page, *FEATURE))
    percent(page, "100%")
    page.mouse.click(*on_page(page, *FEATURE))
    fields = [page.locator(f"[data-say] [name=point_{one}]").input_value() for one in "xy"]
    assert [float(one) for one in fields] == pytest.approx(FEATURE, abs=0.01)
    pin = page.locator(".rv-spots .pin circle").bounding_box()
    assert pin["width"] < 40  # it marks a place, and does not grow with it
    page.keyboard.press("Escape")
    page.locator(".rv-frame").focus()
    page.keyboard.press("b")
    before = place(page)
    wanted = (0.65, 0.25, 0.75, 0.35)
    page.mouse.move(*on_page(page, *wanted[:2]))
    page.mouse.down()
    page.mouse.move(*on_page(page, *wanted[2:]), steps=4)
    page.mouse.up()
    assert place(page) == before  # a drag draws
    assert_drawn(page, wanted)
    page.get_by_role("button", name="Post").click()
    expect(page.locator("[data-talk]")).to_contain_text("Drawing by")
    assert_drawn(page, wanted)
    page.locator("body").focus()
    page.keyboard.press("Shift+Digit0")
    fitting(page)
    assert_drawn(page, wanted)
    page.reload()
    begin(page, made, "large")
    page.mouse.move(*on_page(page, *FEATURE))
    page.mouse.wheel(0, -700)
    assert_drawn(page, wanted)


def test_arrows_move_what_is_large_and_turn_the_page_otherwise(person, made):
    page = person.goto("/library/")
    page.locator(f"#o{made['large']} > a").first.click()
    begin(page, made, "large")
    page.keyboard.press("Shift+Digit1")
    percent(page, "100%")
    before = place(page)
    page.keyboard.press("ArrowRight")
    assert place(page)["left"] == pytest.approx(before["left"] - 80, abs=1)
    page.keyboard.press("ArrowUp")
    assert place(page)["top"] == pytest.approx(before["top"] + 80, abs=1)
    begin(page, made, "large")
    page.keyboard.press("Shift+Digit0")
    fitting(page)
    page.keyboard.press("ArrowRight")
    begin(page, made, "clip")
    page.keyboard.press("+")
    before = place(page)["width"]
    page.locator(".turn[rel=prev]").click()
    begin(page, made, "large")
    fitting(page)  # another picture begins as a whole
    assert before


def test_a_video_grows_without_beginning_to_play(person, made):
    page = person.goto(f"/a/{made['clip']}/")
    begin(page, made, "clip")
    page.mouse.dblclick(*on_page(page, 0.5, 0.5))
    percent(page, "100%")
    assert place(page)["width"] == pytest.approx(CLIP[0], abs=0.5)
    page.wait_for_function("() => document.querySelector('#viewer video').paused")
    for _ in range(9):
        page.keyboard.press("+")
    at = on_page(page, 0.5, 0.5)
    before = place(page)
    page.mouse.move(*at)
    page.mouse.down()
    page.mouse.move(at[0] - 60, at[1], steps=3)
    page.mouse.up()
    assert place(page)["left"] == pytest.approx(before["left"] - 60, abs=1)
    assert page.evaluate("document.querySelector('#viewer video').paused")


def touch(page: Page, *rounds: list[tuple[float, float]]) -> None:
    """Fingers that are put down, moved and lifted."""
    with_cdp = page.context.new_cdp_session(page)
    kinds = ["touchStart", *["touchMove"] * (len(rounds) - 1)]
    for kind, fingers in zip(kinds, rounds, strict=True):
        points = [{"x": x, "y": y, "id": at} for at, (x, y) in enumerate(fingers)]
        with_cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    with_cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_on_a_phone_two_fingers_zoom_and_one_moves(new_person, files, locale):
    person = new_person(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale=locale
    )
    person.sign_up_unseen()
    made = fill(person, files)
    page = person.goto(f"/a/{made['large']}/")
    begin(page, made, "large")
    fit = fitting(page)
    x, y = on_page(page, 0.5, 0.5)
    out = [[(x - 30 - 10 * step, y), (x + 30 + 10 * step, y)] for step in range(8)]
    touch(page, *out)
    box = place(page)
    assert box["width"] == pytest.approx(fit["width"] * 100 / 30, rel=0.05)
    touch(page, *([(x, y + 12 * step)] for step in range(6)))
    assert place(page)["top"] > box["top"] + 30
    assert page.evaluate("scrollY") == 0
    assert page.evaluate("visualViewport.scale") == 1
    touch(page, *out[::-1])
    fitting(page)
    page.locator("[data-zoom-box] summary").click()
    assert not violations_in_both_themes(page)


def test_the_menu_of_sizes_works_by_keyboard_and_needs_a_script(person, made):
    page = person.goto(f"/a/{made['large']}/")
    begin(page, made, "large")
    summary = page.locator("[data-zoom-box] summary")
    summary.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="200 %").focus()
    page.keyboard.press("Enter")
    percent(page, "200%")
    expect(summary).to_be_focused()
    summary.click()
    assert not violations_in_both_themes(page)
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("() => document.fullscreenElement")
    page.evaluate("document.exitFullscreen()")
    plain = person.context.browser.new_context(
        java_script_enabled=False, storage_state=person.context.storage_state()
    )
    bare = plain.new_page()
    bare.goto(page.url)
    expect(bare.locator(".rv-frame img")).to_be_visible()
    expect(bare.locator("[data-zoom-box]")).to_be_hidden()
    plain.close()
