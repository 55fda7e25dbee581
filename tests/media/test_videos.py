"""What is kept of a video, and what is known of it afterwards."""

import hashlib
from dataclasses import asdict
from fractions import Fraction
from io import BytesIO

import av
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from generation.catalogue.types import VideoLimits
from generation.media import images, storage, videos
from generation.media.storage import NoSpace, Unfit
from generation.models import Media
from tests.media import corpus, sample_videos

pytestmark = pytest.mark.usefixtures("in_process")

CODED = {
    "mp4": ("mp4", "libx264", "yuv420p", "h264"),
    "hevc": ("mp4", "libx265", "yuv420p", "hevc"),
    "mov": ("mov", "libx264", "yuv420p", "h264"),
    "prores": ("mov", "prores_ks", "yuv422p10le", "prores"),
    "avi": ("avi", "mpeg4", "yuv420p", "mpeg4"),
    "mjpeg": ("avi", "mjpeg", "yuvj420p", "mjpeg"),
    "webm": ("webm", "libvpx", "yuv420p", "vp8"),
    "mkv": ("matroska", "libx264", "yuv420p", "h264"),
}


def content(name):
    with default_storage.open(name) as file:
        return file.read()


def opened(name):
    return Image.open(BytesIO(content(name)))


def scratch_copy(data):
    path = storage.scratch_root() / "copy"
    path.write_bytes(data)
    return path


def frames(data, kind="mp4"):
    with av.open(BytesIO(data), format=kind) as container:
        return [bytes(frame.to_image().tobytes()) for frame in container.decode(video=0)]


def test_a_stored_video_names_exactly_the_file_fields_of_a_media_row():
    fields = {field.name for field in Media._meta.get_fields()}
    assert set(asdict(videos.take_file(sample_videos.MP4))) <= fields


def test_a_video_with_subtitles_is_taken_without_them():
    given = sample_videos.with_subtitles()
    stored = videos.take_file(given)
    assert sample_videos.NEEDLE in given
    assert sample_videos.NEEDLE not in content(stored.path)
    assert videos.keep_output(scratch_copy(given)).bytes == len(given)


@pytest.mark.parametrize("name", CODED)
def test_a_video_keeps_its_container_and_its_facts_are_known(name):
    kind, encoder, pixels, codec = CODED[name]
    given = sample_videos.video(
        kind, encoder, 36, 24, pixels=pixels, options={"x265-params": "log-level=0"}
    )
    stored = videos.take_file(given)
    assert stored.kind == "video"
    assert stored.format == {"matroska": "mkv"}.get(kind, kind)
    assert stored.path.endswith(f".{stored.format}")
    assert (stored.width, stored.height, stored.codec) == (320, 240, codec)
    assert stored.seconds == pytest.approx(1.5, abs=0.05)
    assert stored.fps == 24
    assert not stored.has_sound
    assert stored.bytes == default_storage.size(stored.path)


def test_images_and_audio_are_copied_and_not_coded_again():
    stored = videos.take_file(sample_videos.NOISE)
    assert stored.has_sound
    assert stored.mime == "video/mp4"
    assert frames(content(stored.path)) == frames(sample_videos.NOISE)


def test_the_index_moves_to_the_front():
    data = content(videos.take_file(sample_videos.NOISE).path)
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_video_in_fragments_is_taken():
    stored = videos.take_file(sample_videos.FRAGMENTS)
    assert stored.seconds == pytest.approx(1, abs=0.05)
    assert frames(content(stored.path)) == frames(sample_videos.FRAGMENTS)


@pytest.mark.parametrize("kind", ["mp4", "mov", "matroska", "avi"])
def test_where_and_by_whom_it_was_made_is_removed(kind):
    given = sample_videos.video(kind, notes=sample_videos.NOTES)
    assert sample_videos.NEEDLE in given
    assert sample_videos.NEEDLE not in content(videos.take_file(given).path)


def test_what_hangs_on_a_phone_video_is_removed():
    place = sample_videos.box(
        b"udta", sample_videos.box(b"\xa9xyz", b"\0\x12\x15\xc7+48.8577+002.2950/")
    )
    note = sample_videos.box(b"uuid", bytes(16) + sample_videos.NEEDLE)
    given = sample_videos.rebuilt(sample_videos.MP4, (b"moov",), lambda body: body + place) + note
    data = content(videos.take_file(given).path)
    assert b"+48.8577" not in data
    assert sample_videos.NEEDLE not in data


