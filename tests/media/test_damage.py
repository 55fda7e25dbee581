"""Damage that a decoder repairs silently is noticed, wherever in a video it is."""

import io
import json
import subprocess
import sys
from functools import cache

import av
import pytest
from PIL import Image

from generation.media import sandbox, storage, videos
from generation.media.storage import Unfit
from tests.media import corpus, sample_videos

CODED = {
    "h264": ("mp4", "libx264", "yuv420p", {"g": "12"}),
    "h264 in stripes": (
        "mp4",
        "libx264",
        "yuv420p",
        {"x264-params": "intra-refresh=1:keyint=12"},
    ),
    "hevc": ("mp4", "libx265", "yuv420p", {"x265-params": "log-level=0:keyint=12:bframes=0"}),
    "mpeg4": ("avi", "mpeg4", "yuv420p", {"g": "12"}),
    "prores": ("mov", "prores_ks", "yuv422p10le", {}),
}


@cache
def video(name: str) -> bytes:
    kind, codec, pixels, options = CODED[name]
    still = corpus.sample(size=sample_videos.SIZE)

    def moved(number: int) -> Image.Image:
        return still.transform(
            sample_videos.SIZE, Image.Transform.AFFINE, (1, 0, number * 3, 0, 1, number)
        )

    return sample_videos.video(kind, codec, 36, pixels=pixels, options=options, paint=moved)


def broken(data: bytes, number: int) -> bytes:
    """The video with the second half of one frame lost."""
    with av.open(io.BytesIO(data)) as container:
        packets = [one for one in container.demux(video=0) if one.size]
        place, size = packets[number].pos, packets[number].size
    start, end = place + size // 2, place + size - 8
    return data[:start] + b"\xff" * (end - start) + data[end:]


def scratch_copy(data):
    path = storage.scratch_root() / "copy"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", CODED)
def test_a_video_without_damage_is_kept(name):
    assert videos.keep_output(scratch_copy(video(name))).seconds == pytest.approx(1.5, abs=0.05)


# Of H.265 some frames can be read as something whatever they hold.
@pytest.mark.parametrize(
    ("name", "number"),
    [
        (name, number)
        for name in CODED
        for number in ((5, 16, 26) if name == "hevc" else (5, 17, 32))
    ],
)
def test_half_a_frame_lost_is_damage(name, number):
    data = broken(video(name), number)
    with pytest.raises(Unfit, match="damaged or not complete"):
        videos.keep_output(scratch_copy(data))
    with pytest.raises(Unfit, match="damaged or not complete"):
        videos.take_file(data)


def frames_seen(data: bytes, patience: float, folder) -> tuple[object, int]:
    """What the child says, and how many frames it looked at."""
    (folder / "source").write_bytes(data)
    job = {"task": "keep", "kind": "video", "source": str(folder / "source"), "folder": str(folder)}
    code = (
        f"import sys; sys.path.insert(0, {str(sandbox.VIDEOS.parents[2])!r})\n"
        "import json\n"
        "from generation.media.av import demux, worker\n"
        f"worker.PATIENCE = {patience}\n"
        "was, seen = demux.check_frame_size, []\n"
        "def check_sides(width, height): seen.append(width); was(width, height)\n"
        "demux.check_frame_size = check_sides\n"
        f"facts = worker.run_job(json.loads({json.dumps(json.dumps(job))}))\n"
        "print(json.dumps([facts.get('unfit'), len(seen)]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    word, count = json.loads(done.stdout)
    return word, count


def test_all_frames_of_a_video_are_decoded_while_there_is_time(tmp_path):
    word, count = frames_seen(video("h264"), 60, tmp_path)
    assert word is None
    assert 36 <= count < 40  # and the sides that headers tell


@pytest.mark.parametrize("name", CODED)
def test_no_video_without_damage_is_taken_for_damaged_when_time_is_short(name, tmp_path):
    assert frames_seen(video(name), 0, tmp_path)[0] is None


def test_of_a_video_that_takes_too_long_the_key_frames_and_the_end_are(tmp_path):
    word, count = frames_seen(video("h264"), 0, tmp_path)
    assert word is None
    assert 14 <= count < 24  # a few, three key frames, the last twelve
    assert frames_seen(broken(video("h264"), 32), 0, tmp_path)[0] == "damaged"
    assert frames_seen(broken(video("h264"), 12), 0, tmp_path)[0] == "damaged"
