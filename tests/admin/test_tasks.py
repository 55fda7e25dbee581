"""Stuck and uncertain tasks: what an operator finds and may do, and that none of it pays."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generation.admin.task_acts import ACTS
from generation.admin.tasks import ATTENTION
from generation.models import AuditEvent, Task
from tests.factories import make_task, make_user

# From the moment of the test: the file was read long before it, at the end of a long run.
NOW = timedelta()
LONG_AGO = -timedelta(hours=2)
REASON = {"reason": "The provider lost it"}


@pytest.fixture
def person(db):
    return make_user(name="Nadia Holm")


def dated(fields: dict) -> dict:
    """Distances as the times that they are from now on."""
    now = timezone.now()
    return {
        name: now + value if isinstance(value, timedelta) else value
        for name, value in fields.items()
    }


def numbers_on(page) -> list[int]:
    return [int(one) for one in re.findall(r'href="/operator/tasks/(\d+)/[^"]*"', page.text)]


def listed(desk, query: str) -> list[int]:
    return numbers_on(desk.get(f"/operator/tasks/?{query}"))


@pytest.mark.parametrize(
    ("look", "fields"),
    [
        ("uncertain", {"status": "uncertain", "next_look_at": NOW}),
        ("undecided", {"status": "uncertain"}),
        ("queued", {"status": "queued", "created_at": LONG_AGO}),
        ("held", {"status": "queued", "held_since": NOW}),
        ("sending", {"status": "submitting", "deadline": LONG_AGO}),
        ("running", {"status": "running", "sent_at": LONG_AGO, "next_poll_at": NOW}),
        ("parked", {"status": "running", "sent_at": NOW}),
        ("storing", {"status": "storing", "accepted_at": LONG_AGO}),
    ],
)
def test_what_is_stuck_is_found(desk, person, look, fields):
    for state in ("succeeded", "failed", "cancelled", "queued"):
        make_task(person, status=state)
    healthy = dated({
        "sent_at": NOW, "accepted_at": NOW, "deadline": timedelta(1), "next_poll_at": NOW,
    })  # fmt: skip
    for state in ("submitting", "running", "storing"):
        make_task(person, status=state, **healthy)
    task = make_task(person)
    Task.objects.filter(pk=task.pk).update(**dated(fields))
    assert set(listed(desk, f"look={look}")) == {task.pk}
    overview = desk.get("/operator/").text
    assert f'href="/operator/tasks/?look={look}"' in overview


@pytest.mark.parametrize("query", ["look=uncertain", "look=running", "state=queued"])
def test_what_is_unfinished_is_not_looked_for_among_all_tasks(desk, person, query):
    """The page is read by numbers that an index of the unfinished gave."""
    make_task(person, status="uncertain")
    with CaptureQueriesContext(connection) as asked:
        desk.get(f"/operator/tasks/?{query}")
    by_state = [one["sql"] for one in asked if '"status" = ' in one["sql"]]
    assert by_state
    assert not [sql for sql in by_state if "ORDER BY" in sql]


def test_every_look_of_the_overview_is_a_filter(desk):
    page = desk.get("/operator/tasks/").text
    assert all(f"look={name}" in page for name in ATTENTION)


def test_a_task_is_found_by_number_id_or_marker(desk, person):
    task = make_task(person, remote_id="r-77")
    make_task(person)
    for word in (str(task.pk), "r-77", task.marker):
        assert set(listed(desk, f"q={word}")) == {task.pk}
    assert listed(desk, "q=r-7") == []
    assert listed(desk, "q=99999999999999999999999") == []
    assert set(listed(desk, f"user__id__exact={person.pk}")) == {task.pk, task.pk + 1}
    assert desk.get("/operator/tasks/?prompt__contains=x").status_code == 400


def test_the_story_is_told_without_the_prompt(desk, person):
    task = make_task(person, status="uncertain", prompt="A secret lighthouse", remote_id="r-77")
    task.events.create(from_status="submitting", to_status="uncertain", note="No answer")
    page = desk.get(f"/operator/tasks/{task.pk}/").text
    for word in ("r-77", "Nadia Holm", "No answer", f"Task {task.pk}: uncertain", "characters"):
        assert word in page
    assert "secret lighthouse" not in page


def offered(desk, task) -> set[str]:
    page = desk.get(f"/operator/tasks/{task.pk}/").text
    return set(re.findall(rf'href="/operator/tasks/{task.pk}/([\w-]+)/"', page))


CASES = [
    ({"status": "uncertain"}, {"check-again", "give-up"}),
    ({"status": "failed", "error_code": "NoResults"}, {"find-results"}),
    ({"status": "failed", "remote_state": "success"}, {"download-again"}),
    ({"status": "running", "sent_at": -timedelta(days=4)}, {"stop-waiting"}),
    ({"status": "running", "sent_at": NOW}, set()),
    ({"status": "queued"}, set()),
    ({"status": "failed"}, set()),
    ({"status": "succeeded"}, set()),
]


@pytest.mark.parametrize(("fields", "acts"), CASES)
def test_only_what_is_free_is_offered(desk, person, fields, acts):
    task = make_task(person, **dated(fields))
    assert offered(desk, task) == acts
    before = Task.objects.values().get()
    for name in set(ACTS) - acts:
        desk.post(f"/operator/tasks/{task.pk}/{name}/", REASON)
    assert Task.objects.values().get() == before
    assert not AuditEvent.objects.exists()


def test_no_act_sends_or_makes_anything():
    assert set(ACTS) == {
        "check-again", "find-results", "download-again", "stop-waiting", "give-up",
    }  # fmt: skip


@pytest.mark.parametrize("word", ["send-again", "retry", "resubmit", "cancel"])
def test_what_pays_has_no_address(desk, person, word):
    task = make_task(person, status="uncertain")
    assert desk.post(f"/operator/tasks/{task.pk}/{word}/", REASON).status_code == 404
    page = desk.get(f"/operator/tasks/{task.pk}/").text + desk.get("/operator/tasks/").text
    assert f'/{word}/"' not in page
    assert Task.objects.count() == 1


@pytest.mark.parametrize(("fields", "acts"), [case for case in CASES if case[1]])
def test_an_act_is_done_through_the_engine_and_told_to_the_team(desk, person, fields, acts):
    for name in sorted(acts):
        task = make_task(person, **dated(fields))
        page = unescape(desk.get(f"/operator/tasks/{task.pk}/{name}/").text)
        assert str(ACTS[name].explained) in page
        answer = desk.post(f"/operator/tasks/{task.pk}/{name}/", REASON, follow=True)
        assert str(ACTS[name].done) in answer.text
        task.refresh_from_db()
        assert (task.sends, task.retries.count()) == (0, 0)
        event = AuditEvent.objects.order_by("pk").last()
        assert (event.team, event.target_id) == (task.team, str(task.pk))
        assert event.changes["reason"] == REASON["reason"]
        assert task.events.exists()
