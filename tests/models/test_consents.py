"""A consent: how long it holds, and who of two that change it at once is heard."""

from datetime import date, timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from generation.engine.purge import remove_paper
from generation.models import Consent, ConsentFile, ConsentState, Subject
from generation.models.consents import (
    consents_ended,
    consents_ending,
    in_state,
    remove_consent,
    set_consent,
    studio_today,
)
from tests.at_once import at_once
from tests.factories import make_consent, make_consent_file, make_subject, make_user, team_of

TODAY = date(2027, 3, 3)
FACTS = {"kind": "release", "until": None, "note": "", "file": None}


@pytest.mark.parametrize(
    ("until", "state"),
    [
        (None, "valid"), (date(2027, 4, 3), "valid"), (date(2027, 4, 2), "soon"),
        (date(2027, 3, 4), "soon"), (TODAY, "soon"), (date(2027, 3, 2), "ended"),
        (date(2000, 1, 1), "ended"),
    ],
)  # fmt: skip
def test_it_ends_soon_for_thirty_days_and_holds_on_its_last(user, until, state):
    subject = make_subject(user)
    consent = make_consent(subject, until=until)
    assert consent.state(TODAY) == state
    other = make_subject(user)
    for one in ConsentState:
        found = Subject.objects.filter(in_state(one, TODAY))
        assert (subject in found) == (one == state)
        assert (other in found) == (one == "none")


@pytest.mark.parametrize(
    ("zone", "now", "day", "left"),
    [
        ("UTC", "2027-03-03T23:59:59+00:00", TODAY, 0),
        ("UTC", "2027-03-04T00:00:00+00:00", date(2027, 3, 4), None),
        ("Asia/Shanghai", "2027-03-03T15:59:59+00:00", TODAY, 0),
        ("Asia/Shanghai", "2027-03-03T16:00:00+00:00", date(2027, 3, 4), None),
        ("America/Los_Angeles", "2027-03-04T07:59:59+00:00", TODAY, 0),
        ("America/Los_Angeles", "2027-03-02T08:00:00+00:00", date(2027, 3, 2), 1),
    ],
)
def test_the_day_ends_with_its_last_second_in_the_zone_of_the_studio(
    user, settings, monkeypatch, zone, now, day, left
):
    settings.TIME_ZONE = zone
    moment = timezone.datetime.fromisoformat(now)
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    consent = make_consent(make_subject(user), until=TODAY)
    with timezone.override("Pacific/Kiritimati"):  # where the reader is does not matter
        assert studio_today() == day
        assert consent.days_left == left
        assert consent.state_now == ("ended" if left is None else "soon")


def test_the_team_is_told_of_what_ends_within_thirty_days(user):
    def one(days: int, **more) -> Consent:
        return make_consent(make_subject(user, **more), until=TODAY + timedelta(days=days))

    last, first, over = one(30), one(0), one(-1)
    one(31)
    one(5, archived_at=timezone.now())
    make_consent(make_subject(make_user()), until=TODAY)
    make_consent(make_subject(user), until=None)
    assert list(consents_ending(team_of(user), TODAY)) == [first, last]
    assert list(consents_ended(team_of(user), TODAY)) == [over]


# --- Two at once ----------------------------------------------------------------------------------


def test_the_second_of_two_is_not_written(user):
    subject = make_subject(user)
    assert set_consent(subject, 0, user, **FACTS | {"note": "first"})
    assert not set_consent(subject, 0, user, **FACTS | {"note": "second"})
    consent = Consent.objects.get()
    assert consent.note == "first"
    assert set_consent(subject, consent.version, user, **FACTS | {"note": "third"})
    assert Consent.objects.get().note == "third"


def test_one_that_was_removed_and_made_anew_is_another(user):
    """Its version goes on, so that a form which knows the first does not overwrite the second."""
    subject = make_subject(user)
    set_consent(subject, 0, user, **FACTS)
    seen = Consent.objects.get().version
    assert remove_consent(subject, seen, user)
    assert set_consent(subject, 0, user, **FACTS | {"note": "anew"})
    assert not set_consent(subject, seen, user, **FACTS | {"note": "old"})
    assert not remove_consent(subject, seen, user)
    assert Consent.objects.get().note == "anew"


def test_nothing_is_removed_twice_or_from_an_archived_subject(user):
    subject = make_subject(user)
    assert not remove_consent(subject, 0, user)
    subject.archive()
    assert not set_consent(subject, 0, user, **FACTS)
    assert not Consent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_four_who_save_the_first_one_at_once_one_is_heard():
    user = make_user()
    subject = make_subject(user)
    notes, written = ["a", "b", "c", "d"], []

    def save() -> None:
        mine = Subject.objects.get(pk=subject.pk)
        note = notes.pop()
        if set_consent(mine, 0, user, **FACTS | {"note": note}):
            written.append(note)

    assert at_once(save) == []
    assert written == [Consent.objects.get().note]


@pytest.mark.django_db(transaction=True)
def test_a_paper_is_purged_or_taken_into_use_and_never_both():
    user = make_user()
    for _round in range(5):
        subject = make_subject(user)
        file = make_consent_file(subject, unused_since=timezone.now() - timedelta(days=2))
        acts = [
            lambda one=subject, paper=file: set_consent(one, 0, user, **FACTS | {"file": paper}),
            lambda paper=file: remove_paper(paper.pk),
        ]
        assert at_once(lambda left=acts: left.pop()(), 2) == []
        used = Consent.objects.filter(subject=subject, file=file).exists()
        assert used == ConsentFile.objects.filter(pk=file.pk).exists()
        assert used == default_storage.exists(file.path)


def test_a_change_is_told_to_open_pages_and_keeps_the_version_of_the_subject(user):
    subject = make_subject(user)
    set_consent(subject, 0, user, **FACTS)
    subject.refresh_from_db()
    assert (subject.version, subject.changed_by) == (1, user)
    assert subject.change == subject.consent.version > 0


def test_a_paper_is_in_use_until_another_takes_its_place(user):
    subject = make_subject(user)
    first, second = make_consent_file(subject), make_consent_file(subject)
    set_consent(subject, 0, user, **FACTS | {"file": first})
    unused = ConsentFile.objects.exclude(unused_since=None)
    assert list(unused) == [second]
    set_consent(subject, Consent.objects.get().version, user, **FACTS | {"file": second})
    assert list(unused.all()) == [first]
    remove_consent(subject, Consent.objects.get().version, user)
    assert unused.all().count() == 2


def test_a_paper_that_was_purged_meanwhile_is_not_written(user):
    subject = make_subject(user)
    file = make_consent_file(subject)
    ConsentFile.objects.all().delete()
    assert not set_consent(subject, 0, user, **FACTS | {"file": file})
    assert not Consent.objects.exists()


def test_the_name_stays_when_the_account_is_gone(user):
    other = make_user(name="Kenji Watanabe")
    subject = make_subject(user)
    set_consent(subject, 0, other, **FACTS)
    assert Consent.objects.get().setter_name == "Kenji Watanabe"
    other.delete()
    assert Consent.objects.get().setter_name == "Kenji Watanabe"
