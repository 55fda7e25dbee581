"""What is kept of audio, and what is known of it afterwards."""

import hashlib
from dataclasses import asdict
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from generation.catalogue.types import AudioLimits
from generation.media import audio, images, storage
from generation.media.av import previews
from generation.media.storage import Unfit
from generation.models import Media
from tests.media import sample_videos

pytestmark = pytest.mark.usefixtures("in_process")

CODED = {
    "mp3": ("mp3", "libmp3lame", "mp3"),
    "wav": ("wav", "pcm_s16le", "wav"),
    "m4a": ("ipod", "aac", "m4a"),
    "m4a called mp4": ("mp4", "aac", "m4a"),
    "aac": ("adts", "aac", "aac"),
    "ogg": ("ogg", "libopus", "ogg"),
    "ogg vorbis": ("ogg", "vorbis", "ogg"),
    "flac": ("flac", "flac", "flac"),
    "wma": ("asf", "wmav2", "wma"),
    "wma of old": ("asf", "wmav1", "wma"),
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


def test_a_stored_audio_names_exactly_the_file_fields_of_a_media_row():
    fields = {field.name for field in Media._meta.get_fields()}
    assert set(asdict(audio.take_file(sample_videos.audio()))) <= fields


@pytest.mark.parametrize("name", CODED)
def test_audio_keeps_its_container_and_its_length_is_known(name):
    kind, encoder, written = CODED[name]
    stored = audio.take_file(sample_videos.audio(kind, encoder, 2.5))
    assert (stored.kind, stored.format) == ("audio", written)
    assert stored.mime.startswith("audio/")
    assert stored.seconds == pytest.approx(2.5, abs=0.05)
    assert (stored.width, stored.height, stored.fps, stored.has_sound) == (0, 0, None, True)


@pytest.mark.parametrize("name", sorted(set(CODED) - {"aac"}))  # it has no room for notes
def test_who_made_it_is_removed(name):
    kind, encoder, _written = CODED[name]
    needle = (
        sample_videos.NEEDLE.decode().encode("utf-16-le") if kind == "asf" else sample_videos.NEEDLE
    )
    given = sample_videos.audio(kind, encoder, notes=sample_videos.NOTES)
    assert needle in given
    assert needle not in content(audio.take_file(given).path)


def test_the_cover_of_a_song_is_removed():
    given = sample_videos.with_cover()
    assert b"IHDR" in given
    data = content(audio.take_file(given).path)
    assert b"IHDR" not in data
    assert sample_videos.NEEDLE not in data


def test_the_waveform_follows_the_audio_on_a_clear_ground():
    stored = audio.take_file(sample_videos.audio(seconds=2))
    image = opened(stored.thumb_path)
    assert image.size == (480, 270)
    assert opened(stored.preview_path).size == previews.WAVE
    alpha = image.getchannel("A")
    heights = [
        alpha.crop((x, 0, x + 40, 270)).getbbox()[3] - alpha.crop((x, 0, x + 40, 270)).getbbox()[1]
        for x in (10, 120, 220, 430)
    ]
    assert heights[0] < heights[1] < heights[2]
    assert heights[3] < heights[2]
    assert alpha.getpixel((2, 2)) == 0


def test_silence_has_a_line():
    image = previews.waveform([0.0] * previews.BARS)
    top, bottom = image.getchannel("A").getbbox()[1::2]
    assert 0 < bottom - top < 20


def test_an_output_is_kept_byte_for_byte():
    given = sample_videos.audio(notes=sample_videos.NOTES)
    path = scratch_copy(given)
    stored = images.keep_output(path, "audio")
    assert content(stored.path) == given
    assert stored.sha256 == hashlib.sha256(given).hexdigest()
    assert (stored.kind, stored.format) == ("audio", "mp3")
    assert not path.exists()


@pytest.mark.parametrize("name", sample_videos.HOSTILE_AUDIOS)
def test_a_broken_output_is_not_kept(name, media_folder):
    path = scratch_copy(sample_videos.HOSTILE_AUDIOS[name]())
    with pytest.raises(Unfit):
        images.keep_output(path, "audio")
    assert [file for file in media_folder.rglob("*") if file.is_file()] == [path]


def test_an_upload_is_judged_by_its_bytes_alone():
    stored = audio.take_file(SimpleUploadedFile("evil.html", sample_videos.audio(), "text/html"))
    assert stored.mime == "audio/mpeg"


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        (AudioLimits(formats=("wav",)), "Use one of WAV"),
        (AudioLimits(max_seconds=0.5), "at most 0.5 s"),
        (AudioLimits(min_seconds=5, max_seconds=9), "last 5 to 9 s"),
        (AudioLimits(max_bytes=1_000), "up to 0 MB"),
    ],
)
def test_the_modes_own_limits_count(limits, sentence):
    with pytest.raises(Unfit, match=sentence):
        audio.take_file(sample_videos.audio(), limits)
