"""A video whose pixels are not square is measured and drawn as players show it."""

import io
from fractions import Fraction

import av
import pytest
from django.core.files.storage import default_storage
from PIL import Image

from generation.catalogue.types import VideoLimits
from generation.media import renditions, storage, videos
from generation.media.av.previews import display_size
from generation.media.storage import Unfit
from tests.media import sample_videos


def anamorphic(pixel: str, turn: int = 0, kind: str = "mp4") -> bytes:
    return sample_videos.video(kind, pixel=Fraction(pixel.replace(":", "/")), turn=turn)


def opened(name):
    with default_storage.open(name) as file:
        return Image.open(io.BytesIO(file.read()))


SHAPES = {  # of 320 x 240
    ("4:3", 0): (427, 240),
    ("4:3", 90): (240, 427),
    ("4:3", 180): (427, 240),
    ("1:2", 0): (320, 480),
    ("1:2", 270): (480, 320),
    ("1:1", 90): (240, 320),
}


@pytest.mark.parametrize("kind", ["mp4", "mov", "matroska"])
@pytest.mark.parametrize("case", SHAPES, ids=str)
def test_its_size_poster_and_frames_are_those_of_the_display(case, kind):
    if case[1] and kind == "matroska":
        pytest.skip("turned by its own kind of note")
    stored = videos.take_file(anamorphic(*case, kind))
    wide, high = SHAPES[case]
    assert (stored.width, stored.height) == (wide, high)
    thumb = opened(stored.thumb_path)
    assert thumb.width / thumb.height == pytest.approx(wide / high, abs=0.02)
    frame = videos.save_video_frame(stored.path, 0.5)
    assert (frame.width, frame.height) == opened(frame.path).size == (wide, high)


def test_what_a_provider_made_is_measured_alike():
    path = storage.scratch_root() / "made"
    path.write_bytes(anamorphic("4:3"))
    assert videos.keep_output(path).width == 427


def test_a_limit_of_ratio_is_held_against_the_display():
    limits = VideoLimits(min_ratio=0.5, max_ratio=1.5)
    videos.take_file(anamorphic("1:1"), limits)
    with pytest.raises(Unfit):
        videos.take_file(anamorphic("4:3"), limits)


def test_a_copy_for_guests_has_square_pixels_and_the_same_shape():
    stored = videos.take_file(anamorphic("4:3"))
    made = renditions.render_playable(stored.path, "video", 1.0, "")
    with default_storage.open(made.path) as file, av.open(io.BytesIO(file.read())) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (426, 240)
        assert (stream.sample_aspect_ratio or 1) == 1


def test_the_stored_copy_is_shown_in_the_same_shape_by_a_player():
    stored = videos.take_file(anamorphic("4:3"))
    with default_storage.open(stored.path) as file, av.open(io.BytesIO(file.read())) as container:
        assert container.streams.video[0].sample_aspect_ratio == Fraction(4, 3)


def test_an_absurd_shape_stays_within_what_is_opened():
    assert display_size(8_000, 4_000, Fraction(100)) == (8_000, 40)
    assert display_size(1_000, 1_000, Fraction(1, 4_000)) == (1, 1_000)
