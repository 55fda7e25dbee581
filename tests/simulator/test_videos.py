"""Result videos: exactly as long and large as asked, moving, and always the same."""

import array
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat

from generation.simulator.media import MediaRequest, videos

SIZE = (320, 180)


def request(**more: Any) -> MediaRequest:
    return MediaRequest(
        **{"prompt": "city at night", "seed": 1, "size": SIZE, "seconds": 2, **more}
    )


def rendered(folder: Path, quick: bool = False, **more: Any) -> Path:
    target = folder / "video.mp4"
    videos.render_video(request(**more), target, quick)
    return target


def frames_of(path: Path) -> list[Image.Image]:
    with av.open(str(path)) as container:
        return [frame.to_image() for frame in container.decode(video=0)]


def samples(path: Path) -> list[float]:
    """The audio's first channel."""
    found = array.array("f")
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            found.frombytes(bytes(frame.planes[0])[: frame.samples * 4])
    return list(found)


def peak(found: list[float]) -> float:
    return max(map(abs, found))


def apart(one: Image.Image, other: Image.Image) -> float:
    """How different two images look, from 0 to 255."""
    difference = ImageChops.difference(one.convert("L"), other.convert("L"))
    return float(ImageStat.Stat(difference).mean[0])


def key(path: Path, colour: tuple[int, int, int], place: str) -> Path:
    """A start image of another shape than the video's: a square in the middle or at the left."""
    image = Image.new("RGB", (400, 400), colour)
    left = {"middle": 160, "left": 20}[place]
    ImageDraw.Draw(image).rectangle((left, 160, left + 80, 240), fill=(250, 250, 240))
    image.save(path)
    return path


def cropped(path: Path) -> Image.Image:
    """The part of `key` that a video of 16:9 shows."""
    return Image.open(path).convert("RGB").crop((0, 87, 400, 313)).resize(SIZE)


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize(
    ("size", "seconds", "fps"),
    [(SIZE, 1, 24), (SIZE, 2.5, 24), ((102, 180), 9, 24), ((180, 180), 2, 30)],
)
def test_a_video_has_the_asked_length_size_and_frames(
    tmp_path: Path, quick: bool, size: tuple[int, int], seconds: float, fps: int
) -> None:
    path = rendered(tmp_path, quick, size=size, seconds=seconds, fps=fps, has_audio=True)
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (video.width, video.height, video.average_rate) == (*size, fps)
        assert audio.codec_context.name == "aac"
        assert video.duration * video.time_base == Fraction(str(seconds))
        assert float(audio.duration * audio.time_base) == pytest.approx(seconds, abs=0.001)
        assert container.duration / 1_000_000 == pytest.approx(seconds, abs=0.001)
    assert len(frames_of(path)) == seconds * fps
    assert len(samples(path)) / 44100 == pytest.approx(seconds, abs=0.03)
    assert 0.02 < peak(samples(path)) < 0.9


def test_a_video_has_no_audio_unless_asked(tmp_path: Path) -> None:
    with av.open(str(rendered(tmp_path, quick=True))) as container:
        assert not container.streams.audio


def test_the_index_comes_before_the_content(tmp_path: Path) -> None:
    content = rendered(tmp_path, quick=True, has_audio=True).read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")


def test_the_view_moves_and_the_watermark_stays(tmp_path: Path) -> None:
    frames = frames_of(rendered(tmp_path, size=(640, 360), seconds=3))
    assert apart(frames[0], frames[-1]) > 5
    assert all(apart(one, other) > 0.05 for one, other in pairwise(frames[::6]))
    word = (600, 336, 628, 350)
    marks = [frame.convert("L").crop(word).point([v > 170 for v in range(256)]) for frame in frames]
    assert ImageStat.Stat(marks[0]).sum[0] > 40
    assert all(apart(marks[0], mark) < 0.03 for mark in marks)


def test_the_light_has_no_edge(tmp_path: Path) -> None:
    grey = tmp_path / "grey.png"
    Image.new("RGB", SIZE, (90, 90, 90)).save(grey)
    for frame in frames_of(rendered(tmp_path, inputs=(grey,)))[::8]:
        row = frame.convert("L").resize((SIZE[0], 1), Image.Resampling.BOX, (0, 0, SIZE[0], 120))
        assert all(abs(one - other) <= 3 for one, other in pairwise(row.tobytes()))


