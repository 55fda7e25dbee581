"""The films and sounds: exactly as long and large as asked, moving, and always the same."""

import array
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat

from generation.simulator.films import Film, Kind, moves, pixels_of, plan, render, speak
from generation.simulator.films.sounds import reading_time

SIZE = (320, 180)


def film(**more: Any) -> Film:
    return Film(**{"prompt": "city at night", "seed": 1, "size": SIZE, "seconds": 2, **more})


def rendered(folder: Path, quick: bool = False, **more: Any) -> Path:
    target = folder / "film.mp4"
    render(film(**more), target, quick)
    return target


def pictures_of(path: Path) -> list[Image.Image]:
    with av.open(str(path)) as container:
        return [frame.to_image() for frame in container.decode(video=0)]


def samples(path: Path) -> list[float]:
    """The sound's first channel."""
    found = array.array("f")
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            found.frombytes(bytes(frame.planes[0])[: frame.samples * 4])
    return list(found)


def peak(found: list[float]) -> float:
    return max(map(abs, found))


def apart(one: Image.Image, other: Image.Image) -> float:
    """How different two pictures look, from 0 to 255."""
    difference = ImageChops.difference(one.convert("L"), other.convert("L"))
    return float(ImageStat.Stat(difference).mean[0])


def key(path: Path, colour: tuple[int, int, int], place: str) -> Path:
    """A start picture of another shape than the film's: a square in the middle or at the left."""
    image = Image.new("RGB", (400, 400), colour)
    left = {"middle": 160, "left": 20}[place]
    ImageDraw.Draw(image).rectangle((left, 160, left + 80, 240), fill=(250, 250, 240))
    image.save(path)
    return path


def cropped(path: Path) -> Image.Image:
    """The part of `key` that a film of 16:9 shows."""
    return Image.open(path).convert("RGB").crop((0, 87, 400, 313)).resize(SIZE)


@pytest.mark.parametrize(
    ("ratio", "resolution", "expected"),
    [
        ("16:9", "360p", (640, 360)),
        ("16:9", "540p", (960, 540)),
        ("9:16", "540p", (540, 960)),
        ("1:1", "720p", (720, 720)),
        ("4:3", "1080p", (1440, 1080)),
        ("3:4", "540p", (540, 720)),
        ("21:9", "720p", (1680, 720)),
        ("16:9", "2K", (2560, 1440)),
        ("9:16", "4K", (2160, 3840)),
        ("16:9", "8K", (7680, 4320)),
        ("1.853:1", "540p", (1000, 540)),
    ],
)
def test_a_resolution_names_the_shorter_side(
    ratio: str, resolution: str, expected: tuple[int, int]
) -> None:
    assert pixels_of(ratio, resolution) == expected


