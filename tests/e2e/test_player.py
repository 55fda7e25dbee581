"""Videos and sounds in the browser: previews, the player, frames, and axe on all of it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Person
from tests.e2e.test_pages import violations_in_both_themes
from tests.media import sample_videos

ROOT = Path(__file__).parents[2]
LENGTH, RATE = 3, 24
# Puts a picture, a sound and a video into the person's library, the video last.
FILL = """
import sys
from dataclasses import asdict
from pathlib import Path
import django
django.setup()
import shutil
from generation.media import audio, images, storage, videos
from generation.models import Batch, Media, Output, Task, User
user = User.objects.get(email=sys.argv[1])
team = user.teams.get()
project = team.projects.first()
kept = {"image": images.keep_output, "sound": audio.keep_output, "text-video": videos.keep_output}
for mode, keep in kept.items():
    batch = Batch.objects.create(team=team, project=project, user=user, intent=mode)
    task = Task.objects.create(
        batch=batch, team=team, project=project, user=user, provider="demo", mode=mode,
        model_name="viduq2", prompt=f"A {mode} of the sea", status="succeeded",
        values={"prompt": f"A {mode} of the sea", "duration": 3},
    )
    with storage.scratch() as path:
        shutil.copy(Path(sys.argv[2]) / mode, path)
        stored = keep(path)
    media = Media.objects.create(team=team, created_by=user, **asdict(stored))
    output = Output.objects.create(
        task=task, team=team, project=project, user=user, media=media, kind=media.kind
    )
    print(output.pk)
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    video = sample_videos.video(frames=LENGTH * RATE, fps=RATE, size=(640, 360), audio=True)
    (folder / "text-video").write_bytes(video)
    (folder / "sound").write_bytes(sample_videos.audio())
    sample_videos.sweep(9).save(folder / "image", "PNG")
    return folder


def fill(person: Person, files: Path) -> list[int]:
    """The numbers of a picture, a sound and a video."""
    done = subprocess.run(
        [sys.executable, "-c", FILL, person.email, str(files)],
        cwd=ROOT, env=person.studio.environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [int(line) for line in done.stdout.split()]


@pytest.fixture
def outputs(person: Person, files) -> list[int]:
    return fill(person, files)


def wait_until_playing(page, selector: str) -> None:
    """Wait until it really plays."""
    page.wait_for_function(
        "what => { const one = document.querySelector(what); "
        "return one && !one.paused && one.currentTime > 0.1 }",
        arg=selector,
    )


def current_time(page) -> float:
    return page.evaluate("document.querySelector('#viewer :is(video, audio)').currentTime")


def wait_for_time(page, seconds: float) -> None:
    page.wait_for_function(
        "seconds => { const one = document.querySelector('#viewer video'); "
        "return !one.seeking && Math.abs(one.currentTime - seconds) < 0.005 }",
        arg=seconds,
    )


def frame(number: int) -> float:
    """The middle of a frame."""
    return (number + 0.5) / RATE


def test_a_video_plays_without_audio_where_the_pointer_rests(person: Person, outputs):
    page = person.goto("/library/")
    tile = page.locator(f"#o{outputs[2]}")
    expect(tile).to_contain_text("0:03")
    tile.hover()
    wait_until_playing(page, ".card video")
    assert page.evaluate("document.querySelector('.card video').muted")
    page.mouse.move(5, 5)
    expect(page.locator(".card video")).to_have_count(0)
    expect(page.locator(".scrub")).to_have_count(0)
    assert not page.locator(".card.lost").count()


@pytest.mark.parametrize("why", ["motion", "setting", "touch"])
def test_nothing_plays_by_itself_for_who_does_not_want_it(new_person, files, why):
    motion, touch = ("reduce" if why == "motion" else "no-preference"), why == "touch"
    person = new_person(
        viewport={"width": 1440, "height": 900}, reduced_motion=motion, has_touch=touch
    )
    person.sign_up()
    video = fill(person, files)[2]
    if why == "setting":
        page = person.goto("/settings/appearance/")
        page.get_by_label("Autoplay previews").uncheck()
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text("Saved.")).to_be_visible()
    page = person.goto("/library/")
    page.clock.install()
    if touch:
        page.locator(f"#o{video}").dispatch_event("pointerover", {"pointerType": "touch"})
    else:
        page.locator(f"#o{video}").hover()
    page.clock.run_for(2_000)
    expect(page.locator(".card video")).to_have_count(0)
    page.locator(f"#o{video} > a").first.focus()
    page.keyboard.press("Space")  # who presses a key has asked for it
    expect(page.locator(".card video")).to_have_count(1)


def test_space_plays_and_stops_the_tile_that_has_the_focus(person: Person, outputs):
    page = person.goto("/library/")
    page.locator(f"#o{outputs[2]} > a").first.focus()
    page.keyboard.press("Space")
    wait_until_playing(page, ".card video")
    page.keyboard.press("Space")
    expect(page.locator(".card video")).to_have_count(0)
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".card video")).to_have_count(0)
    button = page.locator(f"#o{outputs[1]} [data-audio]")
    page.keyboard.press("Space")  # the sound is the next tile
    expect(button).to_have_accessible_name("Stop")
    button.click()
    expect(button).to_have_accessible_name("Listen: A sound of the sea")


