"""The seed command."""

from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command

from generation.management import seed_media
from generation.models import Media, Output, Task
from tests.factories import make_user, png, team_of
from tests.media import sample_videos


@pytest.fixture
def quick(monkeypatch):
    """Plain images and short videos: those of the simulator take seconds."""
    monkeypatch.setattr(seed_media, "render_demo_image", lambda _subject, size, _seed: png(*size))
    video = sample_videos.video(frames=6, size=(64, 48), audio=True)
    monkeypatch.setattr(
        seed_media, "render_demo_video", lambda *order: order[-1].write_bytes(video)
    )


def test_it_adds_work_of_several_people_days_projects_and_shapes(user, quick, capsys):
    call_command("seed", outputs=40, user="nadia@example.test")
    outputs = Output.objects.filter(team=team_of(user))
    assert outputs.count() == 40
    assert "Added 40 outputs" in capsys.readouterr().out
    for field in ("user", "project", "created_at__date", "task__model_name", "media__width"):
        assert outputs.order_by().values(field).distinct().count() > 1, field
    assert not Task.objects.exclude(status__in=("succeeded", "failed")).exists()


def test_it_adds_images_videos_and_audio(user, quick):
    call_command("seed", outputs=60)
    for kind, mode in (("image", "image"), ("video", "text-video"), ("audio", "speech")):
        found = Output.objects.filter(kind=kind, media__kind=kind, task__mode=mode)
        assert found.exists(), kind
    video = Media.objects.filter(kind="video", output__isnull=False).first()
    assert (video.codec, video.has_sound, video.thumb_path != "") == ("h264", True, True)


def test_every_output_has_files_of_its_own_without_copies(user, quick):
    call_command("seed", outputs=40)
    media = Media.objects.filter(output__isnull=False)
    paths = media.values_list("path", "thumb_path", "preview_path")
    names = [name for row in paths for name in row]
    assert len(set(names)) == 3 * 40
    first = media.first()
    with default_storage.open(first.thumb_path) as file:
        assert file.read(4) == b"RIFF"
    assert len({Path(default_storage.path(name)).stat().st_ino for name in names}) < len(names)


def test_nobody_to_add_it_to_is_an_error(db):
    with pytest.raises(CommandError, match="no such account"):
        call_command("seed", outputs=1)
    make_user("one@example.test")
    with pytest.raises(CommandError, match="no such account"):
        call_command("seed", outputs=1, user="two@example.test")