@pytest.mark.parametrize(("codec", "head"), [("libx264", b"\6"), ("libx265", bytes([39 << 1, 1]))])
def test_what_a_camera_notes_between_the_slices_is_removed(codec, head):
    plain = sample_videos.video(codec=codec, options={"x265-params": "log-level=0"})
    given = sample_videos.noted(plain, head)
    assert given.count(sample_videos.NEEDLE) == 24
    data = content(videos.take_file(given).path)
    assert sample_videos.NEEDLE not in data
    assert frames(data) == frames(plain)


@pytest.mark.parametrize(
    ("turn", "size", "corner"),
    [
        (0, (320, 240), (5, 5)),
        (90, (240, 320), (5, 314)),
        (180, (320, 240), (314, 234)),
        (-90, (240, 320), (234, 5)),
    ],
)
def test_a_video_of_a_turned_phone_is_upright(turn, size, corner):
    stored = videos.take_file(sample_videos.video(turn=turn))
    assert (stored.width, stored.height) == size
    for name in (stored.thumb_path, videos.save_video_frame(stored.path, 0.2).path):
        red, green, _blue = opened(name).getpixel(corner)
        assert red > 200
        assert green < 60


def test_a_varying_rate_is_accepted_and_reported():
    stored = videos.take_file(sample_videos.video(frames=6, times=[0, 40, 80, 400, 440, 900]))
    assert stored.fps == 0
    assert stored.seconds == pytest.approx(0.94, abs=0.05)


@pytest.mark.parametrize(("fps", "frames"), [(25, 50), (30, 45), (60, 30)])
def test_the_rate_of_an_even_video_is_exact(fps, frames):
    stored = videos.take_file(sample_videos.video(frames=frames, fps=fps))
    assert stored.fps == fps
    assert stored.seconds == pytest.approx(frames / fps, abs=0.01)


def test_a_length_that_the_header_only_claims_does_not_count():
    longer = sample_videos.rebuilt(
        sample_videos.MP4, (b"moov", b"mvhd"), lambda body: body[:16] + b"\0\1\0\0" + body[20:]
    )
    assert videos.take_file(longer).seconds == pytest.approx(1, abs=0.05)


def test_the_poster_is_the_first_frame_that_shows_something():
    colours = ["black"] * 8 + ["blue"] * 16
    given = sample_videos.video(
        paint=lambda number: Image.new("RGB", sample_videos.SIZE, colours[number])
    )
    assert opened(videos.take_file(given).thumb_path).getpixel((9, 9))[2] > 200


def test_a_video_that_stays_dark_has_a_poster_too():
    given = sample_videos.video(paint=lambda _: Image.new("RGB", sample_videos.SIZE, "black"))
    assert opened(videos.take_file(given).thumb_path).size == sample_videos.SIZE


def test_previews_are_webp_with_bounded_sides():
    stored = videos.take_file(sample_videos.video(frames=2, size=(1_920, 1_080)))
    preview, thumb = opened(stored.preview_path), opened(stored.thumb_path)
    assert (preview.format, preview.size) == ("WEBP", (1_600, 900))
    assert (thumb.format, thumb.size) == ("WEBP", (480, 270))


@pytest.mark.parametrize(("size", "matrix"), [((1_280, 720), "itu709"), ((640, 360), "itu601")])
def test_colours_are_read_as_a_player_reads_them(size, matrix):
    colour = (20, 190, 70)
    given = sample_videos.video(
        frames=2, size=size, paint=lambda _: Image.new("RGB", size, colour), matrix=matrix
    )
    shown = opened(videos.save_video_frame(videos.take_file(given).path, 0).path).getpixel((99, 99))
    assert shown == pytest.approx(colour, abs=6)


@pytest.mark.parametrize("number", [0, 1, 11, 23])
def test_the_frame_on_the_screen_is_saved_in_full_size(number):
    stored = videos.take_file(sample_videos.video(options={"crf": "1"}))
    image = videos.save_video_frame(stored.path, number / 24 + 0.02)
    assert (image.kind, image.format, image.mime) == ("image", "png", "image/png")
    assert (image.width, image.height, image.seconds) == (320, 240, None)
    grey = sample_videos.sweep(number).getpixel((200, 200))[0]
    assert opened(image.path).getpixel((200, 200))[0] == pytest.approx(grey, abs=2)
    assert opened(image.thumb_path).size == sample_videos.SIZE


