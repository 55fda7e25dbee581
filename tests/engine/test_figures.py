"""Ages and counts of lanes, workers and tasks, as /readyz shows them to anybody."""

import os
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import DatabaseError
from django.utils import timezone

from generation.engine import figures, health
from generation.engine.lanes import PLACES
from generation.engine.queue import Job
from generation.models import Heartbeat, Lane, Status
from tests.factories import make_key, make_task

pytestmark = pytest.mark.django_db
WORKERS = [
    {"job": "poll", "for": 40.0, "silent": 2.0},
    {"job": "", "for": 7.0, "silent": 45.0},
]


def ago(**times: float):
    return timezone.now() - timedelta(**times)


def beat(name: str, workers: list[dict[str, object]], **times: float) -> None:
    Heartbeat.objects.create(name=f"cluster:{name}", at=ago(**times), workers=workers)


def shown(visitor) -> dict:
    cache.clear()
    return visitor.get("/readyz").json()


def lane(visitor, name: str) -> dict:
    return shown(visitor)["lanes"][name]


def test_every_lane_is_shown_also_one_without_work(visitor):
    empty = {"oldest_due_seconds": None, "messages": 0}
    assert shown(visitor)["lanes"] == {str(name): empty for name in PLACES}


@pytest.mark.parametrize(
    ("name", "status", "field"),
    [
        ("send", Status.QUEUED, "not_before"),
        ("poll", Status.RUNNING, "next_poll_at"),
        ("poll", Status.SUBMITTING, "deadline"),
        ("store", Status.STORING, "next_store_at"),
        ("look", Status.UNCERTAIN, "next_look_at"),
        ("ask", Status.RUNNING, "next_cancel_at"),
    ],
)
def test_the_age_of_what_is_due_for_longest(visitor, user, name, status, field):
    make_task(user, status=status, **{field: ago(minutes=5)})
    make_task(user, status=status, **{field: timezone.now()})
    assert lane(visitor, name)["oldest_due_seconds"] == pytest.approx(300, abs=20)


def test_a_new_task_is_due_since_it_was_made(visitor, user):
    task = make_task(user, status=Status.QUEUED)
    type(task).objects.filter(pk=task.pk).update(created_at=ago(minutes=2))
    make_task(user, status=Status.QUEUED)
    make_task(user, status=Status.QUEUED, not_before=ago(minutes=1))
    assert lane(visitor, "send")["oldest_due_seconds"] == pytest.approx(120, abs=20)


def test_what_a_person_has_to_decide_about_is_not_due(visitor, user):
    make_task(user, status=Status.QUEUED, not_before=ago(minutes=5), held_since=ago(minutes=1))
    assert lane(visitor, "send")["oldest_due_seconds"] is None
    make_task(user, status=Status.QUEUED, not_before=ago(minutes=2))
    assert lane(visitor, "send")["oldest_due_seconds"] == pytest.approx(120, abs=20)


def test_what_is_due_later_has_no_age(visitor, user):
    make_task(user, status=Status.QUEUED, not_before=timezone.now() + timedelta(minutes=5))
    assert lane(visitor, "send")["oldest_due_seconds"] is None


def test_a_message_that_no_worker_took_is_counted(visitor):
    Lane.call(Job.STORE, lambda: True)
    assert lane(visitor, "store")["messages"] == 1
    Lane.answer(Job.STORE)
    assert lane(visitor, "store")["messages"] == 0


def test_a_worker_is_shown_with_its_job_and_the_age_of_its_heartbeat(visitor):
    beat("one", WORKERS, seconds=30)
    poll, idle = shown(visitor)["workers"]
    assert (poll["name"], poll["job"]) == ("1.1", "poll")
    assert poll["since_seconds"] == pytest.approx(70, abs=10)
    assert poll["heartbeat_seconds"] == pytest.approx(32, abs=10)
    assert (idle["name"], idle["job"]) == ("1.2", "idle")


def test_workers_of_all_nodes_are_shown_until_one_is_gone_for_long(visitor):
    beat("one", WORKERS, seconds=1)
    beat("two", WORKERS[:1], minutes=9)
    beat("three", WORKERS, minutes=11)
    found = shown(visitor)["workers"]
    assert [one["name"] for one in found] == ["1.1", "1.2", "2.1"]
    assert found[2]["heartbeat_seconds"] >= 540


def test_readiness_tells_nobody_whose_work_it_is(visitor, user):
    key = make_key(user, "vidu", "vda_" + "q7" * 20)
    make_task(user, status=Status.RUNNING, next_poll_at=ago(minutes=1), key=key, remote_id="r-99")
    beat("machine-of-nadia", WORKERS)
    text = visitor.get("/readyz").content.decode()
    parts = ("nadia", user.email, "lighthouse", "r-99", str(key.pk), "/", str(os.getpid()))
    assert not [part for part in parts if part in text]


def test_without_a_database_there_is_still_an_answer(visitor, monkeypatch):
    def fails() -> None:
        raise DatabaseError

    monkeypatch.setattr(health, "readiness_details", fails)
    found = shown(visitor)
    assert (found["workers"], found["lanes"]) == ([], {})


def test_tasks_are_counted_by_provider_and_state(user):
    for provider, status in [("vidu", "queued"), ("vidu", "queued"), ("demo", "uncertain")]:
        make_task(user, provider=provider, status=status)
    make_task(user, status="succeeded")
    assert figures.tasks_under_way() == {("vidu", "queued"): 2, ("demo", "uncertain"): 1}
