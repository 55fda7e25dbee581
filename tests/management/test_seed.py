"""The seed command."""

import gc
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import transaction

from generation.management import seed_media, seed_teams
from generation.models import Consent, Media, Output, ShareLink, Task, User
from tests.factories import make_media, make_output, make_user, png, team_of
from tests.media import sample_videos

EMAIL, COUNT = "nadia@example.test", 60


@dataclass
class Seeded:
    """A studio that the command has filled, and what the command said."""

    user: User
    output: str


@pytest.fixture(scope="class")
def seeded(django_db_setup, django_db_blocker) -> Iterator[Seeded]:
    """Made once: the command has 39 files checked, each by a process of its own."""
    video = sample_videos.video(frames=6, size=(64, 48), audio=True)
    said = StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):
        # Plain images and short videos: those of the simulator take seconds.
        patch.setattr(seed_media, "render_demo_image", lambda _subject, size, _seed: png(*size))
        patch.setattr(seed_media, "render_demo_video", lambda *order: order[-1].write_bytes(video))
        user = make_user(EMAIL)
        call_command("seed", outputs=COUNT, user=EMAIL, stdout=said)
        yield Seeded(user, said.getvalue())
        transaction.set_rollback(True)


@pytest.fixture(autouse=True, scope="module")
def _collect_garbage_again():
    yield
    gc.enable()  # the command ends its process without


@pytest.mark.django_db
@pytest.mark.usefixtures("seeded")
class TestOneSeededStudio:
    def test_it_adds_work_of_several_people_days_projects_and_shapes(self, seeded):
        outputs = Output.objects.filter(team=team_of(seeded.user))
        assert outputs.count() == COUNT
        assert f"Added {COUNT} outputs" in seeded.output
        for field in ("user", "project", "created_at__date", "task__model_name", "media__width"):
            assert outputs.order_by().values(field).distinct().count() > 1, field
        assert not Task.objects.exclude(status__in=("succeeded", "failed")).exists()

    def test_it_adds_images_videos_and_audio(self):
        for kind, mode in (("image", "image"), ("video", "text-video"), ("audio", "speech")):
            found = Output.objects.filter(kind=kind, media__kind=kind, task__mode=mode)
            assert found.exists(), kind
        video = Media.objects.filter(kind="video", output__isnull=False).first()
        assert (video.codec, video.has_sound, video.thumb_path != "") == ("h264", True, True)

    def test_every_output_has_files_of_its_own_without_copies(self):
        media = Media.objects.filter(output__isnull=False)
        paths = media.values_list("path", "thumb_path", "preview_path")
        names = [name for row in paths for name in row]
        assert len(set(names)) == 3 * COUNT
        first = media.first()
        with default_storage.open(first.thumb_path) as file:
            assert file.read(4) == b"RIFF"
        assert len({Path(default_storage.path(name)).stat().st_ino for name in names}) < len(names)


def test_without_a_name_it_adds_to_the_oldest_account(user):
    make_user("later@example.test")
    call_command("seed", outputs=1, no_files=True)
    assert Output.objects.get().team == team_of(user)


def test_nobody_to_add_it_to_is_an_error(db):
    with pytest.raises(CommandError, match="no such account"):
        call_command("seed", outputs=1)
    make_user("one@example.test")
    with pytest.raises(CommandError, match="no such account"):
        call_command("seed", outputs=1, user="two@example.test")


@pytest.mark.django_db
def test_a_seeded_team_has_a_link_that_is_open_and_one_that_is_over():
    owner = make_user()
    team, people = seed_teams.make_team(owner)
    for _ in range(3):
        make_output(people[2])
    seed_teams.add_links(team, people)
    lasting, over = ShareLink.objects.filter(team=team)
    assert list(ShareLink.objects.open()) == [lasting]
    assert lasting.collection.items.count() == 3
    assert over.token() != lasting.token()


@pytest.mark.django_db
def test_a_seeded_team_has_a_consent_of_each_kind():
    owner = make_user()
    files = [make_media(owner) for _ in range(4)]
    team, people = seed_teams.make_team(owner)
    seed_teams.add_subjects(team, people, files)
    rows = Consent.objects.filter(subject__team=team).order_by("-until")
    assert [one.state_now for one in rows] == ["valid", "soon", "ended"]
    assert [one.days_left for one in rows] == [200, 12, None]
    with default_storage.open(rows[0].file.path) as file:
        data = file.read()
    start = int(data.split()[-2])
    assert data[start:].startswith(b"xref")
    assert data.startswith(b"%PDF-")
