"""Chooses a scene file by the words of a prompt and a seed, crops it and tints it."""

import random
import re
import tomllib
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from zlib import crc32

from PIL import Image, ImageOps

FOLDER = Path(__file__).resolve().parents[1] / "scenes"
INDEX = tomllib.loads((FOLDER / "scenes.toml").read_text(encoding="utf-8"))
SUBJECTS, PALETTES, KEYWORDS = INDEX["subjects"], INDEX["palettes"], INDEX["words"]
CLOSEST = 1.16  # how much of a scene may be left out to vary it
TINT = 0.85
SMOOTH = Image.Resampling.BICUBIC

Size = tuple[int, int]
Colour = tuple[int, ...]
Palette = tuple[Colour, ...]


def rng_of(text: str) -> random.Random:
    """The same numbers for the same text, on every machine."""
    return random.Random(text)  # noqa: S311  nothing secret


def score(prompt: str, keywords: str) -> int:
    """How many of the keywords stand in the prompt, where a plural s does not matter."""
    found = set(re.findall(r"[a-z]+", prompt.lower()))
    found |= {word.removesuffix("s") for word in found}
    return sum(one in found or (not one.isascii() and one in prompt) for one in keywords.split())


def has_scene(prompt: str, kind: str) -> bool:
    return score(prompt, KEYWORDS[kind]) > 0


def scene_subject(prompt: str, rng: random.Random) -> tuple[str, bool]:
    """The subject with most of its keywords in the prompt, and whether there were any."""
    scores = {name: score(prompt, one["words"]) for name, one in SUBJECTS.items()}
    best = max(scores.values())
    return rng.choice([name for name in scores if scores[name] == best]), best > 0


def palette_named(prompt: str) -> str:
    """The palette a word of the prompt asks for; empty when none does."""
    return next((name for name, one in PALETTES.items() if score(prompt, one["words"])), "")


def palette(name: str) -> Palette:
    return tuple(tuple(bytes.fromhex(code)) for code in PALETTES[name]["colours"].split())


def palette_of(image: Image.Image) -> Palette:
    """The main colours of an image."""
    few = image.resize((96, 96), Image.Resampling.BOX).quantize(6)
    raw = few.getpalette() or []
    return tuple(tuple(raw[3 * at : 3 * at + 3]) for at in sorted(set(few.tobytes())))


def scene(prompt: str, seed: int, size: Size, colours: Palette | None = None) -> Image.Image:
    """The scene for a prompt in exactly this size; seeds that follow each other differ."""
    rng = rng_of(f"{seed} {prompt}")
    subject, _ = scene_subject(prompt, rng)
    paths = fitting_files(subject, size[0] / size[1])
    turn, place = divmod(seed + crc32(prompt.encode()), len(paths))
    with Image.open(paths[place]) as file:
        image = cropped(file.convert("RGB"), size, rng, SUBJECTS[subject]["anchor"])
    if turn % 2:
        image = ImageOps.mirror(image)
    own, others = paths[place].stem.split("-")[1], SUBJECTS[subject]["palettes"]
    name = palette_named(prompt) or (others[turn % len(others)] if turn % 3 else own)
    as_it_is = name == own and colours is None
    return image if as_it_is else tinted(image, colours or palette(name), TINT)


@lru_cache(maxsize=32)
def fitting_files(subject: str, ratio: float) -> tuple[Path, ...]:
    """The files that lose least when they are cropped to a ratio."""
    kept = {}
    for path in sorted(FOLDER.glob(f"{subject}-*.webp")):
        with Image.open(path) as image:
            own = image.width / image.height
        kept[path] = min(ratio, own) / max(ratio, own)
    return tuple(path for path in kept if kept[path] >= max(kept.values()) * 0.9)


def cropped(image: Image.Image, size: Size, rng: random.Random, anchor: float) -> Image.Image:
    scale = min(image.width / size[0], image.height / size[1]) / rng.uniform(1.0, CLOSEST)
    wide, high = size[0] * scale, size[1] * scale
    left, top = (image.width - wide) * rng.uniform(0.3, 0.7), (image.height - high) * anchor
    return image.resize(size, SMOOTH, box=(left, top, left + wide, top + high))


def tinted(image: Image.Image, colours: Palette, part: float) -> Image.Image:
    """The image with its colours drawn towards those of a palette, as bright as before."""
    grey = image.convert("L")
    channels = [grey.point(palette_table(colours, channel)) for channel in range(3)]
    return Image.blend(image, Image.merge("RGB", channels), part)


def palette_table(colours: Palette, channel: int) -> list[int]:
    """For each brightness the value of one channel in the palette's colour of that brightness."""
    stops = sorted(
        (0.299 * one[0] + 0.587 * one[1] + 0.114 * one[2], one[channel]) for one in colours
    )
    found = []
    for value in range(256):
        pairs = pairwise([(-1.0, 0), *stops, (256.0, 255)])
        low, high = next((a, b) for a, b in pairs if a[0] <= value < b[0])
        found.append(round(low[1] + (high[1] - low[1]) * (value - low[0]) / (high[0] - low[0])))
    return found
