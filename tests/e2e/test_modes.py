"""Every mode from the form to a stored file that plays and is what was asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.e2e import media
from tests.e2e.conftest import Person
from tests.e2e.test_first_minutes import READY
from tests.e2e.test_pages import SIZES, violations_in_both_themes

SLIDE = """(one, value) => {
    one.value = value;
    one.dispatchEvent(new Event("change", {bubbles: true}));
}"""
Maker = Callable[[Path], Path]


def wide(path: Path) -> Path:
    return media.image(path.with_suffix(".png"))


def tall(path: Path) -> Path:
    return media.image(path.with_suffix(".png"), 360, 640)


def video(path: Path) -> Path:
    return media.video(path.with_suffix(".mp4"))


def broadcast(path: Path) -> Path:
    """What no browser plays."""
    return media.video(path.with_suffix(".ts"))


def tone(seconds: float) -> Maker:
    return lambda path: media.audio(path.with_suffix(".mp3"), seconds)


@dataclass(frozen=True)
class Case:
    """What is put into the form of a mode, and what comes out of it.

    `ratio` and `seconds` None: nothing was asked, anything real will do.
    """

    mode: str
    inputs: Mapping[str, tuple[Maker, ...]] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)
    seconds: float | None = None
    side: int | None = None  # the shorter one
    ratio: float | None = None
    audio: bool | None = None
    picked: tuple[str, str] | None = None  # out of a list in a dialog


PROMPT = {"prompt": "A lighthouse at dusk, slow push in"}
WIDE = 16 / 9
CASES = (
    Case("image", typed=PROMPT, chosen={"aspect_ratio": "1:1"}, side=1080, ratio=1),
    Case("text-video", typed=PROMPT | {"duration": "2"}, chosen={"resolution": "540p"},
         seconds=2, side=540, ratio=WIDE, audio=True),
    Case("image-video", {"images": (tall,)}, PROMPT | {"duration": "2"}, {"resolution": "540p"},
         2, 540, 9 / 16, True),
    Case("start-end", {"images": (wide, wide)}, PROMPT | {"duration": "2"},
         {"resolution": "540p"}, 2, 540, WIDE, True),
    Case("reference", {"images": (wide, tall)}, PROMPT | {"duration": "3"},
         {"resolution": "540p", "aspect_ratio": "9:16"}, 3, 540, 9 / 16, True),
    Case("multiframe", {"images": (wide, wide, wide)}, {"frames.duration": "2"},
         {"resolution": "540p"}, 4, 540, WIDE),
    Case("extend", {"videos": (video,)}, PROMPT | {"duration": "2"}, {"resolution": "540p"},
         6, None, WIDE),
    Case("upscale", {"videos": (video,)}, seconds=4, side=1080, ratio=WIDE),
    Case("upscale", {"videos": (broadcast,)}, seconds=4, side=1080, ratio=WIDE),
    Case("lip-sync", {"videos": (video,), "sounds": (tone(3),)}, seconds=3, ratio=WIDE, audio=True),
    Case("template", {"images": (wide,)}, PROMPT, picked=("template", "Hug")),
    Case("sound", typed={"prompt": "Rain on a tin roof", "duration": "2"}, seconds=2, audio=True),
    Case("timed-sound", typed={"cues.from": "0", "cues.to": "2", "cues.prompt": "A door",
                               "duration": "3"}, seconds=3, audio=True),
    Case("speech", typed={"text": "Good morning, and welcome."}, audio=True,
         picked=("voice_id", "Graceful Lady")),
    Case("voice", {"sounds": (tone(11),)}, {"text": "This is my voice.", "voice_name": "Mine"},
         audio=True),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.mode)
def test_from_the_form_to_a_file_that_is_what_was_asked(person: Person, tmp_path, case: Case):
    page = person.goto(f"/create/{case.mode}/")
    fill(page, case, tmp_path)
    page.get_by_role("button", name="Generate").click()
    made = page.locator("#feed .card a[href^='/a/']").first
    made.wait_for(timeout=READY)
    answer = person.context.request.get(f"{person.studio.url}{made.get_attribute('href')}download/")
    path = tmp_path / "result"
    path.write_bytes(answer.body())
    check(case, media.facts(path))


def fill(page, case: Case, folder: Path) -> None:
    for name, makers in case.inputs.items():
        files = [make(folder / f"{name}{number}") for number, make in enumerate(makers)]
        page.locator(f"#id_{name}").set_input_files(files)
        tiles = page.locator(f"figure[data-image][data-input={name}]")
        tiles.nth(len(files) - 1).wait_for(timeout=READY)
    if case.picked:
        pick(page, *case.picked)
    for name, value in case.chosen.items():
        settled(page, lambda at=f"[name={name}][value='{value}']": choose(page, at))
    for name, value in case.typed.items():
        for one in page.locator(f"#compose [name='{name}']").all():
            if one.is_visible():
                write(page, one, value)


def settled(page, act: Callable[[], None]) -> None:
    """Do what brings new settings, and wait until they are there."""
    with page.expect_response("**/fields/"):
        act()
    page.locator("#fields:not(.htmx-request)").wait_for()


def pick(page, name: str, label: str) -> None:
    page.locator(f"#id_{name}_open").click()
    row = page.locator("#picks [data-choose]").filter(has_text=label).first
    settled(page, lambda: row.click())


def choose(page, at: str) -> None:
    page.locator(f"label:has({at})").click()


def write(page, control, value: str) -> None:
    kind = control.evaluate("one => one.type")
    if kind == "range":
        settled(page, lambda: control.evaluate(SLIDE, value))
    elif kind == "select-one":
        control.select_option(value)
    else:
        control.fill(value)


def check(case: Case, facts: dict) -> None:
    if case.seconds is not None:
        assert facts["seconds"] == pytest.approx(case.seconds, abs=0.15)
    if case.audio is not None:
        assert facts["sound"] is case.audio
    if case.side is not None:
        assert min(facts["size"]) == case.side
    if case.ratio is not None:
        wide, high = facts["size"]
        assert wide / high == pytest.approx(case.ratio, rel=0.02)


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_in_any_mode(new_person, size):
    width, height = SIZES[size]
    person = new_person(viewport={"width": width, "height": height})
    person.sign_up()
    found = []
    for case in CASES:
        page = person.goto(f"/create/{case.mode}/#compose")
        page.locator(".fold").evaluate_all("all => all.forEach(one => (one.open = true))")
        page.locator("#models").evaluate("one => (one.open = true)")
        found += violations_in_both_themes(page)
    assert not found


def test_a_video_from_an_image_without_javascript(new_person, tmp_path):
    person = new_person(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    person.sign_up()
    page = person.goto("/create/image-video/")
    page.locator("#id_images").set_input_files(wide(tmp_path / "first"))
    page.locator("details.models summary").click()
    page.locator("label:has([value='demo/viduq2-turbo'])").click()
    page.get_by_role("button", name="Show the settings of this model").click()
    assert page.locator("figure[data-image]").count() == 1
    page.get_by_role("textbox", name="Prompt").fill("Slow push in")
    page.get_by_role("button", name="Generate").click()
    made = page.locator("#feed .card a[href^='/a/']").first
    for _ in range(200):
        if made.count():
            break
        page.reload()
        page.wait_for_load_state()
    made.wait_for()
