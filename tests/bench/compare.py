"""How far compared videos drift apart: run as `python -m tests.bench.compare`.

Four clips at 24 frames a second play as one in a browser for `--seconds`, each of another length.
The frame that each shows is taken by requestVideoFrameCallback, and all are compared at the same
instant; the product promises at most one frame between any two. Then it pauses: all show the same.
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
# Of each video the newest frame; each tenth of a second, how far the furthest are apart.
WATCH = """() => {
  window.shown = []; window.gaps = [];
  document.querySelectorAll(".compare-item video").forEach((video, at) => {
    const note = (_now, facts) => {
      window.shown[at] = facts.mediaTime;
      video.requestVideoFrameCallback(note);
    };
    video.requestVideoFrameCallback(note);
  });
  setInterval(() => {
    const { shown } = window;
    if (shown.length) window.gaps.push(Math.max(...shown) - Math.min(...shown));
  }, 100);
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
            args=[*FLAGS, "--autoplay-policy=no-user-gesture-required"],
        )
        person = Person(browser.new_context(viewport={"width": 1280, "height": 800}), studio)
        person.sign_up_unseen()
        studio.run(SEED.format(email=person.email, folder=folder, seconds=seconds + 5))
        page = person.goto("/compare/?a=1&b=2&c=3&d=4")
        page.locator(".together [data-go=play]").wait_for()
        page.evaluate(WATCH)
        page.locator(".together [data-go=play]").click()
        page.wait_for_timeout(seconds * 1000)
        gaps = [round(gap * FPS, 2) for gap in page.evaluate("window.gaps.slice(10)")]
        loud = page.evaluate(
            "[...document.querySelectorAll('video')].filter((v) => !v.muted).length"
        )
        last = gaps[-50:]
        page.locator(".together [data-go=play]").click()
        page.wait_for_timeout(1000)
        times = page.evaluate("window.shown")
        print(f"frames apart in the pause: {round((max(times) - min(times)) * FPS, 2)}")
        print(f"frames apart: median {statistics.median(gaps)}, "
              f"95 of 100 within {sorted(gaps)[int(len(gaps) * 0.95)]}, most {max(gaps)}; "
              f"most in the last five seconds {max(last)}; with sound: {loud}")  # fmt: skip
        browser.close()


if __name__ == "__main__":
    main()
