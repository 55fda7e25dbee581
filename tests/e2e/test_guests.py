"""A guest of a share link in a real browser: a phone and a keyboard, no script, and no account."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_pages import violations_in_both_themes
from tests.media import sample_videos

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
SEED = """
from dataclasses import asdict
from pathlib import Path
from django.contrib.auth.hashers import make_password
from generation.engine import reviews
from generation.engine.share_items import items_of
from generation.media import images, storage, videos
from generation.models import Collection, Media, ShareLink, Team, User
from tests.e2e import media
from tests.factories import make_output
from tests.media import sample_videos
email = f"guests{User.objects.count()}@example.test"
user = User.objects.create_user(email=email, name="Nadia Herz")
team = Team.create_personal(user)
with storage.scratch() as path:
    film = Path(str(path) + ".mp4")
    film.write_bytes(sample_videos.video(frames=96, fps=24, size=(320, 240)))
    film = videos.keep_output(film)
    still = media.image(Path(str(path) + ".png")).read_bytes()
    stills = [images.take_file(still) for _ in range(2)]
facts = [asdict(one) for one in (stills[0], film, stills[1])]
rows = [Media.objects.create(team=team, created_by=user, **one) for one in facts]
picks = Collection.objects.create(team=team, name="Picks", created_by=user)
picks.add([make_output(user, media=row) for row in rows], user)
password = make_password("Glass-and-Amber-7")
asks = dict(may_approve=True)
for fields in (asks, asks, dict(password_hash=password), {}, {}):
    link = ShareLink(team=team, created_by=user, collection=picks, title="First selects", **fields)
    print(link.set_token())
    items_of(link)
    if fields.get("may_approve") and not reviews.asked_last(picks.shown_items[1].output):
        reviews.ask(picks.shown_items[1].output, by=user, links=[link])
"""

FRAMES = 80
TIMES = [number * 40 + number % 3 * 11 for number in range(FRAMES)]
FILMS = f"""
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from generation.engine.share_items import items_of
from generation.media import storage, videos
from generation.models import Collection, Media, ShareLink, Team, User
from tests.factories import make_output
from tests.media import sample_videos
user = User.objects.create_user(email="films@example.test", name="Nadia Herz")
team = Team.create_personal(user)
picks = Collection.objects.create(team=team, name="Films", created_by=user)
given = [{{"fps": rate}} for rate in (Fraction(25), Fraction(30), Fraction(24_000, 1_001))]
for facts in [*given, {{"times": {TIMES}}}]:
    with storage.scratch() as path:
        film = Path(str(path) + ".mp4")
        film.write_bytes(sample_videos.video(frames={FRAMES}, size=(320, 240), **facts))
        stored = videos.keep_output(film)
    media = Media.objects.create(team=team, created_by=user, **asdict(stored))
    picks.add([make_output(user, media=media)], user)