def test_a_quick_video_bears_the_watermark(tmp_path: Path) -> None:
    frame = frames_of(rendered(tmp_path, quick=True, size=(640, 360)))[-1].convert("L")
    corner, opposite = frame.crop((580, 330, 640, 360)), frame.crop((0, 330, 60, 360))
    assert ImageStat.Stat(corner).stddev[0] > ImageStat.Stat(opposite).stddev[0] + 5


def test_the_first_frame_is_the_start_image(tmp_path: Path) -> None:
    start = key(tmp_path / "start.png", (30, 90, 160), "middle")
    frames = frames_of(rendered(tmp_path, inputs=(start,)))
    assert apart(frames[0], cropped(start)) < 3
    assert apart(frames[-1], cropped(start)) > 4
    hue = [
        ImageStat.Stat(frame.crop((10, 10, 60, 60))).mean for frame in (frames[0], cropped(start))
    ]
    assert hue[0] == pytest.approx(hue[1], abs=6)


def test_a_start_image_that_is_none_leaves_the_prompt(tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG nothing")
    with_it = rendered(tmp_path, inputs=(broken,), seconds=1).read_bytes()
    assert with_it == rendered(tmp_path, seconds=1).read_bytes()


def test_a_video_goes_from_the_start_to_the_end(tmp_path: Path) -> None:
    start = key(tmp_path / "start.png", (30, 90, 160), "middle")
    end = key(tmp_path / "end.png", (160, 60, 30), "left")
    frames = frames_of(rendered(tmp_path, inputs=(start, end)))
    assert apart(frames[0], cropped(start)) < 3
    assert apart(frames[-1], cropped(end)) < 3
    middle = frames[len(frames) // 2]
    assert apart(middle, cropped(start)) > 3
    assert apart(middle, cropped(end)) > 3


def test_key_frames_are_passed_in_order(tmp_path: Path) -> None:
    colours = ((30, 90, 160), (160, 60, 30), (20, 120, 40))
    keys = [key(tmp_path / f"{index}.png", colour, "left") for index, colour in enumerate(colours)]
    frames = frames_of(rendered(tmp_path, seconds=4, inputs=tuple(keys)))
    for place, expected in zip((0, 48, 95), colours, strict=True):
        assert ImageStat.Stat(frames[place].crop((200, 60, 280, 90))).mean == pytest.approx(
            expected, abs=12
        )


def test_a_video_too_large_to_draw_rests_at_its_images() -> None:
    poses = videos.passing(240, 48, [(), ()])
    assert len(poses) == 240
    assert (poses[0], poses[-1]) == ((0, 0), (0, 1))
    assert 20 < len(set(poses)) <= 50


def test_a_long_video_repeats_and_its_clock_never_turns_back(tmp_path: Path) -> None:
    path = rendered(tmp_path, seconds=17, has_audio=True)
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        clock = [packet.pts * packet.time_base for packet in packets]
        assert [packet.dts for packet in packets] == [packet.pts for packet in packets]
    assert clock == [Fraction(index, 24) for index in range(17 * 24)]
    frames = frames_of(path)
    assert apart(frames[0], frames[8 * 24]) < 0.01
    assert apart(frames[8 * 24 - 1], frames[8 * 24]) < apart(frames[0], frames[4 * 24]) / 4


@pytest.mark.parametrize("seconds", [5, 20])
def test_a_given_image_is_seen_in_full_at_first(seconds: int) -> None:
    asked = request(seconds=seconds, inputs=(Path("start.png"),))
    assert videos.approaching(asked, 999)[0] == (0, 0)


def test_a_round_ends_where_it_began() -> None:
    parts = [part for _, part in videos.approaching(request(seconds=20), 999)]
    assert len(parts) == 8 * 24
    steps = [abs(other - one) for one, other in pairwise(parts)]
    assert abs(parts[-1] - parts[0]) <= max(steps)
    assert max(parts) > 0.99


def test_a_very_long_video_ends_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(videos, "MOVING", 1)
    frames = frames_of(rendered(tmp_path, seconds=13))
    assert len(frames) == 13 * 24
    assert apart(frames[4 * 24], frames[0]) > 3
    assert all(apart(frames[8 * 24], frame) < 0.5 for frame in frames[8 * 24 :: 12])


def test_the_same_request_gives_the_same_bytes(tmp_path: Path) -> None:
    for quick in (True, False):
        one = rendered(tmp_path, quick, seconds=1, has_audio=True).read_bytes()
        assert rendered(tmp_path, quick, seconds=1, has_audio=True).read_bytes() == one
        assert rendered(tmp_path, quick, seconds=1, has_audio=True, seed=2).read_bytes() != one
