"""Usage by team, as a table and as a file."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.utils import timezone

from generation.admin import usage
from generation.models import Task, Team
from tests.factories import make_media, make_task, make_user, team_of


def made_at(task: Task, at: datetime) -> None:
    Task.objects.filter(pk=task.pk).update(created_at=at)


@pytest.fixture
def team(db) -> Team:
    """Three tasks this month, one in the last, one before."""
    person = make_user()
    _this, last = usage.months(timezone.now())
    make_task(person, status="succeeded", credits=8)
    make_task(person, status="failed", credits=0)
    make_task(person)
    made_at(make_task(person, status="succeeded", credits=5), last)
    made_at(make_task(person, status="succeeded", credits=90), last - timedelta(seconds=1))
    make_media(person, bytes=2_000_000)
    make_task(make_user(), status="succeeded", credits=3)
    team = team_of(person)
    Team.objects.filter(pk=team.pk).update(name="=HYPERLINK(1)")
    return Team.objects.get(pk=team.pk)


def test_months_begin_by_the_clock_of_the_studio(settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    with timezone.override("Asia/Shanghai"):
        this, last = usage.months(datetime(2026, 2, 28, 17, tzinfo=UTC))  # March there
    assert (this.month, this.day, last.month, last.day) == (3, 1, 2, 1)


def test_tasks_and_credits_stand_in_their_month(team):
    (use,) = usage.use_of([team])
    assert use.this == usage.Month(3, 1, 1, 8)
    assert use.last == usage.Month(1, 1, 0, 5)
    assert use.bytes == 2_000_000


def test_the_page_shows_every_team(desk, team):
    page = desk.get("/operator/usage/").text
    assert "=HYPERLINK(1)" in page
    assert page.count('scope="row"') == Team.objects.count()


def test_the_file_reckons_with_nothing_that_people_typed(desk, team):
    answer = desk.get("/operator/usage/usage.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="usage.csv"' in answer["Content-Disposition"]
    lines = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
    assert len(lines) == Team.objects.count()
    (row,) = [one for one in lines if one["number"] == str(team.pk)]
    assert row["team"] == "'=HYPERLINK(1)"
    assert (row["tasks_this_month"], row["credits_last_month"], row["bytes"]) == (
        "3", "5", "2000000",
    )  # fmt: skip
