"""Frames of videos that were stored before anybody looked for them."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from generation.engine.frames import find_frames
from generation.media import videos
from generation.models import Media
from tests.factories import make_media
from tests.media import sample_videos


@pytest.fixture
def looks(monkeypatch):
    found, look = [], videos.read_frame_facts
    monkeypatch.setattr(videos, "read_frame_facts", lambda name: found.append(name) or look(name))
    return found


def old_video(user, data: bytes) -> Media:
    path = default_storage.save("test/old.mp4", ContentFile(data))
    return make_media(user, kind="video", path=path, format="mp4", fps=24.0, seconds=3.0)


def test_an_older_video_is_looked_at_once(user, looks):
    media = old_video(user, sample_videos.video(frames=72))
    find_frames(media)
    assert (media.frame_rate, media.frame_count) == (24, 72)
    find_frames(Media.objects.get(pk=media.pk))
    assert looks == [media.path]


def test_one_that_cannot_be_opened_is_looked_at_once_too(user, looks):
    media = old_video(user, b"no video at all" * 99)
    find_frames(media)
    find_frames(Media.objects.get(pk=media.pk))
    assert media.frame_rate is None
    assert looks == [media.path]


def test_a_missing_file_may_come_back(user, looks):
    media = make_media(user, kind="video", path="test/none.mp4", format="mp4", seconds=3.0)
    find_frames(media)
    assert not looks
    default_storage.save("test/none.mp4", ContentFile(sample_videos.video(frames=72)))
    find_frames(media)
    assert media.frame_rate == 24


def test_pictures_are_not_looked_at(user, looks):
    find_frames(make_media(user))
    assert not looks
