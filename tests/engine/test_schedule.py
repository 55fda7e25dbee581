"""How long tasks take: learnt from those that are alike, and when one is far beyond it."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from generation.engine import schedule
from generation.engine.schedule import RECENT, TaskKind, is_stuck, quick_seconds, usual_seconds
from tests.factories import make_task

NOW = timezone.now()
SHORT, LONG = {"duration": 2, "resolution": "540p"}, {"duration": 16, "resolution": "1080p"}


@pytest.fixture(autouse=True)
def _every_question_is_new(monkeypatch):
    monkeypatch.setattr(cache, "get", lambda *_given: None)


def took(user, seconds, values, times=1):
    for _ in range(times):
        sent = NOW - timedelta(seconds=seconds)
        make_task(user, status="succeeded", sent_at=sent, finished_at=NOW, values=values)


def kind(**values):
    return TaskKind.of("demo", "image", "viduq2", values)


def running(user, seconds, **values):
    sent = NOW - timedelta(seconds=seconds)
    return make_task(user, status="running", sent_at=sent, accepted_at=sent, values=values)


def wait(task):
    return (schedule.next_poll(task, NOW) - NOW).total_seconds()


def test_only_tasks_of_the_same_length_and_size_count_once_there_are_enough(user):
    took(user, 10, SHORT, times=2)
    took(user, 400, LONG, times=3)
    assert usual_seconds(kind(**SHORT)) == 400  # two alike: all of the model
    took(user, 10, SHORT)
    assert usual_seconds(kind(**SHORT)) == 10
    assert usual_seconds(kind(**LONG)) == 400


@pytest.mark.parametrize("off", [{}, {"off_peak": False}])
def test_hours_off_peak_are_never_mixed_with_seconds(user, off):
    took(user, 36_000, SHORT | {"off_peak": True}, times=3)
    took(user, 10, LONG | off, times=3)
    assert usual_seconds(kind(**SHORT)) == 10
    assert usual_seconds(kind(**LONG, off_peak=True)) == 36_000


def test_a_form_speaks_of_the_same_kind_as_what_is_stored(user):
    took(user, 10, SHORT, times=3)
    took(user, 400, LONG, times=3)
    assert usual_seconds(kind(duration="2", resolution="540p", off_peak="")) == 10


def test_nothing_is_known_of_the_first_ones(user):
    took(user, 10, SHORT, times=2)
    assert usual_seconds(kind(**SHORT)) is None
    assert quick_seconds(kind(**LONG)) == 10
    assert not is_stuck(running(user, 9_000, **SHORT), NOW)


def test_three_times_the_slowest_usual_is_stuck_and_asked_once_a_minute(user):
    took(user, 10, SHORT, times=3)
    early = running(user, 29, **SHORT)
    assert not is_stuck(early, NOW)
    assert wait(early) < 10
    late = running(user, 31, **SHORT)
    assert is_stuck(late, NOW)
    assert wait(late) == pytest.approx(60, rel=0.15)


@pytest.mark.parametrize(("elapsed", "seconds"), [(0, 60), (1_000, 100), (90_000, 300)])
def test_off_peak_is_asked_between_a_minute_and_five(user, elapsed, seconds):
    assert wait(running(user, elapsed, off_peak=True)) == pytest.approx(seconds, rel=0.15)


@pytest.mark.parametrize(("elapsed", "seconds"), [(0, 2), (100, 10), (9_000, 30)])
def test_all_others_between_two_seconds_and_thirty(user, elapsed, seconds):
    assert wait(running(user, elapsed)) == pytest.approx(seconds, rel=0.15)


def test_one_that_failed_to_answer_is_asked_less_often_but_once_a_minute(user):
    task = running(user, 0)
    task.poll_failures = 9
    assert wait(task) == pytest.approx(60, rel=0.15)


def test_the_usual_time_is_the_middle_one_whatever_the_others_are(user):
    for seconds in (300, 10, 20, 5, 900):
        took(user, seconds, SHORT)
    assert usual_seconds(kind(**SHORT)) == 20


def test_the_quick_time_is_what_nine_of_ten_take_at_least(user):
    for seconds in (1, *[10] * 10, 900):
        took(user, seconds, SHORT)
    assert quick_seconds(kind(**SHORT)) == 10


def test_one_that_was_extremely_slow_does_not_delay_calling_others_stuck(user):
    took(user, 10, SHORT, times=39)
    took(user, 3_000, SHORT)
    assert not is_stuck(running(user, 29, **SHORT), NOW)
    assert is_stuck(running(user, 31, **SHORT), NOW)


def test_only_the_latest_of_a_kind_count(user):
    for number in range(RECENT):
        finished = NOW - timedelta(minutes=number)
        sent = finished - timedelta(seconds=10)
        make_task(user, status="succeeded", sent_at=sent, finished_at=finished, values=SHORT)
    for _ in range(RECENT + 1):
        finished = NOW - timedelta(days=2)
        sent = finished - timedelta(seconds=400)
        make_task(user, status="succeeded", sent_at=sent, finished_at=finished, values=SHORT)
    assert usual_seconds(kind(**SHORT)) == 10
