"""What is made of stored files for guests: all frames at their times, a mark over each."""

import av
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from generation.media import renditions
from generation.media.storage import Unfit
from tests.media.sample_videos import video

NEEDLE = "needle-prompt-of-ana"
TIMES = [0, 100, 150, 400, 900, 1000]


def keep(data: bytes, name: str = "test/video.mp4") -> str:
    return default_storage.save(name, ContentFile(data))


def frames_of(path: str) -> list[tuple[float, Image.Image]]:
    with default_storage.open(path) as file, av.open(file) as container:
        return [(float(one.time), one.to_image()) for one in container.decode(video=0)]


@pytest.mark.parametrize("fps", [24, 25, 30])
def test_a_video_for_playing_has_the_same_frames_at_the_same_times(fps):
    path = keep(video(frames=12, fps=fps, size=(1920, 1080), notes={"comment": NEEDLE}))
    made = renditions.render_playable(path, "video", 1.0, "")
    before, after = frames_of(path), frames_of(made.path)
    assert [round(at, 4) for at, _image in after] == [round(at, 4) for at, _image in before]
    assert after[0][1].size == (1280, 720)
    greys = [[image.getpixel((image.width // 2, image.height // 2))[0] for _at, image in found]
             for found in (before, after)]  # fmt: skip
    assert all(abs(one - two) < 8 for one, two in zip(*greys, strict=True))
    with default_storage.open(made.path) as file:
        assert NEEDLE.encode() not in file.read()


def test_frames_of_a_varying_rate_keep_their_times():
    made = renditions.render_playable(keep(video(frames=6, times=TIMES)), "video", 1.0, "")
    assert [round(at * 1000) for at, _image in frames_of(made.path)] == TIMES


def test_a_turned_video_stands_upright():
    made = renditions.render_playable(keep(video(frames=3, turn=90)), "video", 1.0, "")
    width, height = frames_of(made.path)[0][1].size
    assert height > width


@pytest.mark.parametrize("text", ["Odile, confidential", "机密 仅供审阅", "Черновик", "Łódź"])
def test_a_text_is_seen_in_every_part_of_a_video(text):
    path = keep(video(frames=2, size=(640, 360)))
    plain, marked = (
        frames_of(renditions.render_playable(path, "video", 1.0, mark).path)[1][1].convert("L")
        for mark in ("", text)
    )
    for left in range(0, 640, 320):
        for top in range(0, 360, 180):
            box = (left, top, left + 320, top + 180)
            pairs = zip(plain.crop(box).tobytes(), marked.crop(box).tobytes(), strict=True)
            assert sum(abs(one - two) > 20 for one, two in pairs) > 100, box


def test_a_copy_without_metadata_has_the_same_frames():
    path = keep(video(frames=12, audio=True, notes={"comment": NEEDLE}))
    made = renditions.render_clean(path, "video")
    pairs = zip(frames_of(path), frames_of(made.path), strict=True)
    assert all(one[1].tobytes() == two[1].tobytes() for one, two in pairs)
    with default_storage.open(made.path) as file:
        assert NEEDLE.encode() not in file.read()


def test_a_video_whose_audio_comes_first_is_made_too():
    made = renditions.render_playable(keep(video(frames=12, audio=True)), "video", 1.0, "Odile")
    assert len(frames_of(made.path)) == 12
    with default_storage.open(made.path) as file, av.open(file) as container:
        seconds = sum(one.samples / one.sample_rate for one in container.decode(audio=0))
    assert abs(seconds - 0.5) < 0.1


def test_what_is_no_video_is_refused():
    with pytest.raises(Unfit):
        renditions.render_playable(keep(b"#EXTM3U\nfile:///etc/passwd"), "video", 1.0, "")


def test_a_clear_ground_stays_clear_between_the_letters(tmp_path):
    file = tmp_path / "wave.webp"
    Image.new("RGBA", (800, 450), (0, 0, 0, 0)).save(file, "WEBP", lossless=True)
    made = renditions.render_image(keep(file.read_bytes(), "test/wave.webp"), "poster", "Odile")
    with default_storage.open(made.path) as opened, Image.open(opened) as image:
        lowest, highest = image.getchannel("A").getextrema()
    assert (lowest, highest > 60) == (0, True)
