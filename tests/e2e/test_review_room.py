"""The review room in a browser: exact frames, drawings, drafts, keys, phones and Chinese."""

import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Person
from tests.e2e.test_pages import violations_in_both_themes
from tests.media import sample_videos

ROOT = Path(__file__).parents[2]
FRAMES, LAST, SIZE = 80, 79, (640, 360)
RATES = {
    "24": Fraction(24), "25": Fraction(25), "30": Fraction(30), "23.976": Fraction(24_000, 1_001)
}  # fmt: skip
TIMES = [number * 40 + number % 3 * 11 for number in range(FRAMES)]
# Puts files into the person's library, in the order of their names, and prints their numbers.
FILL = """
import shutil, sys
from dataclasses import asdict
from pathlib import Path
import django
django.setup()
from generation.media import images, storage, videos
from generation.models import Batch, Media, Output, Task, User
user = User.objects.get(email=sys.argv[1])
team = user.teams.get()
for path in sorted(Path(sys.argv[2]).iterdir()):
    keep = images.keep_output if path.suffix == ".png" else videos.keep_output
    batch = Batch.objects.create(
        team=team, project=team.projects.first(), user=user, intent=path.stem
    )
    task = Task.objects.create(
        batch=batch, team=team, project=batch.project, user=user, provider="demo", mode="image",
        model_name="viduq2", prompt=path.stem, status="succeeded", values={"prompt": path.stem},
    )
    with storage.scratch() as copy:
        shutil.copy(path, copy)
        stored = keep(copy)
    media = Media.objects.create(team=team, created_by=user, **asdict(stored))
    print(Output.objects.create(task=task, team=team, project=batch.project, user=user,
                                media=media, kind=media.kind).pk)
"""
COLLEAGUE = """
import sys
import django
django.setup()
from generation.engine import comments
from generation.models import Output
from generation.models import Membership, User
output = Output.objects.get(pk=sys.argv[1])
mira, _made = User.objects.get_or_create(
    email=f"mira{output.team_id}@example.test", defaults={"name": "Mira Kessler"}
)
Membership.objects.get_or_create(team=output.team, user=mira)
comments.post(output, author=mira, body="From Mira")
"""
# The frame that is on the screen, by the grey in its middle.
SEEN = """() => {
    const video = document.querySelector("#viewer video");
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight).getContext("2d");
    canvas.drawImage(video, 0, 0);
    return canvas.getImageData(video.videoWidth / 2, video.videoHeight / 2, 1, 1).data[0]; }"""
STILL = """() => { const video = document.querySelector("#viewer video");
    return video && video.readyState > 1 && !video.seeking && video.paused; }"""


def run(person: Person, code: str, *given: object) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, given)],
        cwd=ROOT, env={**person.studio.environment, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("clips")
    for name, rate in RATES.items():
        data = sample_videos.video(frames=FRAMES, fps=rate, size=SIZE)
        (folder / f"{name}.mp4").write_bytes(data)
    (folder / "varies.mp4").write_bytes(sample_videos.video(frames=FRAMES, times=TIMES, size=SIZE))
    sample_videos.sweep(9, (600, 900)).save(folder / "x.png", "PNG")
    return folder


def fill(person: Person, files: Path) -> dict[str, int]:
    """The number of each file, by its name."""
    names = [path.stem for path in sorted(files.iterdir())]
    return dict(zip(names, map(int, run(person, FILL, person.email, files)), strict=True))


@pytest.fixture
def made(person: Person, files) -> dict[str, int]:
    return fill(person, files)


def go_to_frame(page: Page, place: int) -> None:
    page.locator("[data-scrub]").evaluate(
        "(one, place) => { one.value = place; "
        "one.dispatchEvent(new Event('input', {bubbles: true})); }",
        place,
    )
    page.wait_for_function(STILL)


def assert_frame(page: Page, frame: int) -> None:
    page.wait_for_function(STILL)
    grey = sample_videos.sweep(frame).getpixel((160, 120))[0]
    page.wait_for_function(f"wanted => Math.abs(({SEEN})() - wanted) < 3", arg=grey)


def write(page: Page, words: str) -> None:
    page.get_by_label("Comment", exact=True).first.fill(words)
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-talk]")).to_contain_text(words)
    expect(page.get_by_label("Comment", exact=True).first).to_have_value("")


def test_a_comment_shows_its_frame_again_after_a_reload(person: Person, made):
    for name in RATES:
        page = person.goto(f"/a/{made[name]}/")
        page.wait_for_function(STILL)
        for frame in (0, 71, LAST):
            go_to_frame(page, frame)
            assert_frame(page, frame)
            write(page, f"Frame {frame}.")
        links = page.locator("[data-talk] a.rv-tc")
        hrefs = [link.get_attribute("href") for link in links.all()]
        assert len(hrefs) == 3
        for href, frame in zip(hrefs, (0, 71, LAST), strict=True):
            page = person.goto(href)
            assert_frame(page, frame)
        page.locator("[data-talk] a.rv-tc").first.click()  # and from there, with one press
        assert_frame(page, 0)
        page.keyboard.press("]")
        assert_frame(page, 71)


