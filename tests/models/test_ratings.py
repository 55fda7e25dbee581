"""Ratings: each person's own, and what the team makes of them."""

import pytest
from django.db import IntegrityError, transaction

from generation.models import Rating, marks_of, rate
from tests.factories import make_member, make_output, team_of


@pytest.fixture
def output(user):
    return make_output(user)


def marks(person, output):
    output.refresh_from_db()
    return marks_of(person, [output])[output.pk]


def test_each_person_has_a_rating_of_their_own_and_the_team_a_median(user, output):
    others = [make_member(team_of(user)) for _ in range(3)]
    for person, stars in zip([user, *others], (5, 4, 2, 1), strict=True):
        rate(person, [output.pk], stars=stars)
    assert marks(user, output).stars == 5
    assert marks(others[2], output).stars == 1
    assert (marks(user, output).median, marks(user, output).raters) == (3.0, 4)
    rate(others[2], [output.pk], stars=0)
    assert (marks(user, output).median, marks(user, output).raters) == (4.0, 3)


def test_a_median_between_two_is_half(user, output):
    other = make_member(team_of(user))
    rate(user, [output.pk], stars=5)
    rate(other, [output.pk], stars=2)
    assert marks(user, output).median == 3.5


def test_taking_the_last_stars_back_leaves_no_median(user, output):
    rate(user, [output.pk], stars=3)
    rate(user, [output.pk], stars=0)
    assert (marks(user, output).median, marks(user, output).raters) == (None, 0)


def test_rejecting_ends_a_favourite_and_the_other_way_round_and_keeps_stars(user, output):
    rate(user, [output.pk], stars=4)
    rate(user, [output.pk], favourite=True)
    rate(user, [output.pk], rejected=True)
    assert (marks(user, output).favourite, marks(user, output).rejected) == (False, True)
    rate(user, [output.pk], favourite=True)
    assert (marks(user, output).favourite, marks(user, output).rejected) == (True, False)
    assert marks(user, output).stars == 4
    rate(user, [output.pk], rejected=False)
    assert marks(user, output).favourite


def test_a_rating_moves_the_cursor_of_open_pages(user, output):
    before = team_of(user).change_seq
    rate(user, [output.pk], stars=3)
    output.task.refresh_from_db()
    assert output.task.change == team_of(user).change_seq == before + 1


def test_rating_many_at_once_changes_each(user):
    outputs = [make_output(user) for _ in range(4)]
    rate(user, [outputs[0].pk], stars=1)
    rate(user, [one.pk for one in outputs], stars=5)
    assert set(Rating.objects.values_list("stars", flat=True)) == {5}
    assert all(marks(user, one).median == 5 for one in outputs)


def test_what_somebody_gave_stays_in_the_median_when_their_account_is_gone(user, output):
    other = make_member(team_of(user))
    rate(other, [output.pk], stars=5)
    rate(user, [output.pk], stars=1)
    other.delete()
    rate(user, [output.pk], stars=2)
    assert (marks(user, output).median, marks(user, output).raters) == (3.5, 2)


def test_six_stars_cannot_be_stored(user, output):
    with pytest.raises(IntegrityError), transaction.atomic():
        Rating.objects.create(output=output, user=user, stars=6)