def test_the_player_goes_by_frames_seconds_and_keys(person: Person, outputs):
    page = person.goto("/library/")
    page.locator(f"#o{outputs[2]} > a").first.click()
    page.wait_for_function("() => document.querySelector('#viewer video')?.readyState > 1")
    for key, number in ((".", 1), (".", 2), (",", 1)):
        page.keyboard.press(key)
        wait_for_time(page, frame(number))
    expect(page.locator("#viewer [name=seconds]")).to_have_value(re.compile(r"0\.06[23]"))
    page.keyboard.press("l")
    wait_for_time(page, frame(1) + 1)
    page.keyboard.press("j")
    wait_for_time(page, frame(1))
    page.keyboard.press("Space")
    wait_until_playing(page, "#viewer video")
    page.keyboard.press("k")
    page.wait_for_function("() => document.querySelector('#viewer video').paused")
    page.keyboard.press("ArrowRight")  # the next one, and not a seek
    expect(page.locator(f"#viewer[data-output='{outputs[1]}']")).to_be_visible()
    page.keyboard.press("Space")
    wait_until_playing(page, "#viewer audio")
    page.keyboard.press("Escape")
    expect(page.locator("#viewer")).to_have_count(0)


def test_loop_volume_and_mute_stay_as_they_were_set(person: Person, outputs):
    page = person.goto(f"/a/{outputs[2]}/")
    loop = page.get_by_role("button", name="Loop")
    expect(loop).to_have_attribute("aria-pressed", "false")
    loop.click()
    page.evaluate(
        "Object.assign(document.querySelector('#viewer video'), {muted: true, volume: 0.25})"
    )
    page.wait_for_function("() => JSON.parse(localStorage.player).volume === 0.25")
    page = person.goto(f"/a/{outputs[1]}/")
    set_so = "(({loop, muted, volume}) => [loop, muted, volume])"
    expect(page.get_by_role("button", name="Loop")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate(f"{set_so}(document.querySelector('#viewer audio'))") == [True, True, 0.25]


def test_the_frame_that_is_seen_is_the_frame_that_is_saved(person: Person, outputs):
    page = person.goto(f"/a/{outputs[2]}/")
    page.wait_for_function("() => document.querySelector('#viewer video').readyState > 1")
    for number in range(1, 4):
        page.keyboard.press(".")
        wait_for_time(page, frame(number))
    page.get_by_role("button", name="Save frame as image").click()
    page.get_by_role("status").get_by_role("link", name="Open").click()
    page.wait_for_url(re.compile(r"/a/\d+/$"))
    expect(page.get_by_text(f"Video at {frame(3):.2f} s")).to_be_visible()
    middle = """async () => {
        const bitmap = await createImageBitmap(
            await (await fetch(document.querySelector('[data-original]').href)).blob());
        const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
        canvas.drawImage(bitmap, 0, 0);
        return canvas.getImageData(bitmap.width / 2, bitmap.height / 2, 1, 1).data[0]; }"""
    grey = sample_videos.sweep(3).getpixel((200, 200))[0]
    assert abs(page.evaluate(middle) - grey) <= 3


def test_without_javascript_a_frame_is_saved_by_its_time(new_person, files):
    person = new_person(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = person.sign_up()
    video = fill(person, files)[2]
    page = person.goto(f"/a/{video}/")
    page.get_by_role("spinbutton", name="At").fill("1.5")
    page.get_by_role("button", name="Save frame as image").click()
    expect(page.get_by_text("Saved as an image.")).to_be_visible()
    page.get_by_text("Video at 1.5 s").click()
    expect(page).to_have_url(re.compile(rf"/a/{video}/$"))
    page.get_by_text("Use as", exact=True).click()
    page.get_by_role("link", name="Extend").click()
    expect(page).to_have_url(re.compile(rf"/create/extend/\?ref={video}"))


def test_a_video_opens_in_a_page_of_its_own(person: Person, outputs):
    page = person.goto(f"/a/{outputs[2]}/")
    source = page.locator("#viewer video").get_attribute("src")
    page = person.goto(source)
    page.wait_for_function("() => document.querySelector('video').readyState > 1")


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desktop", "phone"])
def test_axe_finds_nothing_where_there_are_videos_and_audio(new_person, files, size):
    width, height = size
    person = new_person(viewport={"width": width, "height": height})
    person.sign_up()
    made = fill(person, files)
    found = []
    pages = ("/library/", "/create/image/?show=videos", "/create/image/?show=sounds")
    for path in (*pages, *(f"/a/{pk}/" for pk in made)):
        found += violations_in_both_themes(person.goto(path))
    assert not found
