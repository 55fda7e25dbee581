"""Synthesised audio: a voice that says nothing, effects, and what is heard with a video."""

import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import av

from generation.simulator.media.scenes import rng_of

Filters = list[tuple[str, dict[str, str]]]  # each with its settings

RATE = 44100
SYLLABLES_A_SECOND = 4.5
TONE: Filters = [("sine", {"f": "220", "r": str(RATE)})]  # quick, for tests
NOTES = (98.0, 110.0, 123.47, 130.81)  # Hz


def write_audio(text: str, seconds: float, seed: int, target: Path, is_speech: bool) -> None:
    """Write an MP3 of exactly this length."""
    source = speech(seed, seconds) if is_speech else effects(text, seed)
    with av.open(str(target), "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=RATE, layout="mono")
        stream.bit_rate = 96_000
        for packet in audio_packets(stream, source, seconds):
            container.mux(packet)


def speech(seed: int, seconds: float) -> Filters:
    """Soft syllables, each with its own pitch."""
    rng = rng_of(f"voice {seed}")
    pace = max(1, round(seconds * SYLLABLES_A_SECOND)) / seconds
    pitch, start = math.tau * rng.uniform(110, 210), rng.uniform(1, 90)
    chance = f"mod(abs(sin(floor(t*{pace:.6f})*12.9898+{start:.4f})*4375.8545),1)"
    hum = f"st(0,{chance});st(1,{pitch:.4f}*(0.92+0.26*ld(0))*t)"
    gate = f"pow(sin(PI*mod(t*{pace:.6f},1)),1.4)"
    tone = "(sin(ld(1))+(0.8-0.6*ld(0))*sin(2*ld(1))+(0.2+0.5*ld(0))*sin(3*ld(1))/2)"
    voice = {"exprs": f"{hum};0.22*(0.7+0.3*ld(0))*{gate}*{tone}", "s": str(RATE)}
    return [("aevalsrc", voice), ("lowpass", {"f": "2200"})]


def effects(text: str, seed: int) -> Filters:
    """Noise that swells and ebbs."""
    rng = rng_of(f"effects {seed} {text}")
    noise = {"color": "pink", "seed": str(seed % 2**31), "a": "0.6", "r": str(RATE)}
    band = {"f": str(rng.randrange(400, 1400)), "width_type": "o", "w": "2"}
    swell = {"f": f"{rng.uniform(0.2, 0.5):.3f}", "d": "0.9"}
    return [("anoisesrc", noise), ("bandpass", band), ("tremolo", swell)]


def ambience(prompt: str, seed: int) -> Filters:
    """A wide soft chord; each note breathes at its own pace."""
    rng = rng_of(f"ambience {seed} {prompt}")
    root, third = math.tau * rng.choice(NOTES), rng.choice((2.4, 2.5))
    sides = (
        "+".join(
            f"0.07*sin({root * ratio:.4f}*t)*(0.6+0.4*sin({0.5 + place / 4}*t+{side + place}))"
            for place, ratio in enumerate((1 + side / 300, 1.5, third))
        )
        for side in (0, 1)
    )
    return [("aevalsrc", {"exprs": "|".join(sides), "s": str(RATE)})]


def audio_packets(stream: Any, source: Filters, seconds: float) -> Iterator[Any]:
    """For exactly so long, faded at both ends and encoded for a stream."""
    filters: Filters = [
        *source,
        ("atrim", {"end_sample": str(round(seconds * RATE))}),
        ("afade", {"t": "in", "d": f"{min(0.2, seconds / 8):.3f}"}),
        ("afade", {"t": "out", "st": f"{seconds * 0.94:.3f}", "d": f"{seconds * 0.06:.3f}"}),
        ("aformat", {"sample_fmts": "fltp", "channel_layouts": stream.layout.name}),
        ("abuffersink", {}),
    ]
    graph = av.filter.Graph()
    nodes = [graph.add(name, **settings) for name, settings in filters]
    for one, other in pairwise(nodes):
        one.link_to(other)
    graph.configure()
    while True:
        try:
            frame = nodes[-1].pull()
        except (av.error.EOFError, av.error.BlockingIOError):
            break
        yield from stream.encode(frame)
    yield from stream.encode()
