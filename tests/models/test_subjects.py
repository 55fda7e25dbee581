"""Subjects: names, edits by two people, the archive, and files that nobody may delete."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone

from generation.engine.purge import purge_trash, purge_uploads
from generation.models import Media, Output, Registration, RegistrationState, Subject
from tests.factories import make_media, make_output, make_subject, make_user, team_of

LONG_AGO = timezone.now() - timedelta(days=31)


def test_a_name_is_taken_once_in_a_team_whatever_its_case(user):
    make_subject(user, "Mira")
    make_subject(make_user(), "Mira")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_subject(user, "mira")


def test_an_edit_that_began_from_an_older_version_changes_nothing(user):
    subject = make_subject(user, "Mira", description="Red coat")
    files = subject.files
    assert subject.edit(1, files, description="Blue coat")
    assert not Subject.objects.get(pk=subject.pk).edit(1, files, description="Green coat")
    subject.refresh_from_db()
    assert (subject.description, subject.version) == ("Blue coat", 2)


def test_providers_hear_of_what_they_show_and_of_nothing_else(user):
    subject = make_subject(user, "Mira")
    subject.edit(1, subject.files, tags=["hero"], kind="animal")
    assert subject.shape == 1
    subject.edit(2, subject.files, description="Red coat")
    subject.edit(3, [make_media(user)])
    assert (subject.version, subject.shape) == (4, 3)


def test_a_registration_is_current_until_the_next_edit(user):
    subject = make_subject(user, "Mira")
    row = Registration.objects.create(
        subject=subject, provider="demo", state=RegistrationState.KEPT, server_id="s", shape=1
    )
    assert row.is_current
    subject.edit(1, subject.files, style="Oil")
    assert not Registration.objects.get(pk=row.pk).is_current


def test_the_archive_frees_the_name_and_gives_it_back_when_it_can(user):
    first = make_subject(user, "Mira")
    first.archive()
    second = make_subject(user, "Mira")
    assert not first.restore()
    second.archive()
    assert first.restore()
    assert list(Subject.objects.visible_to(user).active()) == [first]


def test_subjects_of_other_teams_are_not_seen(user):
    make_subject(make_user(), "Mira")
    assert not Subject.objects.visible_to(user).exists()


def test_nothing_that_a_subject_is_made_of_is_deleted(user):
    upload = make_media(user)
    trashed = make_output(user, trashed_at=LONG_AGO)
    spare = make_media(user)
    make_subject(user, "Mira", [upload, trashed.media])
    Media.objects.update(created_at=LONG_AGO)
    purge_uploads(timezone.now())
    assert purge_trash(timezone.now()) == 1
    assert not Output.objects.filter(pk=trashed.pk).exists()
    assert set(Media.objects.all()) == {upload, trashed.media}
    assert default_storage.exists(trashed.media.path)
    assert spare.pk


def test_the_team_keeps_its_subjects_when_a_person_leaves(user):
    subject = make_subject(user, "Mira")
    other = make_user()
    Subject.objects.update(created_by=other)
    other.delete()
    subject.refresh_from_db()
    assert (subject.team, subject.created_by) == (team_of(user), None)