def test_a_time_that_a_player_rounded_down_is_that_frame():
    stored = videos.take_file(sample_videos.video(options={"crf": "1"}))
    image = videos.save_video_frame(stored.path, round(7 / 24, 4) - 0.0001)
    grey = sample_videos.sweep(7).getpixel((200, 200))[0]
    assert opened(image.path).getpixel((200, 200))[0] == pytest.approx(grey, abs=2)


@pytest.mark.parametrize(("seconds", "number"), [(99, 23), (-5, 0)])
def test_a_time_beyond_the_ends_is_the_nearest_frame(seconds, number):
    stored = videos.take_file(sample_videos.video(options={"crf": "1"}))
    grey = sample_videos.sweep(number).getpixel((200, 200))[0]
    shown = opened(videos.save_video_frame(stored.path, seconds).path).getpixel((200, 200))[0]
    assert shown == pytest.approx(grey, abs=2)


def test_an_output_is_kept_byte_for_byte():
    given = sample_videos.video(audio=True, notes=sample_videos.NOTES)
    path = scratch_copy(given)
    stored = images.keep_output(path, "video")
    assert content(stored.path) == given
    assert stored.sha256 == hashlib.sha256(given).hexdigest()
    assert (stored.kind, stored.format, stored.has_sound) == ("video", "mp4", True)
    assert not path.exists()


@pytest.mark.parametrize(
    "name",
    ["nothing", "html", "an image", "no index", "half", "half with the index in front",
     "half a webm", "only audio", "content of noise"],
)  # fmt: skip
def test_a_broken_output_is_not_kept(name, media_folder):
    path = scratch_copy(sample_videos.HOSTILE[name]())
    with pytest.raises(Unfit):
        images.keep_output(path, "video")
    assert [file for file in media_folder.rglob("*") if file.is_file()] == [path]


def test_a_video_is_no_image():
    with pytest.raises(Unfit):
        images.keep_output(scratch_copy(sample_videos.MP4))


def test_an_upload_is_judged_by_its_bytes_alone():
    stored = videos.take_file(SimpleUploadedFile("evil.html", sample_videos.MP4, "text/html"))
    assert stored.mime == "video/mp4"


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        (VideoLimits(codecs=("hevc",)), "coded as H264"),
        (VideoLimits(min_side=400), "at least 400 x 400"),
        (VideoLimits(max_side=300), "at most 300 a side"),
        (VideoLimits(max_seconds=0.5), "at most 0.5 s"),
        (VideoLimits(max_fps=20), "24 frames a second"),
        (VideoLimits(formats=("mov",)), "Use one of MOV"),
    ],
)
def test_the_modes_own_limits_count(limits, sentence):
    with pytest.raises(Unfit, match=sentence):
        videos.take_file(sample_videos.MP4, limits)


def test_a_full_disk_is_reported(monkeypatch):
    monkeypatch.setattr(storage, "enough_space", lambda _: False)
    with pytest.raises(NoSpace, match="disk is full"):
        videos.take_file(sample_videos.MP4)


def test_frames_are_taken_from_another_storage_too(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }
    stored = videos.take_file(sample_videos.MP4)
    assert videos.save_video_frame(stored.path, 0.5).width == 320


def test_a_frame_of_what_is_no_video_is_refused():
    with pytest.raises(Unfit, match="not a video"):
        videos.save_video_frame(images.take_file(corpus.PNG).path, 0)


@pytest.mark.parametrize(
    ("fps", "rate"), [(24, (24, 1)), (25, (25, 1)), (Fraction(24_000, 1_001), (24_000, 1_001))]
)
def test_a_constant_rate_is_known_as_a_fraction_with_its_frames(fps, rate):
    stored = videos.take_file(sample_videos.video(frames=72, fps=fps))
    assert (stored.constant_rate, stored.frame_count) == (True, 72)
    assert (stored.rate_numerator, stored.rate_denominator) == rate
    found = videos.read_frame_facts(stored.path)
    assert found == {name: getattr(stored, name) for name in videos.FRAME_FACTS}


def test_a_rate_that_varies_is_none():
    times = [0, 40, 95, 120, 300]
    stored = videos.take_file(sample_videos.video(frames=5, times=times))
    assert (stored.constant_rate, stored.rate_numerator, stored.frame_count) == (False, None, 5)