def test_where_the_rate_varies_a_comment_keeps_its_time(person: Person, made):
    page = person.goto(f"/a/{made['varies']}/")
    page.wait_for_function(STILL)
    go_to_frame(page, TIMES[50] + 5)
    write(page, "This one")
    href = page.locator("[data-talk] a.rv-tc").get_attribute("href")
    page = person.goto(href)
    assert_frame(page, 50)
    assert page.locator("[data-talk] > li").get_attribute("data-at") == str(TIMES[50] + 5)


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Over the picture, in parts of it."""
    box = page.locator("#viewer :is(video, .rv-frame img)").first.bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=4)
    page.mouse.up()


# Where the drawn box is, in parts of the picture itself; the picture lies within its element.
DRAWN = """() => {
    const shown = document.querySelector("#viewer .rv-ink rect").getBoundingClientRect();
    const item = document.querySelector("#viewer :is(video, .rv-frame img)");
    const box = item.getBoundingClientRect();
    const [w, h] = [item.videoWidth || item.naturalWidth, item.videoHeight || item.naturalHeight];
    const scale = Math.min(box.width / w, box.height / h);
    const x = box.x + (box.width - w * scale) / 2, y = box.y + (box.height - h * scale) / 2;
    return [(shown.x - x) / (w * scale), (shown.y - y) / (h * scale),
            (shown.right - x) / (w * scale), (shown.bottom - y) / (h * scale)]; }"""


def assert_drawn(page: Page, wanted: tuple[float, ...]) -> None:
    expect(page.locator("#viewer .rv-ink rect")).to_have_count(1)
    found = page.evaluate(DRAWN)
    assert all(abs(one - other) < 0.01 for one, other in zip(found, wanted, strict=True)), found


@pytest.mark.parametrize("name", ["24", "x"])
def test_a_drawing_stays_where_it_was_drawn_whatever_the_size(person: Person, made, name):
    page = person.goto(f"/a/{made[name]}/?tab=comments")
    if name == "24":
        page.wait_for_function(STILL)
        go_to_frame(page, 30)
    page.keyboard.press("b")
    drag(page, (0.2, 0.3), (0.6, 0.7))
    wanted = (0.2, 0.3, 0.6, 0.7)
    assert_drawn(page, wanted)
    page.get_by_role("button", name="Post").click()
    expect(page.locator("[data-talk]")).to_contain_text("Drawing by")
    for width, height in ((1440, 900), (390, 844), (1000, 500)):
        page.set_viewport_size({"width": width, "height": height})
        page.reload()
        if name == "24":
            page.locator("[data-talk] a.rv-tc").click()
        assert_drawn(page, wanted)
    if name == "24":
        page.set_viewport_size({"width": 1440, "height": 900})
        page.get_by_role("button", name="Full screen").click()
        page.wait_for_function("() => document.fullscreenElement")
        assert_drawn(page, wanted)
        page.evaluate("document.exitFullscreen()")
        page.locator("body").focus()
        go_to_frame(page, 30 + 25)
        expect(page.locator("#viewer .rv-ink rect")).to_have_count(0)


def test_a_point_on_a_picture_is_seen_where_it_was_set(person: Person, made):
    page = person.goto(f"/a/{made['x']}/?tab=comments")
    box = page.locator(".rv-frame img").bounding_box()
    page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 0.75 * box["height"])
    expect(page.get_by_role("button", name="Point")).to_be_visible()
    page.keyboard.type("This corner")
    page.keyboard.press("Control+Enter")
    spot = page.locator(".rv-spots .pin")
    expect(spot).to_have_count(1)
    expect(spot).to_contain_text("1")
    shown = spot.locator("circle").bounding_box()
    found = (shown["x"] + shown["width"] / 2 - box["x"]) / box["width"]
    assert abs(found - 0.25) < 0.02


def test_words_that_were_not_sent_are_kept(person: Person, made):
    page = person.goto(f"/a/{made['24']}/")
    page.wait_for_function(STILL)
    go_to_frame(page, 12)
    words = page.get_by_label("Comment", exact=True).first
    words.fill("Do not lose me")
    person.context.set_offline(True)
    page.get_by_role("button", name="Post").click()
    expect(page.get_by_text("Not sent. Your words are kept: try again.")).to_be_visible()
    expect(words).to_have_value("Do not lose me")
    person.context.set_offline(False)
    page.reload()
    expect(words).to_have_value("Do not lose me")
    expect(page.get_by_label("Time", exact=True)).to_have_value("0:00.12")
    page.get_by_role("button", name="Post").click()
    expect(page.locator("[data-talk]")).to_contain_text("Do not lose me")
    page.reload()
    expect(words).to_have_value("")


def test_writing_pauses_and_sending_goes_on(person: Person, made):
    page = person.goto(f"/a/{made['24']}/")
    page.wait_for_function(STILL)
    page.get_by_role("button", name="Loop").click()
    page.keyboard.press("k")
    page.wait_for_function("() => !document.querySelector('#viewer video').paused")
    page.keyboard.press("c")
    page.keyboard.type("Here")
    page.wait_for_function("() => document.querySelector('#viewer video').paused")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-talk]")).to_contain_text("Here")
    page.wait_for_function("() => !document.querySelector('#viewer video').paused")


def test_with_the_keyboard_alone_a_range_is_commented_and_resolved(person: Person, made):
    page = person.goto("/library/")
    page.locator(f"#o{made['24']} > a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(STILL)
    for key in ("l", "i", ".", ".", "o", "c"):
        page.keyboard.press(key)
        page.wait_for_function(STILL)
    page.keyboard.type("Softer")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-talk] a.rv-tc")).to_have_text("0:01.00–0:01.02")
    expect(page.locator(".rv-lane .range")).to_have_count(1)
    page.get_by_role("button", name="Resolve").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("No open comments.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_have_count(0)


def test_what_a_colleague_writes_comes_by_itself_and_a_reply_stays(person: Person, made):
    page = person.goto(f"/a/{made['24']}/")
    write(page, "First")
    page.get_by_text("Reply", exact=True).click()
    first = page.locator(".rv-one", has_text="First")
    reply = first.get_by_label("Reply", exact=True)
    reply.fill("I am still")
    run(person, COLLEAGUE, made["24"])
    expect(page.locator("[data-talk]")).to_contain_text("From Mira")
    expect(reply).to_have_value("I am still")
    expect(reply).to_be_focused()
    page.keyboard.type(" here")
    first.get_by_role("button", name="Post reply").click()
    expect(page.locator(".rv-replies")).to_contain_text("I am still here")
    page.reload()
    page.get_by_label("Comment", exact=True).first.press_sequentially("@mi")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Comment", exact=True).first).to_have_value("@Mira Kessler ")
    page.keyboard.type("look")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".rv-at")).to_have_text("@Mira Kessler")


def test_pins_that_are_close_join_with_their_count(person: Person, made):
    page = person.goto(f"/a/{made['24']}/")
    page.wait_for_function(STILL)
    for place, words in ((40, "One"), (40, "Two"), (70, "Far")):
        go_to_frame(page, place)
        write(page, words)
    expect(page.locator(".rv-lane .pin")).to_have_count(2)
    expect(page.locator(".rv-lane .more")).to_have_text("2")


def test_without_a_script_times_are_typed_and_followed(new_person, files):
    person = new_person(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    person.sign_up()
    page = person.goto(f"/a/{fill(person, files)['24']}/?tab=comments")
    expect(page.locator("#viewer video")).to_have_attribute("controls", "")
    page.get_by_label("Time", exact=True).fill("0:02.23")
    page.get_by_label("Comment", exact=True).fill("Here")
    page.get_by_role("button", name="Post").click()
    expect(page.locator(".rv-one.now")).to_contain_text("Here")
    expect(page.locator("#viewer video")).to_have_attribute("src", re.compile(r"#t=2\.979$"))
    page.get_by_text("Reply", exact=True).click()
    page.get_by_label("Reply", exact=True).fill("Right")
    page.get_by_role("button", name="Post reply").click()
    expect(page.locator(".rv-replies")).to_contain_text("Right")
    page.get_by_role("button", name="Resolve").click()
    page.get_by_role("link", name="Resolved").click()
    expect(page.locator(".rv-one")).to_contain_text("Here")


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desktop", "phone"])
def test_axe_finds_nothing_in_the_room(new_person, files, size):
    width, height = size
    person = new_person(viewport={"width": width, "height": height}, locale="zh-CN")
    person.sign_up_unseen()
    made = fill(person, files)
    run(person, COLLEAGUE, made["24"])
    run(person, COLLEAGUE, made["x"])
    found = []
    for path in (f"/a/{made['24']}/", f"/a/{made['x']}/", f"/a/{made['24']}/?tab=settings"):
        page = person.goto(path)
        page.wait_for_function("() => document.querySelector('#viewer').dataset.ready")
        expect(page.get_by_text("评论").first).to_be_attached()
        found += violations_in_both_themes(page)
    assert not found
