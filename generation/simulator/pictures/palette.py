"""Colours: six from dark to light, and a warm or bright one for the light in the picture."""

import colorsys
import random
import re
from dataclasses import dataclass

from PIL import Image

from generation.simulator.pictures.brush import Colour, mix


@dataclass(frozen=True)
class Palette:
    deep: Colour
    dark: Colour
    mid: Colour
    light: Colour
    pale: Colour
    accent: Colour


def of(text: str) -> Palette:
    colours = [tuple(bytes.fromhex(code)) for code in text.split()]
    return Palette(*colours)  # type: ignore[arg-type]


NAMED = {
    "rose": of("1d1230 4a2b5c a8527f e08f8f f7d3b8 ffb37a"),
    "teal": of("06191f 0f3d46 2f7a7d 7fb9ac dceee2 f6e3b0"),
    "alpine": of("0d1b2a 27455f 5f8aa8 a9c6d6 eef4f5 ffe9c4"),
    "amber": of("2a1410 6b3320 b8683a e2a566 f8e1b5 fff0c9"),
    "violet": of("0c0a1f 241c4f 4b3b8f 8d7cc9 d9cdf0 ff9ac1"),
    "mint": of("12231d 2f5a4a 6fa38a b5d6bf f3f5e4 ffd6a0"),
    "graphite": of("0e0f12 2b2e35 5c626d 9aa1ab e6e8ea f2d9b5"),
    "ember": of("140808 3d1210 8a2a1a d4582a f7b267 ffe3a3"),
    "sakura": of("2b1a2a 6b4560 b9839b e8bcc4 fdf0ec f3a0ad"),
    "cobalt": of("050d2e 10307a 2d64c9 7faaf0 dbe8ff ffcf8a"),
    "moss": of("07120c 173324 3c6b4b 86a97e e2e9cf f4d58a"),
    "pearl": of("3a322c 7d6f63 b6a797 d9cec1 f6f1ea c9a27a"),
}
WORDS = {
    "rose": "pink rose magenta dusk evening sunset twilight 粉 黄昏 日落",
    "teal": "teal turquoise lagoon cyan tropical 青",
    "alpine": "snow ice winter cold frost alpine glacier 雪 冰 冬",
    "amber": "gold golden amber desert sand autumn warm honey 金 沙 秋",
    "violet": "violet purple night neon midnight cyberpunk lavender 夜 紫",
    "mint": "mint spring dawn morning fresh 春 清晨",
    "graphite": "black white monochrome noir grey gray concrete steel 黑白",
    "ember": "red fire lava crimson ember volcanic 红 火",
    "sakura": "cherry blossom pastel blush peach 樱",
    "cobalt": "blue cobalt ocean azure indigo 蓝 海",
    "moss": "green moss forest jungle leaf emerald 绿 森林",
    "pearl": "cream beige linen pearl ivory minimal 米 简约",
}


def chosen(prompt: str, rng: random.Random, fitting: tuple[str, ...]) -> Palette:
    """What the prompt's words ask for, or one that suits the scene."""
    words = set(re.findall(r"[a-z]+", prompt.lower()))
    fallback = rng.choice(fitting)
    for name, asked in WORDS.items():
        if any(word in words or (not word.isascii() and word in prompt) for word in asked.split()):
            return NAMED[name]
    return NAMED[fallback]


def taken_from(image: Image.Image) -> Palette:
    """The colours of a picture, darkest to lightest, and its most colourful one."""
    few = image.convert("RGB").resize((96, 96), Image.Resampling.BOX).quantize(12)
    raw = few.getpalette() or []
    counts = few.getcolors() or []
    found = [
        (raw[i * 3], raw[i * 3 + 1], raw[i * 3 + 2]) for n, i in counts if isinstance(i, int) and n
    ]
    found.sort(key=brightness)
    accent = max(found, key=lambda colour: vividness(colour) * (0.4 + brightness(colour)))
    five = [found[round(part * (len(found) - 1))] for part in (0, 0.25, 0.5, 0.75, 1)]
    aims = (0.07, 0.22, 0.45, 0.68, 0.9)
    deep, dark, mid, light, pale = (
        towards(colour, aim) for colour, aim in zip(five, aims, strict=True)
    )
    return Palette(deep, dark, mid, light, pale, towards(accent, 0.75))


def brightness(colour: Colour) -> float:
    return (0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]) / 255


def vividness(colour: Colour) -> float:
    return colorsys.rgb_to_hsv(*(part / 255 for part in colour))[1]


def towards(colour: Colour, aim: float) -> Colour:
    """The colour pulled most of the way to a brightness, so that a palette keeps its range."""
    now = brightness(colour)
    if now < aim:
        return mix(colour, (255, 255, 255), (aim - now) / max(1 - now, 0.01) * 0.7)
    return mix(colour, (0, 0, 0), (now - aim) / max(now, 0.01) * 0.7)
