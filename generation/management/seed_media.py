"""Made-up images, videos and voices, and the prompts that ask for them."""

import random
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from generation.simulator.media import MediaRequest, audio, images, videos
from generation.simulator.plans import reading_time
from generation.simulator.sizes import pixel_size

SIZES = {
    "16:9": (1280, 720), "9:16": (720, 1280), "1:1": (720, 720), "4:3": (960, 720),
    "3:4": (720, 960), "21:9": (1680, 720), "3:2": (1080, 720), "2:3": (720, 1080),
}  # fmt: skip
SUBJECTS = (
    "A lighthouse above the sea", "Layered mountain ridges", "A perfume bottle on a podium",
    "A harbour city", "A pine forest path", "Ink drifting in water", "Red desert dunes",
    "The profile of a dancer", "A ceramic jar on a table", "A sailing boat on a lake",
    "A street in Tokyo", "Violet silk fabric", "A deer between the trees", "A dune camp of nomads",
    "一座雪山的风景", "The portrait of a violinist",
)  # fmt: skip
LIGHTS = (
    "at dusk", "at first light", "in hard noon sun", "by candlelight", "at blue hour",
    "in soft studio light", "against a low sun", "under a full moon", "in morning haze", "月光下",
)  # fmt: skip
STYLES = (
    "long exposure, cold tones", "watercolour on rough paper", "35 mm film, fine grain",
    "isometric, muted palette", "ink wash with gold leaf", "shallow focus, warm highlights",
    "wide shot, painterly", "macro, silk-like texture", "poster with generous empty space",
)  # fmt: skip
MOODS = (
    "calm and spacious", "slightly surreal", "for the cover of a travel book", "a hint of rain",
    "restrained, two colours only", "in the manner of an old postcard", "for a museum wall",
)  # fmt: skip


FILMED = ("16:9", "9:16", "1:1", "4:3", "3:4")
VIDEO_SECONDS, VIDEO_RESOLUTION = 5, "720p"
SPOKEN = (
    "Good evening. The last ferry leaves at half past nine, and the lighthouse stays lit.",
    "Every jar is thrown by hand, and no two of them are alike.",
)


@dataclass(frozen=True)
class Painting:
    """A stored image, video or voice, what it shows, and the fields of its media row."""

    subject: str
    ratio: str
    facts: dict[str, Any]


def make_prompt(subject: str, dice: random.Random) -> str:
    return f"{subject} {dice.choice(LIGHTS)}, {dice.choice(STYLES)}, {dice.choice(MOODS)}"


def render_demo_image(subject: str, size: tuple[int, int], seed: int) -> bytes:
    out = BytesIO()
    images.render_image(MediaRequest(subject, seed, size)).save(out, "JPEG", quality=88)
    return out.getvalue()


def render_demo_video(subject: str, ratio: str, seed: int, target: Path) -> None:
    size = pixel_size(ratio, VIDEO_RESOLUTION)
    request = MediaRequest(subject, seed, size, seconds=VIDEO_SECONDS, has_audio=True)
    videos.render_video(request, target)


def speak_text(text: str, seed: int, target: Path) -> None:
    audio.write_audio(text, reading_time(text), seed, target, is_speech=True)
