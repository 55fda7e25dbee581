"""Synthesised sounds: what a film is heard with, a voice without words, effects and music."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import av

from generation.simulator.pictures.brush import dice

Kind = Literal["speech", "effects", "music"]
Step = tuple[str, dict[str, str]]  # a filter and its settings
Voice = list[Step]

RATE = 44100
HAN = re.compile(r"[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]")
HAN_A_SECOND, LETTERS_A_SECOND = 5, 14
LETTERS_A_SYLLABLE = 3.1
SHORTEST = 1.0
KEYS = (196.0, 220.0, 246.94, 261.63)


@dataclass(frozen=True)
class Track:
    """What is heard with a film, in stereo; `bit_rate` is what its coding may take."""

    frames: Iterator[Any]
    bit_rate: int


def speak(text: str, seconds: float | None, seed: int, target: Path, kind: Kind) -> float:
    """Write an MP3 and return its length; a voice without a length takes what the text needs."""
    length = seconds if seconds is not None else reading_time(text)
    voices = {
        "speech": lambda: speech(text, seed, length),
        "effects": lambda: effects(text, seed),
        "music": lambda: music(text, seed),
    }[kind]()
    with av.open(str(target), "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=RATE, layout="mono")
        stream.bit_rate = 96_000
        for frame in played(voices, length, "mono"):
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return round(length * RATE) / RATE


def reading_time(text: str) -> float:
    """As long as a person takes to say it."""
    han = len(HAN.findall(text))
    seconds = han / HAN_A_SECOND + (len(text.strip()) - han) / LETTERS_A_SECOND
    return max(SHORTEST, round(seconds, 2))


def syllables(text: str) -> int:
    han = len(HAN.findall(text))
    return max(1, han + round((len(text.strip()) - han) / LETTERS_A_SYLLABLE))


# --- What is heard ----------------------------------------------------------------------------


def ambience(prompt: str, seed: int, seconds: float) -> Track:
    """A wide soft chord over wind."""
    rng = dice(f"ambience {seed} {prompt}")
    root = rng.choice(KEYS) / 2
    fifth, third = root * 1.5, root * 2 * rng.choice((1.2, 1.25))
    sides = (chord((root, fifth * 1.002, third), 0.0), chord((root * 1.003, fifth, third), 0.4))
    pad = synth("|".join(sides))
    wind = [noise("brown", seed, 0.5), ("lowpass", {"f": "600"}), swelling(0.15, 0.6)]
    return Track(played([[pad], wind], seconds, "stereo"), 96_000)


def tone(seconds: float) -> Track:
    """One low note: quick, for tests."""
    return Track(played([[("sine", {"f": "220", "r": str(RATE)})]], seconds, "stereo"), 32_000)


def speech(text: str, seed: int, seconds: float) -> list[Voice]:
    """Soft syllables, as many as the text has, each with its own pitch and vowel."""
    rng = dice(f"voice {seed}")
    pace = syllables(text) / seconds
    pitch, start = rng.uniform(110, 210), rng.uniform(1, 90)
    which = f"st(0,floor(t*{pace:.6f}))"
    tune = f"st(1,{chance(start)})"
    hum = f"st(2,{math.tau * pitch:.4f}*(0.92+0.26*ld(1))*t)"
    vowel = f"st(3,{chance(start + 7)})"
    gate = f"pow(sin(PI*mod(t*{pace:.6f},1)),1.4)"
    tone = "(sin(ld(2))+(0.2+0.6*ld(3))*sin(2*ld(2))+(0.7-0.5*ld(3))*sin(3*ld(2))/2)"
    voice = synth(f"{which};{tune};{hum};{vowel};0.22*(0.7+0.3*ld(1))*{gate}*{tone}")
    return [[voice, ("lowpass", {"f": "2200"})]]


def effects(text: str, seed: int) -> list[Voice]:
    """Noise that swells and ebbs, and a low rumble."""
    rng = dice(f"effects {seed} {text}")
    waves = [
        noise("pink", seed, 0.5),
        ("bandpass", {"f": str(rng.randrange(500, 1600)), "width_type": "o", "w": "1.6"}),
        swelling(rng.uniform(0.2, 0.5), 0.9),
    ]
    rumble = [noise("brown", seed + 1, 0.6), ("lowpass", {"f": "180"}), swelling(0.13, 0.5)]
    return [waves, rumble]


def music(text: str, seed: int) -> list[Voice]:
    """Four chords, two seconds each, and single notes above them."""
    rng = dice(f"music {seed} {text}")
    key = rng.choice(KEYS) / 2
    degrees = rng.choice(((0, -3, 5, 7), (0, 7, -3, 5), (-3, 5, 0, 7)))
    shift = "+".join(f"{step}*eq(ld(0),{bar})" for bar, step in enumerate(degrees))
    bar = f"st(0,mod(floor(t/2),4));st(1,{math.tau * key:.4f}*pow(2,({shift})/12)*t)"
    press = "min(1,8*mod(t,2))*exp(-0.7*mod(t,2))"
    chords = synth(f"{bar};0.13*{press}*(sin(ld(1))+sin(1.5*ld(1))+sin(2*ld(1))+sin(2.5*ld(1)))")
    up = "(2+0.5*mod(floor(t*4),4)+0.5*eq(mod(floor(t*4),4),3))"
    pluck = "min(1,60*mod(t,0.25))*exp(-9*mod(t,0.25))"
    return [[chords], [synth(f"{bar};0.12*{pluck}*sin(2*{up}*ld(1))")]]


def chord(notes: Sequence[float], start: float) -> str:
    """Each note breathes at its own pace."""
    parts = (
        f"sin({math.tau * note:.4f}*t)*(0.6+0.4*sin({0.5 + 0.23 * place:.2f}*t+{start + place}))"
        for place, note in enumerate(notes)
    )
    return f"0.07*({'+'.join(parts)})"


def chance(start: float) -> str:
    """A number from 0 to 1 that depends on the register 0 alone."""
    return f"mod(abs(sin(ld(0)*12.9898+{start:.4f})*4375.8545),1)"


# --- How it is made ---------------------------------------------------------------------------


def synth(expression: str) -> Step:
    return "aevalsrc", {"exprs": expression, "s": str(RATE)}


def noise(colour: str, seed: int, amplitude: float) -> Step:
    settings = {"color": colour, "seed": str(seed % 2**31), "a": str(amplitude), "r": str(RATE)}
    return "anoisesrc", settings


def swelling(often: float, depth: float) -> Step:
    return "tremolo", {"f": f"{often:.3f}", "d": f"{depth}"}


def played(voices: Sequence[Voice], seconds: float, layout: str) -> Iterator[Any]:
    """All voices at once, for exactly so long, faded at both ends."""
    end: Voice = [
        ("amix", {"inputs": str(len(voices)), "normalize": "0"}),
        ("atrim", {"end_sample": str(round(seconds * RATE))}),
        ("afade", {"t": "in", "d": f"{min(0.2, seconds / 8):.3f}"}),
        ("afade", {"t": "out", "st": f"{seconds * 0.94:.3f}", "d": f"{seconds * 0.06:.3f}"}),
        ("aformat", {"sample_fmts": "fltp", "channel_layouts": layout, "sample_rates": str(RATE)}),
        ("abuffersink", {}),
    ]
    graph = av.filter.Graph()
    last = chained(graph, end)
    for place, voice in enumerate(voices):
        chained(graph, voice)[-1].link_to(last[0], 0, place)
    graph.configure()
    while True:
        try:
            yield last[-1].pull()
        except (av.error.EOFError, av.error.BlockingIOError):
            return


def chained(graph: Any, steps: Voice) -> list[Any]:
    nodes = [graph.add(name, **settings) for name, settings in steps]
    for one, other in pairwise(nodes):
        one.link_to(other)
    return nodes
