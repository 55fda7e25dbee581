"""HLS: a list of the pieces of a video that lie elsewhere. It is read as text, and no piece of it
is ever opened or fetched here: where a mode takes one, its address alone is handed on."""

import re
from pathlib import Path

from django.utils.translation import gettext as _
from PIL import Image, ImageDraw

from generation.catalogue.check_inputs import video_problem
from generation.catalogue.types import VideoFacts, VideoLimits
from generation.media import storage
from generation.media.storage import (
    Stored,
    Unfit,
    problem_sentence,
    report_full_disk,
    store_with_previews,
)

FORMAT = "hls"
START = b"#EXTM3U"
MOST_BYTES = 1024 * 1024
SECONDS = re.compile(r"^#EXTINF:(\d{1,6}(?:\.\d{1,9})?)", re.MULTILINE)
SIZE = re.compile(r"^#EXT-X-STREAM-INF:.*\bRESOLUTION=(\d{1,5})x(\d{1,5})", re.MULTILINE)
RATE = re.compile(r"^#EXT-X-STREAM-INF:.*\bFRAME-RATE=(\d{1,3}(?:\.\d{1,3})?)", re.MULTILINE)
SIDES = {"preview": (1_600, 900), "thumb": (480, 270)}
FOREGROUND, BACKGROUND = "#868e94", "#23262b"


def is_list(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(START)) == START


def take_file(path: Path, limits: VideoLimits) -> Stored:
    """Keep an HLS list and what it says of its video. Raises Unfit."""
    if path.stat().st_size > MOST_BYTES:
        raise Unfit(_("This playlist of a video is too long. Give the video itself."))
    text = path.read_bytes().decode("utf-8", "replace")
    video = described(text, path.stat().st_size)
    problem = video_problem(limits, video)
    if problem:
        raise Unfit(problem_sentence(problem))
    with storage.scratch_folder() as folder, report_full_disk():
        kept = folder / "list"
        kept.write_text(text, "utf-8")
        draw_placeholder(folder)
        facts = {"format": FORMAT, "width": video.width, "height": video.height, "fps": video.fps,
                 "seconds": video.seconds or None}  # fmt: skip
        return store_with_previews(kept, folder, "video", facts)


def described(text: str, size: int) -> VideoFacts:
    """What is not known is 0: a list of lists has sizes, a list of pieces their lengths."""
    pieces, sizes = SECONDS.findall(text), SIZE.findall(text)
    if not pieces and "#EXT-X-STREAM-INF:" not in text:
        raise Unfit(_("This playlist names no video. Give the video itself."))
    if pieces and "#EXT-X-ENDLIST" not in text:
        raise Unfit(_("This is a broadcast that has not ended. Give a video that has an end."))
    width, height = max(((int(w), int(h)) for w, h in sizes), key=min, default=(0, 0))
    fps = max(map(float, RATE.findall(text)), default=0.0)
    return VideoFacts(width, height, FORMAT, size, round(sum(map(float, pieces)), 3), fps)


def draw_placeholder(folder: Path) -> None:
    """A play sign in place of a poster: no frame of the video is known."""
    for name, (width, height) in SIDES.items():
        image = Image.new("RGB", (width, height), BACKGROUND)
        x, y, side = width // 2, height // 2, height // 6
        ImageDraw.Draw(image).polygon(
            [(x - side // 2, y - side), (x - side // 2, y + side), (x + side, y)], FOREGROUND
        )
        image.save(folder / name, "WEBP", quality=80)