def test_a_strip_has_its_ratio_and_even_sides() -> None:
    width, height = pixels_of("1:6", "720p")
    assert (width % 2, height % 2) == (0, 0)
    assert height / width == pytest.approx(6, rel=0.01)
    assert width * height <= 1680 * 720 * 1.01


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize(
    ("size", "seconds", "fps"),
    [(SIZE, 1, 24), (SIZE, 2.5, 24), ((102, 180), 9, 24), ((180, 180), 2, 30)],
)
def test_a_film_has_the_asked_length_size_and_frames(
    tmp_path: Path, quick: bool, size: tuple[int, int], seconds: float, fps: int
) -> None:
    path = rendered(tmp_path, quick, size=size, seconds=seconds, fps=fps, sound=True)
    with av.open(str(path)) as container:
        picture, sound = container.streams.video[0], container.streams.audio[0]
        assert (picture.codec_context.name, picture.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (picture.width, picture.height, picture.average_rate) == (*size, fps)
        assert sound.codec_context.name == "aac"
        assert picture.duration * picture.time_base == Fraction(str(seconds))
        assert float(sound.duration * sound.time_base) == pytest.approx(seconds, abs=0.001)
        assert container.duration / 1_000_000 == pytest.approx(seconds, abs=0.001)
    assert len(pictures_of(path)) == seconds * fps
    assert len(samples(path)) / 44100 == pytest.approx(seconds, abs=0.03)
    assert 0.02 < peak(samples(path)) < 0.9


def test_a_film_has_no_sound_unless_asked(tmp_path: Path) -> None:
    with av.open(str(rendered(tmp_path, quick=True))) as container:
        assert not container.streams.audio


def test_the_index_comes_before_the_content(tmp_path: Path) -> None:
    content = rendered(tmp_path, quick=True, sound=True).read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")


def test_the_picture_moves_and_the_mark_stays(tmp_path: Path) -> None:
    frames = pictures_of(rendered(tmp_path, size=(640, 360), seconds=3))
    assert apart(frames[0], frames[-1]) > 5
    assert all(apart(one, other) > 0.05 for one, other in pairwise(frames[::6]))
    word = (600, 336, 628, 350)
    marks = [frame.convert("L").crop(word).point([v > 170 for v in range(256)]) for frame in frames]
    assert ImageStat.Stat(marks[0]).sum[0] > 40
    assert all(apart(marks[0], mark) < 0.03 for mark in marks)


def test_a_quick_film_bears_the_mark(tmp_path: Path) -> None:
    frame = pictures_of(rendered(tmp_path, quick=True, size=(640, 360)))[-1].convert("L")
    corner, opposite = frame.crop((580, 330, 640, 360)), frame.crop((0, 330, 60, 360))
    assert ImageStat.Stat(corner).stddev[0] > ImageStat.Stat(opposite).stddev[0] + 5


def test_the_first_frame_is_the_start_picture(tmp_path: Path) -> None:
    start = key(tmp_path / "start.png", (30, 90, 160), "middle")
    frames = pictures_of(rendered(tmp_path, reference=start))
    assert apart(frames[0], cropped(start)) < 3
    assert apart(frames[-1], cropped(start)) > 4
    hue = [
        ImageStat.Stat(frame.crop((10, 10, 60, 60))).mean for frame in (frames[0], cropped(start))
    ]
    assert hue[0] == pytest.approx(hue[1], abs=6)


def test_a_start_picture_that_is_none_leaves_the_prompt(tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG nothing")
    with_it = rendered(tmp_path, reference=broken, seconds=1).read_bytes()
    assert with_it == rendered(tmp_path, seconds=1).read_bytes()


def test_a_film_goes_from_the_start_to_the_end(tmp_path: Path) -> None:
    start = key(tmp_path / "start.png", (30, 90, 160), "middle")
    end = key(tmp_path / "end.png", (160, 60, 30), "left")
    frames = pictures_of(rendered(tmp_path, reference=start, end=end))
    assert apart(frames[0], cropped(start)) < 3
    assert apart(frames[-1], cropped(end)) < 3
    middle = frames[len(frames) // 2]
    assert apart(middle, cropped(start)) > 3
    assert apart(middle, cropped(end)) > 3


def test_key_pictures_are_passed_in_order(tmp_path: Path) -> None:
    colours = ((30, 90, 160), (160, 60, 30), (20, 120, 40))
    keys = [key(tmp_path / f"{index}.png", colour, "left") for index, colour in enumerate(colours)]
    frames = pictures_of(
        rendered(tmp_path, seconds=4, reference=keys[0], frames=(keys[1], keys[2]))
    )
    for place, expected in zip((0, 48, 95), colours, strict=True):
        assert ImageStat.Stat(frames[place].crop((200, 60, 280, 90))).mean == pytest.approx(
            expected, abs=12
        )


def test_a_film_too_large_for_the_work_rests_at_its_keys() -> None:
    poses = list(moves.story(film(size=(3840, 2160), seconds=10), 2))
    assert len(poses) == 240
    assert (poses[0], poses[-1]) == (moves.Pose(0), moves.Pose(1))
    assert len(set(poses)) <= moves.drawn(film(size=(3840, 2160))) + 2
    assert len({pose.blend for pose in poses}) > 20


def test_a_long_film_repeats_and_its_clock_never_turns_back(tmp_path: Path) -> None:
    path = rendered(tmp_path, seconds=17, sound=True)
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        clock = [packet.pts * packet.time_base for packet in packets]
        assert [packet.dts for packet in packets] == [packet.pts for packet in packets]
    assert clock == [Fraction(index, 24) for index in range(17 * 24)]
    frames = pictures_of(path)
    assert apart(frames[0], frames[8 * 24]) < 0.01
    assert apart(frames[8 * 24 - 1], frames[8 * 24]) < apart(frames[0], frames[4 * 24]) / 4


@pytest.mark.parametrize("seconds", [5, 20])
def test_a_move_starts_with_the_bare_whole_picture(seconds: int) -> None:
    first = next(moves.take(film(seconds=seconds)))
    assert (first.close, first.light, first.veil) == (0, 0, 0)


def test_a_round_ends_where_it_began() -> None:
    poses = list(moves.take(film(seconds=20)))
    one, following, last = poses[0], poses[1], poses[-1]
    assert last.drift + (following.drift - one.drift) == pytest.approx(1 + one.drift)
    for name in ("close", "across", "down", "light", "veil"):
        steps = [abs(getattr(b, name) - getattr(a, name)) for a, b in pairwise(poses)]
        assert abs(getattr(last, name) - getattr(one, name)) <= max(steps) + 1e-9, name


def test_a_very_long_film_ends_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "MOVING", 1)
    frames = pictures_of(rendered(tmp_path, seconds=13))
    assert len(frames) == 13 * 24
    assert apart(frames[4 * 24], frames[0]) > 3
    assert all(apart(frames[8 * 24], frame) < 0.5 for frame in frames[8 * 24 :: 12])


def test_the_same_question_gives_the_same_bytes(tmp_path: Path) -> None:
    for quick in (True, False):
        one = rendered(tmp_path, quick, seconds=1, sound=True).read_bytes()
        assert rendered(tmp_path, quick, seconds=1, sound=True).read_bytes() == one
        assert rendered(tmp_path, quick, seconds=1, sound=True, seed=2).read_bytes() != one


def test_kept_parts_give_the_same_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, cache = tmp_path / "film.mp4", tmp_path / "parts"
    render(film(seconds=9), target, cache=cache)
    first = target.read_bytes()
    kept = list(cache.iterdir())
    assert len(kept) == 1
    monkeypatch.delattr(plan, "Camera")
    render(film(seconds=9), target, cache=cache)
    assert target.read_bytes() == first
    render(film(seconds=12), target, cache=cache)  # a longer round of the same part
    assert len(pictures_of(target)) == 12 * 24
    assert list(cache.iterdir()) == kept


def test_a_kept_part_belongs_to_its_start_picture(tmp_path: Path) -> None:
    target, cache, start = tmp_path / "film.mp4", tmp_path / "parts", tmp_path / "start.png"
    for colour in ((30, 90, 160), (160, 60, 30)):
        render(film(seconds=1, reference=key(start, colour, "left")), target, cache=cache)
        assert apart(pictures_of(target)[0], cropped(start)) < 3


@pytest.mark.parametrize("kind", ["speech", "effects", "music"])
@pytest.mark.parametrize("seconds", [2.0, 7.5])
def test_a_sound_is_an_mp3_of_the_asked_length(tmp_path: Path, kind: Kind, seconds: float) -> None:
    path = tmp_path / "sound.mp3"
    assert speak("A quiet morning by the sea", seconds, 4, path, kind) == seconds
    with av.open(str(path)) as container:
        assert container.format.name == "mp3"
        assert container.duration / 1_000_000 == pytest.approx(seconds, abs=0.03)
    found = samples(path)
    assert len(found) / 44100 == pytest.approx(seconds, abs=0.03)
    assert 0.05 < peak(found) < 0.95


def test_a_voice_takes_as_long_as_its_text(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp3"
    assert reading_time("a" * 140) == pytest.approx(10)
    assert reading_time("早" * 20) == pytest.approx(4)
    assert speak("a" * 42, None, 1, path, "speech") == pytest.approx(3)
    assert len(samples(path)) / 44100 == pytest.approx(3, abs=0.03)


@pytest.mark.parametrize(("text", "expected"), [("早上好朋友", 5), ("the sun is up again now", 7)])
def test_a_voice_has_the_syllables_of_its_text(tmp_path: Path, text: str, expected: int) -> None:
    path = tmp_path / "sound.mp3"
    speak(text, 3, 1, path, "speech")
    found = samples(path)
    loudness = [peak(found[at : at + 882]) for at in range(0, len(found) - 882, 882)]
    quiet = max(loudness) * 0.12
    rises = sum(one < quiet <= other for one, other in pairwise(loudness))
    assert rises == expected


def test_the_same_words_sound_the_same(tmp_path: Path) -> None:
    made = {}
    for name, seed in (("one", 1), ("again", 1), ("other", 2)):
        speak("rain on a roof", 2, seed, tmp_path / name, "effects")
        made[name] = (tmp_path / name).read_bytes()
    assert made["one"] == made["again"] != made["other"]