link = ShareLink(team=team, created_by=user, collection=picks, title="Films")
print(link.set_token())
items_of(link)
"""


@pytest.fixture(scope="module")
def films(studio) -> str:
    """The address of a link to four videos: with 25, 30 and 23.976 frames a second, and varying."""
    return f"/s/{studio.run(FILMS).split()[-1]}/"


@pytest.fixture
def seeded(studio):
    """The addresses of a link, of the same under another one, of one with a password, and of two
    that ask for no answer."""
    return [f"/s/{token}/" for token in studio.run(SEED).split()[-5:]]


def test_a_guest_with_a_phone_and_a_keyboard(new_person, seeded):
    page_path, _other, locked_path = seeded[:3]
    item_path = f"{page_path}2/"
    person = new_person(viewport=PHONE)
    page = person.goto(locked_path)
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Capitals count.")
    page.keyboard.type("Glass-and-Amber-7")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="First selects")).to_be_visible()
    page = person.goto(page_path)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.locator(f"a[href='{item_path}']").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Name", exact=True).fill("Claire Dubois")
    page.keyboard.press("Enter")
    words = page.get_by_label("Comment", exact=True)
    expect(page.locator("[data-room][data-ready] .rv-say")).to_be_visible()
    page.wait_for_function(STILL)
    page.keyboard.press("c")
    expect(words).to_be_focused()
    page.keyboard.type("The light is lovely.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".rv-one")).to_contain_text("The light is lovely.")
    expect(page.locator(".rv-one a.rv-tc")).to_have_text("0:00.00")
    expect(page.locator("[data-total]")).to_have_text("1")
    expect(words.first).to_have_value("")
    page.locator(".rv-one [aria-label='Edit']").focus()
    page.keyboard.press("Enter")
    page.locator(".rv-one").get_by_label("Comment").fill("The light is soft.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".rv-one")).to_contain_text("The light is soft.")
    page.get_by_role("button", name="Approve").press("Enter")
    expect(page.locator("#answer")).to_contain_text("You approved this on")
    assert not person.complaints


def test_without_a_script_a_guest_comments_and_asks_for_changes(new_person, seeded):
    person = new_person(java_script_enabled=False, viewport=PHONE)
    page = person.goto(f"{seeded[1]}1/")
    page.get_by_label("Name", exact=True).fill("Ana Ruiz")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Comment", exact=True).fill("Too dark here")
    page.get_by_role("button", name="Post").click()
    expect(page.locator(".rv-one")).to_contain_text("Too dark here")
    page.get_by_text("Ask for changes").click()
    page.get_by_label("What should change").fill("Lighter, please")
    page.locator("#answer").get_by_role("button", name="Send").click()
    expect(page.locator("#answer")).to_contain_text("You asked for changes on")
    page = person.goto(f"{seeded[1]}2/")
    expect(page.locator(".rv-frame video")).to_have_attribute("controls", "")
    page.get_by_label("Time", exact=True).fill("0:02.23")
    page.get_by_label("Comment", exact=True).fill("Here")
    page.get_by_role("button", name="Post").click()
    expect(page.locator(".rv-one.now")).to_contain_text("Here")
    expect(page.locator(".rv-frame video")).to_have_attribute("src", re.compile(r"#t=2\.979$"))
    page = person.goto(f"{seeded[1]}3/")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#answer")).to_contain_text("You approved this on")


# --- The room -------------------------------------------------------------------------------------

STILL = """() => { const video = document.querySelector(".rv-frame video");
    return video && video.readyState > 1 && !video.seeking && video.paused; }"""
SEEN = """() => {
    const video = document.querySelector(".rv-frame video");
    const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight).getContext("2d");
    canvas.drawImage(video, 0, 0);
    return canvas.getImageData(video.videoWidth / 2, video.videoHeight / 2, 1, 1).data[0]; }"""
# Where the drawn box is, in parts of the picture itself; the picture lies within its element.
DRAWN = """() => {
    const shown = document.querySelector(".rv-ink rect").getBoundingClientRect();
    const item = document.querySelector(".rv-frame :is(video, img)");
    const box = item.getBoundingClientRect();
    const [w, h] = [item.videoWidth || item.naturalWidth, item.videoHeight || item.naturalHeight];
    const scale = Math.min(box.width / w, box.height / h);
    const x = box.x + (box.width - w * scale) / 2, y = box.y + (box.height - h * scale) / 2;
    return [(shown.x - x) / (w * scale), (shown.y - y) / (h * scale),
            (shown.right - x) / (w * scale), (shown.bottom - y) / (h * scale)]; }"""


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


def assert_drawn(page: Page, wanted: tuple[float, ...]) -> None:
    expect(page.locator(".rv-ink rect")).to_have_count(1)
    found = page.evaluate(DRAWN)
    assert all(abs(one - other) < 0.01 for one, other in zip(found, wanted, strict=True)), found


def named_at(new_person, path, width=1440, height=900):
    person = new_person(viewport={"width": width, "height": height})
    page = person.goto(path)
    page.get_by_label("Name", exact=True).fill("Claire Dubois")
    page.keyboard.press("Enter")
    expect(page.locator(".rv-say")).to_be_visible()
    person.goto(path)  # without the picture of a page that fades, which would take a press
    expect(page.locator("[data-room][data-ready]")).to_be_visible()
    return person


def test_a_guest_sees_the_frame_again_that_was_commented(new_person, seeded):
    person = named_at(new_person, f"{seeded[3]}2/")
    page = person.page
    page.wait_for_function(STILL)
    for frame in (0, 71, 95):
        go_to_frame(page, frame)
        assert_frame(page, frame)
        page.get_by_label("Comment", exact=True).first.fill(f"Frame {frame}.")
        page.keyboard.press("Control+Enter")
        expect(page.locator("[data-talk]")).to_contain_text(f"Frame {frame}.")
    expect(page.locator(".rv-lane .pin.guest")).to_have_count(3)
    expect(page.locator(".rv-lane .pin circle")).to_have_count(0)  # those of guests are square
    hrefs = [one.get_attribute("href") for one in page.locator("[data-talk] a.rv-tc").all()]
    for href, frame in zip(hrefs, (0, 71, 95), strict=True):
        assert_frame(person.goto(href), frame)
    page.reload()
    assert_frame(page, 95)
    page.locator("[data-talk] a.rv-tc").nth(1).click()  # and from there, with one press
    assert_frame(page, 71)
    page.reload()
    assert_frame(page, 71)
    assert not person.complaints


@pytest.mark.parametrize("number", [1, 2, 3], ids=["25", "30", "23.976"])
def test_a_guest_sees_the_frame_again_at_any_rate(new_person, films, number):
    person = named_at(new_person, f"{films}{number}/")
    page = person.page
    page.wait_for_function(STILL)
    for frame in (0, 71, FRAMES - 1):
        go_to_frame(page, frame)
        assert_frame(page, frame)
        page.get_by_label("Comment", exact=True).first.fill(f"Frame {frame}.")
        page.keyboard.press("Control+Enter")
        expect(page.locator("[data-talk]")).to_contain_text(f"Frame {frame}.")
    hrefs = [one.get_attribute("href") for one in page.locator("[data-talk] a.rv-tc").all()]
    for href, frame in zip(hrefs, (0, 71, FRAMES - 1), strict=True):
        assert_frame(person.goto(href), frame)
    page.reload()
    assert_frame(page, FRAMES - 1)
    assert not person.complaints


def test_a_guest_sees_the_time_again_where_the_rate_varies(new_person, films):
    person = named_at(new_person, f"{films}4/")
    page = person.page
    page.wait_for_function(STILL)
    go_to_frame(page, TIMES[50] + 5)
    page.get_by_label("Comment", exact=True).first.fill("This one")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-talk]")).to_contain_text("This one")
    page = person.goto(page.locator("[data-talk] a.rv-tc").get_attribute("href"))
    assert_frame(page, 50)
    page.reload()
    assert_frame(page, 50)


@pytest.mark.parametrize("number", [1, 2], ids=["picture", "video"])
def test_a_drawing_of_a_guest_stays_on_its_feature(new_person, seeded, number):
    person = named_at(new_person, f"{seeded[4]}{number}/")
    page = person.page
    if number == 2:
        page.wait_for_function(STILL)
        go_to_frame(page, 30)
    page.keyboard.press("b")
    box = page.locator(".rv-frame :is(video, img)").first.bounding_box()
    wanted = (0.2, 0.3, 0.6, 0.7)
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"])
              for x, y in (wanted[:2], wanted[2:])]  # fmt: skip
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=4)
    page.mouse.up()
    assert_drawn(page, wanted)
    page.reload()  # not sent yet, and kept
    expect(page.locator("[data-room][data-ready]")).to_be_visible()
    assert_drawn(page, wanted)
    page.get_by_role("button", name="Post").click()
    expect(page.locator("[data-talk]")).to_contain_text("Drawing by Claire Dubois")
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.reload()
        if number == 2:
            page.locator("[data-talk] a.rv-tc").click()
        assert_drawn(page, wanted)
    assert not person.complaints


def test_words_of_a_guest_that_were_not_sent_are_kept(new_person, seeded):
    person = named_at(new_person, f"{seeded[3]}1/")
    page = person.page
    words = page.get_by_label("Comment", exact=True).first
    box = page.locator(".rv-frame img").bounding_box()
    page.mouse.click(box["x"] + 0.25 * box["width"], box["y"] + 0.75 * box["height"])
    page.keyboard.type("This corner")
    person.context.set_offline(True)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Not sent. Your words are kept: try again.")).to_be_visible()
    person.context.set_offline(False)
    page.reload()
    expect(words).to_have_value("This corner")
    page.get_by_role("button", name="Post").click()
    expect(page.locator("[data-talk]")).to_contain_text("This corner")
    spot = page.locator(".rv-spots .pin")
    expect(spot).to_contain_text("1")
    shown = spot.locator("circle").bounding_box()
    found = (shown["x"] + shown["width"] / 2 - box["x"]) / box["width"]
    assert abs(found - 0.25) < 0.02


@pytest.mark.parametrize("size", [(390, 844), (1440, 900)], ids=str)
def test_axe_finds_nothing_on_the_pages_of_a_link(new_person, seeded, size):
    page_path, _other, locked_path = seeded[:3]
    item_path = f"{page_path}2/"
    person = new_person(viewport={"width": size[0], "height": size[1]})
    found = []
    for path in (page_path, item_path, f"{page_path}name/", locked_path, "/s/nothing/"):
        found += violations_in_both_themes(person.goto(path))
    person.goto(item_path)
    person.page.get_by_label("Name", exact=True).fill("Ana Ruiz")
    person.page.keyboard.press("Enter")
    words = person.page.get_by_label("Comment", exact=True).first
    words.fill("Lighter")
    person.page.keyboard.press("Control+Enter")
    expect(person.page.locator("[data-talk]")).to_contain_text("Lighter")
    found += violations_in_both_themes(person.page)
    found += violations_in_both_themes(person.goto(f"{page_path}1/"))
    assert not found
