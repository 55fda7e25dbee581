"""Result audio: exactly as long as asked, and always the same."""

from itertools import pairwise
from pathlib import Path

import av
import pytest

from generation.simulator.media import audio
from generation.simulator.plans import reading_time
from tests.simulator.test_videos import peak, samples


@pytest.mark.parametrize("is_speech", [True, False])
@pytest.mark.parametrize("seconds", [2.0, 7.5])
def test_audio_is_an_mp3_of_the_asked_length(
    tmp_path: Path, is_speech: bool, seconds: float
) -> None:
    path = tmp_path / "audio.mp3"
    audio.write_audio("A quiet morning by the sea", seconds, 4, path, is_speech)
    with av.open(str(path)) as container:
        assert container.format.name == "mp3"
        assert container.duration / 1_000_000 == pytest.approx(seconds, abs=0.03)
    found = samples(path)
    assert len(found) / 44100 == pytest.approx(seconds, abs=0.03)
    assert 0.05 < peak(found) < 0.95


def test_a_voice_takes_as_long_as_its_text() -> None:
    assert reading_time("a" * 140) == pytest.approx(10)
    assert reading_time("早" * 20) == pytest.approx(4)
    assert reading_time("a") == 1


def test_a_voice_has_syllables(tmp_path: Path) -> None:
    path = tmp_path / "audio.mp3"
    audio.write_audio("the sun is up", 2, 1, path, is_speech=True)
    found = samples(path)
    loudness = [peak(found[at : at + 882]) for at in range(0, len(found) - 882, 882)]
    quiet = max(loudness) * 0.12
    assert sum(one < quiet <= other for one, other in pairwise(loudness)) == 9


def test_the_same_text_sounds_the_same(tmp_path: Path) -> None:
    made = {}
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        audio.write_audio("rain on a roof", 2, seed, tmp_path / name, is_speech=False)
        made[name] = (tmp_path / name).read_bytes()
    assert made["one"] == made["again"] != made["other"]
