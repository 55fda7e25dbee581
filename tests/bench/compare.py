"""How far compared videos drift apart: run as `python -m tests.bench.compare`.

Four clips at 24 frames a second play as one in a browser for `--seconds`, each of another length.
requestVideoFrameCallback tells of each frame when it goes on the screen; at every such moment the
frames that the four show are compared. The product promises at most one between any two. Then it
pauses: all show the same.
"""

import argparse
import os
import shutil
import statistics
import tempfile
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

import av  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from tests.e2e.conftest import FLAGS, QUICK, Person  # noqa: E402
from tests.studio import running_studio  # noqa: E402

FPS = 24
# Without a screen Chromium draws 28 pictures a second at most, and shows each second frame only.
EVERY_FRAME = ("--disable-gpu-vsync", "--disable-frame-rate-limit")
SETTLING = 1000  # ms from the first press until all play
SAME_MOMENT = 4  # ms: a quarter of what a screen needs for its next picture
# Of each video's frames, when each goes on the screen and which it is.
WATCH = """() => {
  window.frames = [];
  document.querySelectorAll(".compare-item video").forEach((video, at) => {
    const note = (_now, { expectedDisplayTime, mediaTime }) => {
      window.frames.push([expectedDisplayTime, at, mediaTime]);
      video.requestVideoFrameCallback(note);
    };
    video.requestVideoFrameCallback(note);
  });
}"""
SEED = """
from pathlib import Path
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from generation.models import User
from tests.factories import make_output, make_task, make_video
user = User.objects.get(email="{email}")
for n in range(4):
    media = make_video(user, seconds={seconds} + n, fps=24.0)
    path = Path("{folder}") / f"{{n}}.mp4"
    name = default_storage.save(f"test/drift{{n}}.mp4", ContentFile(path.read_bytes()))
    type(media).objects.filter(pk=media.pk).update(path=name, mime="video/mp4", format="mp4",
                                                   bytes=path.stat().st_size)
    make_output(user, make_task(user, mode="text-video", status="succeeded"), media=media)
"""


def clip(path: Path, seconds: int) -> None:
    """A bar that moves, so that each frame differs."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        stream.options = {"preset": "ultrafast"}
        for number in range(seconds * FPS):
            picture = Image.new("RGB", (320, 180))
            picture.paste("white", (number % 308, 0, number % 308 + 12, 180))
            for packet in stream.encode(av.VideoFrame.from_image(picture)):
                out.mux(packet)
        for packet in stream.encode():
            out.mux(packet)


def gaps(frames: list[tuple[float, int, float]]) -> list[float]:
    """How many frames the furthest two are apart, at each moment at which one of them changes."""
    found, shown = [], {}
    frames = sorted(frames)
    for (at, video, time), following in zip(frames, [*frames[1:], None], strict=True):
        shown[video] = time
        together = following is not None and following[0] - at < SAME_MOMENT
        if len(shown) == 4 and not together and at > frames[0][0] + SETTLING:
            found.append(round((max(shown.values()) - min(shown.values())) * FPS, 2))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    seconds = parser.parse_args().seconds
    with (
        tempfile.TemporaryDirectory() as folder,
        running_studio(**QUICK) as studio,
        sync_playwright() as playwright,
    ):
        for number in range(4):
            clip(Path(folder) / f"{number}.mp4", seconds + 5 + number)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
            args=[*FLAGS, *EVERY_FRAME, "--autoplay-policy=no-user-gesture-required"],
        )
        person = Person(browser.new_context(viewport={"width": 1280, "height": 800}), studio)
        person.sign_up_unseen()
        studio.run(SEED.format(email=person.email, folder=folder, seconds=seconds + 5))
        page = person.goto("/compare/?a=1&b=2&c=3&d=4")
        page.locator(".together [data-go=play]").wait_for()
        page.evaluate(WATCH)
        page.locator(".together [data-go=play]").click()
        page.wait_for_timeout(seconds * 1000)
        apart = gaps(page.evaluate("window.frames"))
        loud = page.evaluate(
            "[...document.querySelectorAll('video')].filter((v) => !v.muted).length"
        )
        page.locator(".together [data-go=play]").click()
        page.wait_for_timeout(1000)
        times = {at: time for _when, at, time in page.evaluate("window.frames")}.values()
        print(f"frames apart in the pause: {round((max(times) - min(times)) * FPS, 2)}")
        over = sum(gap > 1.01 for gap in apart)
        print(f"frames apart at {len(apart)} moments: median {statistics.median(apart)}, "
              f"most {max(apart)}, more than one at {over}; with sound: {loud}")  # fmt: skip
        browser.close()


if __name__ == "__main__":
    main()
