"""Files made of stored ones for guests: smaller, with a text burnt in, or without metadata."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from generation.media import sandbox, storage
from generation.media.storage import MIME, Unfit, check_room, report_full_disk, store_file

SECONDS = 840.0  # for one, of the cluster's 900 for a job
VENDOR = Path(settings.BASE_DIR) / "static" / "vendor"
FONTS = [  # the first one that has a character draws it
    VENDOR / "noto-sans-sc" / "5.3.0" / "noto-sans-sc-chinese-simplified-500-normal.woff2",
    VENDOR / "noto-sans-sc" / "5.3.0" / "noto-sans-sc-cyrillic-500-normal.woff2",
    VENDOR / "geist" / "5.3.0" / "geist-latin-ext-wght-normal.woff2",
]
SIDES = {"thumb": 480, "poster": 1_600, "social": 1_600}


@dataclass(frozen=True)
class Rendered:
    """A finished file in the storage."""

    path: str
    mime: str
    bytes: int


def render_image(preview: str, shape: str, text: str) -> Rendered:
    """Of a stored preview: a thumb, a poster, or what social networks show. Raises Unfit."""
    return rendered(preview, task="image", shape=shape, side=SIDES[shape], text=text)


def render_playable(path: str, kind: str, seconds: float, text: str) -> Rendered:
    """A stored video or audio as every browser plays it, frames at their times. Raises Unfit."""
    return rendered(path, task=kind, text=text, seconds=seconds)


def render_clean(path: str, kind: str) -> Rendered:
    """The streams of a stored video or audio in a file without metadata. Raises Unfit."""
    return rendered(path, task="clean", kind=kind)


def rendered(name: str, **job: Any) -> Rendered:
    fonts = [str(path) for path in FONTS] if job.get("text") else []
    with storage.on_disk(name) as path, storage.scratch_folder() as folder, report_full_disk():
        check_room(path.stat().st_size)
        facts = sandbox.run_worker(
            sandbox.RENDITIONS, SECONDS, source=str(path), folder=str(folder), fonts=fonts, **job
        )
        if "unfit" in facts:
            raise Unfit(str(facts["unfit"]))
        made = folder / "out"
        size = made.stat().st_size
        extension = facts.get("extension") or facts["format"]
        mime = facts.get("mime") or MIME[facts["format"]]
        return Rendered(store_file(made, str(extension)), str(mime), size)
