"""Which scene a prompt asks for."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from generation.simulator.pictures import city, dunes, forest, ink, portrait, ridges, sea, still
from generation.simulator.pictures.brush import Size
from generation.simulator.pictures.palette import Palette

Paint = Callable[[Size, random.Random, Palette], Image.Image]


@dataclass(frozen=True)
class Scene:
    """A family of pictures, the palettes that suit it and the words that call for it."""

    paint: Paint
    fitting: tuple[str, ...]
    words: frozenset[str]


def scene(paint: Paint, fitting: tuple[str, ...], words: str) -> Scene:
    return Scene(paint, fitting, frozenset(words.split()))


ALL = (
    scene(
        ridges.paint,
        ridges.FITTING,
        "mountain ridge peak valley hill landscape alpine fuji cliff misty 山 风景",
    ),
    scene(dunes.paint, dunes.FITTING, "dune desert sahara sand camel mars 沙漠 沙"),
    scene(
        sea.paint,
        sea.FITTING,
        "sea ocean beach sun sunset sunrise lake water wave coast island boat horizon 海 湖 日",
    ),
    scene(
        city.paint,
        city.FITTING,
        "city skyline street neon skyscraper tokyo york building tower urban cyberpunk rain "
        "night car 城 街 夜",
    ),
    scene(
        forest.paint,
        forest.FITTING,
        "forest tree wood fog mist jungle pine garden path leaf deer 林 树 雾",
    ),
    scene(
        ink.paint,
        ink.FITTING,
        "abstract silk ink fluid liquid marble paint texture pattern fabric satin swirl smoke "
        "background wallpaper 抽象 丝 墨",
    ),
    scene(
        still.paint,
        still.FITTING,
        "product bottle perfume still vase object studio shoe watch cup sneaker cosmetic packaging "
        "bag jar lamp chair packshot podium minimal table food fruit 产品 瓶",
    ),
    scene(
        portrait.paint,
        portrait.FITTING,
        "portrait woman man girl boy face person character people hero she he model lady head "
        "dancer child profile 人 女 男 脸",
    ),
)


def words_of(prompt: str) -> set[str]:
    """Lower-case words, also without a plural s."""
    found = set(re.findall(r"[a-z]+", prompt.lower()))
    return found | {word.removesuffix("s") for word in found}


def called(prompt: str, rng: random.Random) -> tuple[Scene, bool]:
    """The scene with most of its words in the prompt, and whether there were any."""
    words = words_of(prompt)
    scores = [
        sum(word in words or (not word.isascii() and word in prompt) for word in item.words)
        for item in ALL
    ]
    best = max(scores)
    return rng.choice([item for item, n in zip(ALL, scores, strict=True) if n == best]), best > 0
