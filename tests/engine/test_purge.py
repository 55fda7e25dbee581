from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from generation.engine import purge, sweep
from generation.models import AuditEvent, ConsentFile, Media, Output, TaskInput
from tests.factories import (
    make_consent,
    make_consent_file,
    make_media,
    make_output,
    make_subject,
    make_task,
)

LATER = timezone.now() + timedelta(days=31)


@pytest.fixture(autouse=True)
def _commits(django_capture_on_commit_callbacks, monkeypatch):
    """Files are deleted after the commit, which a test's own transaction never reaches."""
    monkeypatch.setattr(purge.transaction, "on_commit", lambda call: call())


def test_trash_goes_for_good_after_30_days_with_its_files(user):
    output = make_output(user)
    output.trash(user)
    assert purge.purge_trash(timezone.now()) == 0
    assert purge.purge_trash(LATER) == 1
    assert not Media.objects.exists()
    assert not default_storage.exists(output.media.path)


def test_what_is_kept_is_never_purged(user):
    output = make_output(user)
    assert purge.purge_trash(LATER) == 0
    assert default_storage.exists(output.media.path)


def test_a_image_that_another_task_used_stays(user):
    output = make_output(user)
    TaskInput.objects.create(task=make_task(user), position=0, media=output.media)
    output.trash(user)
    assert purge.purge_trash(LATER) == 1
    assert not Output.objects.exists()
    assert default_storage.exists(output.media.path)


def test_uploads_that_nobody_used_go(user):
    used, unused, result = make_media(user), make_media(user), make_output(user).media
    TaskInput.objects.create(task=make_task(user), position=0, media=used)
    assert purge.purge_uploads(LATER) == 1
    assert set(Media.objects.all()) == {used, result}
    assert not default_storage.exists(unused.path)


def test_what_a_subject_consists_of_stays(user):
    upload, output = make_media(user), make_output(user)
    make_subject(user, "Mira", [upload, output.media])
    output.trash(user)
    assert purge.purge_uploads(LATER) == 0
    assert purge.purge_trash(LATER) == 1
    assert all(default_storage.exists(one.path) for one in (upload, output.media))


def test_papers_that_no_consent_has_go_after_a_day(user):
    subject = make_subject(user)
    fresh, old, used = (make_consent_file(subject) for _ in range(3))
    make_consent(subject, file=used)
    alone = make_consent_file(make_subject(user), unused_since=None)  # its subject was deleted
    day = timezone.now() - timedelta(days=1, seconds=1)
    ConsentFile.objects.filter(pk=old.pk).update(unused_since=day)
    ConsentFile.objects.filter(pk=used.pk).update(created_at=day, unused_since=day)
    sweep.sweep()
    assert set(ConsentFile.objects.all()) == {fresh, used}
    assert [default_storage.exists(one.path) for one in (fresh, old, used, alone)] == [
        True, False, True, False,
    ]  # fmt: skip


def test_a_paper_that_is_taken_into_use_meanwhile_stays(user):
    subject = make_subject(user)
    file = make_consent_file(subject, unused_since=None)
    make_consent(subject, file=file)
    purge.remove_paper(file.pk)
    assert default_storage.exists(file.path)
    assert ConsentFile.objects.get() == file


def test_a_paper_whose_row_could_not_be_deleted_is_found_again(user, monkeypatch):
    file = make_consent_file(make_subject(user), unused_since=None)
    monkeypatch.setattr(ConsentFile, "delete", lambda _file: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        purge.remove_paper(file.pk)
    monkeypatch.undo()
    assert purge.purge_papers(timezone.now()) == 1
    assert not ConsentFile.objects.exists()
    assert not default_storage.exists(file.path)


def acts(*ages: int) -> None:
    """An act of so many days ago, each."""
    now = timezone.now()
    AuditEvent.objects.bulk_create(
        AuditEvent(at=now - timedelta(days=age), actor_kind="system", verb="team.changed")
        for age in ages
    )


def ages() -> list[int]:
    now = timezone.now()
    return sorted((now - event.at).days for event in AuditEvent.objects.all())


def test_acts_are_kept_for_as_long_as_the_operator_wants(db, settings):
    acts(0, 399, 400, 500)
    assert purge.purge_audit(timezone.now()) == 2
    assert ages() == [0, 399]
    settings.AUDIT_DAYS = 30
    assert purge.purge_audit(timezone.now()) == 1
    assert ages() == [0]


def test_acts_go_in_pieces_the_oldest_first(db, monkeypatch):
    monkeypatch.setattr(purge, "ACTS_AT_ONCE", 2)
    acts(401, 403, 402, 1)
    assert purge.purge_audit(timezone.now()) == 2
    assert ages() == [1, 401]
    assert [purge.purge_audit(timezone.now()) for _ in range(2)] == [1, 0]


def test_the_sweep_purges_acts(db):
    acts(1, 401)
    sweep.sweep()
    assert ages() == [1]
